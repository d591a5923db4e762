//! Letters that wait for their receiver, while those to others go past. Holds their numbers alone, so that a
//! million of them are some megabytes; each is read again when its turn comes.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::time::Duration;

use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::Waiting;
use crate::ledger::{Ledger, LedgerError};
use crate::policy::throttle::{Hold, LaneId, Throttle};

/// So many are read at once.
const BATCH: usize = 64;

#[derive(Debug, Default)]
pub struct Sidings {
    lanes: HashMap<LaneId, Siding>,
    /// Lanes that may have a letter to go, in turn.
    turns: VecDeque<LaneId>,
    /// Lanes that open at a known time.
    timed: BinaryHeap<Reverse<(Duration, LaneId)>>,
}

#[derive(Debug, Default)]
struct Siding {
    parked: VecDeque<DeliveryId>,
    read: VecDeque<Waiting>,
    /// Its lane opens when a letter under way comes back.
    is_busy: bool,
}

impl Siding {
    fn is_empty(&self) -> bool {
        self.parked.is_empty() && self.read.is_empty()
    }

    fn next(&mut self, ledger: &Ledger) -> Result<Option<Waiting>, LedgerError> {
        while self.read.is_empty() && !self.parked.is_empty() {
            let some: Vec<DeliveryId> = self.parked.drain(..self.parked.len().min(BATCH)).collect();
            self.read.extend(ledger.letters(&some)?);
        }
        Ok(self.read.pop_front())
    }
}

impl Sidings {
    /// Whether letters of this lane wait; then another may not overtake them.
    pub fn has(&self, lane: LaneId) -> bool {
        self.lanes.contains_key(&lane)
    }

    /// How many lanes may have a letter to go.
    pub fn turns(&self) -> usize {
        self.turns.len()
    }

    /// A letter waits behind those of its lane; `hold` is why, if it is the first.
    pub fn park(&mut self, lane: LaneId, delivery: DeliveryId, hold: Hold) {
        let is_first = !self.has(lane);
        self.lanes.entry(lane).or_default().parked.push_back(delivery);
        if is_first {
            self.hold(lane, hold);
        }
    }

    fn hold(&mut self, lane: LaneId, hold: Hold) {
        match hold {
            Hold::Until(opens) => self.timed.push(Reverse((opens, lane))),
            Hold::Busy => self.lanes.entry(lane).or_default().is_busy = true,
        }
    }

    /// A letter of this lane is not under way any more.
    pub fn freed(&mut self, lane: LaneId) {
        if let Some(siding) = self.lanes.get_mut(&lane)
            && std::mem::take(&mut siding.is_busy)
        {
            self.turns.push_back(lane);
        }
    }

    /// The next letter of the lane whose turn it is.
    pub fn next(
        &mut self,
        now: Duration,
        throttle: &mut Throttle,
        ledger: &Ledger,
    ) -> Result<Option<(LaneId, Waiting)>, LedgerError> {
        self.wake(now);
        while let Some(lane) = self.turns.pop_front() {
            if let Err(hold) = throttle.ask_lane(lane, now) {
                self.hold(lane, hold);
                continue;
            }
            let siding = self.lanes.get_mut(&lane).expect("a lane that has a turn has a siding");
            let next = siding.next(ledger)?;
            match siding.is_empty() {
                true => drop(self.lanes.remove(&lane)),
                false => self.turns.push_back(lane),
            }
            if let Some(waiting) = next {
                return Ok(Some((lane, waiting)));
            }
        }
        Ok(None)
    }

    fn wake(&mut self, now: Duration) {
        while let Some(Reverse((_, lane))) = self.timed.peek().copied().filter(|Reverse((at, _))| *at <= now)
        {
            self.timed.pop();
            self.turns.push_back(lane);
        }
    }

    /// When the first of the lanes that wait for a time may open.
    pub fn opens_at(&self) -> Option<Duration> {
        self.timed.peek().map(|Reverse((at, _))| *at)
    }

    /// The same of the lanes that are `wanted`.
    pub fn opens(&self, wanted: impl Fn(LaneId) -> bool) -> Option<Duration> {
        self.timed.iter().filter(|Reverse((_, lane))| wanted(*lane)).map(|Reverse((at, _))| *at).min()
    }
}
