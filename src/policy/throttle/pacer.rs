//! A rate: letters are spaced evenly.

use std::time::Duration;

use crate::settings::transport::Rate;

/// Spaces letters evenly: after one letter the next may go a fixed gap later. What was not used is not
/// saved up, so that a pause is never followed by a burst.
#[derive(Debug, Clone)]
pub struct Pacer {
    gap: Duration,
    /// When the next letter may go, on the caller's clock.
    free_at: Duration,
}

impl Pacer {
    /// `None` is no limit.
    pub fn new(rate: Option<Rate>) -> Pacer {
        let gap = rate.map_or(Duration::ZERO, |rate| rate.per / rate.letters.get());
        Pacer { gap, free_at: Duration::ZERO }
    }

    /// Whether a letter may go at `now` (time since any fixed start), or when to ask again.
    pub fn peek(&self, now: Duration) -> Result<(), Duration> {
        if now < self.free_at { Err(self.free_at) } else { Ok(()) }
    }

    /// How long `letters` take at least.
    pub fn at_least(&self, letters: u64) -> Duration {
        Duration::from_secs_f64(self.gap.as_secs_f64() * letters.saturating_sub(1) as f64)
    }

    /// A letter goes at `now`.
    pub fn take(&mut self, now: Duration) {
        // The start of a slot counts, not the moment of asking: a caller that comes late by less than
        // a gap does not slow the whole run down.
        let late = now.saturating_sub(self.free_at);
        let start = if late < self.gap { self.free_at } else { now };
        self.free_at = start + self.gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pacer(letters: u32) -> Pacer {
        let rate = Rate { letters: letters.try_into().unwrap(), per: Duration::from_secs(1) };
        Pacer::new(Some(rate))
    }

    #[test]
    fn without_a_rate_every_letter_may_go() {
        let mut pacer = Pacer::new(None);
        for _ in 0..1000 {
            pacer.take(Duration::ZERO);
        }
        assert_eq!(pacer.peek(Duration::ZERO), Ok(()));
    }

    #[test]
    fn a_second_letter_waits_its_gap() {
        let mut pacer = pacer(10);
        pacer.take(Duration::from_secs(5));
        assert_eq!(pacer.peek(Duration::from_secs(5)), Err(Duration::from_millis(5100)));
        pacer.take(Duration::from_millis(5150));
        assert_eq!(pacer.peek(Duration::from_millis(5150)), Err(Duration::from_millis(5200)));
    }

    proptest! {
        #[test]
        fn no_second_holds_more_than_the_rate_and_one(asks in proptest::collection::vec(0u64..200, 1..400)) {
            let mut pacer = pacer(20);
            let mut now = Duration::ZERO;
            let mut went = Vec::new();
            for wait in asks {
                now += Duration::from_millis(wait);
                if pacer.peek(now).is_ok() {
                    pacer.take(now);
                    went.push(now);
                }
            }
            for start in &went {
                let within = went.iter().filter(|at| **at >= *start && **at < *start + Duration::from_secs(1));
                prop_assert!(within.count() <= 21);
            }
        }
    }
}
