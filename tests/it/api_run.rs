//! Two thousand subscribers through each API that has no idempotency keys, with all that can go wrong on the way:
//! a limit, a server's trouble, an answer that never comes, addresses that are refused, and a kill in the middle.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::Duration;

use crate::harness::provider::dialects::{MAILGUN, MAILJET, SES, SPARKPOST};
use crate::harness::provider::{Dialect, Fate, Letter, Provider};
use crate::harness::scratch::Scratch;

const SUBSCRIBERS: usize = 2000;
/// So many have their letter when the sender is killed.
const BEFORE_THE_KILL: usize = 800;

/// Ten of two thousand.
fn is_bad(to: &str) -> bool {
    to.split('@').next().is_some_and(|local| local.ends_with("77") && local.len() == 8)
}

/// Of calls that carry one letter.
fn of_single(number: usize) -> Fate {
    match number {
        // Late, because it slows down what follows.
        1900 => Fate::Status(429),
        n if n % 301 == 299 => Fate::Status(500),
        n if n % 397 == 50 => Fate::Cut,
        _ => Fate::Answered,
    }
}

/// Of calls that carry twenty.
fn of_twenty(number: usize) -> Fate {
    match number {
        20 | 60 => Fate::Status(500),
        // Late, because many uncertain letters among few stop a run.
        80 => Fate::Cut,
        95 => Fate::Status(429),
        _ => Fate::Answered,
    }
}

/// Sends, kills the sender, and sends again.
fn kill_and_resume(way: &str, dialect: Dialect, fate: fn(usize) -> Fate) -> (Provider, Scratch) {
    let provider = Provider::start(dialect).fate(fate).refusing(is_bad);
    let transport = format!("[transports.api]\n{way}\nendpoint = \"{}\"", provider.endpoint());
    let scratch = Scratch::weekly_for(SUBSCRIBERS)
        .settings("transport = \"api\"")
        .settings(&transport)
        .settings("[send]\nwait = \"60 s\"\nretry_after = [\"500 ms\"]");
    let mut running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    while provider.taken_so_far() < BEFORE_THE_KILL && !running.is_over() {
        sleep(Duration::from_millis(1));
    }
    assert!(!running.is_over(), "{}", running.finish());
    running.kill();
    let resumed = scratch.run("send 1 --yes --offline");
    let resumed = resumed.expect_code(4);
    resumed.prints("uncertain");
    (provider, scratch)
}

/// Nobody is lost, nobody has it twice, the refused are those that were refused, and no more are uncertain than were
/// on their way when the answer or the sender went away.
fn holds(way: &str, dialect: Dialect, fate: fn(usize) -> Fate, most_uncertain: usize) {
    let (provider, scratch) = kill_and_resume(way, dialect, fate);
    let status = scratch.run("status 1 --json").json();
    let state = |name: &str| status["counts"][name].as_u64().expect("counts are numbers") as usize;
    let (accepted, refused, uncertain) = (state("accepted"), state("refused"), state("uncertain"));
    assert_eq!(accepted + refused + uncertain, SUBSCRIBERS, "{status}");
    assert!((1..=most_uncertain).contains(&uncertain), "{status}");
    let taken = provider.taken();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for letter in &taken {
        *times.entry(&letter.to).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "somebody has it twice");
    let tokens: BTreeSet<&str> = taken.iter().map(|letter| letter.token.as_str()).collect();
    assert_eq!(tokens.len(), taken.len(), "each letter has a token of its own");
    let open = taken.len() - accepted;
    assert!(open <= uncertain, "{} were taken, {accepted} are known: {status}", taken.len());
    assert!(taken.iter().all(|letter| !is_bad(&letter.to)));
    each_has_its_own_outcome(&taken, &scratch);
}

/// The right number of refusals could stand at the wrong people.
fn each_has_its_own_outcome(taken: &[Letter], scratch: &Scratch) {
    let everyone = (1..=SUBSCRIBERS).map(|number| format!("user{number}@example{}.org", number % 17));
    let bad: BTreeSet<String> = everyone.filter(|address| is_bad(address)).collect();
    let (refused, uncertain) = (scratch.in_state("refused"), scratch.in_state("uncertain"));
    assert!(refused.is_subset(&bad), "somebody good is refused");
    assert!(bad.iter().all(|bad| refused.contains(bad) || uncertain.contains(bad)), "somebody bad is not");
    let ids: BTreeMap<&str, String> =
        taken.iter().map(|letter| (letter.to.as_str(), format!("id-{}", letter.token))).collect();
    for (address, words) in scratch.accepted_with() {
        let its_own = ids.get(address.as_str()).is_some_and(|id| words.contains(id));
        assert!(its_own, "{address} has the outcome of another: {words}");
    }
}

#[test]
fn two_thousand_letters_through_ses_end_right() {
    holds(r#"url = "ses://AKIDEXAMPLE:secret@eu-central-1""#, SES, of_single, 16 + 6);
}

#[test]
fn two_thousand_letters_through_mailgun_end_right() {
    holds(r#"url = "mailgun://key@mg.weekly.example""#, MAILGUN, of_single, 16 + 6);
}

#[test]
fn two_thousand_letters_through_sparkpost_end_right() {
    holds(r#"url = "sparkpost://key""#, SPARKPOST, of_single, 16 + 6);
}

#[test]
fn two_thousand_letters_through_mailjet_end_right() {
    holds("url = \"mailjet://key:secret\"\nbatch = 20", MAILJET, of_twenty, 4 * 20 + 20);
}
