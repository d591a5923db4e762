//! What providers tell of letters.

use super::*;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::sqlite::{Cutoffs, Forgotten};
use crate::model::event::{Kind, ProviderEvent, Rejection, Said};
use crate::model::provider::Provider;
use crate::settings::OnUncertain;
use crate::settings::mailbox::SoftRule;

/// A ledger in which ana's letter was accepted at noon.
async fn sent() -> (Ledger, EditionId, DeliveryId) {
    let (ledger, edition) = frozen(&["ana", "bob"]);
    let delivery = delivery_of(&ledger, edition, "ana");
    let Begun::Go(recorded) = begin(&ledger, delivery, noon()).await else { panic!() };
    settle(&ledger, Settled::Begun(recorded), accepted(), None, noon()).await;
    (ledger, edition, delivery)
}

fn delivery_of(ledger: &Ledger, edition: EditionId, name: &str) -> DeliveryId {
    ledger.story(edition, &address(name).key()).unwrap().remove(0).delivery
}

fn told(delivery: Option<DeliveryId>, name: &str, kind: Kind, minute: i64) -> Incoming {
    let event = ProviderEvent {
        dedupe: format!("{}-{minute}", kind.name()),
        word: kind.name().to_owned(),
        kind,
        at: minutes(minute),
        address: Some(address(name)),
        token: None,
        said: Said::new("550 5.1.1 no such user", None),
        raw: "{}".to_owned(),
    };
    Incoming { teller: Teller::Provider(Provider::Resend), event, delivery, nonce: None }
}

fn new(number: u64) -> Taken {
    Taken { new: number, ..Taken::default() }
}

fn reasons(ledger: &Ledger) -> Vec<(String, String)> {
    let all = ledger.suppressions().unwrap();
    all.into_iter().map(|it| (it.scope.map_or_else(String::new, |list| list.0), it.reason)).collect()
}

#[tokio::test]
async fn an_event_moves_its_letter_once_and_says_who_told_it() {
    let (ledger, edition, delivery) = sent().await;
    let event = told(Some(delivery), "ana", Kind::Delivered, 1);
    assert_eq!(
        ledger.take_events(std::slice::from_ref(&event), &SoftRule::default(), minutes(2)).unwrap(),
        new(1)
    );
    let again = [event.clone(), event];
    let known = Taken { known: 2, ..Taken::default() };
    assert_eq!(ledger.take_events(&again, &SoftRule::default(), minutes(3)).unwrap(), known);
    let story = ledger.story(edition, &address("ana").key()).unwrap().remove(0);
    assert_eq!((story.state, story.events.len()), (State::Delivered, 1));
    let row = &story.events[0];
    assert_eq!((row.kind.as_str(), row.source.as_str(), row.attempt), ("delivered", "resend", 1));
    assert_eq!((row.at, row.code, row.settles), (minutes(1), Some(550), false));
    assert_eq!(ledger.event_counts(edition).unwrap(), [("delivered".to_owned(), 1)].into());
}

#[tokio::test]
async fn a_hard_bounce_and_a_complaint_suppress_everywhere_and_an_unsubscription_from_its_lists() {
    for (kind, state, scope, reason) in [
        (Kind::BouncedHard, State::Bounced, "", "bounced"),
        (Kind::Complained, State::Complained, "", "complained"),
        (Kind::Unsubscribed, State::Accepted, "weekly", "unsubscribed"),
        (Kind::Rejected(Rejection::Bounced), State::Refused, "", "bounced"),
    ] {
        let (ledger, edition, delivery) = sent().await;
        ledger
            .take_events(&[told(Some(delivery), "ana", kind, 1)], &SoftRule::default(), minutes(2))
            .unwrap();
        assert_eq!(state_of(&ledger, edition, "ana"), state);
        assert_eq!(reasons(&ledger), [(scope.to_owned(), reason.to_owned())]);
        assert_eq!(ledger.suppressions().unwrap()[0].source, "resend, one");
    }
}

