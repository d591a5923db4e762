module courant.example/bench/peer

go 1.23

require github.com/knadh/smtppool/v2 v2.1.2
