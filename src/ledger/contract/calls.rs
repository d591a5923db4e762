//! Calls of many letters, and what is known of them after a crash.

use super::*;
use crate::ledger::recorded::{DeliveryId, Recorded};
use crate::model::event::{Fate, Said};
use crate::settings::OnUncertain;

async fn on_the_wire(ledger: &Ledger, edition: EditionId) -> Vec<Recorded> {
    let mut begun = Vec::new();
    for letter in waiting(ledger, edition, noon()) {
        match begin(ledger, letter.delivery, noon()).await {
            Begun::Go(recorded) => begun.push(recorded),
            other => panic!("{other:?}"),
        }
    }
    begun
}

fn call(key: &str, letters: &[Recorded]) -> NewCall {
    let letters = letters.iter().map(|recorded| (recorded.delivery(), recorded.attempt())).collect();
    NewCall { key: key.to_owned(), until: minutes(60), letters }
}

async fn tell(ledger: &Ledger, news: CallNews) {
    ledger.note_calls(news, &transport(), noon()).await.unwrap();
}

async fn note(ledger: &Ledger, made: Vec<NewCall>, void: Option<&str>, answered: &[&str]) {
    let answered = answered.iter().map(|key| (*key).to_owned()).collect();
    let void = void.into_iter().map(str::to_owned).collect();
    tell(ledger, CallNews { made, void, answered, ..CallNews::default() }).await;
}

fn keys(ledger: &Ledger, edition: EditionId, now: Timestamp) -> Vec<String> {
    let calls = ledger.calls(edition, "relay", now).unwrap();
    calls.iter().map(|call| call.key().to_owned()).collect()
}

#[tokio::test]
async fn a_call_gives_its_letters_back_in_their_order_with_the_date_they_had() {
    let (ledger, edition) = frozen(&["ana", "bea", "cia"]);
    let mut begun = on_the_wire(&ledger, edition).await;
    begun.reverse();
    let order: Vec<DeliveryId> = begun.iter().map(Recorded::delivery).collect();
    note(&ledger, vec![call("k", &begun)], None, &[]).await;
    settle(&ledger, Settled::Begun(begun.remove(1)), accepted(), None, minutes(1)).await;

    let calls = ledger.calls(edition, "relay", minutes(2)).unwrap();
    let called = ledger.called(&calls[0]).unwrap().unwrap();
    assert_eq!(called.iter().map(|one| one.waiting.delivery).collect::<Vec<_>>(), order);
    assert!(called.iter().all(|one| one.waiting.first_begun == Some(noon())));
    let is_open: Vec<bool> = called.iter().map(|one| one.recorded.is_some()).collect();
    assert_eq!(is_open, [true, false, true], "one of them is settled");
}

#[tokio::test]
async fn a_call_is_forgotten_when_its_letters_are_settled_or_its_time_is_over() {
    let (ledger, edition) = frozen(&["ana"]);
    let mut begun = on_the_wire(&ledger, edition).await;
    note(&ledger, vec![call("k", &begun)], None, &[]).await;
    note(&ledger, Vec::new(), None, &["k"]).await;
    assert_eq!(keys(&ledger, edition, minutes(1)), ["k"], "an answer that nobody wrote down is none");
    assert!(
        ledger.has_calls(edition, minutes(1)).unwrap() && !ledger.has_calls(edition, minutes(60)).unwrap()
    );

    ledger.recover(edition, OnUncertain::Hold, &Choice::Everyone, "relay", minutes(1)).unwrap();
    assert_eq!(keys(&ledger, edition, minutes(1)), ["k"], "its letter is uncertain");
    settle(&ledger, Settled::Begun(begun.remove(0)), accepted(), None, minutes(2)).await;
    assert!(!ledger.has_calls(edition, minutes(2)).unwrap());
    assert!(keys(&ledger, edition, minutes(2)).is_empty());
    assert_eq!(state_of(&ledger, edition, "ana"), State::Accepted);
}