#[tokio::test]
async fn what_may_pass_suppresses_nobody() {
    for kind in [Kind::BouncedSoft, Kind::Failed, Kind::Rejected(Rejection::Other), Kind::Resubscribed] {
        let (ledger, _, delivery) = sent().await;
        ledger
            .take_events(&[told(Some(delivery), "ana", kind, 1)], &SoftRule::default(), minutes(2))
            .unwrap();
        assert_eq!(reasons(&ledger), []);
    }
}

#[tokio::test]
async fn an_event_is_only_about_a_letter_of_the_same_person_that_had_left_by_then() {
    let (ledger, edition, delivery) = sent().await;
    let bob = delivery_of(&ledger, edition, "bob");
    let strangers = [
        told(Some(delivery), "bob", Kind::Delivered, 1),
        told(Some(delivery), "ana", Kind::Delivered, -11),
        told(Some(bob), "bob", Kind::Delivered, 2),
        told(Some(DeliveryId(4711)), "ana", Kind::Delivered, 3),
        told(None, "ana", Kind::Complained, 4),
    ];
    let taken = ledger.take_events(&strangers, &SoftRule::default(), minutes(9)).unwrap();
    assert_eq!(taken, Taken { new: 5, unmatched: 5, ..Taken::default() });
    assert_eq!(state_of(&ledger, edition, "ana"), State::Accepted);
    assert_eq!(state_of(&ledger, edition, "bob"), State::Planned);
    assert_eq!((reasons(&ledger), ledger.event_counts(edition).unwrap().len()), (vec![], 0));
    let early = told(Some(delivery), "ana", Kind::Delivered, -9);
    ledger.take_events(&[early], &SoftRule::default(), minutes(9)).unwrap();
    assert_eq!(state_of(&ledger, edition, "ana"), State::Delivered, "clocks may differ by ten minutes");
}

#[tokio::test]
async fn a_token_whose_letter_was_for_somebody_else_suppresses_nobody() {
    let (ledger, edition, delivery) = sent().await;
    for kind in [Kind::Complained, Kind::Unsubscribed, Kind::BouncedHard] {
        let taken = ledger
            .take_events(&[told(Some(delivery), "cyd", kind, 1)], &SoftRule::default(), minutes(2))
            .unwrap();
        assert_eq!(taken, Taken { unmatched: 1, ..new(1) });
    }
    assert_eq!((state_of(&ledger, edition, "ana"), reasons(&ledger)), (State::Accepted, vec![]));
}

#[tokio::test]
async fn a_complaint_about_a_letter_of_a_lost_ledger_still_leaves_the_reader_in_peace() {
    let (ledger, _, _) = sent().await;
    let lost = DeliveryId(4711);
    ledger
        .take_events(&[told(Some(lost), "cyd", Kind::Complained, 1)], &SoftRule::default(), minutes(2))
        .unwrap();
    ledger
        .take_events(&[told(Some(lost), "dan", Kind::Unsubscribed, 1)], &SoftRule::default(), minutes(2))
        .unwrap();
    let all = ["complained", "unsubscribed"].map(|reason| (String::new(), reason.to_owned()));
    assert_eq!(reasons(&ledger), all);
}

#[tokio::test]
async fn a_letter_that_no_answer_came_for_is_settled_by_an_event() {
    let (ledger, edition) = frozen(&["ana"]);
    let delivery = delivery_of(&ledger, edition, "ana");
    let Begun::Go(recorded) = begin(&ledger, delivery, noon()).await else { panic!() };
    ledger
        .take_events(&[told(Some(delivery), "ana", Kind::Delivered, 1)], &SoftRule::default(), minutes(2))
        .unwrap();
    assert_eq!(state_of(&ledger, edition, "ana"), State::Delivered);
    let left = ledger.recover(edition, OnUncertain::Resend, &Choice::Everyone, "relay", minutes(3)).unwrap();
    assert_eq!(left.len(), 0);
    let silence = Outcome::Uncertain(Broken::cut(Phase::Answer, "no answer came"));
    settle(&ledger, Settled::Begun(recorded), silence, None, minutes(4)).await;
    assert_eq!(state_of(&ledger, edition, "ana"), State::Delivered, "a late outcome does not undo it");
}

