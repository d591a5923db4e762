//! The way out: TLS, logins, servers that are down, that refuse us, or that are no mail servers.

use std::io::{Read, Write};
use std::net::TcpListener;

use courant::model::attempt::Phase;

use crate::harness::aiosmtpd::Aiosmtpd;
use crate::harness::postfix::Postfix;
use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::{Act, Encryption, Offers, Script, Who};
use crate::harness::sink::SmtpSink;
use crate::harness::tools::free_port;

fn weekly_by(url: &str, more: &str) -> Scratch {
    Scratch::weekly()
        .settings("transport = \"relay\"")
        .settings(&format!("[transports.relay]\nurl = \"{url}\"\n{more}"))
        .settings("[send]\nwait = \"0 s\"")
}

fn url(server: &Server, scheme: &str, login: &str) -> String {
    format!("{scheme}://{login}127.0.0.1:{}", server.port())
}

fn trusting(server: &Server) -> String {
    format!("tls_ca = \"{}\"", server.certificate().display())
}

#[test]
fn a_letter_leaves_by_starttls_and_by_implicit_tls() {
    for (tls, scheme) in [(Encryption::StartTls, "smtp+starttls"), (Encryption::Implicit, "smtps")] {
        let server = Server::start(Script::default().tls(tls).login("ada", "s3cret"));
        let scratch = weekly_by(&url(&server, scheme, "ada:s3cret@"), &trusting(&server));
        scratch.run("send 1 --yes").ok();
        assert_eq!(server.received().len(), 3, "{scheme}");
        assert_eq!(server.complaints(), Vec::<String>::new());
    }
}

#[test]
fn every_login_mechanism_is_spoken() {
    for mechanism in ["plain", "login", "xoauth2"] {
        let script = Script::default().tls(Encryption::Implicit).login("ada", "s3cret");
        let server = Server::start(script);
        let more = format!("auth = \"{mechanism}\"\n{}", trusting(&server));
        weekly_by(&url(&server, "smtps", "ada:s3cret@"), &more).run("send 1 --yes").ok();
        assert_eq!(server.received().len(), 3, "{mechanism}");
    }
}

#[test]
fn a_server_without_starttls_is_not_spoken_to_in_the_clear() {
    let server = Server::start(Script::default());
    let scratch = weekly_by(&url(&server, "smtp+starttls", ""), "");
    scratch.run("send 1 --yes").expect_code(4).prints("TLS");
    assert_eq!(server.received().len(), 0);
}

#[test]
fn an_unknown_certificate_is_refused_and_said() {
    let server = Server::start(Script::default().tls(Encryption::Implicit));
    let scratch = weekly_by(&url(&server, "smtps", ""), "");
    scratch.run("send 1 --yes").expect_code(4).prints("certificate").prints("tls_ca");
    assert_eq!(server.received().len(), 0);
}

#[test]
fn a_wrong_password_is_said_once_without_the_password_and_marks_nobody() {
    let server = Server::start(Script::default().tls(Encryption::Implicit).login("ada", "right"));
    let scratch = weekly_by(&url(&server, "smtps", "ada:wrongword@"), &trusting(&server));
    let run = scratch.run("send 1 --yes").expect_code(4);
    run.prints("login").prints("SMTP_URL");
    assert!(!run.stdout.contains("wrongword") && !run.stderr.contains("wrongword"), "{run}");
    assert_eq!(server.connections(), 1, "a wrong password is not tried again");
    assert_eq!(scratch.run("status 1 --json").json()["counts"]["planned"], 3);
}

#[test]
fn a_server_that_refuses_the_sender_stops_the_run_and_marks_nobody() {
    let server = Server::start(Script::default().always(
        Phase::Sender,
        Who::Anyone,
        Act::reply("550 5.7.1 not allowed to send as this sender"),
    ));
    let scratch = weekly_by(&url(&server, "smtp", ""), "");
    scratch.run("send 1 --yes").expect_code(4).prints("sender").prints("FROM");
    assert_eq!(scratch.run("status 1 --json").json()["counts"]["planned"], 3);
}

