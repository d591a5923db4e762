//! Everything known of single deliveries.

use rusqlite::{Connection, Row, params};

use super::attempts::{ATTEMPT, attempt};
use super::events::events;
use super::{Ledger, hits, words};
use crate::ledger::LedgerError;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{AttemptRow, DeliveryStory, EditionId};
use crate::model::address::AddressKey;
use crate::model::delivery::State;
use crate::model::subscriber::ListId;

impl Ledger {
    /// Every delivery of somebody in an edition, with all attempts, the first delivery first.
    pub fn story(&self, edition: EditionId, key: &AddressKey) -> Result<Vec<DeliveryStory>, LedgerError> {
        self.store.read(|connection| {
            let condition = "l.edition = ?1 AND l.key = ?2 ORDER BY l.again";
            stories(connection, condition, params![edition.0, key.as_str()])
        })
    }

    /// Deliveries in a state, at most `limit`, in order of place, with their attempts.
    pub fn in_state(
        &self,
        edition: EditionId,
        state: State,
        limit: usize,
    ) -> Result<Vec<DeliveryStory>, LedgerError> {
        self.store.read(|connection| all_in_state(connection, edition, state, limit))
    }
}

pub(super) fn all_in_state(
    connection: &Connection,
    edition: EditionId,
    state: State,
    limit: usize,
) -> Result<Vec<DeliveryStory>, LedgerError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let condition = "d.edition = ?1 AND d.state = ?2 ORDER BY d.id LIMIT ?3";
    stories(connection, condition, params![edition.0, state.name(), limit])
}

fn stories(
    connection: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<DeliveryStory>, LedgerError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT d.id, d.edition, l.key, l.address, list.list, d.state, d.due, l.again, d.why,
                d.attempts, d.begun_at, d.transport
         FROM delivery d JOIN letter l ON l.id = d.letter JOIN list ON list.id = l.list
         WHERE {condition}"
    ))?;
    let mut rows = query.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(story(connection, row)?);
    }
    Ok(found)
}

fn story(connection: &Connection, row: &Row<'_>) -> Result<DeliveryStory, LedgerError> {
    let delivery = DeliveryId(row.get(0)?);
    let state = words::state(words::text(row, 5)?)?;
    let mut attempts = attempts(connection, delivery)?;
    if state == State::Sending {
        attempts.push(under_way(row)?);
    }
    let mut events = events(connection, delivery)?;
    events.extend(hits::events(connection, delivery)?);
    Ok(DeliveryStory {
        delivery,
        edition: EditionId(row.get(1)?),
        address: words::address(words::maybe_text(row, 3)?, words::text(row, 2)?)?,
        list: ListId(row.get(4)?),
        state,
        // A letter that is on its way keeps its old due time only to go back there.
        due: if state == State::Deferred { words::maybe_time(row.get(6)?)? } else { None },
        again: row.get(7)?,
        why: row.get(8)?,
        attempts,
        events,
    })
}

fn attempts(connection: &Connection, delivery: DeliveryId) -> Result<Vec<AttemptRow>, LedgerError> {
    let mut query = connection
        .prepare_cached(&format!("SELECT {ATTEMPT} FROM attempt WHERE delivery = ?1 ORDER BY number"))?;
    let mut rows = query.query([delivery.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(attempt(row)?);
    }
    Ok(found)
}

/// The attempt that has no row of its own until it is settled.
fn under_way(row: &Row<'_>) -> Result<AttemptRow, LedgerError> {
    Ok(AttemptRow {
        number: row.get(9)?,
        begun_at: words::maybe_time(row.get(10)?)?,
        ended_at: None,
        transport: words::maybe_text(row, 11)?.unwrap_or_default().to_owned(),
        outcome: None,
        phase: None,
        code: None,
        enhanced: None,
        reply: Vec::new(),
        cause: String::new(),
    })
}
