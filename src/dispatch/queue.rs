//! The letters of a run in the order and at the pace in which they go out. Holds a batch at a time, however
//! many there are, and of those that wait for their receiver no more than a number each.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use super::siding::Sidings;
use super::signal::Parcel;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{Choice, DueAfter, EditionId, Waiting};
use crate::ledger::{Ledger, LedgerError};
use crate::policy::throttle::{Hold, LaneId, Throttle};

const BATCH: usize = 500;
/// So many letters are passed over at one go; between two goes others are heard.
const PASSED_OVER: usize = 4 * BATCH;

pub struct Queue {
    ledger: Ledger,
    edition: EditionId,
    choice: Choice,
    pub throttle: Throttle,
    /// Those that no attempt has put off, in order of place, and the place of the last that was fetched.
    planned: VecDeque<Waiting>,
    after: i64,
    exhausted: bool,
    /// Those that came due, and the last that was fetched.
    due: VecDeque<Waiting>,
    due_after: DueAfter,
    /// When one that is not due yet will be, as far as is known.
    next_due: Option<Timestamp>,
    returned: VecDeque<Parcel>,
    sidings: Sidings,
    /// Letters that sidings gave out since one came from elsewhere.
    turns_taken: usize,
    /// Given out and not begun or settled yet: a new look at the ledger must not give them out again.
    held: HashSet<DeliveryId>,
    /// The last search ended before it had seen all.
    is_searching: bool,
    /// How many letters may still be given out.
    left: Option<u64>,
}

impl Queue {
    pub fn new(
        ledger: Ledger,
        edition: EditionId,
        choice: Choice,
        limit: Option<u64>,
        throttle: Throttle,
    ) -> Queue {
        Queue {
            ledger,
            edition,
            choice,
            throttle,
            planned: VecDeque::new(),
            after: 0,
            exhausted: false,
            due: VecDeque::new(),
            due_after: DueAfter::NONE,
            next_due: Some(Timestamp::UNIX_EPOCH),
            returned: VecDeque::new(),
            sidings: Sidings::default(),
            turns_taken: 0,
            held: HashSet::new(),
            is_searching: false,
            left: limit,
        }
    }

    /// The next letter that may go at `now`, or `None` if there is none at the moment. `clock` is the same
    /// moment for the throttle.
    pub fn next(&mut self, now: Timestamp, clock: Duration) -> Result<Option<Parcel>, LedgerError> {
        if self.left == Some(0) || self.throttle.ask(clock).is_err() {
            return Ok(None);
        }
        let Some(parcel) = self.find(now, clock)? else { return Ok(None) };
        self.left = self.left.map(|left| left - 1);
        self.held.insert(parcel.waiting.delivery);
        self.throttle.take(parcel.lane, clock);
        Ok(Some(Parcel { at: now, clock, ..parcel }))
    }

    fn find(&mut self, now: Timestamp, clock: Duration) -> Result<Option<Parcel>, LedgerError> {
        if let Some(parcel) = self.take_returned(clock) {
            return Ok(Some(parcel));
        }
        if self.turns_taken < self.sidings.turns().max(1)
            && let Some(parcel) = self.take_from_siding(now, clock)?
        {
            self.turns_taken += 1;
            return Ok(Some(parcel));
        }
        self.turns_taken = 0;
        match self.take_from_ledger(now, clock)? {
            Some(parcel) => Ok(Some(parcel)),
            None => self.take_from_siding(now, clock),
        }
    }

    fn take_returned(&mut self, clock: Duration) -> Option<Parcel> {
        let throttle = &mut self.throttle;
        for parcel in &mut self.returned {
            // Its receiver may have asked for time since it was given out.
            parcel.lane = throttle.lane(parcel.waiting.address.domain());
        }
        let may_go = |parcel: &Parcel| parcel.lane.is_none_or(|lane| throttle.ask_lane(lane, clock).is_ok());
        let place = self.returned.iter().position(may_go)?;
        self.returned.remove(place)
    }

