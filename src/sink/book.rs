//! What arrived: by recipient, in some twenty bytes each, so that a million of them are no burden.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::dice;

/// Maps that grow one after the other, and seldom make two connections wait for each other.
const SHARDS: usize = 64;

/// Every recipient whose name was heard, by the hash of the address.
#[derive(Debug)]
pub struct Book {
    shards: Vec<Mutex<HashMap<u64, Entry>>>,
}

/// What is known of one recipient.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Entry {
    /// Of the Message-ID of the first letter that was taken.
    id: u32,
    /// When the first envelope came, in milliseconds since the start.
    first_ms: u32,
    /// Envelopes, up to 255.
    attempts: u8,
    /// Letters that were taken, up to 255.
    taken: u8,
    marks: u8,
}

/// Something that happened to a recipient's letters at least once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A 5xx that was about this letter.
    Refused = 1,
    /// The whole letter may have left the sender, and no clear answer in time came back.
    Unanswered = 2,
    /// One was taken under another Message-ID than the first.
    OtherId = 4,
}

impl Entry {
    /// Envelopes for this recipient; 255 stands for more, too.
    pub fn attempts(&self) -> u32 {
        self.attempts.into()
    }

    /// Letters that were taken; 255 stands for more, too.
    pub fn taken(&self) -> u32 {
        self.taken.into()
    }

    /// Whether that happened at least once.
    pub fn has(&self, mark: Mark) -> bool {
        self.marks & mark as u8 != 0
    }

    /// When the first envelope came, since the server's start.
    pub fn first(&self) -> Duration {
        Duration::from_millis(self.first_ms.into())
    }

    /// Whether the letters that were taken had this Message-ID.
    pub fn is_of(&self, message_id: &str) -> bool {
        self.id == id_hash(message_id) && !self.has(Mark::OtherId)
    }
}

/// `message_id` with or without its angle brackets.
fn id_hash(message_id: &str) -> u32 {
    let inner = message_id.trim().trim_start_matches('<').trim_end_matches('>');
    (dice::hash(inner.as_bytes()) >> 32) as u32
}

/// What an address is kept under.
pub fn key(address: &str) -> u64 {
    dice::hash_without_case(address)
}

impl Default for Book {
    fn default() -> Book {
        Book { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl Book {
    fn with<T>(&self, key: u64, work: impl FnOnce(&mut HashMap<u64, Entry>) -> T) -> T {
        let shard = &self.shards[(key >> 58) as usize];
        work(&mut shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// An envelope names this recipient; how it stands with them from here on.
    pub fn heard_of(&self, key: u64, now: Duration) -> Entry {
        self.with(key, |entries| {
            let first_ms = u32::try_from(now.as_millis()).unwrap_or(u32::MAX);
            let entry = entries.entry(key).or_insert(Entry { first_ms, ..Entry::default() });
            entry.attempts = entry.attempts.saturating_add(1);
            *entry
        })
    }

    /// A letter was taken.
    pub fn took(&self, key: u64, message_id: &str) {
        let id = id_hash(message_id);
        self.with(key, |entries| {
            let entry = entries.entry(key).or_default();
            match entry.taken {
                0 => entry.id = id,
                _ if entry.id != id => entry.marks |= Mark::OtherId as u8,
                _ => {}
            }
            entry.taken = entry.taken.saturating_add(1);
        });
    }

    /// Remembers that something happened to this recipient's letter.
    pub fn mark(&self, key: u64, mark: Mark) {
        self.with(key, |entries| entries.entry(key).or_default().marks |= mark as u8);
    }

    /// What is known of this recipient.
    pub fn of(&self, key: u64) -> Entry {
        self.with(key, |entries| entries.get(&key).copied().unwrap_or_default())
    }

    /// Everybody.
    pub fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for shard in &self.shards {
            for entry in shard.lock().unwrap_or_else(PoisonError::into_inner).values() {
                sums.named += 1;
                sums.reached += u64::from(entry.taken > 0);
                sums.twice += u64::from(entry.taken > 1);
            }
        }
        sums
    }
}

/// How many recipients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Were named in an envelope.
    pub named: u64,
    /// Have at least one letter.
    pub reached: u64,
    /// Have more than one.
    pub twice: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_letter_is_seen_and_another_message_id_is_told_apart() {
        let book = Book::default();
        let ada = key("Ada@Example.org");
        assert_eq!(book.heard_of(ada, Duration::from_millis(7)).attempts(), 1);
        book.took(ada, "<1@news.example>");
        assert_eq!(book.heard_of(key("ada@example.org"), Duration::from_millis(9)).attempts(), 2);
        assert!(book.of(ada).is_of("1@news.example") && book.of(ada).first().as_millis() == 7);
        book.took(ada, "<1@news.example>");
        assert_eq!((book.of(ada).taken(), book.of(ada).has(Mark::OtherId)), (2, false));
        book.took(ada, "<2@news.example>");
        assert!(book.of(ada).has(Mark::OtherId) && !book.of(ada).is_of("1@news.example"));
        assert_eq!(book.sums(), Sums { named: 1, reached: 1, twice: 1 });
    }

    #[test]
    fn marks_stay() {
        let book = Book::default();
        book.mark(key("a@x"), Mark::Refused);
        book.mark(key("a@x"), Mark::Unanswered);
        let entry = book.of(key("a@x"));
        assert!(entry.has(Mark::Refused) && entry.has(Mark::Unanswered) && !entry.has(Mark::OtherId));
        assert_eq!(book.of(key("b@x")), Entry::default());
    }
}
