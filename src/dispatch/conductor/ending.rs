//! Decides when a run is over, and why.

use super::*;
use crate::ledger::LedgerError;
use crate::model::delivery::State;
use crate::policy::retry::later;

impl Conductor {
    /// With all couriers idle: whether there is nothing to wait for. Decides why the run ends.
    pub(super) fn is_over(&mut self) -> bool {
        if self.ending.is_some() {
            return true;
        }
        let now = now();
        if self.door_or_pace_says_later() || self.waiting_until.is_some_and(|until| now < until) {
            return false;
        }
        match self.look_for_more(now) {
            Ok(true) => return false,
            Ok(false) => {}
            Err(error) => self.end(Err(error.into())),
        }
        self.ending.is_some()
    }

    fn door_or_pace_says_later(&self) -> bool {
        self.door.next_try(Instant::now()).is_some() || self.pacer.peek(self.started.elapsed()).is_err()
    }

    /// Whether there is something to send now or to wait for; if not, the run ends.
    fn look_for_more(&mut self, now: Timestamp) -> Result<bool, LedgerError> {
        self.resend_uncertain(now)?;
        if self.queue.look_again(now)? {
            return Ok(true);
        }
        let ready = if self.queue.is_limited() { None } else { self.queue.ready_at(now)? };
        if ready.is_some_and(|ready| self.can_wait_for(ready, now)) {
            return Ok(true);
        }
        self.end(Ok(self.end_without_more(ready)));
        Ok(false)
    }

    /// Waiting is bounded as a whole, not per letter. Connections are not kept open for it.
    fn can_wait_for(&mut self, ready: Timestamp, now: Timestamp) -> bool {
        let since = *self.waiting_since.get_or_insert(now);
        let can = ready <= later(since, self.score.wait);
        self.waiting_until = can.then_some(ready);
        for courier in 0..self.hands.len() {
            self.order(courier, Order::Rest);
        }
        can
    }

    fn end_without_more(&self, ready: Option<Timestamp>) -> End {
        match ready {
            _ if self.tally.counts.open() == 0 => End::Complete,
            Some(ready) => End::Deferred(ready),
            None => End::Limited,
        }
    }

    /// Nobody is on the wire: with `resend`, what became uncertain in this run goes out again, once.
    fn resend_uncertain(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        let wanted = self.score.on_uncertain == OnUncertain::Resend && !self.has_resent;
        if wanted && self.tally.counts.get(State::Uncertain) > 0 {
            self.has_resent = true;
            let Score { ledger, edition, choice, .. } = &self.score;
            ledger.recover(*edition, OnUncertain::Resend, choice, now)?;
            self.tally.counts = ledger.counts(*edition)?;
        }
        Ok(())
    }

    /// When there may be something to do without any signal.
    pub(super) fn wake_at(&self) -> Instant {
        let now = Instant::now();
        let pace = self.pacer.peek(self.started.elapsed()).err().map(|free_at| self.started + free_at);
        [pace, self.door.next_try(now)].into_iter().flatten().min().unwrap_or(now + TICK)
    }
}
