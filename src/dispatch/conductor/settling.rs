//! Decides where an attempt leaves its letter.

use super::super::hand::Move;
use super::super::tally::{state_after, trouble};
use super::*;
use crate::ledger::rows::Settlement;
use crate::model::delivery::State;
use crate::policy::retry::{Next, later};

impl Conductor {
    /// An envelope that was not taken, for a letter that had not begun.
    pub(super) fn refuse_envelope(&mut self, parcel: Parcel, broken: Broken) -> Option<(Settlement, Move)> {
        let delivery = parcel.waiting.delivery;
        match judge(Err(broken)) {
            Outcome::Barred(Scope::Run, broken) => {
                self.queue.give_back(parcel);
                self.end(Ok(End::Barred(broken)));
                None
            }
            Outcome::NotSent(_) if parcel.returns < MOST_RETURNS => {
                self.queue.give_back(parcel.returned(false));
                None
            }
            outcome => Some(self.settle(parcel, Settled::Unbegun(delivery), outcome)),
        }
    }

    /// Decides where an attempt leaves its letter.
    pub(super) fn settle(&mut self, parcel: Parcel, of: Settled, outcome: Outcome) -> (Settlement, Move) {
        let outcome = match outcome {
            Outcome::NotSent(broken) if parcel.returns >= MOST_RETURNS => Outcome::Deferred(broken),
            outcome => outcome,
        };
        let due = self.due(&parcel, &outcome);
        self.take_note(&parcel, &outcome, due);
        let from = if matches!(of, Settled::Begun(_)) { State::Sending } else { parcel.waiting.state };
        let to = state_after(&outcome, parcel.waiting.state, due.is_some());
        let returns = matches!(outcome, Outcome::NotSent(_) | Outcome::Barred(Scope::Run, _));
        (Settlement { of, outcome, due }, Move { parcel, from, to, returns })
    }

    fn due(&mut self, parcel: &Parcel, outcome: &Outcome) -> Option<Timestamp> {
        if !matches!(outcome, Outcome::Deferred(_) | Outcome::Barred(Scope::Domain, _)) {
            return None;
        }
        let attempts = parcel.waiting.attempts + 1;
        match self.score.schedule.next(attempts, parcel.first_tried(), now(), self.chance.draw()) {
            Next::Again(due) => Some(due),
            Next::Expired => None,
        }
    }

    fn take_note(&mut self, parcel: &Parcel, outcome: &Outcome, due: Option<Timestamp>) {
        let domain = parcel.waiting.address.domain();
        match (outcome, due) {
            (Outcome::Barred(Scope::Run, broken), _) => self.end(Ok(End::Barred(broken.clone()))),
            (Outcome::Barred(Scope::Domain, _), due) => {
                self.tally.barred(domain);
                self.queue.shut(domain, due.unwrap_or_else(|| later(now(), self.score.wait)));
            }
            (Outcome::Deferred(_), Some(due)) => self.queue.expect(due),
            _ => {}
        }
        if matches!(outcome, Outcome::Refused(_) | Outcome::Uncertain(_) | Outcome::Barred(..)) {
            self.last_trouble = trouble(outcome).cloned();
        }
    }
}
