//! A new sender begins with few letters a day: receivers distrust whoever nobody knows and who sends many.

use std::num::NonZeroU32;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A day of sending begins with its first letter and lasts 24 hours. Days without a letter do not count: a
/// weekly newsletter takes its steps week by week.
#[derive(Debug, Clone)]
pub struct Warmup {
    steps: Vec<NonZeroU32>,
    /// How many days of sending are over.
    done: usize,
    today: Option<Today>,
}

#[derive(Debug, Clone, Copy)]
struct Today {
    began: Duration,
    letters: u64,
}

impl Warmup {
    pub fn new(steps: Vec<NonZeroU32>) -> Warmup {
        Warmup { steps, done: 0, today: None }
    }

    /// Whether a letter may go at `now`, or when the next day may begin.
    pub fn ask(&mut self, now: Duration) -> Result<(), Duration> {
        self.end_day(now);
        match (self.today, self.step()) {
            (Some(today), Some(step)) if today.letters >= u64::from(step.get()) => Err(today.began + DAY),
            _ => Ok(()),
        }
    }

    /// Letters went at `now`.
    pub fn take(&mut self, now: Duration, letters: u64) {
        self.end_day(now);
        self.today.get_or_insert(Today { began: now, letters: 0 }).letters += letters;
    }

    /// The last letter did not go after all.
    pub fn give_back(&mut self) {
        self.today = self.today.and_then(|today| {
            let letters = today.letters.saturating_sub(1);
            (letters > 0).then_some(Today { letters, ..today })
        });
    }

    /// At least how long `letters` take from `now` on.
    pub fn at_least(&self, letters: u64, now: Duration) -> Duration {
        let sent = self.today.map_or(0, |today| today.letters);
        let mut left = letters + sent;
        let mut days: u32 = 0;
        for step in self.steps.iter().skip(self.done).map(|step| u64::from(step.get())) {
            if left <= step {
                break;
            }
            left -= step;
            days += 1;
        }
        let first = self.today.map_or(Duration::ZERO, |today| now.saturating_sub(today.began));
        DAY.saturating_mul(days).saturating_sub(first)
    }

    /// Which day of sending this is, from 1, and how many letters it may have; `None` once all steps are done.
    pub fn day(&self) -> Option<(usize, NonZeroU32)> {
        Some((self.done + 1, self.step()?))
    }

    fn step(&self) -> Option<NonZeroU32> {
        self.steps.get(self.done).copied()
    }

    fn end_day(&mut self, now: Duration) {
        if self.today.is_some_and(|today| today.began + DAY <= now) {
            self.done += 1;
            self.today = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(number: u64) -> Duration {
        Duration::from_secs(number * 3600)
    }

    fn warmup(steps: &[u32]) -> Warmup {
        Warmup::new(steps.iter().map(|step| (*step).try_into().unwrap()).collect())
    }

    #[test]
    fn each_day_of_sending_has_its_step_and_after_the_last_there_is_none() {
        let mut warmup = warmup(&[2, 3]);
        warmup.take(hour(1), 2);
        assert_eq!(warmup.ask(hour(5)), Err(hour(25)));
        assert_eq!(warmup.ask(hour(25)), Ok(()));
        warmup.take(hour(30), 3);
        assert_eq!((warmup.ask(hour(31)), warmup.day().unwrap().0), (Err(hour(54)), 2));
        assert_eq!((warmup.ask(hour(54)), warmup.day()), (Ok(()), None));
        warmup.take(hour(54), 1_000);
        assert_eq!(warmup.ask(hour(55)), Ok(()));
    }

    #[test]
    fn days_without_a_letter_are_no_steps() {
        let mut warmup = warmup(&[2, 3]);
        warmup.take(hour(0), 1);
        warmup.take(hour(7 * 24), 1);
        assert_eq!(warmup.day().unwrap().0, 2);
    }

    #[test]
    fn without_steps_every_letter_may_go() {
        let mut warmup = warmup(&[]);
        warmup.take(hour(0), 1_000_000);
        assert_eq!(warmup.ask(hour(0)), Ok(()));
    }
}
