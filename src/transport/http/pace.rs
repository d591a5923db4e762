//! When the next call may go: calls per time, and the pauses that answers ask for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::settings::transport::Rate;

/// Spaces calls evenly, however many are made at once.
pub struct Pace {
    /// Between two calls.
    gap: Duration,
    next: Mutex<Option<Instant>>,
    /// No call may be made before then, which is too long to wait for it.
    shut_until: Mutex<Option<Instant>>,
}

impl Pace {
    pub fn new(calls: Option<Rate>) -> Pace {
        let gap = calls.map_or(Duration::ZERO, |rate| rate.per / rate.letters.get());
        Pace { gap, next: Mutex::default(), shut_until: Mutex::default() }
    }

    /// Returns when a call may be made, which is then the one for this moment.
    pub async fn wait(&self) {
        let slot = self.slot(Instant::now());
        tokio::time::sleep_until(slot).await;
    }

    fn slot(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = next.map_or(now, |next| next.max(now));
        *next = Some(slot + self.gap);
        slot
    }

    /// No call is to follow for so long, and nobody waits for one: [`Pace::shut_for`] tells them.
    pub fn shut(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut shut = self.shut_until.lock().unwrap_or_else(PoisonError::into_inner);
        *shut = Some(shut.map_or(until, |shut| shut.max(until)));
    }

    /// For how long no call may be made, if that is so now.
    pub fn shut_for(&self) -> Option<Duration> {
        let shut = self.shut_until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = shut.map(|until| until.saturating_duration_since(Instant::now()));
        left.filter(|left| !left.is_zero())
    }

    /// No call is to follow for so long, which is waited for.
    pub fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(next.map_or(until, |next| next.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_are_spaced_and_a_pause_holds_for_all() {
        let five = Rate { letters: NonZeroU32::new(5).unwrap(), per: Duration::from_secs(1) };
        let (pace, start) = (Pace::new(Some(five)), Instant::now());
        for number in 0..4 {
            pace.wait().await;
            assert_eq!(start.elapsed(), Duration::from_millis(200 * number));
        }
        pace.pause(Duration::from_secs(3));
        pace.wait().await;
        assert_eq!(start.elapsed(), Duration::from_millis(3600));
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_while_it_is_shut_does_not_wait_and_learns_for_how_long() {
        let (pace, start) = (Pace::new(None), Instant::now());
        pace.shut(Duration::from_secs(3600));
        pace.shut(Duration::from_secs(60));
        pace.wait().await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert_eq!(pace.shut_for(), Some(Duration::from_secs(3600)));
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(pace.shut_for(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nobody_waits() {
        let (pace, start) = (Pace::new(None), Instant::now());
        for _ in 0..100 {
            pace.wait().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
