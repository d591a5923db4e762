//! Whether the other side lets us in. Until one connection works a single courier knocks, so that a wrong
//! password is said once and a server that is down is not met by all at once.

use std::time::Duration;

use tokio::time::Instant;

use super::signal::CourierId;
use crate::policy::retry::reconnect;

/// How long a courier rests that was not let in while others work: the server may allow fewer connections.
const CROWDED: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Door {
    open: bool,
    knocker: Option<CourierId>,
    failures: u32,
    /// Nobody connects before this.
    closed_until: Instant,
    /// Couriers that rest until then.
    resting: Vec<Option<Instant>>,
}

impl Door {
    pub fn new(couriers: usize, now: Instant) -> Door {
        let resting = vec![None; couriers];
        Door { open: false, knocker: None, failures: 0, closed_until: now, resting }
    }

    /// Whether this courier may connect or go on now; if the door is shut it becomes the one who knocks.
    pub fn may_enter(&mut self, courier: CourierId, now: Instant) -> bool {
        if now < self.closed_until || self.resting[courier].is_some_and(|until| now < until) {
            return false;
        }
        self.open || *self.knocker.get_or_insert(courier) == courier
    }

    /// Whether somebody was let in; until then it is enough that one knocks, and waits between.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Somebody was let in.
    pub fn opened(&mut self) {
        self.open = true;
        self.knocker = None;
        self.failures = 0;
    }

    /// A courier that was told to enter did not after all.
    pub fn gave_up(&mut self, courier: CourierId) {
        if self.knocker == Some(courier) {
            self.knocker = None;
        }
    }

    /// A connection could not be made, or was lost before its first envelope. True if it is time to tell
    /// the person: nobody is inside and knocking has not helped.
    pub fn failed(&mut self, courier: CourierId, others_work: bool, now: Instant) -> bool {
        if others_work {
            self.resting[courier] = Some(now + CROWDED);
            return false;
        }
        if !self.open && self.knocker != Some(courier) {
            return false;
        }
        self.open = false;
        self.knocker = None;
        self.failures += 1;
        match reconnect(self.failures) {
            Some(wait) => self.closed_until = now + wait,
            None => return true,
        }
        false
    }

    /// When the next courier may try, if none may now.
    pub fn next_try(&self, now: Instant) -> Option<Instant> {
        let resting = self.resting.iter().flatten().filter(|until| **until > now).min();
        [(self.closed_until > now).then_some(self.closed_until), resting.copied()].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_knocks_until_the_door_opens_and_then_all_may_enter() {
        let now = Instant::now();
        let mut door = Door::new(2, now);
        assert!(door.may_enter(0, now) && !door.may_enter(1, now) && door.may_enter(0, now));
        door.opened();
        assert!(door.may_enter(1, now));
    }

    #[test]
    fn knocking_pauses_longer_each_time_and_then_ends() {
        let mut now = Instant::now();
        let mut door = Door::new(1, now);
        let mut pauses = Vec::new();
        loop {
            assert!(door.may_enter(0, now));
            if door.failed(0, false, now) {
                break;
            }
            let next = door.next_try(now).expect("a pause has an end");
            pauses.push(next - now);
            now = next;
        }
        assert!(pauses.len() >= 2 && pauses.is_sorted());
    }

    #[test]
    fn a_crowded_server_rests_the_one_and_leaves_the_others() {
        let now = Instant::now();
        let mut door = Door::new(2, now);
        door.opened();
        assert!(!door.failed(1, true, now));
        assert!(!door.may_enter(1, now) && door.may_enter(0, now));
        assert!(door.may_enter(1, now + CROWDED));
    }

    #[test]
    fn when_all_are_thrown_out_together_it_counts_once() {
        let now = Instant::now();
        let mut door = Door::new(8, now);
        door.opened();
        assert!((0..8).all(|courier| !door.failed(courier, false, now)));
    }
}
