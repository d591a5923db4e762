//! Everything that can happen in a run, and what a courier can be told to do.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;

use crate::compose::press::MergeError;
use crate::ledger::LedgerError;
use crate::ledger::recorded::Recorded;
use crate::ledger::rows::{Begun, Waiting};
use crate::model::attempt::Broken;
use crate::policy::throttle::LaneId;
use crate::transport::Carried;

/// Which courier, from 0.
pub type CourierId = usize;

/// A letter given to a courier.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub waiting: Waiting,
    /// Whose limits it counts for, if its receiver has any.
    pub lane: Option<LaneId>,
    /// Letters of its lane that go on one connection.
    pub per_connection: Option<NonZeroU32>,
    /// When it was given out, on the clock of the throttle.
    pub clock: Duration,
    /// When it was given out: what its first begin is written down as, and so its Date.
    pub at: Timestamp,
    /// How often it came back in this run without having left us.
    pub returns: u32,
}

impl Parcel {
    /// The Date of the letter: of its first begin, on every retry.
    pub fn date(&self) -> Timestamp {
        self.waiting.first_begun.unwrap_or(self.at)
    }

    /// The same letter after it did not leave us. One that `had_begun` keeps its date.
    pub fn returned(self, had_begun: bool) -> Parcel {
        let mut waiting = self.waiting;
        if had_begun {
            waiting.attempts += 1;
            waiting.first_begun.get_or_insert(self.at);
        }
        Parcel { waiting, returns: self.returns + 1, ..self }
    }

    /// When its first attempt was made: giving up counts from there.
    pub fn first_tried(&self) -> Timestamp {
        self.waiting.first_tried.unwrap_or(self.at)
    }
}

#[derive(Debug)]
pub struct Signal {
    pub courier: CourierId,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    /// The letter's envelope was offered on a connection, made anew if there was none.
    Opened(Result<(), Broken>),
    /// A body was carried, and the next envelope with it, unless that letter could not be pressed.
    Carried { recorded: Recorded, carried: Carried, unpressable: Option<MergeError> },
    /// The ledger has, or has not, written the turn of this courier down.
    Turned(Result<Option<Begun>, LedgerError>),
    /// The letter that was to be opened could not be pressed; nothing of it left.
    Unpressable(MergeError),
    /// The courier broke off through a fault of ours; what it had in hand is as after a crash.
    Fell,
}

#[derive(Debug)]
pub enum Order {
    /// Press this letter and offer its envelope.
    Open(Box<Parcel>),
    /// Write the body of the letter that is open, and offer the envelope of `next`.
    Body { recorded: Recorded, next: Option<Box<Parcel>> },
    /// End the connection; a letter that is open on it is abandoned. Not answered by a signal.
    Rest,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::recorded::DeliveryId;
    use crate::model::address::Address;
    use crate::model::delivery::State;

    fn parcel(at: i64) -> Parcel {
        let waiting = Waiting {
            delivery: DeliveryId(1),
            place: 1,
            address: Address::parse("ada@example.org").unwrap(),
            values: String::new(),
            attempts: 0,
            first_begun: None,
            first_tried: None,
            again: 0,
            state: State::Planned,
            due: None,
        };
        let at = Timestamp::from_second(at).unwrap();
        Parcel { waiting, lane: None, per_connection: None, clock: Duration::ZERO, at, returns: 0 }
    }

    #[test]
    fn a_letter_that_comes_back_after_its_begin_keeps_its_date() {
        let given_out_again = |parcel: Parcel| Parcel { at: Timestamp::from_second(90).unwrap(), ..parcel };
        let begun = given_out_again(parcel(5).returned(true));
        assert_eq!((begun.date().as_second(), begun.waiting.attempts, begun.returns), (5, 1, 1));
        let unbegun = given_out_again(parcel(5).returned(false));
        assert_eq!((unbegun.date().as_second(), unbegun.waiting.attempts, unbegun.returns), (90, 0, 1));
    }
}
