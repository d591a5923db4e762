//! The sums of a report agree, and every writer of it shows the same.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::providers::{Gathering, NAMED};
use super::text::Look;
use super::*;
use crate::ledger::tally::{Cause, DomainCount, Earlier, ListMembers, Moves, Point, Series};

fn moment(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap() + SignedDuration::from_mins(minutes)
}

fn row(issue: &str) -> EditionRow {
    EditionRow::example(issue, "=Spring & <others>", moment(0))
}

fn counts(states: &[(State, u64)]) -> Counts {
    let mut counts = Counts::default();
    states.iter().for_each(|(state, number)| counts.add(*state, *number));
    counts
}

/// What domains sum to, as the ledger would tell it.
fn gathered(domains: &[(String, State, u64, Option<u64>)]) -> Providers {
    let shaping = Shaping::built_in();
    let mut gathering = Gathering::new(&shaping);
    for (domain, state, letters, wait) in domains {
        let wait = wait.map(Duration::from_millis);
        gathering.take(&DomainCount { domain, state: *state, wait, letters: *letters });
    }
    gathering.finish()
}

fn cause(state: State, words: &str, letters: u64) -> Cause {
    let example = "b…@example.org".to_owned();
    let enhanced = Some("5.1.1".to_owned());
    Cause { state, code: Some(550), enhanced, words: words.to_owned(), letters, example }
}

/// 100 letters, of which one is still to be sent and one is in doubt.
fn report() -> Report {
    let domain = |name: &str, state, letters, wait| (name.to_owned(), state, letters, wait);
    let domains = [
        domain("example.org", State::Refused, 6, None),
        domain("example.org", State::Accepted, 20, Some(300)),
        domain("gmail.com", State::Uncertain, 1, None),
        domain("gmail.com", State::Delivered, 30, Some(100)),
        domain("gmail.com", State::Complained, 1, Some(90_000)),
        domain("googlemail.com", State::Bounced, 4, Some(200)),
        domain("web.de", State::Planned, 1, None),
        domain("web.de", State::Accepted, 37, Some(50)),
    ];
    let all: Vec<(State, u64)> = domains.iter().map(|(_, state, letters, _)| (*state, *letters)).collect();
    let point = |minutes, what: &str, number| Point { at: moment(minutes), what: what.to_owned(), number };
    let tally = Tally {
        counts: counts(&all),
        span: Some((moment(1), moment(9))),
        attempts: Series {
            step: Duration::from_secs(60),
            points: vec![
                point(1, "accepted", 90),
                point(1, "barred", 1),
                point(4, "accepted", 2),
                point(4, "refused", 6),
            ],
        },
        told: vec![Told { kind: "delivered".to_owned(), letters: 31, events: 31 }],
        told_series: Series::default(),
        tries: vec![
            Tries { attempts: 0, letters: 1, accepted: 0 },
            Tries { attempts: 1, letters: 97, accepted: 90 },
            Tries { attempts: 2, letters: 2, accepted: 2 },
        ],
        causes: vec![
            cause(State::Refused, "550 5.1.1 <bob@example.org>: no such user", 5),
            cause(State::Bounced, "=cmd|calc", 4),
        ],
        unsubscribed: 2,
        earlier: vec![Earlier {
            row: row("011-winter"),
            counts: counts(&[(State::Accepted, 80), (State::Refused, 20)]),
            unsubscribed: 0,
        }],
        lists: vec![ListMembers { name: "weekly".to_owned(), members: 99 }],
        moves: vec![
            Moves { hour: moment(-90 * 1440), joined: 100, left: 0 },
            Moves { hour: moment(0), joined: 4, left: 5 },
        ],
    };
    Report::new(row("012-spring"), tally, gathered(&domains), TimeZone::UTC, moment(30))
}

#[test]
fn the_steps_of_the_letters_follow_from_their_states() {
    let funnel = report().funnel;
    let expected =
        Funnel { planned: 100, accepted: 92, delivered: 31, bounced: 4, complained: 1, unsubscribed: 2 };
    assert_eq!(funnel, expected);
    let shares: Vec<String> = funnel
        .steps()
        .iter()
        .map(|step| format!("{} {} of {}", step.name, step.number, step.of_name))
        .collect();
    assert_eq!(shares[2], "delivered 31 of accepted");
    assert_eq!(share(0, 0), None);
}

