//! What is said, word for word, and what is not.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;

use super::*;
use crate::model::attempt::Reply;
use crate::transport::smtp::offers::Offers;
use crate::transport::smtp::wire::Wire;

/// A server that waits for the first of each pair and says the second; then it only listens. It gives all
/// it heard.
async fn listen(mut stream: DuplexStream, steps: Vec<(&'static str, &'static str)>) -> String {
    let mut heard = Vec::new();
    let mut since = 0;
    for (until, answer) in steps {
        while !heard[since..].ends_with(until.as_bytes()) {
            heard.push(stream.read_u8().await.expect("the client says what the test awaits"));
        }
        since = heard.len();
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
    // A client that is gone has nothing more to say.
    let _ = stream.read_to_end(&mut heard).await;
    String::from_utf8(heard).unwrap()
}

fn with(offers: &str, steps: Vec<(&'static str, &'static str)>) -> (SmtpSession, JoinHandle<String>) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let offers = Offers::parse(&Reply::new(250, format!("server\n{offers}")));
    let session = SmtpSession::new(Wire::new(ours), offers, &settings());
    (session, tokio::spawn(listen(theirs, steps)))
}

const OPENED: (&str, &str) = ("DATA\r\n", "250 a\r\n250 b\r\n354 c\r\n");
const BODY: &[u8] = b"Subject: x\r\n\r\nHi\r\n";

async fn write(session: &mut SmtpSession, next: Option<&Envelope>) -> Carried {
    session.body(&Recorded::for_tests(), BODY, next).await
}

#[tokio::test]
async fn the_next_envelope_travels_with_the_letter_before_it() {
    let refused = "250 taken\r\n250 a\r\n550 5.1.1 gone\r\n554 none\r\n";
    let (mut session, server) =
        with("PIPELINING\nSIZE 100", vec![OPENED, ("DATA\r\n", refused), ("QUIT\r\n", "221 bye\r\n")]);
    let sized = Envelope { size: Some(BODY.len()), ..envelope(1) };
    session.open(&sized).await.unwrap();
    let carried = write(&mut session, Some(&envelope(2))).await;
    assert_eq!(carried.letter.unwrap().reply, Reply::new(250, "taken"));
    let gone = Broken::replied(Phase::Recipient, Reply::new(550, "5.1.1 gone"));
    assert_eq!(carried.next, Some(Err(gone)));
    assert!(session.is_usable());
    session.close().await;
    assert_eq!(
        server.await.unwrap(),
        "MAIL FROM:<news+1@example.org> SIZE=18\r\nRCPT TO:<reader1@example.net>\r\nDATA\r\n\
         Subject: x\r\n\r\nHi\r\n.\r\n\
         MAIL FROM:<news+2@example.org>\r\nRCPT TO:<reader2@example.net>\r\nDATA\r\nQUIT\r\n"
    );
}

#[tokio::test]
async fn a_body_for_nobody_is_ended_at_once_and_the_next_letter_goes_its_way() {
    let eager = "250 a\r\n550 gone\r\n354 go on\r\n";
    let steps = vec![
        ("DATA\r\n", eager),
        (".\r\n", "554 nobody\r\n"),
        ("DATA\r\n", "250 reset\r\n250 a\r\n250 b\r\n354 c\r\n"),
        (".\r\n", "250 taken\r\n"),
    ];
    let (mut session, server) = with("PIPELINING", steps);
    assert_eq!(session.open(&envelope(1)).await.unwrap_err().phase, Phase::Recipient);
    session.open(&envelope(2)).await.unwrap();
    assert!(write(&mut session, None).await.letter.is_ok());
    drop(session);
    assert!(server.await.unwrap().contains("DATA\r\n.\r\nRSET\r\nMAIL FROM:<news+2@example.org>"));
}

