//! What a send would do: shown before it acts, and compared with what was frozen.

use std::time::Duration;

use super::audience::Sums;
use super::delivery::Realm;
use super::issue::IssueId;
use super::letter::Tracking;

/// Edition × audience × transport.
#[derive(Debug, Clone)]
pub struct Plan {
    pub issue: IssueId,
    pub subject: String,
    /// As the reader sees it.
    pub from: String,
    pub realm: Realm,
    pub transport: String,
    /// By name, in the order that decides whose attributes count.
    pub lists: Vec<String>,
    pub sums: Sums,
    /// Domains of those chosen, most letters first.
    pub domains: Domains,
    /// The largest letter on the wire, in bytes.
    pub largest_letter: usize,
    /// Of those chosen, whose letter cannot be made: the check says why, and a send refuses.
    pub unmade: u64,
    /// Time the pace alone needs; `None` without a rate.
    pub at_least: Option<Duration>,
    /// What is counted of its readers.
    pub tracking: Option<Tracking>,
    /// SHA-256 of the edition.
    pub content: String,
    /// Names the set of chosen addresses, whatever their order.
    pub audience: String,
}

/// Letters by recipient domain. Knows a bounded number of domains by name, so that a list of a million
/// domains costs no more than one of ten thousand.
#[derive(Debug, Clone, Default)]
pub struct Domains {
    named: std::collections::HashMap<String, u64>,
    others: u64,
}

impl Domains {
    const MOST: usize = 10_000;

    pub fn count(&mut self, domain: &str) {
        if let Some(letters) = self.named.get_mut(domain) {
            *letters += 1;
        } else if self.named.len() < Domains::MOST {
            self.named.insert(domain.to_owned(), 1);
        } else {
            self.others += 1;
        }
    }

    /// The `most` domains with the most letters, and the letters to all others.
    pub fn top(&self, most: usize) -> (Vec<(&str, u64)>, u64) {
        let mut all: Vec<(&str, u64)> = self.named.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let rest = all.iter().skip(most).map(|(_, letters)| letters).sum::<u64>() + self.others;
        all.truncate(most);
        (all, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_domains_come_first_and_the_rest_is_summed() {
        let mut domains = Domains::default();
        for name in ["b.example", "a.example", "b.example", "c.example"] {
            domains.count(name);
        }
        assert_eq!(domains.top(2), (vec![("b.example", 2), ("a.example", 1)], 1));
    }

    #[test]
    fn a_flood_of_domains_is_counted_without_being_kept() {
        let mut domains = Domains::default();
        for number in 0..Domains::MOST + 5 {
            domains.count(&format!("{number}.example"));
        }
        let (top, rest) = domains.top(10);
        assert_eq!((top.len(), rest), (10, Domains::MOST as u64 + 5 - 10));
    }
}
