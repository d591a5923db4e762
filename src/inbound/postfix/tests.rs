use std::io::Write;

use jiff::tz::TimeZone;

use super::*;

const ID: &str = "one@weekly.test";

fn clock() -> Clock {
    Clock { now: "2026-11-29T20:00:00Z".parse().unwrap(), zone: TimeZone::UTC }
}

fn search_in(logs: &[&str]) -> Search {
    let recipient = Address::parse("Bob@Example.org").unwrap().key();
    let mut search = Search::new(&[Wanted { message_id: ID.to_owned(), recipient }], clock());
    for log in logs {
        search.read(log.as_bytes()).unwrap();
    }
    search
}

/// Lines of Postfix, a minute apart.
fn log(lines: &[&str]) -> String {
    let mut text = Vec::new();
    for (line, minute) in lines.iter().zip(0..) {
        writeln!(text, "Nov 29 15:{minute:02}:32 mx postfix/{line}").unwrap();
    }
    String::from_utf8(text).unwrap()
}

fn fate(lines: &[&str]) -> Option<(Fate, u64, String)> {
    let search = search_in(&[&log(lines)]);
    search.traces()[0].fate().map(|(fate, place, said)| (fate, place.line, said.text))
}

const BEGINS: &str = "smtpd[1]: 4F1A2B: client=localhost[127.0.0.1]";
const NAMED: &str = "cleanup[2]: 4F1A2B: message-id=<one@weekly.test>";
const ACTIVE: &str = "qmgr[3]: 4F1A2B: from=<us@weekly.test>, size=900, nrcpt=1 (queue active)";
const SENT: &str = "smtp[4]: 4F1A2B: to=<bob@example.org>, relay=mx[1.2.3.4]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, \
                    status=sent (250 2.0.0 Ok)";
const LATER: &str = "smtp[4]: 4F1A2B: to=<bob@example.org>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, \
                     status=deferred (connect to mx: Connection refused)";
const BOUNCED: &str = "smtp[4]: 4F1A2B: to=<bob@example.org>, relay=mx[1.2.3.4]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, \
                       status=bounced (host mx[1.2.3.4] said: 550 5.1.1 gone (in reply to RCPT TO command))";
const EXPIRED: &str = "qmgr[3]: 4F1A2B: from=<us@weekly.test>, status=expired, returned to sender";
const REMOVED: &str = "qmgr[3]: 4F1A2B: removed";

#[test]
fn the_last_that_is_known_of_a_letter_counts() {
    let told = |lines: &[&str]| fate(lines).map(|(fate, line, _)| (fate, line));
    assert_eq!(told(&[BEGINS, NAMED, ACTIVE, SENT, REMOVED]), Some((Fate::Accepted, 4)));
    assert_eq!(told(&[BEGINS, NAMED, ACTIVE]), Some((Fate::Accepted, 3)));
    assert_eq!(told(&[BEGINS, NAMED, ACTIVE, LATER]), Some((Fate::Accepted, 4)));
    assert_eq!(told(&[BEGINS, NAMED, ACTIVE, LATER, BOUNCED, REMOVED]), Some((Fate::Bounced, 5)));
    assert_eq!(told(&[BEGINS, NAMED, ACTIVE, LATER, EXPIRED, REMOVED]), Some((Fate::Bounced, 5)));
    assert_eq!(told(&[BEGINS, NAMED]), None, "a header alone is no letter");
    assert_eq!(told(&[BEGINS, ACTIVE, SENT]), None, "somebody else's");
}

#[test]
fn what_the_other_server_said_is_kept() {
    let (_, _, said) = fate(&[NAMED, ACTIVE, BOUNCED]).unwrap();
    assert_eq!(said, "host mx[1.2.3.4] said: 550 5.1.1 gone (in reply to RCPT TO command)");
    let (_, _, said) = fate(&[NAMED, ACTIVE, LATER, EXPIRED]).unwrap();
    assert_eq!(said, "connect to mx: Connection refused");
}

#[test]
fn a_letter_that_was_turned_away_after_its_header_did_not_arrive() {
    let rejected =
        "cleanup[2]: 4F1A2B: milter-reject: END-OF-MESSAGE from localhost[127.0.0.1]: 5.7.1 spam; x";
    let (fate, line, said) = fate(&[BEGINS, NAMED, rejected]).unwrap();
    assert_eq!((fate, line, said.as_str()), (Fate::NotArrived, 3, "5.7.1 spam; x"));
}

