//! Decides when a run is over, and why.

use super::*;
use crate::ledger::LedgerError;
use crate::model::delivery::State;
use crate::policy::retry::later;
use crate::policy::throttle::UsedUp;

/// A run goes on for a letter that our own pace lets out within this time, however short it waits for others.
const PACE: Duration = Duration::from_secs(120);
/// A speed that was lowered is tried out for so long, however short a run waits for others.
const BRAKE: Duration = Duration::from_secs(10);
/// Whoever may not enter yet does not ask without end.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);
/// Connections are not kept open for a pause that is longer.
const AWAY: Duration = Duration::from_secs(5);

impl Conductor {
    /// With all couriers idle: whether there is nothing to wait for. Decides why the run ends.
    pub(super) fn is_over(&mut self) -> bool {
        if self.ending.is_some() {
            return true;
        }
        let now = now();
        let is_later = self.queue.is_searching(self.clock.now())
            || self.door.next_try(Instant::now()).is_some()
            || self.waiting_until.is_some_and(|until| now < until)
            || self.opens_soon(now);
        if is_later {
            return false;
        }
        match self.look_for_more(now) {
            Ok(true) => return false,
            Ok(false) => {}
            Err(error) => self.end(Err(error.into())),
        }
        self.ending.is_some()
    }

    /// The pace of a run is no reason to end it. Those who ask for time get as much as a run waits, in all since
    /// a letter got through.
    fn opens_soon(&mut self, now: Timestamp) -> bool {
        let clock = self.clock.now();
        let Some(opens) = self.queue.opens_at(clock) else { return false };
        let by_pace = self.queue.opens_by_pace(clock).is_some_and(|opens| opens <= clock + PACE);
        let is_soon = by_pace || self.can_be_held_until(opens, clock);
        if is_soon && opens > clock + AWAY {
            self.waiting_until = Some(self.clock.moment(opens)).filter(|until| *until > now);
            self.rest_all();
        }
        is_soon
    }

    fn can_be_held_until(&mut self, opens: Duration, clock: Duration) -> bool {
        let since = *self.held_since.get_or_insert(clock);
        let wait = self.score.wait;
        let braked = self.queue.opens_by_brake(clock);
        opens <= since + wait || braked.is_some_and(|opens| opens <= since + BRAKE.max(wait))
    }

    /// Whether there is something to send now or to wait for; if not, the run ends.
    fn look_for_more(&mut self, now: Timestamp) -> Result<bool, LedgerError> {
        if self.queue.is_limited() && self.canary_went_well() {
            return Ok(true);
        }
        if self.queue.is_shut(self.clock.now()) {
            let due = self.queue.due_at(now)?;
            let ending = self.end_without_more(due);
            self.end(Ok(ending));
            return Ok(false);
        }
        self.resend_uncertain(now)?;
        if self.queue.look_again(now, self.clock.now())? {
            return Ok(true);
        }
        let due = if self.queue.is_limited() { None } else { self.queue.due_at(now)? };
        if self.ending.is_some() || due.is_some_and(|due| self.can_wait_for(due, now)) {
            return Ok(true);
        }
        let ending = self.end_without_more(due);
        self.end(Ok(ending));
        Ok(false)
    }

    /// Those that went first have their answers: the rest follows, or the run ends.
    fn canary_went_well(&mut self) -> bool {
        let Some(canary) = self.score.canary.take() else { return false };
        match self.tally.canary() {
            None => {
                self.queue.allow(canary.after);
                true
            }
            Some(by) => {
                let silent = || Broken::cut(Phase::Answer, "no answer came");
                let last = self.last_trouble.clone().unwrap_or_else(silent);
                self.end(Ok(End::Gate { by, last }));
                false
            }
        }
    }

    /// Waiting is bounded as a whole, not per letter. Connections are not kept open for it.
    fn can_wait_for(&mut self, due: Timestamp, now: Timestamp) -> bool {
        let since = *self.waiting_since.get_or_insert(now);
        let can = due <= later(since, self.score.wait);
        self.waiting_until = can.then_some(due);
        self.rest_all();
        can
    }

    fn rest_all(&mut self) {
        for courier in 0..self.hands.len() {
            self.order(courier, Order::Rest);
        }
    }

    fn end_without_more(&mut self, due: Option<Timestamp>) -> End {
        let clock = self.clock.now();
        let opens = if self.queue.is_limited() { None } else { self.queue.opens_at(clock) };
        let opens = opens.map(|opens| self.clock.moment(opens));
        match (due, opens) {
            _ if self.tally.counts.open() == 0 => End::Complete,
            (Some(due), Some(until)) if self.tally.counts.get(State::Planned) == 0 => {
                End::Deferred(due.max(until))
            }
            (due, Some(until)) if due.is_none_or(|due| until < due) => {
                End::Paced { until, by: self.held_by(clock) }
            }
            (Some(due), _) => End::Deferred(due),
            (None, _) => End::Limited,
        }
    }

    fn held_by(&mut self, clock: Duration) -> Option<UsedUp> {
        let used_up = self.queue.throttle.used_up(clock);
        used_up.or_else(|| self.queue.opens_by_pace(clock).map(|_| UsedUp::Pace))
    }

    /// Nobody is on the wire: with `resend`, what became uncertain in this run goes out again, once.
    fn resend_uncertain(&mut self, now: Timestamp) -> Result<(), LedgerError> {
        let wanted = self.score.on_uncertain == OnUncertain::Resend && !self.has_resent;
        if wanted && self.tally.counts.get(State::Uncertain) > 0 {
            self.has_resent = true;
            let Score { ledger, edition, choice, transport_name, .. } = &self.score;
            ledger.recover(*edition, OnUncertain::Resend, choice, transport_name, now)?;
            self.tally.counts = ledger.counts(*edition)?;
        }
        Ok(())
    }

    /// When there may be something to do without any signal.
    pub(super) fn wake_at(&mut self) -> Instant {
        let now = Instant::now();
        if !self.hands.iter().any(|hand| matches!(hand, Hand::Idle)) {
            return now + TICK;
        }
        let clock = self.clock.now();
        let search = self.queue.is_searching(clock).then_some(now);
        let pace = self.queue.opens_at(clock).map(|opens| self.clock.instant(opens));
        let wake = [search, pace, self.door.next_try(now)].into_iter().flatten().min().unwrap_or(now + TICK);
        wake.max(now + SHORTEST_SLEEP)
    }
}
