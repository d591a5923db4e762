//! The server dies in the middle of a send: nobody lost, nobody twice.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::Duration;

use crate::harness::mail::{Received, count_by_message_id};
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;

const SUBSCRIBERS: usize = 200;
const CONNECTIONS: usize = 4;

fn workspace(url: &str) -> Scratch {
    let transport = format!("[transports.sink]\nurl = \"{url}\"\nconnections = {CONNECTIONS}");
    Scratch::weekly_for(SUBSCRIBERS).settings("transport = \"sink\"").settings(&transport)
}

/// Sends until `letters` have begun to arrive, kills the server, and goes on by another; what both took.
fn kill_the_server_after(letters: usize) -> (Vec<Received>, serde_json::Value) {
    let (dying, other) = (SmtpSink::start(&[]), SmtpSink::start(&[]));
    let scratch = workspace(&dying.url());
    let mut running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    while dying.begun() < letters && !running.is_over() {
        sleep(Duration::from_micros(300));
    }
    let mut taken = dying.kill();
    running.finish().expect_code(4).prints("could not be reached").prints("courant send 001-hello");
    let resumed = scratch.run(&format!("send 1 --yes --transport {}", other.url()));
    assert!(matches!(resumed.code, Some(0 | 4)), "{resumed}");
    taken.extend(other.messages());
    (taken, scratch.run("status 1 --json").json())
}

#[test]
fn a_server_that_dies_in_the_middle_loses_nobody_and_reaches_nobody_twice() {
    for letters in [40, 120] {
        let (taken, status) = kill_the_server_after(letters);
        let state = |name: &str| status["counts"][name].as_u64().expect("counts are numbers") as usize;
        let (accepted, uncertain) = (state("accepted"), state("uncertain"));
        assert_eq!(accepted + uncertain, SUBSCRIBERS, "{status}");
        assert!(uncertain <= CONNECTIONS, "{status}");
        assert!(count_by_message_id(&taken).values().all(|times| *times == 1), "after {letters}");
        let reached: BTreeSet<&String> = taken.iter().flat_map(|message| &message.recipients).collect();
        assert_eq!(reached.len(), taken.len(), "after {letters}: one has it under two Message-IDs");
        assert!(reached.len() >= accepted, "after {letters}: {} of {accepted} have it", reached.len());
    }
}

#[test]
fn a_server_that_never_answers_gets_only_a_few_letters_and_cron_keeps_away() {
    let sink = SmtpSink::start(&["-q", "."]);
    let scratch = workspace(&sink.url());
    let run = scratch.run("send 1 --yes --offline").expect_code(4);
    run.prints("left and were not answered").prints("courant status 001-hello");
    let taken = sink.messages().len();
    assert!((10..10 + CONNECTIONS).contains(&taken), "{taken}");
    scratch.run("run").ok();
    assert_eq!(sink.messages().len(), taken, "a person looks at it first");
    assert!(count_by_message_id(&sink.messages()).values().all(|times| *times == 1));
}