/// A ledger in which ana's letter is planned again, after a call that no answer came for.
async fn planned_again() -> (Ledger, EditionId, DeliveryId) {
    let (ledger, edition) = frozen(&["ana"]);
    let delivery = delivery_of(&ledger, edition, "ana");
    let Begun::Go(_) = begin(&ledger, delivery, noon()).await else { panic!() };
    ledger.recover(edition, OnUncertain::Resend, &Choice::Everyone, "relay", minutes(1)).unwrap();
    assert_eq!(state_of(&ledger, edition, "ana"), State::Planned);
    (ledger, edition, delivery)
}

#[tokio::test]
async fn a_letter_that_is_planned_again_is_not_mailed_twice_once_it_is_known_to_have_arrived() {
    for (kind, state) in [
        (Kind::Accepted, State::Accepted),
        (Kind::Delivered, State::Delivered),
        (Kind::Opened, State::Accepted),
        (Kind::BouncedHard, State::Bounced),
        (Kind::Complained, State::Complained),
    ] {
        let (ledger, edition, delivery) = planned_again().await;
        ledger
            .take_events(&[told(Some(delivery), "ana", kind, 1)], &SoftRule::default(), minutes(2))
            .unwrap();
        assert_eq!(state_of(&ledger, edition, "ana"), state);
        assert!(matches!(begin(&ledger, delivery, minutes(3)).await, Begun::NotOpen));
    }
}

#[tokio::test]
async fn a_refused_letter_that_is_tried_again_is_not_lost_to_late_news_of_the_refused_try() {
    let (ledger, edition, delivery) = sent().await;
    let tell = |kind, minute| {
        ledger
            .take_events(&[told(Some(delivery), "ana", kind, minute)], &SoftRule::default(), minutes(9))
            .unwrap();
        state_of(&ledger, edition, "ana")
    };
    assert_eq!(tell(Kind::Failed, 2), State::Refused);
    ledger.make_due(edition, true, minutes(3)).unwrap();
    assert_eq!(tell(Kind::Accepted, 1), State::Planned, "it was taken before it was refused");
    assert_eq!(tell(Kind::Failed, 4), State::Planned, "the refusal told twice");
    assert!(matches!(begin(&ledger, delivery, minutes(10)).await, Begun::Go(_)));
}

#[tokio::test]
async fn an_event_that_came_without_its_letter_still_counts_when_it_comes_with_it() {
    let (ledger, edition, delivery) = sent().await;
    let listed = told(None, "ana", Kind::BouncedHard, 1);
    let unmatched = Taken { unmatched: 1, ..new(1) };
    assert_eq!(
        ledger.take_events(std::slice::from_ref(&listed), &SoftRule::default(), minutes(2)).unwrap(),
        unmatched
    );
    let posted = told(Some(delivery), "ana", Kind::BouncedHard, 1);
    assert_eq!(
        ledger.take_events(std::slice::from_ref(&posted), &SoftRule::default(), minutes(3)).unwrap(),
        new(1)
    );
    assert_eq!(state_of(&ledger, edition, "ana"), State::Bounced);
    assert_eq!(reasons(&ledger), [(String::new(), "bounced".to_owned())]);
    let known = Taken { known: 2, ..Taken::default() };
    assert_eq!(ledger.take_events(&[posted, listed], &SoftRule::default(), minutes(4)).unwrap(), known);
    assert_eq!(ledger.event_counts(edition).unwrap(), [("bounced_hard".to_owned(), 1)].into());
}

#[tokio::test]
async fn a_complaint_that_was_listed_without_its_letter_leaves_the_reader_in_peace_once_a_token_proves_it() {
    let (ledger, _, _) = sent().await;
    let listed = told(None, "cyd", Kind::Complained, 1);
    let mut posted = told(Some(DeliveryId(4711)), "cyd", Kind::Complained, 1);
    posted.event.raw = "{\"token\":1}".to_owned();
    ledger.take_events(&[listed], &SoftRule::default(), minutes(2)).unwrap();
    assert_eq!(reasons(&ledger), []);
    ledger.take_events(std::slice::from_ref(&posted), &SoftRule::default(), minutes(3)).unwrap();
    assert_eq!(reasons(&ledger), [(String::new(), "complained".to_owned())]);
    assert_eq!(ledger.take_events(&[posted], &SoftRule::default(), minutes(4)).unwrap().known, 1);
}

