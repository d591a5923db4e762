//! Killed at every write to a file, every byte sent and every sync of a run of ten letters, and run again: nobody lost,
//! nobody twice, and in doubt at most one letter for each connection.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::harness::fault::{Call, Deed, Fault};
use crate::harness::mail::{Received, count_by_message_id};
use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::Script;

const SUBSCRIBERS: usize = 10;
const CONNECTIONS: usize = 2;

/// Runs side by side: each waits for its syncs most of the time.
const WORKERS: usize = 4;

fn workspace(url: &str) -> Scratch {
    let transport = format!("[transports.sink]\nurl = \"{url}\"\nconnections = {CONNECTIONS}");
    Scratch::weekly_for(SUBSCRIBERS).settings("transport = \"sink\"").settings(&transport)
}

/// What became of a run that was killed there and taken up again; `None` if it ended before the fault.
fn killed_and_resumed(fault: Fault) -> Option<usize> {
    let server = Server::start(Script::default());
    let scratch = workspace(&server.url());
    let send = || scratch.courant(["send", "1", "--yes", "--offline"]);
    let run = send().fault(fault, &scratch.path("seen")).run();
    let was_hit = scratch.path("seen").exists();
    assert_eq!(run.code.is_none(), was_hit, "{fault:?}: {run}");
    if !was_hit {
        return None;
    }
    let resumed = send().run();
    assert!(matches!(resumed.code, Some(0 | 4)), "{fault:?}: {resumed}");
    Some(judge(&scratch, &server.received(), fault))
}

/// How many letters are uncertain at the end, which is all that may be amiss.
fn judge(scratch: &Scratch, messages: &[Received], fault: Fault) -> usize {
    let status = scratch.run("status 1 --json").json();
    let count = |name: &str| status["counts"][name].as_u64().expect("counts are numbers") as usize;
    let (accepted, uncertain) = (count("accepted"), count("uncertain"));
    let reached: BTreeSet<&String> = messages.iter().flat_map(|message| &message.recipients).collect();
    let twice = count_by_message_id(messages).values().filter(|times| **times > 1).count();
    assert_eq!(twice, 0, "{fault:?}: somebody has it twice");
    assert_eq!(reached.len(), messages.len(), "{fault:?}: somebody has it under two Message-IDs");
    assert_eq!(accepted + uncertain, SUBSCRIBERS, "{fault:?}: {status}");
    assert!(uncertain <= CONNECTIONS, "{fault:?}: {uncertain} letters are uncertain");
    assert!(reached.len() >= accepted, "{fault:?}: {} of {accepted} have it", reached.len());
    uncertain
}

/// Every `step`-th call of a kind, from the first to the last of the run: how many kills, and how many of them left a
/// letter uncertain.
fn every(call: Call, deed: Deed, step: usize) -> (usize, usize) {
    let (next, is_past) = (AtomicUsize::new(1), AtomicBool::new(false));
    let (kills, doubts) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        while !is_past.load(Ordering::SeqCst) {
            let at = next.fetch_add(step, Ordering::SeqCst);
            match killed_and_resumed(Fault { call, at, deed }) {
                None => is_past.store(true, Ordering::SeqCst),
                Some(uncertain) => {
                    kills.fetch_add(1, Ordering::SeqCst);
                    doubts.fetch_add(usize::from(uncertain > 0), Ordering::SeqCst);
                }
            }
        }
    };
    thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(work))));
    let (kills, doubts) = (kills.into_inner(), doubts.into_inner());
    println!("{call:?} {deed:?}: {kills} kills, {doubts} of them left a letter uncertain");
    (kills, doubts)
}

#[test]
fn a_kill_before_or_after_any_byte_that_is_sent_loses_nobody_and_reaches_nobody_twice() {
    let (before, doubts_before) = every(Call::Send, Deed::Kill, 1);
    let (after, doubts_after) = every(Call::Send, Deed::KillAfter, 1);
    assert!(before > SUBSCRIBERS && after > SUBSCRIBERS, "{before} and {after} kills");
    assert!(doubts_before + doubts_after > 0, "no kill hit a letter on the wire");
}

#[test]
fn a_kill_at_any_sync_of_the_ledger_loses_nobody_and_reaches_nobody_twice() {
    let (kills, doubts) = every(Call::Sync, Deed::Kill, 1);
    assert!(kills > SUBSCRIBERS && doubts > 0, "{kills} kills, {doubts} in doubt");
}

#[test]
fn a_kill_at_any_write_to_a_file_loses_nobody_and_reaches_nobody_twice() {
    let (kills, doubts) = every(Call::Write, Deed::Kill, 1);
    assert!(kills > 5 * SUBSCRIBERS && doubts > 0, "{kills} kills, {doubts} in doubt");
}
