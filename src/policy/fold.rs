//! What an event of a provider makes of a letter, and of whoever got it.
//!
//! Events come late, twice and out of order. So each kind leads to one state, states have ranks, and the
//! highest rank that was ever told wins: the order of telling does not matter, and nothing goes backwards.

use crate::model::delivery::State;
use crate::model::event::{Kind, Rejection};

/// Where the letter is once `kind` is known of it. Of a letter that waits to be sent, [`proven`] says it.
pub fn fold(state: State, kind: &Kind) -> State {
    match target(kind) {
        Some(told) if state != State::Planned && rank(told) > rank(state) => told,
        Some(_) | None => state,
    }
}

/// Where a letter is that waits to be sent *again*, once `kind` is known of an earlier try: what shows that the provider
/// has it ends the waiting. That it refused it does not, for that may be why it is sent again; and if it `was_refused`,
/// that it was taken before proves no arrival.
pub fn proven(kind: &Kind, was_refused: bool) -> Option<State> {
    let least = if was_refused { State::Refused } else { State::Planned };
    target(kind).filter(|told| *told != State::Refused && rank(*told) > rank(least))
}

/// Where a kind leads by itself. An open, a click or a deferral proves that the provider has the letter.
fn target(kind: &Kind) -> Option<State> {
    match kind {
        Kind::Accepted | Kind::Deferred | Kind::Opened | Kind::Clicked => Some(State::Accepted),
        Kind::Rejected(_) | Kind::Failed => Some(State::Refused),
        Kind::Delivered => Some(State::Delivered),
        Kind::BouncedHard | Kind::BouncedSoft => Some(State::Bounced),
        Kind::Complained => Some(State::Complained),
        Kind::Unsubscribed | Kind::Resubscribed | Kind::Unknown(_) => None,
    }
}

/// How much a state tells of where the letter ended.
fn rank(state: State) -> u8 {
    match state {
        State::Planned
        | State::Sending
        | State::Deferred
        | State::Uncertain
        | State::Expired
        | State::Skipped
        | State::Stopped => 0,
        State::Accepted => 1,
        State::Refused => 2,
        State::Delivered => 3,
        State::Bounced => 4,
        State::Complained => 5,
    }
}

/// Where an address is left in peace because of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peace {
    /// From every list, with the reason.
    Everywhere(&'static str),
    /// From the lists that the issue went to.
    ItsLists(&'static str),
}

/// Whether whoever got the letter must not be written to any more. Nothing that a provider tells lifts a
/// suppression.
pub fn peace(kind: &Kind) -> Option<Peace> {
    match kind {
        Kind::BouncedHard | Kind::Rejected(Rejection::Bounced) => Some(Peace::Everywhere("bounced")),
        Kind::Complained | Kind::Rejected(Rejection::Complained) => Some(Peace::Everywhere("complained")),
        Kind::Unsubscribed => Some(Peace::ItsLists("unsubscribed")),
        Kind::Accepted
        | Kind::Delivered
        | Kind::Deferred
        | Kind::BouncedSoft
        | Kind::Rejected(Rejection::Unsubscribed | Rejection::Other)
        | Kind::Resubscribed
        | Kind::Opened
        | Kind::Clicked
        | Kind::Failed
        | Kind::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kinds() -> Vec<Kind> {
        vec![
            Kind::Accepted,
            Kind::Delivered,
            Kind::Deferred,
            Kind::BouncedHard,
            Kind::BouncedSoft,
            Kind::Rejected(Rejection::Bounced),
            Kind::Rejected(Rejection::Other),
            Kind::Complained,
            Kind::Unsubscribed,
            Kind::Resubscribed,
            Kind::Opened,
            Kind::Clicked,
            Kind::Failed,
            Kind::Unknown("new".to_owned()),
        ]
    }

    fn all(state: State, told: &[Kind]) -> State {
        told.iter().fold(state, fold)
    }

    #[test]
    fn a_complaint_outranks_a_bounce_and_a_bounce_a_delivery() {
        use State::*;
        let cases = [
            (Accepted, Kind::Delivered, Delivered),
            (Delivered, Kind::Deferred, Delivered),
            (Delivered, Kind::BouncedHard, Bounced),
            (Bounced, Kind::Delivered, Bounced),
            (Bounced, Kind::Complained, Complained),
            (Complained, Kind::BouncedHard, Complained),
            (Accepted, Kind::Rejected(Rejection::Other), Refused),
            (Accepted, Kind::Failed, Refused),
            (Uncertain, Kind::Deferred, Accepted),
            (Sending, Kind::Delivered, Delivered),
            (Delivered, Kind::Unsubscribed, Delivered),
            (Accepted, Kind::Opened, Accepted),
        ];
        for (before, kind, after) in cases {
            assert_eq!(fold(before, &kind), after, "{before:?} {kind:?}");
        }
    }

    #[test]
    fn a_letter_that_waits_to_be_sent_again_is_where_an_earlier_try_is_proven_to_have_brought_it() {
        let [taken, refused] = [false, true]
            .map(|refused| kinds().iter().filter_map(|kind| proven(kind, refused)).collect::<Vec<_>>());
        use State::*;
        assert_eq!(taken, [Accepted, Delivered, Accepted, Bounced, Bounced, Complained, Accepted, Accepted]);
        assert_eq!(refused, [Delivered, Bounced, Bounced, Complained]);
    }

    #[test]
    fn no_refusal_takes_a_letter_out_of_the_row_of_those_who_are_tried_again() {
        for kind in [Kind::Rejected(Rejection::Bounced), Kind::Rejected(Rejection::Other), Kind::Failed] {
            assert_eq!((proven(&kind, false), proven(&kind, true)), (None, None), "{kind:?}");
        }
    }

    #[test]
    fn only_what_is_about_the_address_or_the_reader_suppresses() {
        let suppressing: Vec<Kind> = kinds().into_iter().filter(|kind| peace(kind).is_some()).collect();
        let expected =
            [Kind::BouncedHard, Kind::Rejected(Rejection::Bounced), Kind::Complained, Kind::Unsubscribed];
        assert_eq!(suppressing, expected);
        assert_eq!(peace(&Kind::Unsubscribed), Some(Peace::ItsLists("unsubscribed")));
    }

    proptest! {
        #[test]
        fn late_doubled_and_reversed_events_end_in_the_same_state(
            told in proptest::collection::vec(proptest::sample::select(kinds()), 0..8),
            state in proptest::sample::select(&State::ALL[..]),
            order in any::<proptest::sample::Index>(),
        ) {
            let once = all(state, &told);
            let reversed: Vec<Kind> = told.iter().rev().cloned().collect();
            prop_assert_eq!(all(state, &reversed), once);
            let turn = if told.is_empty() { 0 } else { order.index(told.len()) };
            let turned: Vec<Kind> = [&told[turn..], &told[..turn], &told[..]].concat();
            prop_assert_eq!(all(state, &turned), once);
        }

        #[test]
        fn no_event_leads_backwards(
            kind in proptest::sample::select(kinds()),
            state in proptest::sample::select(&State::ALL[..]),
        ) {
            let after = fold(state, &kind);
            prop_assert!(after == state || rank(after) > rank(state));
        }
    }
}
