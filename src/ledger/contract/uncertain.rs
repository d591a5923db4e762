//! Letters that no answer came for, and what becomes known of them.

use super::*;
use crate::ledger::recorded::{DeliveryId, Recorded};
use crate::model::event::{Fate, Said};
use crate::settings::OnUncertain;

async fn on_the_wire(ledger: &Ledger, edition: EditionId) -> Recorded {
    let next = waiting(ledger, edition, noon()).remove(0);
    match begin(ledger, next.delivery, noon()).await {
        Begun::Go(recorded) => recorded,
        other => panic!("{other:?}"),
    }
}

/// A ledger in which ana's letter is uncertain.
async fn in_doubt() -> (Ledger, EditionId, DeliveryId) {
    let (ledger, edition) = frozen(&["ana"]);
    let recorded = on_the_wire(&ledger, edition).await;
    let delivery = recorded.delivery();
    let silence = Outcome::Uncertain(Broken::cut(Phase::Answer, "no answer came"));
    settle(&ledger, Settled::Begun(recorded), silence, None, minutes(1)).await;
    assert_eq!(state_of(&ledger, edition, "ana"), State::Uncertain);
    (ledger, edition, delivery)
}

fn resolution(delivery: DeliveryId, fate: Fate) -> Resolution {
    let said = Said::new("250 2.0.0 Ok: queued as 4F", None);
    Resolution { delivery, fate, source: "mail.log:7".to_owned(), said }
}

#[tokio::test]
async fn an_uncertain_letter_goes_where_it_turned_out_to_be_and_says_by_whom() {
    for fate in Fate::ALL {
        let (ledger, edition, delivery) = in_doubt().await;
        assert_eq!(ledger.settle_uncertain(&[resolution(delivery, fate)], minutes(9)).unwrap(), 1);
        let story = ledger.story(edition, &address("ana").key()).unwrap().remove(0);
        assert_eq!(story.state, fate.state());
        assert_eq!(
            story.attempts[0].outcome.as_deref(),
            Some("uncertain"),
            "what the attempt ended as stays"
        );
        let event = EventRow {
            attempt: 1,
            kind: fate.name().to_owned(),
            at: minutes(9),
            source: "mail.log:7".to_owned(),
            code: Some(250),
            enhanced: Some("2.0.0".to_owned()),
            said: "250 2.0.0 Ok: queued as 4F".to_owned(),
            settles: true,
        };
        assert_eq!(story.events, [event]);
    }
}

#[tokio::test]
async fn a_letter_that_did_not_arrive_is_sent_again_with_the_date_it_had_and_time_to_be_retried() {
    let (ledger, edition, delivery) = in_doubt().await;
    ledger.settle_uncertain(&[resolution(delivery, Fate::NotArrived)], minutes(9)).unwrap();
    let again = waiting(&ledger, edition, minutes(9)).remove(0);
    assert_eq!((again.state, again.attempts, again.again), (State::Planned, 1, 0));
    assert_eq!((again.first_begun, again.first_tried), (Some(noon()), None));
    let Begun::Go(recorded) = begin(&ledger, delivery, minutes(10)).await else { panic!() };
    assert_eq!(recorded.attempt(), 2);
}

#[tokio::test]
async fn only_what_is_uncertain_is_settled_and_only_once() {
    let (ledger, edition, delivery) = in_doubt().await;
    let accepted = [resolution(delivery, Fate::Accepted), resolution(delivery, Fate::NotArrived)];
    assert_eq!(ledger.settle_uncertain(&accepted, minutes(9)).unwrap(), 1);
    assert_eq!(ledger.settle_uncertain(&[resolution(delivery, Fate::Bounced)], minutes(9)).unwrap(), 0);
    assert_eq!(state_of(&ledger, edition, "ana"), State::Accepted);
    let story = ledger.story(edition, &address("ana").key()).unwrap().remove(0);
    assert_eq!(story.events.len(), 1);
}

#[tokio::test]
async fn a_late_answer_does_not_undo_what_was_settled() {
    let (ledger, edition) = frozen(&["ana"]);
    let recorded = on_the_wire(&ledger, edition).await;
    ledger.recover(edition, OnUncertain::Hold, &Choice::Everyone, "relay", minutes(1)).unwrap();
    ledger.settle_uncertain(&[resolution(recorded.delivery(), Fate::NotArrived)], minutes(2)).unwrap();
    settle(&ledger, Settled::Begun(recorded), accepted(), None, minutes(3)).await;
    assert_eq!(state_of(&ledger, edition, "ana"), State::Planned);
}

#[tokio::test]
async fn what_another_transport_may_have_is_not_sent_again_over_this_one() {
    let (ledger, edition, _) = in_doubt().await;
    let resend = |transport| {
        ledger.recover(edition, OnUncertain::Resend, &Choice::Everyone, transport, minutes(3)).unwrap().len()
    };
    assert_eq!(resend("another"), 1);
    assert_eq!(state_of(&ledger, edition, "ana"), State::Uncertain);
    assert_eq!(resend("relay"), 0);
    assert_eq!(state_of(&ledger, edition, "ana"), State::Planned);
}

#[tokio::test]
async fn the_neighbours_of_a_letter_are_those_that_the_same_transport_took() {
    let (ledger, edition) = frozen(&["ana", "bob", "cyd"]);
    for minute in 0..2 {
        let recorded = on_the_wire(&ledger, edition).await;
        settle(&ledger, Settled::Begun(recorded), accepted(), None, minutes(minute)).await;
    }
    let near = |transport, limit| ledger.accepted_near(edition, transport, minutes(1), limit).unwrap();
    assert_eq!(near("relay", 9).len(), 2);
    assert_eq!(near("relay", 1).len(), 1);
    assert_eq!(near("another", 9), []);
}
