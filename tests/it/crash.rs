//! Killed at any moment and run again: nobody lost, nobody twice.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::harness::mail::{Received, count_by_message_id};
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;

const SUBSCRIBERS: usize = 200;
const SEEDS: u64 = 40;
const CONNECTIONS: usize = 4;

/// When to kill, spread over the whole of a send: SplitMix64's finaliser over the seed.
fn moment(seed: u64) -> Duration {
    let mixed = (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (seed << 7)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    Duration::from_micros(5_000 + mixed % 250_000)
}

fn workspace(url: &str) -> Scratch {
    let transport = format!("[transports.sink]\nurl = \"{url}\"\nconnections = {CONNECTIONS}");
    Scratch::weekly_for(SUBSCRIBERS).settings("transport = \"sink\"").settings(&transport)
}

/// Kills a send, then runs it to its end.
fn kill_and_resume(url: &str, seed: u64) -> serde_json::Value {
    let scratch = workspace(url);
    let running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    std::thread::sleep(moment(seed));
    running.kill();
    let resumed = scratch.run("send 1 --yes --offline");
    assert!(matches!(resumed.code, Some(0 | 4)), "seed {seed}: {resumed}");
    scratch.run("status 1 --json").json()
}

fn of_this_seed(messages: &[Received], known: &BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    count_by_message_id(messages).into_iter().filter(|(id, _)| !known.contains_key(id)).collect()
}

#[test]
fn a_send_that_is_killed_at_any_moment_loses_nobody_and_reaches_nobody_twice() {
    let mut killed_in_the_middle = 0;
    for seed in 0..SEEDS {
        let sink = SmtpSink::start(&[]);
        let status = kill_and_resume(&sink.url(), seed);
        let counts = of_this_seed(&sink.messages(), &BTreeMap::new());
        assert!(counts.values().all(|times| *times == 1), "seed {seed}: somebody has it twice");
        let uncertain = status["counts"]["uncertain"].as_u64().expect("counts are numbers") as usize;
        let accepted = status["counts"]["accepted"].as_u64().expect("counts are numbers") as usize;
        assert!(uncertain <= CONNECTIONS, "seed {seed}: {uncertain} letters are uncertain");
        assert_eq!(accepted + uncertain, SUBSCRIBERS, "seed {seed}: {status}");
        assert!((accepted..=SUBSCRIBERS).contains(&counts.len()), "seed {seed}: {} arrived", counts.len());
        killed_in_the_middle += usize::from(uncertain > 0);
    }
    assert!(killed_in_the_middle > 0, "no kill hit a letter on the wire: the moments are badly chosen");
}
