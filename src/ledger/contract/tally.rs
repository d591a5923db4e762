//! The sums that a report is made of.

use super::*;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::sqlite::TallyOf;
use crate::ledger::tally::{Tally, Tries};
use crate::model::event::{Fate, Said};

/// ana waits two minutes and is taken at the second attempt, bob is refused, cid is in doubt, and nobody wrote to dee.
async fn told() -> (Ledger, EditionId) {
    let (ledger, edition) = frozen(&["ana", "bob", "cid@example.com", "dee@example.com"]);
    let find = |name: &str, now| {
        let key = address(name).key();
        let all = waiting(&ledger, edition, now);
        all.iter().find(|letter| letter.address.key() == key).unwrap().delivery
    };
    end(&ledger, find("ana", noon()), Outcome::Deferred(busy()), Some(minutes(1)), noon()).await;
    end(&ledger, find("ana", minutes(1)), accepted(), None, minutes(2)).await;
    end(&ledger, find("bob", noon()), Outcome::Refused(no_such_user()), None, noon()).await;
    let silence = Outcome::Uncertain(Broken::cut(Phase::Answer, "no answer came"));
    end(&ledger, find("cid@example.com", noon()), silence, None, noon()).await;
    (ledger, edition)
}

async fn end(
    ledger: &Ledger,
    delivery: DeliveryId,
    outcome: Outcome,
    due: Option<Timestamp>,
    now: Timestamp,
) {
    let Begun::Go(recorded) = begin(ledger, delivery, now).await else { panic!("it can be begun") };
    settle(ledger, Settled::Begun(recorded), outcome, due, now).await;
}

/// The tally, and a line for each group of letters at a domain.
fn tally(ledger: &Ledger, causes: usize) -> (Tally, Vec<String>) {
    let row = ledger.editions().unwrap().remove(0);
    let mut lines = Vec::new();
    let of = TallyOf { row: &row, ahead_ms: 0, causes };
    let tally = ledger.tally(&of, &mut |count| {
        let wait = count.wait.map_or_else(String::new, |wait| format!(" {}", wait.as_millis()));
        lines.push(format!("{} {}{wait}: {}", count.domain, count.state.name(), count.letters));
    });
    (tally.unwrap(), lines)
}

#[tokio::test]
async fn every_letter_is_counted_at_its_domain_with_the_wait_of_those_that_were_taken() {
    let (ledger, _) = told().await;
    let (tally, lines) = tally(&ledger, 9);
    assert_eq!(
        lines,
        [
            "example.com planned: 1",
            "example.com uncertain: 1",
            "example.org refused: 1",
            "example.org accepted 120000: 1",
        ]
    );
    assert_eq!((tally.counts.total(), tally.counts.get(State::Accepted)), (4, 1));
    assert_eq!(tally.span, Some((noon(), minutes(2))));
    let tries = |attempts, letters, accepted| Tries { attempts, letters, accepted };
    assert_eq!(tally.tries, [tries(0, 1, 0), tries(1, 2, 0), tries(2, 1, 1)]);
    let points: Vec<(Timestamp, &str)> =
        tally.attempts.points.iter().map(|point| (point.at, &*point.what)).collect();
    let at_noon = ["deferred", "refused", "uncertain"].map(|what| (noon(), what));
    assert_eq!(points, [&at_noon[..], &[(minutes(2), "accepted")]].concat());
}

#[tokio::test]
async fn a_quoted_local_part_does_not_hide_the_domain() {
    let (ledger, _) = frozen(&["\"a@b\"@example.net"]);
    assert_eq!(tally(&ledger, 9).1, ["example.net planned: 1"]);
}

#[tokio::test]
async fn causes_have_their_words_and_an_example_that_is_masked() {
    let (ledger, _) = told().await;
    let causes = tally(&ledger, 9).0.causes;
    let told: Vec<String> = causes
        .iter()
        .map(|cause| format!("{} {:?} {} {}", cause.state.name(), cause.code, cause.words, cause.example))
        .collect();
    assert_eq!(
        told,
        [
            "refused Some(550) 5.1.1 no such user b…@example.org",
            "uncertain None no answer came c…@example.com",
        ]
    );
    assert_eq!(tally(&ledger, 1).0.causes.len(), 1);
}

#[tokio::test]
async fn what_bounced_says_what_the_report_of_it_said() {
    let (ledger, edition) = told().await;
    let delivery = ledger.story(edition, &address("cid@example.com").key()).unwrap()[0].delivery;
    let said = Said::new("552 5.2.2 mailbox full", None);
    let bounced = Resolution { delivery, fate: Fate::Bounced, source: "dsn".to_owned(), said };
    ledger.settle_uncertain(&[bounced], minutes(9)).unwrap();
    let tally = tally(&ledger, 9).0;
    let cause = tally.causes.iter().find(|cause| cause.state == State::Bounced).unwrap();
    assert_eq!((cause.code, cause.enhanced.as_deref(), cause.letters), (Some(552), Some("5.2.2"), 1));
    assert_eq!((tally.told[0].kind.as_str(), tally.told[0].letters), ("bounced", 1));
    assert_eq!(tally.told_series.points.len(), 1);
}

#[tokio::test]
async fn who_unsubscribes_counts_for_the_issue_they_got_last() {
    let (ledger, _) = told().await;
    let leaves = |name: &str, at| {
        let wish = Suppression {
            key: address(name).key(),
            scope: Some(list("weekly")),
            reason: "unsubscribed".to_owned(),
            source: "one click".to_owned(),
            at,
        };
        ledger.suppress(&wish).unwrap();
    };
    leaves("bob", minutes(3));
    leaves("ana", minutes(-3));
    leaves("dee@example.com", minutes(3));
    assert_eq!(tally(&ledger, 9).0.unsubscribed, 1, "bob alone: ana left before it, dee got nothing");
    let next = Selection { issue: IssueId("two".to_owned()), ..selection(&["weekly"]) };
    freeze(&ledger, &next).unwrap();
    let after = tally(&ledger, 9).0;
    assert_eq!((after.unsubscribed, after.earlier.len()), (0, 1));
    assert_eq!(after.earlier[0].row.issue, IssueId("one".to_owned()));
}

#[test]
fn who_joined_and_left_is_counted_by_the_hour() {
    let (ledger, _) = frozen(&["ana", "bob", "cid", "dee", "eve", "fay"]);
    sync(&ledger, "weekly", &["ana", "bob", "cid", "dee", "eve"]);
    let tally = tally(&ledger, 9).0;
    assert_eq!((tally.lists[0].name.as_str(), tally.lists[0].members), ("weekly", 5));
    let sums = tally.moves.iter().fold((0, 0), |sums, moves| (sums.0 + moves.joined, sums.1 + moves.left));
    assert_eq!(sums, (6, 1));
    assert_eq!(tally.moves[0].hour, noon());
}
