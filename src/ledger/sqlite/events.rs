//! What becomes known of letters after their attempts.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::calls::holds_letter;
use super::{Ledger, words};
use crate::ledger::LedgerError;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{EditionId, EventRow, Neighbour, Resolution};

impl Ledger {
    /// `reconcile`: moves uncertain letters to where they turned out to be, and keeps who said so; how many
    /// moved. A letter that is not uncertain any more stays where it is. One that did not arrive is planned
    /// again with the date it had, and `retry_for` begins anew for it; one whose text was replaced since is
    /// stopped, since only the newer text is sent. One that is in a call that may be made again is not planned:
    /// that call could bring it, too.
    pub fn settle_uncertain(&self, resolutions: &[Resolution], now: Timestamp) -> Result<u64, LedgerError> {
        self.store.write(|connection| {
            let mut moved = 0;
            for resolution in resolutions {
                if let Some(attempt) = move_on(connection, resolution, now)? {
                    note(connection, resolution, attempt, now)?;
                    moved += 1;
                }
            }
            Ok(moved)
        })
    }

    /// Letters of an edition that were accepted over this transport, those first whose attempt is nearest to
    /// `at`; at most `limit`.
    pub fn accepted_near(
        &self,
        edition: EditionId,
        transport: &str,
        at: Timestamp,
        limit: usize,
    ) -> Result<Vec<Neighbour>, LedgerError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.store.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT l.key, l.address, l.again, a.begun_at, d.id
                 FROM delivery d JOIN attempt a ON a.delivery = d.id JOIN letter l ON l.id = d.letter
                 WHERE d.edition = ?1 AND a.outcome = 'accepted' AND a.transport = ?2
                 ORDER BY abs(a.begun_at - ?3) LIMIT ?4",
            )?;
            let mut rows = query.query(params![edition.0, transport, at.as_millisecond(), limit])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(neighbour(row)?);
            }
            Ok(found)
        })
    }
}

fn neighbour(row: &Row<'_>) -> Result<Neighbour, LedgerError> {
    Ok(Neighbour {
        delivery: DeliveryId(row.get(4)?),
        address: words::address(words::maybe_text(row, 1)?, words::text(row, 0)?)?,
        again: row.get(2)?,
        begun_at: words::maybe_time(row.get(3)?)?,
    })
}

/// The number of the attempt that was uncertain, or `None` if the letter is not uncertain.
fn move_on(
    connection: &Connection,
    resolution: &Resolution,
    now: Timestamp,
) -> Result<Option<u32>, LedgerError> {
    let mut update = connection.prepare_cached(&format!(
        "UPDATE delivery SET state = iif(?2 = 'planned' AND replaced.it, 'stopped', ?2), due = NULL,
                             why = iif(?2 = 'planned' AND replaced.it, 'replaced by a newer text', why),
                             first_tried = iif(?2 = 'planned', NULL, first_tried)
         FROM (SELECT EXISTS (SELECT 1 FROM delivery d JOIN edition mine ON mine.id = d.edition
                              JOIN edition newer ON newer.issue = mine.issue AND newer.realm = mine.realm
                                                AND newer.id > mine.id
                              WHERE d.id = ?1) AS it) AS replaced
         WHERE id = ?1 AND state = 'uncertain'
           AND (?2 <> 'planned' OR NOT EXISTS (SELECT 1 FROM call WHERE {}))
         RETURNING attempts",
        holds_letter("?3")
    ))?;
    let values = params![resolution.delivery.0, resolution.fate.state().name(), now.as_millisecond()];
    Ok(update.query_row(values, |row| row.get(0)).optional()?)
}

fn note(
    connection: &Connection,
    resolution: &Resolution,
    attempt: u32,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let Resolution { delivery, fate, source, said } = resolution;
    connection.execute(
        "INSERT INTO event (delivery, attempt, kind, at, source, code, enhanced, said)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            delivery.0,
            attempt,
            fate.name(),
            now.as_millisecond(),
            source,
            said.code,
            said.enhanced.map(|code| code.to_string()),
            said.text,
        ],
    )?;
    Ok(())
}

/// The events of one delivery, in the order in which they happened.
pub(super) fn events(connection: &Connection, delivery: DeliveryId) -> Result<Vec<EventRow>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT attempt, kind, at, source, code, enhanced, said, raw IS NULL
         FROM event WHERE delivery = ?1 ORDER BY at, id",
    )?;
    let mut rows = query.query([delivery.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(event(row)?);
    }
    Ok(found)
}

fn event(row: &Row<'_>) -> Result<EventRow, LedgerError> {
    Ok(EventRow {
        attempt: row.get(0)?,
        kind: row.get(1)?,
        at: words::time(row.get(2)?)?,
        source: row.get(3)?,
        code: row.get(4)?,
        enhanced: row.get(5)?,
        said: row.get(6)?,
        settles: row.get(7)?,
    })
}