    fn take_from_siding(&mut self, now: Timestamp, clock: Duration) -> Result<Option<Parcel>, LedgerError> {
        let found = self.sidings.next(clock, &mut self.throttle, &self.ledger)?;
        Ok(found.map(|(lane, waiting)| self.parcel(waiting, Some(lane), now, clock)))
    }

    /// The first letter, in the order of the ledger, whose receiver may have one now. Those before it wait in
    /// sidings.
    fn take_from_ledger(&mut self, now: Timestamp, clock: Duration) -> Result<Option<Parcel>, LedgerError> {
        self.is_searching = false;
        for _ in 0..PASSED_OVER {
            let Some(waiting) = self.waiting(now)? else { return Ok(None) };
            let lane = self.throttle.lane(waiting.address.domain());
            let Some(lane) = lane else { return Ok(Some(self.parcel(waiting, None, now, clock))) };
            match self.throttle.ask_lane(lane, clock) {
                Ok(()) if !self.sidings.has(lane) => {
                    return Ok(Some(self.parcel(waiting, Some(lane), now, clock)));
                }
                held => {
                    let hold = held.err().unwrap_or(Hold::Until(clock));
                    self.sidings.park(lane, waiting.delivery, hold);
                }
            }
        }
        self.is_searching = true;
        Ok(None)
    }

    fn parcel(&self, waiting: Waiting, lane: Option<LaneId>, now: Timestamp, clock: Duration) -> Parcel {
        let per_connection = lane.and_then(|lane| self.throttle.messages_per_connection(lane));
        Parcel { waiting, lane, per_connection, at: now, clock, returns: 0 }
    }

    /// The next letter of the ledger: one that came due, else one that was never tried.
    fn waiting(&mut self, now: Timestamp) -> Result<Option<Waiting>, LedgerError> {
        loop {
            if self.due.is_empty() && self.next_due.is_some_and(|due| due <= now) {
                self.fetch_due(now)?;
            } else if let Some(waiting) = self.due.pop_front().or_else(|| self.planned.pop_front()) {
                return Ok(Some(waiting));
            } else if self.exhausted {
                return Ok(None);
            } else {
                self.fetch()?;
            }
        }
    }

    fn fetch(&mut self) -> Result<(), LedgerError> {
        let batch = self.ledger.planned(self.edition, &self.choice, self.after, BATCH)?;
        self.exhausted = batch.len() < BATCH;
        self.after = batch.last().map_or(self.after, |waiting| waiting.place);
        self.planned = batch.into_iter().filter(|waiting| !self.is_out(waiting.delivery)).collect();
        Ok(())
    }

    fn fetch_due(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        let batch = self.ledger.due(self.edition, &self.choice, self.due_after, now, BATCH)?;
        if batch.len() < BATCH {
            self.next_due = self.ledger.next_due(self.edition, &self.choice, now)?;
        }
        if let Some(last) = batch.last() {
            let due = last.due.unwrap_or(now);
            self.due_after = DueAfter { due, place: last.place };
        }
        self.due = batch.into_iter().filter(|waiting| !self.is_out(waiting.delivery)).collect();
        Ok(())
    }

    /// Those that are given out will be written down differently from how they stand in the ledger.
    fn is_out(&self, delivery: DeliveryId) -> bool {
        self.held.contains(&delivery) || self.returned.iter().any(|back| back.waiting.delivery == delivery)
    }

    /// Starts from the first letter again, since some that were passed over may be open now; whether
    /// there is one.
    pub fn look_again(&mut self, now: Timestamp, clock: Duration) -> Result<bool, LedgerError> {
        if self.left == Some(0) {
            return Ok(false);
        }
        self.planned.clear();
        self.due.clear();
        (self.after, self.exhausted) = (0, false);
        (self.due_after, self.next_due) = (DueAfter::NONE, Some(Timestamp::UNIX_EPOCH));
        self.sidings = Sidings::default();
        let mut found = self.find(now, clock)?;
        while found.is_none() && self.is_searching {
            found = self.find(now, clock)?;
        }
        let is_there = found.is_some();
        self.returned.extend(found);
        Ok(is_there)
    }