#[test]
fn the_domains_of_a_provider_are_one_and_the_sums_agree() {
    let report = report();
    let named: Vec<(&str, u64)> = report
        .providers
        .named
        .iter()
        .map(|provider| (provider.name.as_str(), provider.counts.total()))
        .collect();
    assert_eq!(named, [("gmx", 38), ("google", 36), ("example.org", 26)]);
    assert_eq!(report.tries.iter().map(|tries| tries.letters).sum::<u64>(), report.counts.total());
    assert_eq!(report.tries.iter().map(|tries| tries.accepted).sum::<u64>(), report.funnel.accepted);
    assert_eq!(report.attempts.sum("accepted"), report.funnel.accepted);
    let last = report.growth.months.last().unwrap();
    assert_eq!((last.members, report.growth.members(), report.growth.months.len()), (99, 99, 4));
}

#[test]
fn a_state_whose_reasons_are_not_all_known_says_how_many_there_are() {
    let reasons = report().reasons;
    assert_eq!(reasons.others, [(State::Refused, 1), (State::Uncertain, 1)]);
    assert_eq!(reasons.reasons[1].words, "550 5.1.1 <b…@example.org>: no such user");
}

#[test]
fn stretches_without_anything_are_there_and_what_is_rare_is_other() {
    let attempts = report().attempts;
    assert_eq!(attempts.columns, ["accepted", "refused", "other"]);
    let numbers: Vec<&[u64]> = attempts.rows.iter().map(|row| row.numbers.as_slice()).collect();
    assert_eq!(numbers, [[90, 0, 1], [0, 0, 0], [0, 0, 0], [2, 6, 0]]);
}

#[test]
fn the_slowest_domain_is_that_whose_last_letters_took_longest() {
    let slowest = report().providers.slowest;
    let told: Vec<(&str, u64, u128, u128)> = slowest
        .iter()
        .map(|slow| (slow.domain.as_str(), slow.letters, slow.median.as_millis(), slow.p95.as_millis()))
        .collect();
    let expected = [
        ("example.org", 20, 300, 300),
        ("googlemail.com", 4, 200, 200),
        ("gmail.com", 31, 100, 100),
        ("web.de", 37, 50, 50),
    ];
    assert_eq!(told, expected, "one letter of 31 is beyond 95 of 100");
}

#[test]
fn in_text_no_line_is_wider_than_the_terminal() {
    for width in [24, 40, 80] {
        let text = text::text(&report(), Look { width, is_bold: false });
        let widest = text.lines().max_by_key(|line| unicode_width::UnicodeWidthStr::width(*line)).unwrap();
        assert!(unicode_width::UnicodeWidthStr::width(widest) <= width, "{width}: {widest}");
        assert!(!text.contains('\x1b'), "{text}");
    }
    let text = text::text(&report(), Look { width: 80, is_bold: false });
    assert!(text.contains("accepted           92  92.0 %  planned"), "{text}");
    assert!(text.ends_with(
        "1 letter is uncertain: `courant reconcile 012-spring`\n\
         1 letter is still to be sent: `courant send 012-spring`"
    ));
}

#[test]
fn every_writer_masks_addresses() {
    let report = report();
    let look = Look { width: 200, is_bold: true };
    let written = [
        text::text(&report, look),
        html::html(&report),
        json::json(&report).to_string(),
        csv::csv(&report),
        markdown::markdown(&report),
    ];
    for text in written {
        assert!(text.contains("b…@example.org") && !text.contains("bob@"), "{text}");
    }
}

#[test]
fn csv_is_one_line_for_each_number_and_none_of_it_a_formula() {
    let text = csv::csv(&report());
    for line in [
        "report,1,subject,'=Spring & <others>",
        "letters,2,share,0.92",
        "reasons,1,said,'=cmd|calc",
        "slowest,1,p95_within,0.3",
        "growth,4,members,99",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}\n{text}");
    }
    assert!(text.lines().all(|line| line.split(',').count() >= 4), "{text}");
}