#[tokio::test]
async fn a_letter_that_was_begun_for_a_call_and_is_in_none_has_not_left() {
    let (ledger, edition) = frozen(&["ana", "bea"]);
    let begin_noting = |are_noted, at| ledger.begin_noting("relay", are_noted, at).unwrap();
    let take_back = |at| ledger.take_back(edition, "relay", at).unwrap();
    begin_noting(true, minutes(-9));
    begin_noting(true, minutes(9));
    let begun = on_the_wire(&ledger, edition).await;
    note(&ledger, vec![call("k", &begun[..1])], None, &[]).await;
    assert_eq!(ledger.take_back(edition, "other", minutes(99)).unwrap(), 0);
    assert_eq!(take_back(minutes(99)), 1, "the call is over, and was made all the same");
    let states = |state| ledger.counts(edition).unwrap().get(state);
    assert_eq!((states(State::Planned), states(State::Sending)), (1, 1));
    assert_eq!(ledger.letters(&[begun[1].delivery()]).unwrap()[0].attempts, 1);
}

#[tokio::test]
async fn nothing_is_taken_back_that_was_begun_while_nobody_wrote_calls_down() {
    let (ledger, edition) = frozen(&["ana"]);
    ledger.begin_noting("relay", true, minutes(-9)).unwrap();
    ledger.begin_noting("relay", false, minutes(-5)).unwrap();
    on_the_wire(&ledger, edition).await;
    assert_eq!(ledger.take_back(edition, "relay", minutes(1)).unwrap(), 0);
    ledger.begin_noting("relay", true, minutes(1)).unwrap();
    assert_eq!(ledger.take_back(edition, "relay", minutes(2)).unwrap(), 0, "it was begun before");
}

#[tokio::test]
async fn a_call_that_is_too_old_is_not_made_again() {
    let (ledger, edition) = frozen(&["ana"]);
    let begun = on_the_wire(&ledger, edition).await;
    note(&ledger, vec![call("k", &begun)], None, &[]).await;
    assert!(keys(&ledger, edition, minutes(60)).is_empty());
}

#[tokio::test]
async fn a_call_that_is_too_old_keeps_its_letters_from_being_taken_back_until_they_are_named() {
    let (ledger, edition) = frozen(&["ana"]);
    ledger.begin_noting("relay", true, minutes(-9)).unwrap();
    let begun = on_the_wire(&ledger, edition).await;
    note(&ledger, vec![call("k", &begun)], None, &[]).await;
    // A run that is killed right after it asked for the calls leaves this behind for the next.
    assert!(keys(&ledger, edition, minutes(60)).is_empty());
    assert_eq!(ledger.take_back(edition, "relay", minutes(61)).unwrap(), 0);
    ledger.recover(edition, OnUncertain::Hold, &Choice::Everyone, "relay", minutes(61)).unwrap();
    assert!(keys(&ledger, edition, minutes(62)).is_empty());
    assert_eq!(ledger.take_back(edition, "relay", minutes(63)).unwrap(), 0);
    assert_eq!(state_of(&ledger, edition, "ana"), State::Uncertain);
}

#[tokio::test]
async fn the_letters_of_a_call_that_took_nothing_go_back_to_where_they_were_whoever_of_them_heard_of_it() {
    let (ledger, edition) = frozen(&["ana", "bea"]);
    ledger.begin_noting("relay", true, minutes(-9)).unwrap();
    let mut begun = on_the_wire(&ledger, edition).await;
    note(&ledger, vec![call("k", &begun)], None, &[]).await;
    note(&ledger, Vec::new(), Some("k"), &[]).await;
    let later = Outcome::Deferred(busy());
    settle(&ledger, Settled::Begun(begun.remove(0)), later, Some(minutes(9)), noon()).await;
    assert_eq!(ledger.take_back(edition, "relay", minutes(1)).unwrap(), 1);
    assert!(!ledger.has_calls(edition, minutes(1)).unwrap());
    let states = |state| ledger.counts(edition).unwrap().get(state);
    assert_eq!((states(State::Planned), states(State::Deferred)), (1, 1));
}

