//! The letters of a run in the order in which they go out. Holds a batch at a time, however many there are.

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::Timestamp;

use super::signal::Parcel;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{Choice, EditionId, Waiting};
use crate::ledger::{Ledger, LedgerError};
use crate::model::address::Domain;

const BATCH: usize = 500;

pub struct Queue {
    ledger: Ledger,
    edition: EditionId,
    choice: Choice,
    /// The place of the last letter that was fetched.
    after: i64,
    batch: VecDeque<Waiting>,
    returned: VecDeque<Parcel>,
    /// Given out and not begun or settled yet: a new look at the ledger must not give them out again.
    held: HashSet<DeliveryId>,
    /// Domains that wait, and until when.
    shut: HashMap<Domain, Timestamp>,
    exhausted: bool,
    /// When something that was not ready will be, as far as this run has seen.
    hint: Option<Timestamp>,
    /// How many letters may still be given out.
    left: Option<u64>,
}

impl Queue {
    pub fn new(ledger: Ledger, edition: EditionId, choice: Choice, limit: Option<u64>) -> Queue {
        Queue {
            ledger,
            edition,
            choice,
            after: 0,
            batch: VecDeque::new(),
            returned: VecDeque::new(),
            held: HashSet::new(),
            shut: HashMap::new(),
            exhausted: false,
            hint: None,
            left: limit,
        }
    }

    /// The next letter that may go at `now`, or `None` if there is none at the moment.
    pub fn next(&mut self, now: Timestamp) -> Result<Option<Parcel>, LedgerError> {
        if self.left == Some(0) {
            return Ok(None);
        }
        let Some(parcel) = self.find(now)? else { return Ok(None) };
        self.left = self.left.map(|left| left - 1);
        self.held.insert(parcel.waiting.delivery);
        Ok(Some(Parcel { at: now, ..parcel }))
    }

    fn find(&mut self, now: Timestamp) -> Result<Option<Parcel>, LedgerError> {
        if self.exhausted && self.hint.is_some_and(|ready| ready <= now) {
            self.start_over(now);
        }
        loop {
            if let Some(parcel) = self.returned.pop_front() {
                if self.is_open(&parcel.waiting, now) {
                    return Ok(Some(parcel));
                }
            } else if let Some(waiting) = self.batch.pop_front() {
                if self.is_open(&waiting, now) {
                    return Ok(Some(Parcel { waiting, at: now, returns: 0 }));
                }
            } else if self.exhausted {
                return Ok(None);
            } else {
                self.fetch(now)?;
            }
        }
    }

    fn fetch(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        let batch = self.ledger.waiting(self.edition, &self.choice, self.after, now, BATCH)?;
        self.exhausted = batch.len() < BATCH;
        self.after = batch.last().map_or(self.after, |waiting| waiting.place);
        // Those that are given out will be written down differently from how they stand here.
        let is_out = |delivery| {
            self.held.contains(&delivery)
                || self.returned.iter().any(|back| back.waiting.delivery == delivery)
        };
        self.batch = batch.into_iter().filter(|waiting| !is_out(waiting.delivery)).collect();
        Ok(())
    }

    fn start_over(&mut self, now: Timestamp) {
        self.shut.retain(|_, until| *until > now);
        self.after = 0;
        self.exhausted = false;
        self.hint = None;
    }

    /// Starts from the first letter again, since some that were passed over may be open now; whether
    /// there is one.
    pub fn look_again(&mut self, now: Timestamp) -> Result<bool, LedgerError> {
        if self.left == Some(0) {
            return Ok(false);
        }
        self.start_over(now);
        let found = self.find(now)?;
        let is_there = found.is_some();
        self.returned.extend(found);
        Ok(is_there)
    }

    fn is_open(&self, waiting: &Waiting, now: Timestamp) -> bool {
        self.shut.get(waiting.address.domain()).is_none_or(|until| *until <= now)
    }

    /// A letter comes back as if it had not been given out; it goes first.
    pub fn give_back(&mut self, parcel: Parcel) {
        self.release(parcel.waiting.delivery);
        self.allow_another();
        self.returned.push_front(parcel);
    }

    /// A letter that was given out was not begun and never will be: the limit counts those that are.
    pub fn allow_another(&mut self) {
        self.left = self.left.map(|left| left + 1);
    }

    /// The ledger knows what became of it.
    pub fn release(&mut self, delivery: DeliveryId) {
        self.held.remove(&delivery);
    }

    /// Letters to this domain wait until then.
    pub fn shut(&mut self, domain: &Domain, until: Timestamp) {
        self.shut.insert(domain.clone(), until);
        self.expect(until);
    }

    /// Something will be ready then.
    pub fn expect(&mut self, ready: Timestamp) {
        self.hint = Some(self.hint.map_or(ready, |known| known.min(ready)));
    }

    /// When there will be something to send, if there is nothing at `now`.
    pub fn ready_at(&self, now: Timestamp) -> Result<Option<Timestamp>, LedgerError> {
        let due = self.ledger.next_due(self.edition, &self.choice, now)?;
        let opens = self.shut.values().filter(|until| **until > now).min();
        Ok(due.into_iter().chain(opens.copied()).min())
    }

    pub fn is_limited(&self) -> bool {
        self.left == Some(0)
    }
}
