//! The scripted server, seen by a client that types every line itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use courant::model::attempt::Phase;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::script::{Act, Offers, Who};
use super::*;

/// A connection that reads one reply after each line it sends.
struct Client<S: Read + Write> {
    stream: BufReader<S>,
}

impl Client<TcpStream> {
    fn connect(server: &Server) -> Client<TcpStream> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("ten seconds is a timeout");
        let mut client = Client { stream: BufReader::new(stream) };
        client.reply();
        client
    }

    fn encrypt(self, server: &Server) -> Client<StreamOwned<ClientConnection, TcpStream>> {
        let mut roots = RootCertStore::empty();
        let trusted = CertificateDer::from_pem_file(server.certificate()).expect("the server wrote it");
        roots.add(trusted).expect("it is a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = builder.expect("TLS 1.3 is known").with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("it is a name");
        let tls = ClientConnection::new(Arc::new(config), name).expect("the configuration is whole");
        Client { stream: BufReader::new(StreamOwned::new(tls, self.stream.into_inner())) }
    }
}

impl<S: Read + Write> Client<S> {
    fn send(&mut self, text: &str) {
        let stream = self.stream.get_mut();
        stream.write_all(text.as_bytes()).and_then(|()| stream.flush()).expect("the server reads");
    }

    /// One reply, its lines joined by LF; empty where the server has left.
    fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line).unwrap_or(0);
            reply.push_str(&line.replace("\r\n", "\n"));
            if read == 0 || line.as_bytes().get(3) != Some(&b'-') {
                return reply.trim_end().to_owned();
            }
        }
    }

    fn say(&mut self, line: &str) -> String {
        self.send(&format!("{line}\r\n"));
        self.reply()
    }

    /// A whole letter, step by step; the last reply that was given.
    fn letter(&mut self, recipient: &str) -> String {
        let steps =
            ["MAIL FROM:<us@example.org>".to_owned(), format!("RCPT TO:<{recipient}>"), "DATA".to_owned()];
        for step in steps {
            let reply = self.say(&step);
            if !reply.starts_with(['2', '3']) {
                return reply;
            }
        }
        self.say(&format!("Message-ID: <{recipient}>\r\n\r\n..dot\r\n."))
    }
}

fn recipients(server: &Server) -> Vec<String> {
    server.received().into_iter().flat_map(|message| message.recipients).collect()
}

#[test]
fn every_subscriber_gets_the_answer_their_script_names() {
    let script = Script::default()
        .once(Phase::Recipient, "ada@example.org", Act::reply("450 4.2.1 busy"))
        .always(Phase::Recipient, "bob@example.org", Act::reply("550 5.1.1 unknown"))
        .always(Phase::Answer, "eve@example.org", Act::reply("554 5.7.1 spam"));
    let server = Server::start(script);
    let mut client = Client::connect(&server);
    client.say("EHLO tests");
    let letters = ["ada", "bob", "eve", "ada"].map(|name| {
        let reply = client.letter(&format!("{name}@example.org"));
        client.say("RSET");
        reply[..9].to_owned()
    });
    assert_eq!(letters, ["450 4.2.1", "550 5.1.1", "554 5.7.1", "250 2.0.0"]);
    assert_eq!(recipients(&server), ["ada@example.org"]);
    assert!(server.received()[0].raw.ends_with(b"\r\n\r\n.dot\r\n"));
    assert_eq!((server.connections(), server.complaints()), (1, vec![]));
    assert!(server.commands().contains(&(1, "RSET".to_owned())));
}