#[test]
fn a_server_that_is_down_is_named_and_the_send_goes_on_when_it_is_back() {
    let port = free_port();
    let scratch = weekly_by(&format!("smtp://127.0.0.1:{port}"), "");
    let run = scratch.run("send 1 --yes").expect_code(4);
    run.prints("could not be reached").prints("courant send 001-hello");
    let server = Server::start_at(port, Script::default());
    scratch.run("send 1 --yes").ok();
    assert_eq!(server.received().len(), 3);
}

#[test]
fn a_server_of_another_kind_is_recognised_and_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(20) {
            let mut stream = stream.unwrap();
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            let _ = stream.read(&mut [0; 100]);
        }
    });
    let scratch = weekly_by(&format!("smtp://127.0.0.1:{port}"), "");
    scratch.run("send 1 --yes").expect_code(4).prints("Nobody was marked");
}

#[test]
fn a_connection_takes_so_many_letters_and_then_another_takes_over() {
    let server = Server::start(Script::default());
    let more = "connections = 1\nmessages_per_connection = 2";
    let scratch = weekly_by(&url(&server, "smtp", ""), more);
    scratch.run("send 1 --yes").ok();
    assert_eq!((server.received().len(), server.connections()), (3, 2));
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[test]
fn without_pipelining_the_same_letters_arrive() {
    let server = Server::start(Script::default().offers(Offers { pipelining: false, ..Offers::default() }));
    weekly_by(&url(&server, "smtp", ""), "").run("send 1 --yes").ok();
    assert_eq!(server.received().len(), 3);
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[test]
fn a_non_ascii_address_goes_where_smtputf8_is_spoken_and_is_refused_elsewhere() {
    let csv = "email,name\nпочта@example.org,Ирина\nada@example.org,Ada\n";
    let server = Server::start(Script::default());
    weekly_by(&url(&server, "smtp", ""), "").list("weekly", csv).run("send 1 --yes").ok();
    assert_eq!(server.received().len(), 2);
    let plain = Server::start(Script::default().offers(Offers { smtputf8: false, ..Offers::default() }));
    let run = weekly_by(&url(&plain, "smtp", ""), "").list("weekly", csv).run("send 1 --yes");
    run.expect_code(3).prints("5.6.7");
    assert_eq!(plain.received().len(), 1);
}

#[test]
fn an_international_domain_travels_in_its_ascii_form() {
    let server = Server::start(Script::default());
    let csv = "email,name\nada@bücher.example,Ada\nADA@xn--bcher-kva.example,Twice\n";
    weekly_by(&url(&server, "smtp", ""), "").list("weekly", csv).run("send 1 --yes").ok();
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].recipients, ["ada@xn--bcher-kva.example"]);
}

#[test]
fn postfix_takes_every_letter_once() {
    let postfix = Postfix::start(&[]);
    let scratch = Scratch::weekly_for(60)
        .settings("transport = \"relay\"")
        .settings(&format!("[transports.relay]\nurl = \"{}\"\nconnections = 4", postfix.url()));
    scratch.run("send 1 --yes").ok();
    let messages = postfix.wait_for_messages(60);
    let ids = crate::harness::mail::count_by_message_id(&messages);
    assert_eq!((messages.len(), ids.len()), (60, 60));
}

#[test]
fn aiosmtpd_takes_every_letter_once() {
    let server = Aiosmtpd::start(&[]);
    let scratch = weekly_by(&server.url(), "");
    scratch.run("send 1 --yes").ok();
    assert_eq!(server.messages().len(), 3);
}

#[test]
fn smtp_sink_is_served_in_each_of_its_moods() {
    for (flags, code, word) in [
        (&["-r", "RCPT"][..], 75, "deferred: 3"),
        (&["-f", "RCPT"], 3, "refused: 3"),
        (&["-Q", "MAIL"], 4, "Nobody was marked"),
        (&["-q", "."], 4, "uncertain"),
        (&["-p"], 0, "3 of 3"),
        (&["-e", "-p", "-8", "-E"], 0, "3 of 3"),
    ] {
        let sink = SmtpSink::start(flags);
        let run = weekly_by(&sink.url(), "connections = 2").run("send 1 --yes");
        assert_eq!(run.code, Some(code), "{flags:?}: {run}");
        assert!(run.stdout.contains(word), "{flags:?}: {run}");
    }
}
