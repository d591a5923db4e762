//! A ledger that cannot be written any more: sending stops within the letters on the wire, and says so.

use std::collections::BTreeSet;
use std::path::Path;

use crate::harness::mail::count_by_message_id;
use crate::harness::program::{Program, Run};
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;

const SUBSCRIBERS: usize = 300;
const CONNECTIONS: u64 = 4;

fn workspace(url: &str) -> Scratch {
    let transport = format!("[transports.sink]\nurl = \"{url}\"\nconnections = {CONNECTIONS}");
    Scratch::weekly_for(SUBSCRIBERS).settings("transport = \"sink\"").settings(&transport)
}

/// Runs `courant` where no file may grow beyond `kib`: every write past that fails, as on a full disk.
fn with_room(scratch: &Scratch, kib: u64, args: &str) -> Run {
    let courant = env!("CARGO_BIN_EXE_courant");
    let script = format!("trap '' XFSZ; ulimit -f {}; exec {courant} {args}", kib * 2);
    Program::new(Path::new("/bin/sh"), &scratch.path("")).args(["-c", &script]).run()
}

#[test]
fn a_disk_that_fills_up_stops_the_send_and_room_lets_it_go_on() {
    let sink = SmtpSink::start(&[]);
    let scratch = workspace(&sink.url());
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    let full = with_room(&scratch, 400, "send 1 --yes --offline");
    let full = full.expect_code(4);
    full.says("the ledger cannot be used").says("free the disk").says("courant send 001-hello");
    let status = scratch.run("status 1 --json").json();
    let count = |name: &str| status["counts"][name].as_u64().expect("a count is a number");
    let arrived = sink.messages().len() as u64;
    assert!(count("accepted") > 1 && count("planned") > 0, "it filled up in the middle: {status}");
    assert!(count("sending") <= CONNECTIONS, "{status}");
    assert!(arrived <= count("accepted") + CONNECTIONS, "{arrived} arrived: {status}");

    let resumed = scratch.run("send 1 --yes --offline");
    assert!(matches!(resumed.code, Some(0 | 4)), "{resumed}");
    let (status, messages) = (scratch.run("status 1 --json").json(), sink.messages());
    let count = |name: &str| status["counts"][name].as_u64().expect("a count is a number");
    assert_eq!(count("accepted") + count("uncertain"), SUBSCRIBERS as u64, "{status}");
    assert!(count_by_message_id(&messages).values().all(|times| *times == 1));
    let reached: BTreeSet<_> = messages.iter().flat_map(|message| &message.recipients).collect();
    assert_eq!(reached.len(), messages.len());
    assert!(reached.len() as u64 >= count("accepted"));
}

#[test]
fn a_freeze_that_does_not_fit_leaves_nothing_and_sends_nothing() {
    let sink = SmtpSink::start(&[]);
    let scratch = workspace(&sink.url());
    scratch.run("subscribers sync").ok();
    let full = with_room(&scratch, 60, "send 1 --yes --offline").expect_code(1);
    full.says("the ledger cannot be used");
    assert_eq!(sink.messages(), []);
    scratch.run("send 1 --yes --offline").ok().prints("300 of 300 have it");
    assert_eq!(count_by_message_id(&sink.messages()).len(), SUBSCRIBERS);
}
