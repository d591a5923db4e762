//! What the ledger says of each letter, held against what the sink got. Two independent books: where they differ, the
//! difference has a name.

use crate::model::delivery::{Counts, State};
use crate::sink::book::{Entry, Mark};

/// So many addresses are named for each kind of difference.
pub const NAMED: usize = 10;

/// A comparison of all letters of one edition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// As the ledger has them.
    pub counts: Counts,
    /// Accepted, and taken exactly once.
    pub reached: u64,
    /// Accepted, says the ledger; the sink never took it.
    pub lost: Group,
    /// The sink took it more than once.
    pub twice: Group,
    /// The sink took it, under another Message-ID than the ledger's.
    pub other_id: Group,
    /// The sink took it, and the ledger says neither that it was accepted nor that it may have been.
    pub unknown: Group,
    /// Refused, says the ledger; the sink never refused it.
    pub misjudged: Group,
    /// Uncertain, and the sink took it.
    pub uncertain_taken: u64,
    /// Uncertain, and the sink did not.
    pub uncertain_lost: u64,
    /// Uncertain, although the sink answered clearly: cut off on our side.
    pub unexplained: Group,
    /// The sink took letters for so many people who are in nobody's audience.
    pub strangers: u64,
}

/// How many, and the first of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    pub number: u64,
    pub first: Vec<String>,
}

impl Group {
    fn add(&mut self, address: &str) {
        self.number += 1;
        if self.first.len() < NAMED {
            self.first.push(address.to_owned());
        }
    }
}

impl Audit {
    /// One letter: where the ledger has it, what the sink knows of its recipient, and the Message-ID it must have.
    pub fn compare(&mut self, address: &str, state: State, entry: &Entry, message_id: &str) {
        self.counts.add(state, 1);
        let was_taken = entry.taken() > 0;
        if entry.taken() > 1 {
            self.twice.add(address);
        }
        if was_taken && !entry.is_of(message_id) {
            self.other_id.add(address);
        }
        match state {
            State::Accepted | State::Delivered | State::Bounced | State::Complained => match was_taken {
                true => self.reached += u64::from(entry.taken() == 1),
                false => self.lost.add(address),
            },
            State::Uncertain => self.compare_uncertain(address, entry),
            State::Refused if !was_taken && !entry.has(Mark::Refused) => self.misjudged.add(address),
            State::Planned
            | State::Sending
            | State::Deferred
            | State::Refused
            | State::Expired
            | State::Skipped
            | State::Stopped => {
                if was_taken {
                    self.unknown.add(address);
                }
            }
        }
    }

    fn compare_uncertain(&mut self, address: &str, entry: &Entry) {
        match entry.taken() > 0 {
            true => self.uncertain_taken += 1,
            false => self.uncertain_lost += 1,
        }
        if !entry.has(Mark::Unanswered) {
            self.unexplained.add(address);
        }
    }

    /// The sink reached so many people in all.
    pub fn close(&mut self, reached_by_sink: u64) {
        let known = self.reached_or_twice() + self.uncertain_taken + self.unknown.number;
        self.strangers = reached_by_sink.saturating_sub(known);
    }

    /// Accepted, and taken at least once.
    fn reached_or_twice(&self) -> u64 {
        let accepted = [State::Accepted, State::Delivered, State::Bounced, State::Complained];
        accepted.iter().map(|state| self.counts.get(*state)).sum::<u64>() - self.lost.number
    }

    /// Letters that are uncertain, whatever the sink knows of them.
    pub fn uncertain(&self) -> u64 {
        self.uncertain_taken + self.uncertain_lost
    }

    /// Whether nobody is lost, nobody has it twice, and each uncertain letter is one that was left without a clear
    /// answer, but for one on each connection that was cut off on our side.
    pub fn holds(&self, cut_off: u64) -> bool {
        let faults = [&self.lost, &self.twice, &self.other_id, &self.unknown, &self.misjudged];
        faults.iter().all(|group| group.number == 0)
            && self.strangers == 0
            && self.unexplained.number <= cut_off
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sink::book::{Book, key};

    const ADA: &str = "ada@x.example";

    /// An audit of one letter, of which the sink took those with these ids.
    fn audit(state: State, taken: &[&str], marks: &[Mark]) -> Audit {
        let (book, mut audit) = (Book::default(), Audit::default());
        book.heard_of(key(ADA), Duration::ZERO);
        taken.iter().for_each(|id| book.took(key(ADA), id));
        marks.iter().for_each(|mark| book.mark(key(ADA), *mark));
        audit.compare(ADA, state, &book.of(key(ADA)), "1@x");
        audit.close(book.sums().reached);
        audit
    }

    #[test]
    fn a_letter_that_both_know_holds() {
        let good = audit(State::Accepted, &["1@x"], &[]);
        assert!(good.holds(0) && good.reached == 1);
        assert!(audit(State::Refused, &[], &[Mark::Refused]).holds(0));
        assert!(audit(State::Expired, &[], &[]).holds(0) && audit(State::Planned, &[], &[]).holds(0));
    }

    #[test]
    fn each_difference_has_its_name() {
        assert_eq!(audit(State::Accepted, &[], &[]).lost.first, [ADA]);
        assert_eq!(audit(State::Accepted, &["1@x", "1@x"], &[]).twice.number, 1);
        assert_eq!(audit(State::Accepted, &["2@x"], &[]).other_id.number, 1);
        assert_eq!(audit(State::Deferred, &["1@x"], &[]).unknown.number, 1);
        assert_eq!(audit(State::Refused, &[], &[]).misjudged.number, 1);
        for broken in [
            audit(State::Accepted, &[], &[]),
            audit(State::Accepted, &["1@x", "1@x"], &[]),
            audit(State::Uncertain, &["1@x", "1@x"], &[Mark::Unanswered]),
            audit(State::Accepted, &["2@x"], &[]),
            audit(State::Refused, &["1@x"], &[Mark::Refused]),
            audit(State::Refused, &[], &[]),
        ] {
            assert!(!broken.holds(100), "{broken:?}");
        }
    }

    #[test]
    fn an_uncertain_letter_is_explained_by_a_missing_answer() {
        let explained = audit(State::Uncertain, &["1@x"], &[Mark::Unanswered]);
        assert!(explained.holds(0) && explained.uncertain_taken == 1);
        let cut = audit(State::Uncertain, &[], &[]);
        assert!(!cut.holds(0) && cut.holds(1) && cut.uncertain_lost == 1);
    }

    #[test]
    fn a_letter_for_a_stranger_is_seen() {
        let mut audit = audit(State::Accepted, &["1@x"], &[]);
        audit.close(2);
        assert!(audit.strangers == 1 && !audit.holds(100));
    }
}
