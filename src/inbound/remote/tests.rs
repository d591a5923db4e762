use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use super::*;
use crate::model::issue::At;
use crate::settings::remote::{Access, Proof};

/// An open mailbox at a server that greets with the first of these, answers each command with the next of them, where
/// the client's tag stands for `TAG`, and then goes.
async fn met(scheme: &str, password: &str, says: &[&str]) -> Result<Inbox, RemoteError> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("{scheme}://ada@{}", listener.local_addr().unwrap());
    let access = Access { proof: Some(Proof::Password(password.into())), ..Access::default() };
    let remote = Remote::parse(&At { value: url, span: 0..0 }, access).unwrap();
    let says: Vec<String> = says.iter().map(|text| (*text).to_owned()).collect();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let (mut lines, mut tag) = (BufReader::new(&stream).lines(), String::new());
        for (number, text) in says.iter().enumerate() {
            if number > 0 {
                let Some(Ok(line)) = lines.next() else { return };
                tag = line.split(' ').next().unwrap_or_default().to_owned();
            }
            // Whoever is gone already hears no more.
            let _ = (&stream).write_all(text.replace("TAG", &tag).as_bytes());
        }
    });
    Inbox::open(&remote).await
}

async fn why_not(password: &str, says: &[&str]) -> String {
    met("imap", password, says).await.err().map_or_else(|| "it opens".to_owned(), |error| error.to_string())
}

fn entry(number: u32) -> Entry {
    Entry { number, uidl: String::new(), size: 0 }
}

const OPEN: [&str; 4] =
    ["* OK hello\r\n", "TAG OK in\r\n", "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n", "* 1 EXISTS\r\nTAG OK\r\n"];

#[tokio::test]
async fn what_no_reader_takes_is_an_error_and_ends_nothing_else() {
    let loaded = why_not("x", &["* OK [ALERT]\u{dc}berlastet\r\n"]).await;
    assert_eq!(loaded, "127.0.0.1 says what cannot be understood: a line that no reader of mailboxes takes");
    let deep = format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(1_000_000));
    let nested = why_not("x", &["* OK hello\r\n", &deep]).await;
    assert_eq!(
        nested,
        "127.0.0.1 says what cannot be understood: brackets in brackets that nobody asked for"
    );
}

#[tokio::test]
async fn a_line_that_cannot_be_read_is_shown_as_it_is_and_no_more_than_it() {
    let line = format!("* 1 FETCH (UID x {})\r\n* OK more\r\n", "y".repeat(1000));
    for says in [&["* OK hello\r\n", line.as_str()][..], &[line.as_str()]] {
        let why = why_not("x", says).await;
        assert!(why.starts_with("127.0.0.1 says what cannot be understood: * 1 FETCH (UID x yyy"), "{why}");
        assert!(why.len() < 400, "{why}");
    }
    let short = why_not("x", &["* OK hello\r\n", "* NONSENSE here\r\n* OK more\r\n"]).await;
    assert_eq!(short, "127.0.0.1 says what cannot be understood: * NONSENSE here");
}

#[tokio::test]
async fn why_a_server_goes_while_we_log_in_is_told() {
    let why = why_not("x", &["* OK hello\r\n", "* BYE Too many of you\r\n"]).await;
    assert_eq!(why, "the connection to 127.0.0.1 broke: Too many of you");
    let why = why_not("x", &["* OK hello\r\n", ""]).await;
    assert_eq!(why, "the connection to 127.0.0.1 broke: connection lost");
}

#[tokio::test]
async fn a_password_of_two_lines_is_one_that_no_server_takes() {
    let why = why_not("x\ny", &OPEN).await;
    assert_eq!(why, "127.0.0.1 does not take the login: user and password are one line each");
}

#[tokio::test]
#[should_panic(expected = "a mistake of ours")]
async fn what_breaks_on_our_side_is_not_the_server_s() {
    let mail = "* 1 FETCH (UID 1 BODY[]<0> {1}\r\nx)\r\nTAG OK\r\n";
    let mut inbox = met("imap", "x", &[&OPEN[..], &[mail]].concat()).await.unwrap();
    let mut take = |_: &Entry, _| -> Result<(), RemoteError> { panic!("a mistake of ours") };
    let _ = inbox.fetch(&[entry(1)], &mut take).await;
}

#[tokio::test]
async fn by_pop3_a_dot_between_line_feeds_ends_no_mail() {
    let (open, mail) = (["+OK\r\n", "+OK\r\n", "+OK\r\n", "-ERR\r\n"], "+OK\r\na\n.\nb\r\n..c\r\n.\r\n");
    let mut inbox = met("pop3", "x", &[&open[..], &[mail]].concat()).await.unwrap();
    let mut got = Vec::new();
    let mut take = |_: &Entry, bytes| {
        got.push(String::from_utf8(bytes).unwrap());
        Ok::<(), RemoteError>(())
    };
    inbox.fetch(&[entry(1)], &mut take).await.unwrap();
    assert_eq!(got, ["a\n.\nb\r\n.c\r\n"]);
}