#[test]
fn html_is_one_file_that_asks_for_nothing() {
    let page = html::html(&report());
    assert!(page.contains("<h1>=Spring &amp; &lt;others&gt;</h1>"), "{page}");
    assert!(page.contains("content=\"default-src 'none'; style-src 'sha256-"), "{page}");
    for forbidden in ["<script", "http://", "https://", " style=", "url(", "@import", " src=", "\"#0000"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert_eq!(page.matches("class=\"wide\"").count(), page.matches("class=\"narrow\"").count());
    assert!(page.contains("aria-label=\"Bar chart of letters: planned 100, accepted 92,"), "{page}");
    let details = page.matches("<details>").count();
    assert!(details >= 6 && details <= page.matches("<figure>").count(), "{details}");
}

#[test]
fn markdown_has_a_table_for_each_part() {
    let text = markdown::markdown(&report());
    assert!(text.starts_with("# 012-spring: =Spring \\& \\<others\\>\n"), "{text}");
    assert!(text.contains("| Step | Letters | Share | Of |\n| --- | ---: | ---: | --- |\n"), "{text}");
    let sheets = sheets::all(&report());
    assert_eq!(text.matches("\n## ").count(), sheets.len());
}

#[test]
fn json_has_the_numbers_and_the_next_command() {
    let value = json::json(&report());
    assert_eq!(value["letters"]["accepted"]["share"], 0.92);
    assert_eq!(value["uncertain"]["next"], "courant reconcile 012-spring");
    assert_eq!(value["earlier"][0]["issue"], "011-winter");
    let points = value["attempts"]["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[3]["refused"]), (4, &6.into()));
}

#[test]
fn an_issue_that_nobody_got_yet_can_be_told_too() {
    let tally = Tally {
        counts: Counts::default(),
        span: None,
        attempts: Series::default(),
        told: Vec::new(),
        told_series: Series::default(),
        tries: Vec::new(),
        causes: Vec::new(),
        unsubscribed: 0,
        earlier: Vec::new(),
        lists: Vec::new(),
        moves: Vec::new(),
    };
    let empty = Report::new(row("1"), tally, Providers::default(), TimeZone::UTC, moment(0));
    assert!(text::text(&empty, Look { width: 80, is_bold: false }).contains("planned"), "nothing is told");
    assert!(html::html(&empty).contains("<svg"));
    assert_eq!(json::json(&empty)["letters"]["accepted"]["share"], serde_json::Value::Null);
}

fn domains() -> impl Strategy<Value = Vec<(String, State, u64, Option<u64>)>> {
    let names = (0..60u32).prop_map(|number| match number {
        0 => "gmail.com".to_owned(),
        1 => "web.de".to_owned(),
        other => format!("d{other:02}.example"),
    });
    let state = proptest::sample::select(&State::ALL[..]);
    let one = (names, state, 1..500u64, proptest::option::of(0..9_000_000u64));
    proptest::collection::vec(one, 0..200).prop_map(|mut all| {
        all.sort_by(|one, other| (&one.0, one.3).cmp(&(&other.0, other.3)));
        all
    })
}

proptest! {
    #[test]
    fn however_many_domains_there_are_each_letter_is_at_one_provider(all in domains()) {
        let providers = gathered(&all);
        prop_assert!(providers.named.len() <= NAMED);
        for state in State::ALL {
            let named: u64 = providers.named.iter().map(|provider| provider.counts.get(state)).sum();
            let expected: u64 = all.iter().filter(|one| one.1 == state).map(|one| one.2).sum();
            prop_assert_eq!(named + providers.others.counts.get(state), expected);
        }
        prop_assert!(providers.slowest.is_sorted_by(|one, other| one.p95 >= other.p95));
        prop_assert!(providers.slowest.iter().all(|slow| slow.median <= slow.p95));
    }

    #[test]
    fn the_named_providers_are_those_with_most_letters(all in domains()) {
        let mut sums: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
        for (domain, _, letters, _) in &all {
            let name = match domain.as_str() { "gmail.com" => "google", "web.de" => "gmx", other => other };
            *sums.entry(name.to_owned()).or_default() += letters;
        }
        let mut sums: Vec<u64> = sums.into_values().collect();
        sums.sort_by_key(|sum| std::cmp::Reverse(*sum));
        sums.truncate(NAMED);
        let named: Vec<u64> =
            gathered(&all).named.iter().map(|provider| provider.counts.total()).collect();
        prop_assert_eq!(named, sums);
    }
}
