use super::*;
use crate::sink::profile::Profile;
use crate::sink::weather::Since;

fn floor(faults: &str) -> Floor {
    Floor::new(&Profile::parse("test.toml", faults).unwrap(), None, true, false)
}

/// What the server says to `lines`, which come in packets of `size` bytes; and how the connection ends, if it does.
fn said(floor: &Floor, wire: &str, size: usize) -> (String, Option<Ending>) {
    let (mut talk, mut script) = (Talk::new(floor, 1), Script::default());
    talk.greet(false, &mut script);
    let mut waiting = Vec::new();
    for packet in wire.as_bytes().chunks(size) {
        waiting.extend_from_slice(packet);
        let used = talk.hear(&waiting, &mut script);
        waiting.drain(..used);
    }
    (String::from_utf8(script.bytes.clone()).unwrap(), script.ending())
}

/// The codes alone.
fn codes(floor: &Floor, wire: &str) -> Vec<String> {
    let text = said(floor, wire, usize::MAX).0;
    let lines = text.split("\r\n").filter(|line| line.len() > 3 && line.as_bytes()[3] == b' ');
    lines.map(|line| line[..3].to_owned()).collect()
}

const LETTER: &str = "Message-ID: <1@x>\r\nSubject: Hi\r\n\r\nHi\r\n.\r\n";

fn envelope(to: &str) -> String {
    format!("MAIL FROM:<us@x.example> SIZE=40\r\nRCPT TO:<{to}>\r\nDATA\r\n")
}

fn whole(tos: &[&str]) -> String {
    let letters: String = tos.iter().map(|to| envelope(to) + LETTER).collect();
    format!("EHLO me\r\n{letters}QUIT\r\n")
}

#[test]
fn letters_come_through_in_any_packets() {
    let wire = whole(&["ada@a.example", "bob@b.example"]);
    let expected = said(&floor(""), &wire, usize::MAX);
    assert_eq!(expected.1, Some(Ending::Polite));
    for size in [1, 2, 7, 64] {
        let floor = floor("");
        assert_eq!(said(&floor, &wire, size), expected, "in packets of {size}");
        assert_eq!(floor.log.letters.load(Relaxed), 2);
        assert!(floor.book.of(key("ADA@a.example")).is_of("1@x"));
        assert_eq!(floor.log.last()[0].subject, "Hi");
    }
}

#[test]
fn commands_out_of_order_are_refused_and_the_dialogue_goes_on() {
    let floor = floor("");
    let wire = "MAIL FROM:<a@b>\r\nEHLO\r\nEHLO me\r\nRCPT TO:<a@b>\r\nDATA\r\nMAIL FROM:a@b\r\nMAIL FROM:<>\r\n\
                MAIL FROM:<a@b>\r\nRCPT TO:<nobody>\r\nDATA\r\nRSET\r\nMAIL FROM:<a@b> AUTH=<>\r\nVRFY x\r\nXYZZY\r\n\
                MAIL FROM:<a@b> SIZE=99999999999\r\nNOOP\r\n";
    assert_eq!(
        codes(&floor, wire),
        [
            "220", "503", "501", "250", "503", "503", "501", "250", "503", "501", "554", "250", "555", "252",
            "500", "552", "250"
        ]
    );
    assert_eq!(floor.log.letters.load(Relaxed), 0);
}

#[test]
fn nonsense_without_end_is_not_listened_to() {
    let (text, ending) = said(&floor(""), &"x".repeat(20_000), 1000);
    assert!(text.contains("500 5.5.2 the line is too long") && ending == Some(Ending::Polite), "{text}");
    let (text, ending) = said(&floor(""), &"FOO\r\n".repeat(100), usize::MAX);
    assert!(text.contains("421 4.7.0 you make no sense") && ending.is_some(), "{text}");
}

#[test]
fn an_address_beyond_ascii_needs_smtputf8() {
    let foreign = "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<ü@b>\r\nRSET\r\nMAIL FROM:<a@b> SMTPUTF8\r\nRCPT TO:<ü@b>\r\n";
    assert_eq!(codes(&floor(""), foreign), ["220", "250", "250", "553", "250", "250", "250"]);
}

#[test]
fn a_refused_recipient_ends_its_letter_and_no_other() {
    let floor = floor("[[fault]]\nwhat = \"refuse\"\nto = \"bob@*\"");
    let wire =
        format!("EHLO me\r\n{}RSET\r\n{}{LETTER}", envelope("bob@x.example"), envelope("ada@x.example"));
    assert_eq!(codes(&floor, &wire), ["220", "250", "250", "550", "554", "250", "250", "250", "354", "250"]);
    assert!(floor.book.of(key("bob@x.example")).has(Mark::Refused));
    assert_eq!((floor.book.sums().reached, floor.log.refused.load(Relaxed)), (1, 1));
}

