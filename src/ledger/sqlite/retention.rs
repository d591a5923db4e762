//! Forgetting what is old. Who got what, what became of it, and who must not be written to stays for good.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::body::Body;
use super::{Ledger, hits, words};
use crate::ledger::LedgerError;

/// What is older than these is forgotten; `None` keeps all of a kind.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cutoffs {
    pub replies: Option<Timestamp>,
    pub events: Option<Timestamp>,
    pub editions: Option<Timestamp>,
}

/// How much was forgotten, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Attempts whose words went.
    pub replies: u64,
    /// Events whose words went, and claims.
    pub events: u64,
    /// Opens and clicks that were deleted, with all that was counted of them.
    pub hits: u64,
    /// Issues whose texts went.
    pub editions: u64,
    /// Letters whose values went.
    pub letters: u64,
    /// Attachments and images that no text needs any more.
    pub assets: u64,
}

impl Ledger {
    /// Forgets what is older. Only whoever holds the lock may ask for it. The file becomes smaller when it is done.
    pub fn forget(&self, before: Cutoffs) -> Result<Forgotten, LedgerError> {
        let forgotten = self.store.write(|connection| forget(connection, before))?;
        self.store.connect()?.execute_batch("VACUUM")?;
        Ok(forgotten)
    }

    /// What [`Ledger::forget`] would forget.
    pub fn would_forget(&self, before: Cutoffs) -> Result<Forgotten, LedgerError> {
        self.store.rolled_back(|connection| forget(connection, before))
    }
}

fn forget(connection: &Connection, before: Cutoffs) -> Result<Forgotten, LedgerError> {
    let mut forgotten = Forgotten::default();
    if let Some(before) = before.replies {
        forgotten.replies = replies(connection, before)?;
    }
    if let Some(before) = before.events {
        forgotten.events = events(connection, before)?;
        forgotten.hits = hits::forget(connection, before)?;
    }
    if let Some(before) = before.editions {
        forgotten.letters = letters(connection, before)?;
        forgotten.editions = editions(connection, before)?;
        forgotten.assets = assets(connection)?;
    }
    Ok(forgotten)
}

/// Of letters that nothing more is done with.
fn replies(connection: &Connection, before: Timestamp) -> Result<u64, LedgerError> {
    let changed = connection.execute(
        "UPDATE attempt SET reply = NULL, cause = ''
         WHERE ended_at < ?1 AND (reply IS NOT NULL OR cause <> '')
           AND delivery IN (SELECT id FROM delivery
                            WHERE state NOT IN ('planned', 'sending', 'deferred', 'uncertain'))",
        [before.as_millisecond()],
    )?;
    Ok(changed as u64)
}

/// What was told, each once: events, as they came and as they are shown of a letter, and claims that a person answered.
/// The keys of all stay, so that none is taken twice.
fn events(connection: &Connection, before: Timestamp) -> Result<u64, LedgerError> {
    let before = [before.as_millisecond()];
    let raw = "UPDATE raw_event SET body = '' WHERE received_at < ?1 AND body <> ''";
    let shown = "SELECT raw FROM event WHERE raw IS NOT NULL AND at < ?1 AND said <> ''";
    let unshown = connection.execute(&format!("{raw} AND id NOT IN ({shown})"), before)?;
    connection.execute(raw, before)?;
    let changed = connection.execute("UPDATE event SET said = '' WHERE at < ?1 AND said <> ''", before)?;
    let answered =
        "UPDATE claim SET words = '', place = '' WHERE at < ?1 AND answer IS NOT NULL AND words <> ''";
    let claims = connection.execute(answered, before)?;
    Ok((unshown + changed + claims) as u64)
}

/// Editions frozen before then of which nothing is left to do.
const COMPLETE: &str = "
    SELECT e.id FROM edition e
    WHERE e.frozen_at < ?1 AND NOT EXISTS
        (SELECT 1 FROM delivery d
         WHERE d.edition = e.id AND d.state IN ('planned', 'sending', 'deferred', 'uncertain'))";

fn letters(connection: &Connection, before: Timestamp) -> Result<u64, LedgerError> {
    let changed = connection.execute(
        &format!("UPDATE letter SET merged = '' WHERE merged <> '' AND edition IN ({COMPLETE})"),
        [before.as_millisecond()],
    )?;
    Ok(changed as u64)
}

fn editions(connection: &Connection, before: Timestamp) -> Result<u64, LedgerError> {
    let changed = connection.execute(
        &format!("UPDATE edition SET body = '' WHERE body <> '' AND id IN ({COMPLETE})"),
        [before.as_millisecond()],
    )?;
    Ok(changed as u64)
}

/// Those that no text names any more.
fn assets(connection: &Connection) -> Result<u64, LedgerError> {
    let needed = needed(connection)?;
    let mut query = connection.prepare("SELECT hash FROM asset")?;
    let all = query.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let mut gone = 0;
    for hash in all.iter().filter(|hash| !needed.contains(*hash)) {
        gone += connection.execute("DELETE FROM asset WHERE hash = ?1", params![hash])? as u64;
    }
    Ok(gone)
}

fn needed(connection: &Connection) -> Result<HashSet<String>, LedgerError> {
    let mut query = connection.prepare("SELECT body FROM edition WHERE body <> ''")?;
    let mut rows = query.query([])?;
    let mut needed = HashSet::new();
    while let Some(row) = rows.next()? {
        needed.extend(Body::assets_of(words::text(row, 0)?)?);
    }
    Ok(needed)
}
