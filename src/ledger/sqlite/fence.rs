//! `courant stop`: a fence that outlives every process and is read before each letter.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Ledger, words};
use crate::ledger::LedgerError;
use crate::ledger::rows::EditionId;

/// Stands for every edition, those to come included.
const ALL: i64 = 0;

impl Ledger {
    /// `courant stop`: no letter of the edition (`None`: of any) is begun until it is lifted. A fence that
    /// stands already keeps its time.
    pub fn raise_fence(&self, edition: Option<EditionId>, now: Timestamp) -> Result<(), LedgerError> {
        let edition = edition.map_or(ALL, |edition| edition.0);
        self.store.write(|connection| {
            connection.execute(
                "INSERT INTO fence (edition, since) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![edition, now.as_millisecond()],
            )?;
            Ok(())
        })
    }

    /// Lets this edition go on, and whatever is frozen from now on. Other unfinished editions that stood
    /// behind a fence around all keep one of their own.
    pub fn lift_fence(&self, edition: EditionId) -> Result<(), LedgerError> {
        self.store.write(|connection| {
            keep_others_fenced(connection, edition)?;
            connection.execute("DELETE FROM fence WHERE edition IN (?1, ?2)", [edition.0, ALL])?;
            Ok(())
        })
    }

    /// Since when it stands.
    pub fn fence(&self, edition: EditionId) -> Result<Option<Timestamp>, LedgerError> {
        self.store.read(|connection| {
            let mut query =
                connection.prepare_cached("SELECT min(since) FROM fence WHERE edition IN (?1, ?2)")?;
            words::maybe_time(query.query_row([edition.0, ALL], |row| row.get(0))?)
        })
    }
}

fn keep_others_fenced(connection: &Connection, edition: EditionId) -> Result<(), LedgerError> {
    connection.execute(
        "INSERT INTO fence (edition, since)
         SELECT e.id, f.since FROM fence f CROSS JOIN edition e
         WHERE f.edition = ?2 AND e.id <> ?1
           AND EXISTS (SELECT 1 FROM delivery d
                       WHERE d.edition = e.id AND d.state IN ('planned', 'sending', 'deferred'))
         ON CONFLICT DO NOTHING",
        [edition.0, ALL],
    )?;
    Ok(())
}
