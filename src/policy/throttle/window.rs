//! A quota over a rolling period: never more letters within any period than it allows.

use std::collections::VecDeque;
use std::time::Duration;

use crate::settings::transport::Rate;

/// Letters are counted in so many slots of a period; a slot counts as a whole until its last letter is a
/// period old, so that a quota is never exceeded and at most one slot of it is left unused.
const SLOTS: u32 = 200;

#[derive(Debug, Clone)]
pub struct Window {
    quota: Rate,
    slots: VecDeque<Slot>,
    /// Letters in all slots.
    used: u64,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    begins: Duration,
    letters: u64,
}

impl Window {
    pub fn new(quota: Rate) -> Window {
        Window { quota, slots: VecDeque::new(), used: 0 }
    }

    /// Whether a letter may go at `now` (time since any fixed start), or when to ask again.
    pub fn ask(&mut self, now: Duration) -> Result<(), Duration> {
        self.forget(now);
        let allowed = u64::from(self.quota.letters.get());
        if self.used < allowed {
            return Ok(());
        }
        let mut left = self.used;
        let opens = self.slots.iter().find(|slot| {
            left -= slot.letters;
            left < allowed
        });
        Err(self.ends(opens.expect("the slots hold all letters that are counted")))
    }

    /// Letters went at `now`, which is not before the last ones.
    pub fn take(&mut self, now: Duration, letters: u64) {
        self.used += letters;
        let length = self.slot_length();
        match self.slots.back_mut() {
            Some(slot) if now < slot.begins + length => slot.letters += letters,
            _ => self.slots.push_back(Slot { begins: now, letters }),
        }
    }

    /// The last letter did not go after all.
    pub fn give_back(&mut self) {
        if let Some(slot) = self.slots.iter_mut().rev().find(|slot| slot.letters > 0) {
            slot.letters -= 1;
            self.used -= 1;
        }
    }

    /// At least how long `letters` take from `now` on.
    pub fn at_least(&mut self, letters: u64, now: Duration) -> Duration {
        let Some(more) = letters.checked_sub(self.left() + 1) else { return Duration::ZERO };
        self.forget(now);
        let first = self.slots.front().map_or(now + self.quota.per, |first| self.ends(first));
        let opens = self.ask(now).err().unwrap_or(first).saturating_sub(now);
        let whole_periods = u32::try_from(more / u64::from(self.quota.letters.get())).unwrap_or(u32::MAX);
        opens + self.quota.per.saturating_mul(whole_periods)
    }

    /// How many letters may still go before the window is full.
    pub fn left(&self) -> u64 {
        u64::from(self.quota.letters.get()).saturating_sub(self.used)
    }

    pub fn quota(&self) -> Rate {
        self.quota
    }

    fn slot_length(&self) -> Duration {
        self.quota.per / SLOTS
    }

    fn ends(&self, slot: &Slot) -> Duration {
        slot.begins + self.slot_length() + self.quota.per
    }

    fn forget(&mut self, now: Duration) {
        while let Some(first) = self.slots.front().copied().filter(|first| self.ends(first) <= now) {
            self.used -= first.letters;
            self.slots.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn window(letters: u32, seconds: u64) -> Window {
        let letters = letters.try_into().unwrap();
        Window::new(Rate { letters, per: Duration::from_secs(seconds) })
    }

    fn second(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn a_full_window_opens_when_its_first_letters_are_a_period_old() {
        let mut window = window(3, 200);
        window.take(second(10), 2);
        window.take(second(50), 1);
        assert_eq!(window.ask(second(60)), Err(second(211)));
        assert_eq!((window.ask(second(211)), window.left()), (Ok(()), 2));
    }

    #[test]
    fn what_earlier_runs_sent_counts() {
        let mut window = window(10, 200);
        window.take(second(1), 25);
        assert_eq!(window.ask(second(100)), Err(second(202)));
    }

    #[test]
    fn a_letter_that_did_not_go_leaves_room_for_another() {
        let mut window = window(1, 200);
        window.take(second(0), 1);
        window.give_back();
        assert_eq!(window.ask(second(0)), Ok(()));
        window.give_back();
        assert_eq!(window.left(), 1);
    }

    proptest! {
        #[test]
        fn no_period_holds_more_than_the_quota(waits in proptest::collection::vec(0u64..40, 1..300)) {
            let mut window = window(7, 100);
            let (mut now, mut went) = (Duration::ZERO, Vec::new());
            for wait in waits {
                now += Duration::from_secs(wait) / 10;
                match window.ask(now) {
                    Ok(()) => {
                        window.take(now, 1);
                        went.push(now);
                    }
                    Err(opens) => prop_assert!(opens > now),
                }
            }
            for start in &went {
                let within = went.iter().filter(|at| **at >= *start && **at < *start + second(100));
                prop_assert!(within.count() <= 7);
            }
        }

        #[test]
        fn a_window_opens_when_it_said_it_would(takes in proptest::collection::vec((0u64..60, 1u64..4), 1..80)) {
            let mut window = window(9, 100);
            let mut now = Duration::ZERO;
            for (wait, letters) in takes {
                now += second(wait);
                if let Err(opens) = window.ask(now) {
                    prop_assert!(window.ask(opens - Duration::from_nanos(1)).is_err());
                    prop_assert_eq!(window.ask(opens), Ok(()));
                    now = opens;
                }
                window.take(now, letters);
            }
        }
    }
}
