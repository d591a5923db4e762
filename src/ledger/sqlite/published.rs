//! Which issues people have: what an archive is made of.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::reckoning::REPLACED;
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
    /// Letters are left to be begun, and nobody goes on by themselves: a part was sent by hand, or it was stopped; and no
    /// earlier edition went to all of its readers.
    pub is_held_back: bool,
    /// Every edition was for a segment. An older program did not write that down, and counts as one that says no.
    pub is_for_segment: bool,
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
    let mut whole: BTreeSet<IssueId> = BTreeSet::new();
    for edition in editions::all(connection)?.into_iter().rev().filter(|edition| edition.realm == Realm::Live)
    {
        let Some(first) = first_taken(connection, edition.id)? else { continue };
        let earlier = found.get(&edition.issue);
        let first = earlier.map_or(first, |earlier| earlier.first.min(first));
        let is_for_segment =
            earlier.is_none_or(|earlier| earlier.is_for_segment) && is_for_segment(connection, edition.id)?;
        let is_held = is_held_back(connection, edition.id)?;
        let is_held_back = is_held && !whole.contains(&edition.issue);
        if !is_held && !has_given_way(connection, edition.id)? {
            whole.insert(edition.issue.clone());
        }
        found.insert(edition.issue.clone(), Published { edition, first, is_held_back, is_for_segment });
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

fn is_for_segment(connection: &Connection, edition: EditionId) -> Result<bool, LedgerError> {
    let mut query =
        connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM segment_edition WHERE edition = ?1)")?;
    Ok(query.query_row([edition.0], |row| row.get(0))?)
}

/// Whether letters of it were stopped for an edition that took its place.
fn has_given_way(connection: &Connection, edition: EditionId) -> Result<bool, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM delivery WHERE edition = ?1 AND state = ?2 AND why LIKE ?3 || '%')",
    )?;
    Ok(query.query_row(params![edition.0, State::Stopped.name(), REPLACED], |row| row.get(0))?)
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