#[test]
fn a_server_that_goes_on_takes_the_body_for_nobody() {
    let floor = floor("[[fault]]\nwhat = \"refuse\"\n[[fault]]\nwhat = \"go-on\"");
    let wire = format!("EHLO me\r\n{}.\r\nRSET\r\n", envelope("bob@x.example"));
    assert_eq!(codes(&floor, &wire), ["220", "250", "250", "550", "354", "554", "250"]);
    assert_eq!(floor.log.letters.load(Relaxed), 0);
}

/// How a sender is left who offers one letter, for each step at which `what` can happen.
#[track_caller]
fn left(what: &str, at: &str, expected: &str, taken: u32) {
    let floor = floor(&format!("[[fault]]\nwhat = \"{what}\"\nat = \"{at}\"\n"));
    let (text, ending) = said(&floor, &whole(&["ada@x.example"]), usize::MAX);
    let last = text.rsplit("\r\n").find(|line| !line.is_empty()).unwrap_or_default();
    assert_eq!((last, ending), (expected, Some(Ending::Abrupt)), "{what} at {at}");
    let entry = floor.book.of(key("ada@x.example"));
    assert_eq!(
        (entry.taken(), entry.has(Mark::Unanswered)),
        (taken, matches!(at, "answer" | "body")),
        "{at}"
    );
    assert_eq!(floor.log.broken_off.load(Relaxed), 1);
}

#[test]
fn a_connection_can_end_at_every_step() {
    left("drop", "connect", "", 0);
    left("drop", "hello", "220 sink.example ESMTP Courant sink", 0);
    left("drop", "sender", "250 DSN", 0);
    left("drop", "recipient", "250 2.1.0 ok", 0);
    left("drop", "data", "250 2.1.5 ok", 0);
    left("drop", "body", "354 end with a dot alone", 0);
    left("drop", "answer", "354 end with a dot alone", 1);
    left("cut", "recipient", "250 2.", 0);
    left("cut", "answer", "250 2.0", 1);
}

#[test]
fn a_letter_can_vanish_after_its_dot() {
    let floor = floor("[[fault]]\nwhat = \"drop\"\nat = \"answer\"\nkept = false");
    said(&floor, &whole(&["ada@x.example"]), usize::MAX);
    let entry = floor.book.of(key("ada@x.example"));
    assert_eq!((entry.taken(), entry.has(Mark::Unanswered)), (0, true));
}

#[test]
fn a_connection_takes_so_many_letters_and_is_told_at_the_next() {
    let limit = floor("[[fault]]\nwhat = \"limit\"\nletters = 1");
    let (text, ending) = said(&limit, &whole(&["a@x.example", "b@x.example"]), usize::MAX);
    assert!(text.ends_with("250 2.0.0 taken\r\n421 4.7.0 too many letters on this connection\r\n"), "{text}");
    assert_eq!(ending, Some(Ending::Polite));
    let offered = floor("[server]\nmail_max = 1");
    let (text, _) = said(&offered, &whole(&["a@x.example", "b@x.example"]), usize::MAX);
    assert!(text.contains("250 LIMITS MAILMAX=1\r\n") && text.contains("\r\n421 "), "{text}");
}

#[test]
fn manners_are_written_into_the_script() {
    let floor = floor(
        "[[fault]]\nwhat = \"delay\"\nat = \"answer\"\nby = \"2 s\"\n[[fault]]\nwhat = \"split\"\nat = \"answer\"",
    );
    let (mut talk, mut script) = (Talk::new(&floor, 1), Script::default());
    let wire = whole(&["ada@x.example"]);
    talk.hear(wire.as_bytes(), &mut script);
    let cues: Vec<&Cue> = script.cues.iter().map(|(_, cue)| cue).collect();
    assert_eq!(cues, [&Cue::Wait(Since::from_secs(2)), &Cue::Trickle(true), &Cue::Trickle(false)]);
    assert_eq!(floor.book.of(key("ada@x.example")).taken(), 1);
}

#[test]
fn a_flood_keeps_its_code_and_a_babbler_speaks_another_protocol() {
    let flood = floor("[[fault]]\nwhat = \"flood\"\nat = \"recipient\"");
    let text = said(&flood, &whole(&["ada@x.example"]), usize::MAX).0;
    assert!(text.len() > 1 << 20 && text.contains("\r\n250 xxxx"));
    let babble = floor("[[fault]]\nwhat = \"babble\"");
    assert!(said(&babble, "EHLO me\r\n", usize::MAX).0.starts_with("HTTP/1.1 400"));
}