#[tokio::test]
async fn a_call_of_which_nothing_more_can_be_learned_is_not_made_again_and_its_letters_are_not_taken_back() {
    let (ledger, edition) = frozen(&["ana"]);
    ledger.begin_noting("relay", true, minutes(-9)).unwrap();
    let begun = on_the_wire(&ledger, edition).await;
    note(&ledger, vec![call("k", &begun)], None, &[]).await;
    tell(&ledger, CallNews { over: vec!["k".to_owned()], ..CallNews::default() }).await;
    assert!(keys(&ledger, edition, minutes(1)).is_empty());
    assert_eq!(ledger.take_back(edition, "relay", minutes(1)).unwrap(), 0);
}

/// A ledger in which ana's and bea's letters are uncertain, and a call of both may be made again for an hour.
async fn in_doubt() -> (Ledger, EditionId, Vec<Recorded>) {
    let (ledger, edition) = frozen(&["ana", "bea"]);
    let begun = on_the_wire(&ledger, edition).await;
    note(&ledger, vec![call("k", &begun)], None, &[]).await;
    ledger.recover(edition, OnUncertain::Hold, &Choice::Everyone, "relay", minutes(1)).unwrap();
    (ledger, edition, begun)
}

#[tokio::test]
async fn nothing_is_planned_anew_that_a_call_may_still_bring() {
    let (ledger, edition, _) = in_doubt().await;
    let resend = |at| {
        ledger.recover(edition, OnUncertain::Resend, &Choice::Everyone, "relay", at).unwrap();
        ledger.counts(edition).unwrap().get(State::Planned)
    };
    assert_eq!((resend(minutes(59)), resend(minutes(60))), (0, 2));
}

#[tokio::test]
async fn a_letter_in_a_call_that_may_be_made_again_is_not_planned_on_anybodys_word() {
    let (ledger, _, begun) = in_doubt().await;
    let delivery = begun[0].delivery();
    let say = |fate, at| {
        let said = Said::new("said so", None);
        let resolution = Resolution { delivery, fate, source: "by hand".to_owned(), said };
        ledger.settle_uncertain(&[resolution], at).unwrap()
    };
    assert_eq!(ledger.kept_until(delivery, minutes(2)).unwrap(), Some(minutes(60)));
    assert_eq!(say(Fate::NotArrived, minutes(2)), 0);
    assert_eq!(say(Fate::Accepted, minutes(2)), 1, "that it arrived is sent to nobody");
    let other = begun[1].delivery();
    assert_eq!(ledger.kept_until(other, minutes(60)).unwrap(), None);
    let said = Said::new("said so", None);
    let late = Resolution { delivery: other, fate: Fate::NotArrived, source: "by hand".to_owned(), said };
    assert_eq!(ledger.settle_uncertain(&[late], minutes(60)).unwrap(), 1);
}

#[tokio::test]
async fn the_halves_of_a_call_stand_in_its_place() {
    let (ledger, edition) = frozen(&["ana", "bea"]);
    let begun = on_the_wire(&ledger, edition).await;
    note(&ledger, vec![call("whole", &begun)], None, &[]).await;
    let (left, right) = begun.split_at(1);
    note(&ledger, vec![call("left", left), call("right", right)], Some("whole"), &[]).await;
    assert_eq!(keys(&ledger, edition, minutes(1)), ["left", "right"]);
    assert!(ledger.calls(edition, "other", minutes(1)).unwrap().is_empty(), "it went by another transport");
}

#[tokio::test]
async fn a_letter_that_is_tried_anew_is_no_matter_of_its_old_call_any_more() {
    let (ledger, edition) = frozen(&["ana"]);
    let mut begun = on_the_wire(&ledger, edition).await;
    note(&ledger, vec![call("k", &begun)], None, &[]).await;
    let later = Outcome::Deferred(busy());
    settle(&ledger, Settled::Begun(begun.remove(0)), later, Some(minutes(1)), noon()).await;
    let next = waiting(&ledger, edition, minutes(1)).remove(0);
    assert!(matches!(begin(&ledger, next.delivery, minutes(1)).await, Begun::Go(_)));
    assert!(keys(&ledger, edition, minutes(1)).is_empty());
}