#[test]
fn a_queue_id_that_is_used_again_is_another_letter() {
    let other = "cleanup[2]: 4F1A2B: message-id=<other@weekly.test>";
    let told = |lines: &[&str]| fate(lines).map(|(fate, line, _)| (fate, line));
    assert_eq!(told(&[NAMED, ACTIVE, SENT, REMOVED, BOUNCED]), Some((Fate::Accepted, 3)));
    assert_eq!(told(&[NAMED, ACTIVE, SENT, BEGINS, other, ACTIVE, BOUNCED]), Some((Fate::Accepted, 3)));
    assert_eq!(told(&[NAMED, ACTIVE, SENT, other, BOUNCED]), Some((Fate::Accepted, 3)));
}

#[test]
fn a_letter_that_goes_through_a_filter_is_followed_to_its_end() {
    let filtered = "smtp[4]: 4F1A2B: to=<bob@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, \
                    dsn=2.0.0, status=sent (250 2.0.0 from MTA: 250 2.0.0 Ok: queued as 77AABB)";
    let second = "cleanup[2]: 77AABB: message-id=<one@weekly.test>";
    let bounced = BOUNCED.replace("4F1A2B", "77AABB");
    let (fate, line, _) = fate(&[NAMED, ACTIVE, second, filtered, &bounced]).unwrap();
    assert_eq!((fate, line), (Fate::Bounced, 5));
}

#[test]
fn copies_for_others_and_aliases_are_told_apart() {
    let copy = BOUNCED.replace("bob@example.org", "archive@weekly.test");
    let (kept, _, _) = fate(&[NAMED, ACTIVE, &copy]).unwrap();
    assert_eq!(kept, Fate::Accepted, "the archive is full, and bob's letter is not about that");
    let alias =
        BOUNCED.replace("to=<bob@example.org>", "to=<bobby@elsewhere.test>, orig_to=<BOB@example.ORG>");
    assert_eq!(fate(&[NAMED, ACTIVE, &alias]).unwrap().0, Fate::Bounced);
}

#[test]
fn several_files_are_one_story() {
    let search = search_in(&[&log(&[BEGINS, NAMED, ACTIVE, LATER]), &log(&[SENT, REMOVED])]);
    let (fate, place, _) = search.traces()[0].fate().unwrap();
    assert_eq!((fate, place), (Fate::Accepted, Place { file: 1, line: 1 }));
    assert_eq!(search.traces()[0].named, Some(Place { file: 0, line: 2 }));
}

#[test]
fn a_file_says_from_when_to_when_it_is_and_whether_something_is_missing() {
    let text = log(&[BEGINS, NAMED, ACTIVE]) + "Nov 29 15:40:00 mx cron[1]: something else\n";
    let search = search_in(&[&text]);
    let extent = &search.extents()[0];
    assert_eq!((extent.lines, extent.of_postfix, extent.has_holes), (4, 3, false));
    assert_eq!(extent.first.unwrap().to_string(), "2026-11-29T15:00:32Z");
    assert_eq!(extent.last.unwrap().to_string(), "2026-11-29T15:40:00Z");
    assert!(extent.has_bare_stamps);
    for lost in [
        "Nov 29 15:40:00 mx rsyslogd: imuxsock[pid: 7]: 300 messages lost due to rate-limiting",
        "Nov 29 15:40:00 mx systemd-journald[1]: Suppressed 400 messages from postfix.service",
    ] {
        assert!(search_in(&[&(text.clone() + lost)]).extents()[0].has_holes, "{lost}");
    }
}

#[test]
fn what_is_no_log_has_no_line_of_postfix_and_no_time() {
    for text in ["", "hello\nworld\n", "\u{0}\u{1}\u{2}", &"x".repeat(200_000)] {
        let search = search_in(&[text]);
        let extent = &search.extents()[0];
        assert_eq!((extent.of_postfix, extent.first, extent.last), (0, None, None));
    }
    assert_eq!(search_in(&[&"x".repeat(200_000)]).extents()[0].lines, 1, "one long line is one line");
}

#[test]
fn the_first_time_in_a_file_orders_it() {
    let text = "-- Logs begin --\n".to_owned() + &log(&[BEGINS]);
    let at = begins_at(text.as_bytes(), &clock()).unwrap();
    assert_eq!(at.unwrap().to_string(), "2026-11-29T15:00:32Z");
    assert_eq!(begins_at(&b"nothing\n"[..], &clock()).unwrap(), None);
}

proptest::proptest! {
    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        let inner = String::from_utf8_lossy(&bytes);
        for prefix in ["", "<22>1 2026-11-29T15:07:32Z mx postfix/cleanup 12 - ", "Nov 29 15:07:32 mx postfix/smtp[1]: ",
                       "Nov 29 15:07:32 mx postfix/smtp[1]: 4F1A2B: to=<"] {
            search_in(&[&format!("{prefix}{inner}\n")]);
        }
    }
}