    /// A letter comes back and goes first; `has_begun` says whether its body may have left in part.
    pub fn give_back(&mut self, parcel: Parcel, has_begun: bool) {
        self.release(&parcel, has_begun);
        self.allow_another();
        self.returned.push_front(parcel);
    }

    /// A letter that was given out was not begun and never will be: the limit counts those that are.
    pub fn allow_another(&mut self) {
        self.left = self.left.map(|left| left + 1);
    }

    /// So many letters from here on; `None` is all.
    pub fn allow(&mut self, letters: Option<u64>) {
        self.left = letters;
    }

    /// The ledger knows what became of it; `has_begun` says whether its body may have left.
    pub fn release(&mut self, parcel: &Parcel, has_begun: bool) {
        self.held.remove(&parcel.waiting.delivery);
        self.throttle.back(parcel.lane, has_begun);
        if let Some(lane) = parcel.lane {
            self.sidings.freed(lane);
        }
    }

    /// A letter was put off until then.
    pub fn expect(&mut self, due: Timestamp) {
        self.next_due = Some(self.next_due.map_or(due, |known| known.min(due)));
    }

    /// When a deferred letter is due, if none is at `now`.
    pub fn due_at(&self, now: Timestamp) -> Result<Option<Timestamp>, LedgerError> {
        self.ledger.next_due(self.edition, &self.choice, now)
    }

    /// When a receiver whose letters wait may open, or all may; `None` where nothing more is to go.
    pub fn opens_at(&mut self, clock: Duration) -> Option<Duration> {
        match self.throttle.ask(clock) {
            _ if self.is_limited() => None,
            Err(Hold::Until(opens)) => Some(opens),
            Err(Hold::Busy) | Ok(()) => {
                self.returned_opens_at(clock).into_iter().chain(self.sidings.opens_at()).min()
            }
        }
    }

    /// When the first of the letters that came back may go, if their receivers hold them all.
    fn returned_opens_at(&mut self, clock: Duration) -> Option<Duration> {
        let Queue { returned, throttle, .. } = self;
        let until = |lane| match throttle.ask_lane(lane, clock) {
            Err(Hold::Until(opens)) => Some(opens),
            Err(Hold::Busy) | Ok(()) => None,
        };
        returned.iter().filter_map(|parcel| parcel.lane).filter_map(until).min()
    }

    /// The same, of those that nobody asked us to write to later or more slowly.
    pub fn opens_by_pace(&mut self, clock: Duration) -> Option<Duration> {
        self.opens_of(clock, |throttle, whom| !throttle.is_restrained(whom, clock))
    }

    /// The same, of those that nobody asked us to write to later; more slowly, perhaps.
    pub fn opens_by_brake(&mut self, clock: Duration) -> Option<Duration> {
        self.opens_of(clock, |throttle, whom| !throttle.is_paused(whom, clock))
    }

    fn opens_of(
        &mut self,
        clock: Duration,
        is_meant: impl Fn(&Throttle, Option<LaneId>) -> bool,
    ) -> Option<Duration> {
        match self.throttle.ask(clock) {
            _ if self.is_limited() => None,
            Err(Hold::Until(opens)) => is_meant(&self.throttle, None).then_some(opens),
            Err(Hold::Busy) | Ok(()) => self.sidings.opens(|lane| is_meant(&self.throttle, Some(lane))),
        }
    }

    /// Whether nothing may go to anybody.
    pub fn is_shut(&mut self, clock: Duration) -> bool {
        self.throttle.ask(clock).is_err()
    }

    /// Whether there is more to look through at once.
    pub fn is_searching(&mut self, clock: Duration) -> bool {
        self.is_searching && !self.is_limited() && !self.is_shut(clock)
    }

    pub fn is_limited(&self) -> bool {
        self.left == Some(0)
    }
}
