//! Killed while a provider works on a call, and run again: nobody lost, nobody twice, and where the provider has keys
//! nothing uncertain.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::Value;

use crate::harness::api::{Family, Provider, Trouble};
use crate::harness::scratch::Scratch;

const SUBSCRIBERS: usize = 60;
const BATCH: usize = 5;
const CALLS_AT_ONCE: usize = 3;
/// In how many places a run is killed, once with the letters taken and once without.
const POINTS: u64 = 10;
const WORKERS: u64 = 4;

struct Ended {
    provider: Provider,
    status: Value,
    exit: Option<i32>,
}

impl Ended {
    fn count(&self, name: &str) -> usize {
        self.status["counts"][name].as_u64().expect("counts are numbers") as usize
    }
}

/// Kills the run at the `call`-th call, and runs the same command again.
fn killed(family: Family, call: u64, taken: bool) -> Ended {
    let plan = move |number| (number == call).then_some(Trouble::Silence { taken });
    let provider = Provider::start(family, plan);
    let scratch = Scratch::weekly_for(SUBSCRIBERS)
        .settings("transport = \"api\"")
        .settings(&provider.settings(BATCH, &format!("connections = {CALLS_AT_ONCE}")));
    let running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    assert!(provider.wait_for_silence(), "call {call} never came");
    let run = running.kill();
    assert_eq!(run.code, None, "{run}");
    let again = scratch.run("send 1 --yes --offline");
    let status = scratch.run("status 1 --json").json();
    Ended { provider, status, exit: again.code }
}

fn at_each_point(family: Family, judge: impl Fn(Ended, u64) + Sync) {
    let next = AtomicU64::new(0);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::SeqCst);
            if number >= 2 * POINTS {
                return;
            }
            let (call, taken) = (1 + number / 2, number.is_multiple_of(2));
            judge(killed(family, call, taken), call);
        }
    };
    thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(work))));
}

fn leaves_nothing_uncertain(family: Family) {
    at_each_point(family, |ended, call| {
        let taken = ended.provider.taken();
        assert_eq!(ended.count("accepted"), SUBSCRIBERS, "call {call}: {}", ended.status);
        assert_eq!(taken.len(), SUBSCRIBERS, "call {call}: somebody is lost");
        assert!(taken.values().all(|times| *times == 1), "call {call}: somebody has it twice");
        assert_eq!(ended.exit, Some(0), "call {call}");
    });
}

fn names_what_is_uncertain(family: Family, most: usize) {
    at_each_point(family, |ended, call| {
        let (accepted, uncertain) = (ended.count("accepted"), ended.count("uncertain"));
        let taken = ended.provider.taken();
        assert_eq!(accepted + uncertain, SUBSCRIBERS, "call {call}: {}", ended.status);
        assert!((1..=most).contains(&uncertain), "call {call}: {uncertain} are uncertain");
        assert!(taken.values().all(|times| *times == 1), "call {call}: somebody has it twice");
        assert!((accepted..=SUBSCRIBERS).contains(&taken.len()), "call {call}: somebody is lost");
        assert_eq!(ended.exit, Some(4), "call {call}");
    });
}

#[test]
fn resend_is_asked_again_with_the_same_key_and_every_reader_has_one_letter() {
    leaves_nothing_uncertain(Family::Resend);
}

#[test]
fn brevo_is_asked_again_with_the_same_key_and_every_reader_has_one_letter() {
    leaves_nothing_uncertain(Family::Brevo);
}

#[test]
fn postmark_has_no_keys_so_the_letters_of_the_calls_under_way_are_named() {
    names_what_is_uncertain(Family::Postmark, CALLS_AT_ONCE * BATCH + BATCH);
}

#[test]
fn sendgrid_has_no_keys_so_the_letters_under_way_are_named() {
    names_what_is_uncertain(Family::Sendgrid, CALLS_AT_ONCE + 1);
}