#[test]
fn the_end_of_one_letter_and_the_envelope_of_the_next_may_come_in_one_write() {
    let server = Server::start(Script::default());
    let mut client = Client::connect(&server);
    client.say("EHLO tests");
    let envelope = |to: &str| format!("MAIL FROM:<us@example.org>\r\nRCPT TO:<{to}@example.org>\r\nDATA\r\n");
    client.send(&envelope("ada"));
    let replies: Vec<String> = (0..3).map(|_| client.reply()).collect();
    assert!(replies[2].starts_with("354"), "{replies:?}");
    client.send(&format!("Message-ID: <1@x>\r\n\r\nhello\r\n.\r\n{}", envelope("bob")));
    let replies: Vec<String> = (0..4).map(|_| client.reply()[..3].to_owned()).collect();
    assert_eq!(replies, ["250", "250", "250", "354"]);
    client.send("Message-ID: <2@x>\r\n\r\nhello\r\n.\r\n");
    client.reply();
    assert_eq!(recipients(&server), ["ada@example.org", "bob@example.org"]);
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[test]
fn a_client_without_manners_is_noted() {
    let script = Script::default().offers(Offers { pipelining: false, smtputf8: false, ..Offers::default() });
    let server = Server::start(script);
    let mut client = Client::connect(&server);
    assert!(!client.say("EHLO tests").contains("PIPELINING"));
    client.send("MAIL FROM:<us@example.org> SMTPUTF8\r\nRCPT TO:<ada@example.org>\n");
    client.reply();
    client.reply();
    let complaints = server.complaints().join("\n");
    for what in ["PIPELINING was not offered", "parameter that was not offered", "bare LF"] {
        assert!(complaints.contains(what), "{what}: {complaints}");
    }
}

#[test]
fn a_letter_that_is_kept_without_an_answer_is_there_and_one_that_is_cut_is_not() {
    let script = Script::default()
        .always(Phase::Answer, "ada@example.org", Act::KeepAndCut)
        .always(Phase::Answer, "bob@example.org", Act::Cut)
        .always(Phase::Body, "eve@example.org", Act::Cut)
        .always(Phase::Sender, Who::Nth(5), Act::reply_and_cut("421 4.3.2 going down"));
    let server = Server::start(script);
    let replies = ["ada", "bob", "eve", "joe", "joe"].map(|name| {
        let mut client = Client::connect(&server);
        client.say("EHLO tests");
        client.letter(&format!("{name}@example.org"))
    });
    assert_eq!(replies, ["", "", "", "250 2.0.0 taken", "421 4.3.2 going down"]);
    assert_eq!(recipients(&server), ["ada@example.org", "joe@example.org"]);
    assert_eq!(server.connections(), 5);
}

#[test]
fn a_slow_server_is_slow_and_a_hanging_one_says_nothing() {
    let script = Script::default()
        .once(Phase::Connect, Who::Anyone, Act::Wait(Duration::from_millis(120)))
        .once(Phase::Data, Who::Anyone, Act::Hang)
        .once(Phase::Body, Who::Anyone, Act::Hang);
    let server = Server::start(script);
    let began = Instant::now();
    for _ in 0..2 {
        let mut client = Client::connect(&server);
        assert!(began.elapsed() >= Duration::from_millis(120));
        client.stream.get_ref().set_read_timeout(Some(Duration::from_millis(100))).expect("it is a timeout");
        client.say("EHLO tests");
        assert_eq!(client.letter("ada@example.org"), "");
    }
    assert_eq!(server.received(), []);
}

#[test]
fn login_is_asked_for_and_each_mechanism_is_understood() {
    let script = || Script::default().login("us", "secret");
    for (line, answers) in [
        ("AUTH PLAIN AHVzAHNlY3JldA==", vec![]),
        ("AUTH LOGIN", vec!["dXM=", "c2VjcmV0"]),
        ("AUTH XOAUTH2 dXNlcj11cwFhdXRoPUJlYXJlciBzZWNyZXQBAQ==", vec![]),
    ] {
        let server = Server::start(script());
        let mut client = Client::connect(&server);
        assert!(client.say("EHLO tests").contains("AUTH PLAIN LOGIN XOAUTH2"));
        assert!(client.letter("ada@example.org").starts_with("530"), "nobody may send before the login");
        let mut reply = client.say(line);
        for answer in answers {
            reply = client.say(answer);
        }
        assert!(reply.starts_with("235"), "{line}: {reply}");
        assert!(client.letter("ada@example.org").starts_with("250"));
        assert_eq!(server.url(), format!("smtp://us:secret@localhost:{}", server.port()));
    }
}

#[test]
fn a_wrong_secret_is_refused() {
    let server = Server::start(Script::default().login("us", "secret"));
    let mut client = Client::connect(&server);
    client.say("EHLO tests");
    assert!(client.say("AUTH PLAIN AHVzAHdyb25n").starts_with("535"));
    assert!(client.say("AUTH XOAUTH2 d3Jvbmc=").starts_with("334"));
    assert!(client.say("").starts_with("535"));
    assert!(client.say("AUTH CRAM-MD5").starts_with("504"));
}

#[test]
fn starttls_is_demanded_and_works() {
    let server = Server::start(Script::default().tls(Encryption::StartTls).login("us", "secret"));
    let mut client = Client::connect(&server);
    assert!(!client.say("EHLO tests").contains("AUTH"));
    assert!(client.letter("ada@example.org").starts_with("530"));
    assert!(client.say("STARTTLS").starts_with("220"));
    let mut client = client.encrypt(&server);
    assert!(client.say("EHLO tests").contains("AUTH"));
    assert!(client.say("AUTH PLAIN AHVzAHNlY3JldA==").starts_with("235"));
    assert!(client.letter("ada@example.org").starts_with("250"));
    assert!(server.url().starts_with("smtp+starttls://us:secret@localhost:"));
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[test]
fn a_server_that_was_down_comes_back_at_its_port() {
    let port = Server::start(Script::default()).port();
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "a dropped server is gone");
    let server = Server::start_at(port, Script::default().tls(Encryption::Implicit));
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it is back");
    let mut client = Client { stream: BufReader::new(stream) }.encrypt(&server);
    assert!(client.reply().starts_with("220"));
    assert_eq!(client.say("EHLO tests").lines().count(), 6);
    assert!(server.url().starts_with("smtps://localhost:"));
}

#[test]
fn a_message_larger_than_the_offered_size_is_refused_at_mail() {
    let server = Server::start(Script::default().offers(Offers { size: Some(1000), ..Offers::default() }));
    let mut client = Client::connect(&server);
    client.say("EHLO tests");
    assert!(client.say("MAIL FROM:<us@example.org> SIZE=1001").starts_with("552 5.3.4"));
    assert!(client.say("MAIL FROM:<bücher@example.org>").starts_with("553 5.6.7"));
}