#[tokio::test]
async fn a_number_that_is_used_once_is_refused_with_another_event() {
    let (ledger, edition, delivery) = sent().await;
    let with_nonce = |event: Incoming| Incoming {
        nonce: Some("n1".to_owned()),
        teller: Teller::Provider(Provider::Mailgun),
        ..event
    };
    let event = with_nonce(told(Some(delivery), "ana", Kind::Accepted, 1));
    assert_eq!(
        ledger.take_events(std::slice::from_ref(&event), &SoftRule::default(), minutes(1)).unwrap(),
        new(1)
    );
    assert_eq!(
        ledger.take_events(&[event], &SoftRule::default(), minutes(2)).unwrap().known,
        1,
        "a retry is no forgery"
    );
    let forged = with_nonce(told(Some(delivery), "ana", Kind::Complained, 1));
    let taken = ledger.take_events(&[forged], &SoftRule::default(), minutes(2)).unwrap();
    assert_eq!(taken, Taken { replayed: 1, ..Taken::default() });
    assert_eq!((state_of(&ledger, edition, "ana"), reasons(&ledger)), (State::Accepted, vec![]));
}

#[tokio::test]
async fn kinds_that_nobody_knows_yet_are_kept_and_counted() {
    let (ledger, edition, delivery) = sent().await;
    let event = told(Some(delivery), "ana", Kind::Unknown("email.teleported".to_owned()), 1);
    let taken = ledger.take_events(&[event], &SoftRule::default(), minutes(2)).unwrap();
    assert_eq!(taken, Taken { new: 1, unknown: 1, ..Taken::default() });
    assert_eq!(ledger.event_counts(edition).unwrap(), [("unknown".to_owned(), 1)].into());
}

#[tokio::test]
async fn several_callers_share_one_commit_and_each_hears_of_its_own_events() {
    let (ledger, _, delivery) = sent().await;
    let event = told(Some(delivery), "ana", Kind::Delivered, 1);
    let batches = [vec![event.clone()], vec![], vec![event]];
    let taken = ledger.take_batches(&batches, &SoftRule::default(), minutes(2)).unwrap();
    assert_eq!(taken, [new(1), new(0), Taken { known: 1, ..Taken::default() }]);
}

/// Everything that events lead to.
async fn end(order: &[usize]) -> (State, Vec<Suppression>, std::collections::BTreeMap<String, u64>) {
    let (ledger, edition, delivery) = sent().await;
    let all: Vec<Incoming> = [
        (Kind::Accepted, 1),
        (Kind::Delivered, 3),
        (Kind::BouncedHard, 4),
        (Kind::BouncedHard, 5),
        (Kind::Complained, 6),
        (Kind::Unsubscribed, 7),
        (Kind::Opened, 2),
    ]
    .into_iter()
    .map(|(kind, minute)| told(Some(delivery), "ana", kind, minute))
    .collect();
    for index in order.iter().chain(&[0, 1, 2, 3, 4, 5, 6]) {
        ledger.take_events(&all[*index..=*index], &SoftRule::default(), minutes(9)).unwrap();
    }
    (state_of(&ledger, edition, "ana"), ledger.suppressions().unwrap(), ledger.event_counts(edition).unwrap())
}

#[tokio::test]
async fn what_was_told_is_forgotten_and_counts_once_be_it_of_a_letter_or_of_none() {
    let (ledger, _, delivery) = sent().await;
    let stranger = told(None, "zoe", Kind::Delivered, 2);
    ledger
        .take_events(
            &[told(Some(delivery), "ana", Kind::Delivered, 1), stranger],
            &SoftRule::default(),
            minutes(3),
        )
        .unwrap();
    let old = Cutoffs { events: Some(minutes(9)), ..Cutoffs::default() };
    let both = Forgotten { events: 2, ..Forgotten::default() };
    assert_eq!((ledger.would_forget(old).unwrap(), ledger.forget(old).unwrap()), (both, both));
    assert_eq!(ledger.would_forget(old).unwrap(), Forgotten::default());
}

