//! Try again when, give up when.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// When deferred letters are tried again.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Waits before the second, third, … attempt; the last one repeats.
    pub waits: Vec<Duration>,
    /// A delivery expires this long after its first attempt.
    pub retry_for: Duration,
}

/// A delay must exist (RFC 5321 4.5.4.1).
const LEAST_SHARE: f64 = 0.1;

/// What is next for a letter that was deferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Again(Timestamp),
    Expired,
}

impl Schedule {
    /// `attempts` counts those made, from 1; `first` is when the first one began; `chance` is uniform in
    /// 0.0..1.0 and spreads the wait over its whole length (full jitter), so that letters deferred together do
    /// not come back together; a tenth of it is always waited.
    pub fn next(&self, attempts: u32, first: Timestamp, now: Timestamp, chance: f64) -> Next {
        let again = later(now, self.wait(attempts).mul_f64(chance.max(LEAST_SHARE)));
        if again > later(first, self.retry_for) { Next::Expired } else { Next::Again(again) }
    }

    fn wait(&self, attempts: u32) -> Duration {
        let index = (attempts.max(1) - 1) as usize;
        self.waits.get(index).or(self.waits.last()).copied().unwrap_or(Duration::from_secs(15 * 60))
    }
}

/// `from` plus `span`; the end of time if that is past it.
pub fn later(from: Timestamp, span: Duration) -> Timestamp {
    let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
    from.checked_add(span).unwrap_or(Timestamp::MAX)
}

/// The moment so long before.
pub fn earlier(than: Timestamp, span: Duration) -> Timestamp {
    let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
    than.checked_sub(span).unwrap_or(Timestamp::MIN)
}

/// How long to wait before connecting again after `failures` (from 1) in a row, while no other connection
/// works; `None` when it is time to tell the person that the server cannot be reached.
pub fn reconnect(failures: u32) -> Option<Duration> {
    const WAITS_MS: [u64; 3] = [250, 1_000, 3_000];
    WAITS_MS.get(failures.max(1) as usize - 1).map(|wait| Duration::from_millis(*wait))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn minutes(number: u64) -> Duration {
        Duration::from_secs(60 * number)
    }

    fn schedule() -> Schedule {
        Schedule { waits: vec![minutes(1), minutes(5), minutes(15)], retry_for: minutes(60) }
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(60 * minute).unwrap()
    }

    #[test]
    fn waits_grow_and_the_last_one_repeats() {
        let wait = |attempts| match schedule().next(attempts, at(0), at(0), 1.0) {
            Next::Again(due) => due,
            Next::Expired => panic!("it is too early to give up"),
        };
        assert_eq!([1, 2, 3, 9].map(wait), [at(1), at(5), at(15), at(15)]);
    }

    #[test]
    fn a_letter_expires_when_its_next_try_would_be_too_late() {
        assert_eq!(schedule().next(3, at(0), at(50), 1.0), Next::Expired);
        assert!(matches!(schedule().next(3, at(0), at(44), 1.0), Next::Again(_)));
    }

    #[test]
    fn an_empty_schedule_still_waits() {
        let schedule = Schedule { waits: Vec::new(), retry_for: minutes(60) };
        assert_eq!(schedule.next(1, at(0), at(0), 1.0), Next::Again(at(15)));
    }

    #[test]
    fn connecting_is_tried_a_few_times_and_then_told() {
        assert!(reconnect(1) < reconnect(2) && reconnect(2) < reconnect(3));
        assert_eq!(reconnect(4), None);
    }

    proptest! {
        #[test]
        fn the_next_try_is_never_in_the_past_nor_past_the_limit(
            attempts in 0u32..50, now in 0i64..100_000, chance in 0.0f64..1.0
        ) {
            if let Next::Again(due) = schedule().next(attempts, at(0), at(now), chance) {
                prop_assert!(due > at(now) && due <= at(60));
            }
        }
    }
}
