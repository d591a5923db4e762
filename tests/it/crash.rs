//! Killed at any moment and run again: nobody lost, nobody twice. Into a server of our own, `smtp-sink`, and a real
//! Postfix, whose log then settles what was left in doubt. `bench/crash` does the same some hundred times.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::harness::mail::{Received, count_by_message_id};
use crate::harness::postfix::Postfix;
use crate::harness::program::Running;
use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::Script;
use crate::harness::sink::SmtpSink;

const SUBSCRIBERS: usize = 200;
const CONNECTIONS: usize = 4;

/// When to kill.
#[derive(Debug)]
enum Moment {
    /// Of the process's life: before the first letter, most often.
    After(Duration),
    /// As soon as so many letters have begun to arrive.
    Arrived(usize),
}

/// SplitMix64's finaliser over the seed; every fourth kill hits the check or the freeze.
fn moment(seed: u64) -> Moment {
    let mixed = (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (seed << 7)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = mixed ^ (mixed >> 31);
    match seed % 4 {
        0 => Moment::After(Duration::from_micros(mixed % 120_000)),
        _ => Moment::Arrived((mixed % SUBSCRIBERS as u64) as usize + 1),
    }
}

impl Moment {
    fn wait(&self, running: &mut Running, begun: impl Fn() -> usize) {
        match self {
            Moment::After(time) => std::thread::sleep(*time),
            Moment::Arrived(letters) => {
                while begun() < *letters && !running.is_over() {
                    std::thread::sleep(Duration::from_micros(300));
                }
            }
        }
    }
}

fn workspace(url: &str) -> Scratch {
    let transport = format!("[transports.server]\nurl = \"{url}\"\nconnections = {CONNECTIONS}");
    Scratch::weekly_for(SUBSCRIBERS).settings("transport = \"server\"").settings(&transport)
}

/// Kills a send when `begun` has come so far, and runs it to its end.
fn kill_and_resume(url: &str, seed: u64, begun: impl Fn() -> usize) -> Scratch {
    let scratch = workspace(url);
    let mut running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    moment(seed).wait(&mut running, begun);
    running.kill();
    let resumed = scratch.run("send 1 --yes --offline");
    assert!(matches!(resumed.code, Some(0 | 4)), "seed {seed}, {:?}: {resumed}", moment(seed));
    scratch
}

/// Fails unless all have the letter once but those whose letters are in doubt; how many these are.
fn judge(scratch: &Scratch, seed: u64, taken: &BTreeMap<String, usize>) -> usize {
    let status = scratch.run("status 1 --json").json();
    let state = |name: &str| status["counts"][name].as_u64().expect("counts are numbers") as usize;
    let (accepted, uncertain) = (state("accepted"), state("uncertain"));
    assert!(taken.values().all(|times| *times == 1), "seed {seed}: one has it twice");
    assert!(uncertain <= CONNECTIONS, "seed {seed}: {uncertain} letters are uncertain");
    assert_eq!(accepted + uncertain, SUBSCRIBERS, "seed {seed}: {status}");
    assert!(taken.len() >= accepted, "seed {seed}: {} of {accepted} have it", taken.len());
    assert!(taken.len() <= accepted + uncertain, "seed {seed}: one has it under two Message-IDs");
    uncertain
}

fn judge_messages(scratch: &Scratch, seed: u64, messages: &[Received]) -> usize {
    let people: std::collections::BTreeSet<&String> =
        messages.iter().flat_map(|message| &message.recipients).collect();
    assert_eq!(people.len(), messages.len(), "seed {seed}: one has it under two Message-IDs");
    judge(scratch, seed, &count_by_message_id(messages))
}

#[test]
fn a_send_that_is_killed_at_any_moment_loses_nobody_and_reaches_nobody_twice() {
    let mut hit_a_letter = 0;
    for seed in 0..40 {
        let server = Server::start(Script::default());
        let scratch = kill_and_resume(&server.url(), seed, || server.taken());
        hit_a_letter += usize::from(judge_messages(&scratch, seed, &server.received()) > 0);
    }
    assert!(hit_a_letter > 0, "no kill hit a letter on the wire: the moments are badly chosen");
}

#[test]
fn the_same_holds_where_smtp_sink_counts() {
    for seed in 100..110 {
        let sink = SmtpSink::start(&[]);
        let scratch = kill_and_resume(&sink.url(), seed, || sink.begun());
        judge_messages(&scratch, seed, &sink.messages());
    }
}

#[test]
fn a_postfix_has_every_letter_once_and_its_log_settles_what_a_kill_left_in_doubt() {
    let postfix =
        Postfix::start(&["virtual_transport = discard:", "smtpd_client_connection_count_limit = 0"]);
    let mut settled = 0;
    for seed in 200..210 {
        let before = postfix.log().len();
        let begun = || postfix.log()[before..].matches("message-id=").count();
        let scratch = kill_and_resume(&postfix.url(), seed, begun);
        let in_doubt = judge(&scratch, seed, &postfix.queued_since(before));
        settled += in_doubt - reconciled(&scratch, &postfix, before);
        let all = judge(&scratch, seed, &postfix.queued_since(before));
        assert_eq!(all, addresses_in_doubt(&scratch), "seed {seed}");
    }
    assert!(settled > 0, "no kill left a letter in doubt that the log could settle");
}

/// Settles by the log what it can, and sends what did not arrive; how many letters are still uncertain: those that
/// Postfix heard the beginning of, and whose end it does not tell.
fn reconciled(scratch: &Scratch, postfix: &Postfix, before: usize) -> usize {
    scratch.write("mail.log", postfix.log_around(before));
    let run = scratch.run("reconcile 1 --log mail.log --yes");
    assert!(matches!(run.code, Some(0 | 4)), "{run}");
    let left = addresses_in_doubt(scratch);
    if left > 0 {
        run.prints("began to arrive");
    }
    let sent = scratch.run("send 1 --yes --offline");
    assert_eq!(sent.code, Some(if left > 0 { 4 } else { 0 }), "{sent}");
    left
}

fn addresses_in_doubt(scratch: &Scratch) -> usize {
    let json = scratch.run("reconcile 1 --dry-run --json").json();
    json["uncertain"].as_u64().expect("a count is a number") as usize
}
