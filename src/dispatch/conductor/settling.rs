//! Decides where an attempt leaves its letter.

use super::super::hand::Move;
use super::super::tally::{state_after, trouble};
use super::*;
use crate::ledger::rows::Settlement;
use crate::model::address::Domain;
use crate::model::delivery::State;
use crate::policy::retry::{Next, later};
use crate::policy::throttle::Restraint;

impl Conductor {
    /// An envelope that was not taken, for a letter that had not begun.
    pub(super) fn refuse_envelope(&mut self, parcel: Parcel, broken: Broken) -> Option<(Settlement, Move)> {
        let delivery = parcel.waiting.delivery;
        match judge(Err(broken)) {
            Outcome::Barred(Scope::Run, broken) => {
                self.queue.give_back(parcel, false);
                self.end(Ok(End::Barred(broken)));
                None
            }
            Outcome::NotSent(_) if parcel.returns < MOST_RETURNS => {
                self.queue.give_back(parcel.returned(false), false);
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

    /// What an answer asks of the letters after it.
    pub(super) fn slow_down(&mut self, parcel: &Parcel, broken: &Broken) {
        let domain = parcel.waiting.address.domain();
        let restraint = self.queue.throttle.heard(domain, broken, parcel.clock, self.clock.now());
        self.keep(restraint);
    }

    fn bar(&mut self, domain: &Domain, broken: &Broken, until: Timestamp) {
        self.queue.expect(until);
        let restraint = self.queue.throttle.bar(domain, self.clock.time(until), broken);
        self.keep(Some(restraint));
    }

    fn keep(&mut self, restraint: Option<Restraint>) {
        let Some(restraint) = restraint else { return };
        let Score { ledger, transport_name, .. } = &self.score;
        if let Err(error) = memory::keep(&restraint, ledger, transport_name, &self.clock) {
            self.end(Err(error.into()));
        }
    }

    fn take_note(&mut self, parcel: &Parcel, outcome: &Outcome, due: Option<Timestamp>) {
        let domain = parcel.waiting.address.domain();
        match (outcome, due) {
            (Outcome::Barred(Scope::Run, broken), _) => self.end(Ok(End::Barred(broken.clone()))),
            (Outcome::Barred(Scope::Domain, broken), due) => {
                self.tally.barred(domain);
                self.bar(domain, broken, due.unwrap_or_else(|| later(now(), self.score.wait)));
            }
            (Outcome::Deferred(_), Some(due)) => self.queue.expect(due),
            (Outcome::Accepted(_), _) => {
                self.held_since = None;
                self.queue.throttle.went_well(parcel.lane);
            }
            _ => {}
        }
        if let Outcome::Deferred(broken) | Outcome::NotSent(broken) = outcome {
            self.slow_down(parcel, broken);
        }
        if matches!(outcome, Outcome::Refused(_) | Outcome::Uncertain(_) | Outcome::Barred(..)) {
            self.last_trouble = trouble(outcome).cloned();
        }
    }
}
