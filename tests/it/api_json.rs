//! Two thousand letters through each provider, which does everything wrong that a provider can: each delivery ends
//! right, nobody is lost, and nobody has two where there are keys.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::harness::api::{Family, Provider, Trouble};
use crate::harness::scratch::Scratch;

const SUBSCRIBERS: usize = 2_000;
/// Letters a call, where it takes many.
const BATCH: usize = 8;
/// One of so many has an address that no provider writes to.
const BAD_EACH: usize = 250;
/// Calls of single letters meet each trouble so much later.
const SINGLE: u64 = 4;

fn crowd() -> String {
    let mut csv = "email,name\n".to_owned();
    for number in 0..SUBSCRIBERS {
        let name = if number % BAD_EACH == 7 { "bad" } else { "user" };
        writeln!(csv, "{name}{number}@example{}.org,User {number}", number % 17).expect("text takes text");
    }
    csv
}

fn workspace(provider: &Provider) -> Scratch {
    Scratch::weekly()
        .list("weekly", &crowd())
        .settings("transport = \"api\"")
        .settings("[send]\nretry_after = [\"100 ms\"]")
        .settings(&provider.settings(BATCH, ""))
}

/// Late enough that what stays uncertain is a small share of what is known.
fn troubles(call: u64) -> Option<Trouble> {
    match call {
        20 | 21 => Some(Trouble::TooFast(None)),
        40 => Some(Trouble::TooFast(Some(1))),
        60 => Some(Trouble::Broken),
        120 => Some(Trouble::Cut),
        140 => Some(Trouble::Truncated),
        160 => Some(Trouble::Page),
        180 => Some(Trouble::ErrorInside),
        _ => None,
    }
}

fn troubles_of_singles(call: u64) -> Option<Trouble> {
    if call.is_multiple_of(SINGLE) { troubles(call / SINGLE) } else { None }
}

struct Ended {
    provider: Provider,
    scratch: Scratch,
    counts: Value,
    exit: Option<i32>,
    said: String,
}

impl Ended {
    fn count(&self, name: &str) -> usize {
        self.counts["counts"][name].as_u64().expect("counts are numbers") as usize
    }
}

fn run(family: Family) -> Ended {
    let plan = if family.takes_many() { troubles } else { troubles_of_singles };
    let provider = Provider::start_kind_to_known(family, plan);
    let scratch = workspace(&provider);
    let run = scratch.run("send 1 --yes --offline");
    let counts = scratch.run("status 1 --json").json();
    Ended { provider, scratch, counts, exit: run.code, said: format!("{run}") }
}

/// Nobody twice, nobody who is refused, nobody who is counted and has none.
fn judge(ended: &Ended, uncertain: usize) {
    let taken = ended.provider.taken();
    assert!(taken.values().all(|times| *times == 1), "somebody has it twice\n{}", ended.said);
    assert!(taken.keys().all(|address| !address.starts_with("bad")), "{}", ended.said);
    assert_eq!(ended.count("uncertain"), uncertain, "{}", ended.said);
    let known = ended.count("accepted") + ended.count("refused");
    assert_eq!(known, SUBSCRIBERS - uncertain, "{}", ended.said);
    assert!(taken.len() >= ended.count("accepted"), "{}", ended.said);
    assert_eq!(ended.provider.tokens().len(), taken.len(), "each letter carries a token of its own");
    each_has_its_own_outcome(ended);
}

/// The right number of refusals could stand at the wrong people. Who is bad and was in a call without an answer is not
/// known to be refused.
fn each_has_its_own_outcome(ended: &Ended) {
    let bad = (0..SUBSCRIBERS).filter(|number| number % BAD_EACH == 7);
    let bad = bad.map(|number| format!("bad{number}@example{}.org", number % 17));
    let (refused, uncertain) = (ended.scratch.in_state("refused"), ended.scratch.in_state("uncertain"));
    let known: BTreeSet<String> = bad.filter(|address| !uncertain.contains(address)).collect();
    assert_eq!(refused, known);
    let accepted = ended.scratch.accepted_with();
    assert_eq!(accepted.len(), ended.count("accepted"));
    for (address, words) in accepted {
        assert!(ended.provider.said(&address, &words), "{address} has the outcome of another: {words}");
    }
}

#[test]
fn resend_gets_every_letter_to_its_reader_once_and_leaves_none_in_doubt() {
    let ended = run(Family::Resend);
    judge(&ended, 0);
    assert_eq!(ended.exit, Some(3), "{}", ended.said);
}

#[test]
fn brevo_gets_every_letter_to_its_reader_once_and_leaves_none_in_doubt() {
    let ended = run(Family::Brevo);
    judge(&ended, 0);
    assert_eq!(ended.exit, Some(3), "{}", ended.said);
}

#[test]
fn postmark_leaves_in_doubt_and_names_only_what_no_answer_came_for() {
    let ended = run(Family::Postmark);
    let of_four_calls = ended.count("uncertain");
    assert!((1..=4 * BATCH).contains(&of_four_calls), "{}", ended.said);
    judge(&ended, of_four_calls);
    assert_eq!(ended.exit, Some(4), "{}", ended.said);
    assert!(ended.said.contains("courant reconcile 001-hello"), "{}", ended.said);
}

#[test]
fn sendgrid_leaves_in_doubt_and_names_only_what_no_answer_came_for() {
    let ended = run(Family::Sendgrid);
    // The connection that was cut, half an answer, a page, and an error where a success stands.
    judge(&ended, 4);
    assert_eq!(ended.exit, Some(4), "{}", ended.said);
    assert!(ended.said.contains("courant reconcile 001-hello"), "{}", ended.said);
}

#[test]
fn a_wrong_key_or_a_domain_that_is_not_verified_stops_the_run_and_marks_nobody() {
    let domain = |family| match family {
        Family::Resend => {
            r#"{"name":"validation_error","message":"The weekly.example domain is not verified."}"#
        }
        Family::Postmark => r#"{"ErrorCode":400,"Message":"The From address is no Sender Signature."}"#,
        Family::Sendgrid => {
            r#"{"errors":[{"message":"The from address does not match a verified Sender Identity"}]}"#
        }
        Family::Brevo => r#"{"code":"permission_denied","message":"The sender is not valid"}"#,
    };
    for family in [Family::Resend, Family::Postmark, Family::Sendgrid, Family::Brevo] {
        let url = family.url().replace("test_key", "wrong");
        let wrong = Provider::start(family, |_| None);
        let scratch = workspace(&wrong);
        let settings = scratch.read("courant.toml").replace(family.url(), &url);
        stopped(&scratch.file("courant.toml", settings), &wrong, "key");
        let body = domain(family);
        let unverified = Provider::start(family, move |_| Some(Trouble::Says(403, body)));
        stopped(&workspace(&unverified), &unverified, "domain");
    }
}

fn stopped(scratch: &Scratch, provider: &Provider, word: &str) {
    let run = scratch.run("send 1 --yes --offline").expect_code(4);
    run.prints(word).prints("courant send 001-hello");
    assert!(provider.taken().is_empty());
    let status = scratch.run("status 1 --json").json();
    assert_eq!(status["counts"]["planned"].as_u64(), Some(SUBSCRIBERS as u64), "{status}");
}
