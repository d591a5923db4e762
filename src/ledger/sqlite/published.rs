//! Which issues people have: what an archive is made of.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Ledger, editions, words};
use crate::ledger::LedgerError;
use crate::ledger::rows::{EditionId, EditionRow};
use crate::model::delivery::{Realm, State};
use crate::model::issue::IssueId;

/// An issue of which somebody has a letter.
#[derive(Debug, Clone)]
pub struct Published {
    /// The newest edition that somebody has.
    pub edition: EditionRow,
    /// When the first letter of its first edition was begun.
    pub first: Timestamp,
    /// Letters are left to be begun, and nobody goes on by themselves: a part was sent by hand, or it was stopped.
    pub is_held_back: bool,
}

/// What a letter is in that somebody's server took.
const TAKEN: [State; 4] = [State::Accepted, State::Delivered, State::Bounced, State::Complained];

impl Ledger {
    /// Every issue that went out live, in the order in which they went.
    pub fn published(&self) -> Result<Vec<Published>, LedgerError> {
        self.store.read(published)
    }
}

fn published(connection: &Connection) -> Result<Vec<Published>, LedgerError> {
    let mut found: BTreeMap<IssueId, Published> = BTreeMap::new();
    for edition in editions::all(connection)?.into_iter().rev().filter(|edition| edition.realm == Realm::Live)
    {
        let Some(first) = first_taken(connection, edition.id)? else { continue };
        let earlier = found.get(&edition.issue).map(|published| published.first);
        let first = earlier.map_or(first, |earlier| earlier.min(first));
        let is_held_back = is_held_back(connection, edition.id)?;
        found.insert(edition.issue.clone(), Published { edition, first, is_held_back });
    }
    let mut all: Vec<Published> = found.into_values().collect();
    all.sort_by(|one, other| (one.first, &one.edition.issue).cmp(&(other.first, &other.edition.issue)));
    Ok(all)
}

fn is_held_back(connection: &Connection, edition: EditionId) -> Result<bool, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM fence WHERE edition IN (?1, 0))
            AND EXISTS (SELECT 1 FROM delivery WHERE edition = ?1 AND state = ?2)",
    )?;
    Ok(query.query_row(params![edition.0, State::Planned.name()], |row| row.get(0))?)
}

/// When the first of its letters that was taken was begun: the one with the lowest place, which an index finds among
/// millions.
fn first_taken(connection: &Connection, edition: EditionId) -> Result<Option<Timestamp>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT first_begun FROM delivery
         WHERE id = (SELECT min(id) FROM delivery WHERE edition = ?1 AND state = ?2)",
    )?;
    let mut first: Option<i64> = None;
    for state in TAKEN {
        let begun: Option<Option<i64>> =
            query.query_row(params![edition.0, state.name()], |row| row.get(0)).optional()?;
        first = [first, begun.flatten()].into_iter().flatten().min();
    }
    first.map(words::time).transpose()
}
