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
}

impl Pace {
    pub fn new(calls: Option<Rate>) -> Pace {
        let gap = calls.map_or(Duration::ZERO, |rate| rate.per / rate.letters.get());
        Pace { gap, next: Mutex::new(None) }
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

    /// No call is to follow for so long.
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
    async fn without_a_limit_nobody_waits() {
        let (pace, start) = (Pace::new(None), Instant::now());
        for _ in 0..100 {
            pace.wait().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
