//! What a signal does to a send, as design and docs/sending.md say it.

use std::thread::sleep;
use std::time::Duration;

use crate::harness::mail::count_by_message_id;
use crate::harness::program::Running;
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;

const SUBSCRIBERS: usize = 24;

/// A send that takes some seconds and has begun.
fn under_way(scratch: &Scratch, sink: &SmtpSink) -> Running {
    let mut running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    while sink.begun() < 3 {
        assert!(!running.is_over(), "it ended before a signal could come");
        sleep(Duration::from_millis(5));
    }
    running
}

fn slow(sink: &SmtpSink) -> Scratch {
    let url = format!("{}?rate=8/s&connections=2", sink.url());
    Scratch::weekly_for(SUBSCRIBERS).file(".env", format!("SMTP_URL={url}\n"))
}

#[test]
fn one_signal_of_any_kind_finishes_what_is_on_the_wire_and_the_next_send_does_the_rest() {
    for name in ["INT", "TERM", "HUP"] {
        let sink = SmtpSink::start(&[]);
        let scratch = slow(&sink);
        let running = under_way(&scratch, &sink);
        running.signal(name);
        running.finish().expect_code(75).prints("goes on where this ended");
        let before = scratch.run("status 1 --json").json();
        assert_eq!((&before["counts"]["sending"], &before["counts"]["uncertain"]), (&0.into(), &0.into()));
        scratch.run("send 1 --yes").ok();
        let messages = sink.messages();
        assert_eq!(
            (messages.len(), count_by_message_id(&messages).len()),
            (SUBSCRIBERS, SUBSCRIBERS),
            "{name}"
        );
    }
}

#[test]
fn who_closes_the_terminal_loses_nothing_cron_goes_on() {
    let sink = SmtpSink::start(&[]);
    let scratch = slow(&sink);
    let running = under_way(&scratch, &sink);
    running.signal("HUP");
    running.finish().expect_code(75);
    scratch.run("run").ok();
    assert_eq!(sink.messages().len(), SUBSCRIBERS);
}

#[test]
fn a_send_to_a_part_that_was_killed_is_left_to_the_person_who_began_it() {
    let sink = SmtpSink::start(&[]);
    let scratch = slow(&sink);
    let mut running = scratch.courant(["send", "1", "--yes", "--offline", "--limit", "20"]).start();
    while sink.begun() < 3 {
        assert!(!running.is_over(), "it ended before it could be killed");
        sleep(Duration::from_millis(5));
    }
    running.kill();
    let before = sink.messages().len();
    scratch.run("run");
    let on_the_wire = 2;
    assert!(sink.messages().len() <= before + on_the_wire, "cron was not to send the rest");
    let rest = scratch.run("send 1 --yes");
    assert!(matches!(rest.code, Some(0 | 4)), "{rest}");
    assert!(sink.messages().len() >= SUBSCRIBERS - 2);
    assert_eq!(scratch.run("run").ok().stdout, "");
}
