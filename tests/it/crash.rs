//! Killed at any moment and run again: nobody lost, nobody twice.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::harness::mail::count_by_message_id;
use crate::harness::program::Running;
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;

const SUBSCRIBERS: usize = 200;
const SEEDS: u64 = 40;
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
    fn wait(&self, running: &mut Running, sink: &SmtpSink) {
        match self {
            Moment::After(time) => std::thread::sleep(*time),
            Moment::Arrived(letters) => {
                while sink.begun() < *letters && !running.is_over() {
                    std::thread::sleep(Duration::from_micros(300));
                }
            }
        }
    }
}

fn workspace(url: &str) -> Scratch {
    let transport = format!("[transports.sink]\nurl = \"{url}\"\nconnections = {CONNECTIONS}");
    Scratch::weekly_for(SUBSCRIBERS).settings("transport = \"sink\"").settings(&transport)
}

/// Kills a send, then runs it to its end; what the status says then.
fn kill_and_resume(sink: &SmtpSink, seed: u64) -> serde_json::Value {
    let scratch = workspace(&sink.url());
    let mut running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    moment(seed).wait(&mut running, sink);
    running.kill();
    let resumed = scratch.run("send 1 --yes --offline");
    assert!(matches!(resumed.code, Some(0 | 4)), "seed {seed}, {:?}: {resumed}", moment(seed));
    scratch.run("status 1 --json").json()
}

#[test]
fn a_send_that_is_killed_at_any_moment_loses_nobody_and_reaches_nobody_twice() {
    let mut hit_a_letter = 0;
    for seed in 0..SEEDS {
        let sink = SmtpSink::start(&[]);
        let status = kill_and_resume(&sink, seed);
        let messages = sink.messages();
        let state = |name: &str| status["counts"][name].as_u64().expect("counts are numbers") as usize;
        let (accepted, uncertain) = (state("accepted"), state("uncertain"));
        let reached: BTreeSet<&String> = messages.iter().flat_map(|message| &message.recipients).collect();

        assert!(
            count_by_message_id(&messages).values().all(|times| *times == 1),
            "seed {seed}: one has it twice"
        );
        assert_eq!(reached.len(), messages.len(), "seed {seed}: one has it under two Message-IDs");
        assert!(uncertain <= CONNECTIONS, "seed {seed}: {uncertain} letters are uncertain");
        assert_eq!(accepted + uncertain, SUBSCRIBERS, "seed {seed}: {status}");
        assert!(reached.len() >= accepted, "seed {seed}: {} of {accepted} have it", reached.len());
        hit_a_letter += usize::from(uncertain > 0);
    }
    assert!(hit_a_letter > 0, "no kill hit a letter on the wire: the moments are badly chosen");
}