#[tokio::test]
async fn no_dot_is_sent_where_it_would_be_an_empty_letter_to_somebody() {
    let (mut session, server) = with("PIPELINING", vec![("DATA\r\n", "550 no\r\n250 b\r\n354 c\r\n")]);
    assert_eq!(session.open(&envelope(1)).await.unwrap_err().phase, Phase::Sender);
    assert!(!session.is_usable());
    session.close().await;
    assert!(server.await.unwrap().ends_with("DATA\r\n"));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_owes_an_answer_is_not_used_for_the_next_letter() {
    for steps in [vec![OPENED], vec![OPENED, (".\r\n", "421 4.3.2 closing\r\n")]] {
        let (mut session, _server) = with("PIPELINING", steps);
        session.open(&envelope(1)).await.unwrap();
        assert_eq!(write(&mut session, None).await.letter.unwrap_err().phase, Phase::Answer);
        assert!(!session.is_usable(), "a late answer would be taken for that of the next letter");
    }
}

#[tokio::test]
async fn a_letter_that_could_end_early_is_not_written_at_all() {
    for body in ["Subject: x\r\n\r\n.\r\nMAIL FROM:<>\r\n", ".\r\n", "Subject: x\r\n\r\nHi"] {
        let (mut session, server) = with("PIPELINING", vec![OPENED]);
        session.open(&envelope(1)).await.unwrap();
        let carried = session.body(&Recorded::for_tests(), body.as_bytes(), None).await;
        assert!(!carried.letter.unwrap_err().may_pass, "{body:?}");
        session.close().await;
        assert!(server.await.unwrap().ends_with("DATA\r\n"), "{body:?}");
    }
}

#[tokio::test]
async fn a_letter_that_is_open_is_abandoned_without_its_dot() {
    let (mut session, server) = with("PIPELINING", vec![OPENED]);
    session.open(&envelope(1)).await.unwrap();
    session.close().await;
    assert!(server.await.unwrap().ends_with("DATA\r\n"));
}

/// Opens a letter on a pipe that holds `room` octets, to a server that reads none of the body.
async fn unread_body(room: usize) -> Broken {
    let (ours, theirs) = tokio::io::duplex(room);
    let (mut read, mut answer) = tokio::io::split(theirs);
    let offers = Offers { pipelining: true, ..Offers::default() };
    let mut session = SmtpSession::new(Wire::new(ours), offers, &settings());
    let server = tokio::spawn(async move {
        let mut heard = Vec::new();
        while !heard.ends_with(b"DATA\r\n") {
            heard.push(read.read_u8().await.unwrap());
        }
        answer.write_all(OPENED.1.as_bytes()).await.unwrap();
        (read, answer)
    });
    session.open(&envelope(1)).await.unwrap();
    let _unread = server.await.unwrap();
    let letter = letter(1);
    let carried = session.body(&Recorded::for_tests(), letter.as_bytes(), Some(&envelope(2))).await;
    assert_eq!(carried.next, None);
    carried.letter.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_letter_is_uncertain_from_the_octet_on_that_is_its_dot() {
    let length = letter(1).len();
    for (room, phase) in [(length, Phase::Body), (length + 1, Phase::Answer), (length + 3, Phase::Answer)] {
        assert_eq!(unread_body(room).await.phase, phase, "{room} of {length}");
    }
}

#[tokio::test]
async fn an_address_that_needs_more_than_the_server_offers_costs_nothing() {
    let unicode = Envelope { recipient: Address::parse("jörg@example.net").unwrap(), ..envelope(1) };
    let (mut session, server) = with("PIPELINING", vec![OPENED, (".\r\n", "250 taken\r\n")]);
    let broken = session.open(&unicode).await.unwrap_err();
    assert!(broken.to_string().starts_with("553 5.6.7 "), "{broken}");
    assert_eq!((broken.phase, broken.may_pass), (Phase::Recipient, false));
    session.open(&envelope(1)).await.unwrap();
    let carried = write(&mut session, Some(&unicode)).await;
    assert!(carried.letter.is_ok());
    assert_eq!(carried.next, Some(Err(broken)));
    assert!(session.is_usable());
    drop(session);
    assert!(!server.await.unwrap().contains("rg@"));

    let (mut session, server) = with("PIPELINING\nSMTPUTF8\n8BITMIME", vec![OPENED]);
    session.open(&unicode).await.unwrap();
    drop(session);
    let said = "MAIL FROM:<news+1@example.org> SMTPUTF8 BODY=8BITMIME\r\nRCPT TO:<jörg@example.net>\r\n";
    assert!(server.await.unwrap().starts_with(said));
}

#[tokio::test]
async fn an_international_domain_travels_in_ascii_and_needs_nothing() {
    let (mut session, server) = with("PIPELINING", vec![OPENED]);
    let recipient = Address::parse("ana@bücher.example").unwrap();
    session.open(&Envelope { recipient, ..envelope(1) }).await.unwrap();
    drop(session);
    assert!(server.await.unwrap().contains("RCPT TO:<ana@xn--bcher-kva.example>\r\n"));
}

#[tokio::test]
async fn reports_of_failure_are_asked_for_by_name_where_the_server_takes_the_wish() {
    let (mut session, server) = with("PIPELINING\nDSN", vec![OPENED]);
    let recipient = Address::parse("a+b=c@example.net").unwrap();
    session.open(&Envelope { recipient, id: Some("k7@example.org".into()), ..envelope(1) }).await.unwrap();
    drop(session);
    let said = "MAIL FROM:<news+1@example.org> RET=HDRS ENVID=k7@example.org\r\n\
                RCPT TO:<a+b=c@example.net> NOTIFY=FAILURE ORCPT=rfc822;a+2Bb+3Dc@example.net\r\n";
    let heard = server.await.unwrap();
    assert!(heard.starts_with(said), "{heard}");
}

#[tokio::test(start_paused = true)]
async fn an_old_connection_finishes_its_letter_and_takes_no_other() {
    let (mut session, server) = with("PIPELINING", vec![OPENED, (".\r\n", "250 taken\r\n")]);
    session.open(&envelope(1)).await.unwrap();
    tokio::time::advance(std::time::Duration::from_secs(601)).await;
    let carried = write(&mut session, Some(&envelope(2))).await;
    assert!(carried.letter.is_ok() && carried.next.is_none() && !session.is_usable());
    drop(session);
    assert!(!server.await.unwrap().contains("news+2"));
}

#[tokio::test]
async fn a_spent_connection_announces_nothing_and_says_so() {
    let (mut session, server) =
        with("PIPELINING\nLIMITS MAILMAX=1", vec![OPENED, (".\r\n", "250 taken\r\n")]);
    session.open(&envelope(1)).await.unwrap();
    assert!(session.is_usable(), "the letter that is open can still be written");
    let carried = write(&mut session, Some(&envelope(2))).await;
    assert!(carried.letter.is_ok());
    assert_eq!(carried.next, None);
    assert!(!session.is_usable());
    assert!(session.open(&envelope(2)).await.is_err());
    drop(session);
    assert!(!server.await.unwrap().contains("news+2"));
}

#[tokio::test]
async fn a_connection_is_left_before_the_server_loses_patience() {
    let first = ("DATA\r\n", "250 a\r\n550 gone\r\n554 none\r\n");
    let again = ("DATA\r\n", "250 reset\r\n250 a\r\n550 gone\r\n554 none\r\n");
    let (mut session, server) =
        with("PIPELINING", vec![first, again, again, again, ("QUIT\r\n", "221 bye\r\n")]);
    for number in 1..=4 {
        assert!(session.is_usable());
        session.open(&envelope(number)).await.unwrap_err();
    }
    assert!(!session.is_usable());
    session.close().await;
    assert!(server.await.unwrap().ends_with("QUIT\r\n"));
}

#[tokio::test]
async fn what_the_server_says_while_we_wait_is_not_taken_for_an_answer() {
    let steps = vec![("DATA\r\n", "250 a\r\n250 b\r\n354 c\r\n421 4.4.2 too slow\r\n")];
    let (mut session, server) = with("PIPELINING", steps);
    session.open(&envelope(1)).await.unwrap();
    let broken = write(&mut session, Some(&envelope(2))).await.letter.unwrap_err();
    assert_eq!(broken.to_string(), "the server ended the connection: 421 4.4.2 too slow");
    assert_eq!((broken.phase, broken.reply), (Phase::Body, None));
    session.close().await;
    assert!(server.await.unwrap().ends_with("DATA\r\n"), "no octet of the body left");
}

#[tokio::test]
async fn a_refusal_before_the_body_is_the_letter_s() {
    let (mut session, server) =
        with("PIPELINING", vec![("DATA\r\n", "250 a\r\n250 b\r\n354 c\r\n550 5.7.1 on reflection, no\r\n")]);
    session.open(&envelope(1)).await.unwrap();
    let broken = write(&mut session, Some(&envelope(2))).await.letter.unwrap_err();
    assert_eq!(broken, Broken::replied(Phase::Body, Reply::new(550, "5.7.1 on reflection, no")));
    session.close().await;
    assert!(server.await.unwrap().ends_with("DATA\r\n"));
}

#[tokio::test]
async fn a_letter_that_does_not_end_its_last_line_does_not_leave() {
    let (mut session, server) = with("PIPELINING", vec![OPENED]);
    session.open(&envelope(1)).await.unwrap();
    let carried = session.body(&Recorded::for_tests(), b"Hi", None).await;
    let broken = carried.letter.unwrap_err();
    assert_eq!((broken.phase, broken.may_pass), (Phase::Body, false));
    assert!(!session.is_usable());
    drop(session);
    assert!(server.await.unwrap().ends_with("DATA\r\n"));
}

#[tokio::test(start_paused = true)]
async fn an_exchange_that_is_cancelled_leaves_no_connection_to_go_on_with() {
    let (mut session, _server) = with("PIPELINING", vec![OPENED]);
    session.open(&envelope(1)).await.unwrap();
    let patience = std::time::Duration::from_secs(1);
    assert!(tokio::time::timeout(patience, write(&mut session, None)).await.is_err());
    assert!(!session.is_usable());
}
