//! The ledger's proof that a letter, or a call of many, has been written down.

use jiff::Timestamp;

/// The row of one letter in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(pub i64);

/// Proof that the attempt at a letter is durable in the ledger, so that its body may leave us.
/// Only the ledger makes one, and settling takes it: an attempt ends once.
#[derive(Debug)]
pub struct Recorded {
    delivery: DeliveryId,
    attempt: u32,
}

impl Recorded {
    pub(super) fn new(delivery: DeliveryId, attempt: u32) -> Recorded {
        Recorded { delivery, attempt }
    }

    pub fn delivery(&self) -> DeliveryId {
        self.delivery
    }

    /// From 1; counts every begin of this delivery.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// A proof of nothing, for tests of what asks for one.
    #[cfg(test)]
    pub fn for_tests() -> Recorded {
        Recorded::new(DeliveryId(0), 1)
    }
}

/// Proof that a call was written down with all its letters, so that it may be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedCall {
    key: String,
    until: Timestamp,
    is_denied: bool,
}

impl NotedCall {
    pub(super) fn new(key: String, until: Timestamp, is_denied: bool) -> NotedCall {
        NotedCall { key, until, is_denied }
    }

    /// What the provider knows it by.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// From then on it would be another call.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Whether it was answered before that it took nothing.
    pub fn is_denied(&self) -> bool {
        self.is_denied
    }

    /// A proof of nothing, for tests of what asks for one.
    #[cfg(test)]
    pub fn for_tests(key: &str, until: Timestamp) -> NotedCall {
        NotedCall::new(key.to_owned(), until, false)
    }
}
