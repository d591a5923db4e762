// peer HOST:PORT LETTERS CONNECTIONS send|encode
//
// The send layer of listmonk, without its database and its web pages: the connection pool it uses
// (knadh/smtppool over net/smtp) and a text/template for each part. LETTER is the folder with letter.html and
// letter.txt, in which {{name}}, {{email}} and {{token}} stand for the subscriber's values. `encode` makes the
// letters and sends none.
package main

import (
	"bytes"
	"fmt"
	"log"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"
	"time"

	"github.com/knadh/smtppool/v2"
)

type subscriber struct{ Name, Email, Token string }

func person(i int64) subscriber {
	return subscriber{
		Name:  fmt.Sprintf("Zoë Example %d", i),
		Email: fmt.Sprintf("user%d@example%d.org", i, i%997),
		Token: fmt.Sprintf("%064x", i),
	}
}

func part(name string) *template.Template {
	text, err := os.ReadFile(filepath.Join(os.Getenv("LETTER"), name))
	if err != nil {
		log.Fatal(err)
	}
	holes := strings.NewReplacer("{{name}}", "{{.Name}}", "{{email}}", "{{.Email}}", "{{token}}", "{{.Token}}")
	return template.Must(template.New(name).Parse(holes.Replace(string(text))))
}

type edition struct{ html, text *template.Template }

func (e edition) letter(i int64) smtppool.Email {
	to := person(i)
	var html, text bytes.Buffer
	for template, out := range map[*template.Template]*bytes.Buffer{e.html: &html, e.text: &text} {
		if err := template.Execute(out, to); err != nil {
			log.Fatal(err)
		}
	}
	headers := textproto.MIMEHeader{}
	headers.Set("List-Unsubscribe", "<https://example.org/u/"+to.Token+">")
	headers.Set("Message-Id", fmt.Sprintf("<%d.peer@example.org>", i))
	return smtppool.Email{
		From:    "The Bench <bench@example.org>",
		To:      []string{fmt.Sprintf("%q <%s>", to.Name, to.Email)},
		Subject: "An issue — for the bench",
		Headers: headers,
		HTML:    html.Bytes(),
		Text:    text.Bytes(),
	}
}

func encode(e edition, letters int64) {
	began := time.Now()
	for i := int64(0); i < letters; i++ {
		letter := e.letter(i)
		if _, err := letter.Bytes(); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("{\"us_per_letter\": %.2f}\n", float64(time.Since(began).Microseconds())/float64(letters))
}

func send(e edition, address string, letters int64, connections int) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		log.Fatal(err)
	}
	number, _ := strconv.Atoi(port)
	pool, err := smtppool.New(smtppool.Opt{
		Host: host, Port: number, MaxConns: connections, SSL: smtppool.SSLNone,
		IdleTimeout: time.Minute, PoolWaitTimeout: time.Minute, HelloHostname: "bench.example.org",
	})
	if err != nil {
		log.Fatal(err)
	}
	var next atomic.Int64
	var couriers sync.WaitGroup
	for range connections {
		couriers.Add(1)
		go func() {
			defer couriers.Done()
			for i := next.Add(1) - 1; i < letters; i = next.Add(1) - 1 {
				if err := pool.Send(e.letter(i)); err != nil {
					log.Fatal(err)
				}
			}
		}()
	}
	couriers.Wait()
}

func main() {
	if len(os.Args) != 5 {
		log.Fatal("peer HOST:PORT LETTERS CONNECTIONS send|encode")
	}
	letters, err := strconv.ParseInt(os.Args[2], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	connections, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	e := edition{part("letter.html"), part("letter.txt")}
	if os.Args[4] == "encode" {
		encode(e, letters)
		return
	}
	send(e, os.Args[1], letters, connections)
}