#[tokio::test]
async fn late_doubled_and_reversed_events_leave_the_same_ledger() {
    let straight = end(&[]).await;
    assert_eq!(straight.0, State::Complained);
    for order in [&[6, 5, 4, 3, 2, 1, 0][..], &[3, 2], &[5, 1, 5, 1], &[4, 0, 6, 2], &[2, 4, 3, 5, 5]] {
        assert_eq!(end(order).await, straight, "{order:?}");
    }
}

#[tokio::test]
async fn what_a_webhook_and_a_list_tell_of_one_letter_counts_once_in_the_words_of_the_webhook() {
    let listed = |delivery, kind, minute| Incoming {
        teller: Teller::Listed(Provider::Resend),
        ..told(Some(delivery), "ana", kind, minute)
    };
    for is_listed_first in [true, false] {
        let (ledger, edition, delivery) = sent().await;
        let list = listed(delivery, Kind::BouncedSoft, 1);
        let hook = told(Some(delivery), "ana", Kind::BouncedHard, 2);
        let both = if is_listed_first { [list.clone(), hook] } else { [hook, list.clone()] };
        for event in both {
            ledger.take_events(&[event], &SoftRule::default(), minutes(3)).unwrap();
        }
        assert_eq!(ledger.event_counts(edition).unwrap(), [("bounced_hard".to_owned(), 1)].into());
        assert_eq!(ledger.story(edition, &address("ana").key()).unwrap()[0].events.len(), 1);
        assert_eq!(reasons(&ledger), [(String::new(), "bounced".to_owned())]);
        let again = listed(delivery, Kind::BouncedSoft, 5);
        assert_eq!(ledger.take_events(&[again], &SoftRule::default(), minutes(6)).unwrap().new, 0);
        let other = listed(delivery, Kind::Complained, 7);
        assert_eq!(ledger.take_events(&[other], &SoftRule::default(), minutes(8)).unwrap(), new(1));
        assert_eq!(ledger.event_counts(edition).unwrap().len(), 2);
    }
}

/// Sends ana one more issue and tells of a soft bounce in these words; what keeps her from the next.
async fn bounced_again(ledger: &Ledger, number: i64, words: &str, rule: &SoftRule) -> Vec<(String, String)> {
    let selection = Selection { issue: IssueId(format!("{number:03}")), ..selection(&["weekly"]) };
    let edition = freeze(ledger, &selection).unwrap();
    let delivery = delivery_of(ledger, edition, "ana");
    let day = noon() + SignedDuration::from_hours(24 * number);
    let Begun::Go(recorded) = begin(ledger, delivery, day).await else { panic!() };
    settle(ledger, Settled::Begun(recorded), accepted(), None, day).await;
    let mut event = told(Some(delivery), "ana", Kind::BouncedSoft, 24 * 60 * number + 1);
    event.event.said = Said::new(words, None);
    ledger.take_events(&[event], rule, day).unwrap();
    reasons(ledger)
}

#[tokio::test]
async fn an_address_that_a_provider_cannot_reach_issue_after_issue_is_left_in_peace() {
    let rule = SoftRule { limit: 3, span: std::time::Duration::from_secs(2 * 24 * 3600) };
    let (full, blocked) = ("552 5.2.2 mailbox full", "550 5.7.1 listed by a block list as a source of spam");
    for (words, after_three) in [(full, vec![(String::new(), "bounced".to_owned())]), (blocked, Vec::new())] {
        let ledger = store();
        sync(&ledger, "weekly", &["ana", "bob"]);
        assert_eq!(bounced_again(&ledger, 1, words, &rule).await, []);
        assert_eq!(bounced_again(&ledger, 2, words, &rule).await, []);
        assert_eq!(bounced_again(&ledger, 3, words, &rule).await, after_three, "{words}");
    }
}
