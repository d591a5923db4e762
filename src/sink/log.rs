//! Sums for people: how much came, for which domains, and what came last.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// More domains than this share one line.
const MOST_DOMAINS: usize = 10_000;
/// So many of the last letters are shown.
const LAST: usize = 50;
/// A subject or an address is kept to this length, in bytes.
const LONGEST: usize = 300;

/// Counts from many connections.
#[derive(Debug, Default)]
pub struct Log {
    pub connections: AtomicU64,
    pub letters: AtomicU64,
    pub bytes: AtomicU64,
    /// 4xx about a letter.
    pub deferred: AtomicU64,
    /// 5xx about a letter.
    pub refused: AtomicU64,
    /// Connections that the server ended without being asked.
    pub broken_off: AtomicU64,
    domains: Mutex<HashMap<Box<str>, Domain>>,
    last: Option<Mutex<VecDeque<Glimpse>>>,
    failure: Mutex<Option<String>>,
}

/// What happened to the letters for one domain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Domain {
    pub taken: u64,
    pub deferred: u64,
    pub refused: u64,
}

/// One letter, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glimpse {
    pub at: Timestamp,
    pub to: String,
    /// As it stands in the header.
    pub subject: String,
    pub message_id: String,
    pub bytes: u64,
}

/// What the server answered about a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Taken,
    Deferred,
    Refused,
}

impl Log {
    /// `shows`: whether the last letters are kept to be looked at.
    pub fn new(shows: bool) -> Log {
        Log { last: shows.then(Mutex::default), ..Log::default() }
    }

    /// Something was said about a letter for this address.
    pub fn said(&self, said: Said, address: &str) {
        let all = match said {
            Said::Taken => &self.letters,
            Said::Deferred => &self.deferred,
            Said::Refused => &self.refused,
        };
        all.fetch_add(1, Ordering::Relaxed);
        let name = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        let mut domains = self.domains.lock().unwrap_or_else(PoisonError::into_inner);
        let domain = find(&mut domains, name);
        match said {
            Said::Taken => domain.taken += 1,
            Said::Deferred => domain.deferred += 1,
            Said::Refused => domain.refused += 1,
        }
    }

    /// Whether anybody looks at the last letters.
    pub fn shows(&self) -> bool {
        self.last.is_some()
    }

    /// Puts a letter before the others, if anybody looks at them.
    pub fn show(&self, glimpse: Glimpse) {
        let Some(last) = &self.last else { return };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == LAST {
            last.pop_back();
        }
        last.push_front(glimpse);
    }

    /// The newest first.
    pub fn last(&self) -> Vec<Glimpse> {
        let last = self.last.as_ref().map(|last| last.lock().unwrap_or_else(PoisonError::into_inner));
        last.map(|last| last.iter().cloned().collect()).unwrap_or_default()
    }

    /// Something on this machine went wrong; the first is told at the end.
    pub fn fail(&self, what: String) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(what);
    }

    /// What went wrong first, if anything did.
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The busiest first, at most so many.
    pub fn domains(&self, most: usize) -> Vec<(String, Domain)> {
        let domains = self.domains.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<(&str, Domain)> = domains.iter().map(|(name, domain)| (&**name, *domain)).collect();
        let weight = |domain: &Domain| domain.taken + domain.deferred + domain.refused;
        all.sort_by(|(a, one), (b, other)| weight(other).cmp(&weight(one)).then(a.cmp(b)));
        all.into_iter().take(most).map(|(name, domain)| (name.to_owned(), domain)).collect()
    }
}

fn find<'a>(domains: &'a mut HashMap<Box<str>, Domain>, name: &str) -> &'a mut Domain {
    let name = shortened(name);
    let name = if domains.len() < MOST_DOMAINS || domains.contains_key(name) { name } else { "(others)" };
    if !domains.contains_key(name) {
        domains.insert(name.into(), Domain::default());
    }
    domains.get_mut(name).expect("it was put there a line above")
}

/// The first part of a text, on a border of characters.
pub fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_by_domain_and_the_busiest_stands_first() {
        let log = Log::new(false);
        log.said(Said::Taken, "a@small.example");
        for said in [Said::Deferred, Said::Taken, Said::Refused] {
            log.said(said, "b@large.example");
        }
        let domains = log.domains(10);
        assert_eq!(domains[0], ("large.example".to_owned(), Domain { taken: 1, deferred: 1, refused: 1 }));
        assert_eq!((domains.len(), log.letters.load(Ordering::Relaxed)), (2, 2));
        assert!(!log.shows() && log.last().is_empty());
    }

    #[test]
    fn only_the_last_letters_are_kept() {
        let log = Log::new(true);
        for number in 0..LAST + 5 {
            let glimpse = |to: String| Glimpse {
                at: Timestamp::UNIX_EPOCH,
                to,
                subject: String::new(),
                message_id: String::new(),
                bytes: 1,
            };
            log.show(glimpse(format!("{number}@x.example")));
        }
        assert_eq!(log.last().len(), LAST);
        assert_eq!(log.last()[0].to, format!("{}@x.example", LAST + 4));
    }

    #[test]
    fn a_domain_of_any_length_is_shortened_the_same_way_twice() {
        let log = Log::new(false);
        let long = format!("a@{}", "é".repeat(400));
        log.said(Said::Taken, &long);
        log.said(Said::Taken, &long);
        assert_eq!(log.domains(10)[0].1.taken, 2);
    }
}
