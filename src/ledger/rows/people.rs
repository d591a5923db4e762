//! People: the lists they are on, and what forbids to write to them.

use jiff::Timestamp;

use crate::model::address::{Address, AddressKey};
use crate::model::subscriber::{Fields, ListId};

/// An address that must not be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    pub key: AddressKey,
    /// `None`: everywhere; else only this list.
    pub scope: Option<ListId>,
    /// `unsubscribed`, `bounced`, `complained`, `by hand`.
    pub reason: String,
    /// Who or what said so.
    pub source: String,
    pub at: Timestamp,
}

/// Somebody the ledger knows, with memberships and suppressions.
#[derive(Debug, Clone)]
pub struct Person {
    pub address: Address,
    pub memberships: Vec<Membership>,
    pub suppressions: Vec<Suppression>,
}

impl Person {
    /// Somebody who was never on a list.
    pub fn nowhere(address: Address) -> Person {
        Person { address, memberships: Vec::new(), suppressions: Vec::new() }
    }
}

#[derive(Debug, Clone)]
pub struct Membership {
    pub list: ListId,
    pub name: Option<String>,
    pub fields: Fields,
    /// `None` while it lasts.
    pub ended_at: Option<Timestamp>,
}

/// What a list holds.
#[derive(Debug, Clone)]
pub struct ListRow {
    pub list: ListId,
    pub name: String,
    pub members: u64,
    pub synced_at: Option<Timestamp>,
}

/// A suppression that was lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    pub scope: Option<ListId>,
    pub reason: String,
    pub source: String,
    pub at: Timestamp,
    pub lifted_at: Timestamp,
    pub lifted_by: String,
    pub note: Option<String>,
}
