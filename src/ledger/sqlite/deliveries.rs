//! The letters of an edition on their way.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use tokio::sync::oneshot;

use super::turn::Turn;
use super::{Ledger, words};
use crate::ledger::LedgerError;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{Begun, CallNews, Choice, DueAfter, EditionId, Settlement, Waiting};
use crate::model::delivery::Counts;

impl Ledger {
    /// How many deliveries are in each state; they sum to the audience and its deliberate repetitions.
    pub fn counts(&self, edition: EditionId) -> Result<Counts, LedgerError> {
        self.store.read(|connection| counts(connection, edition))
    }

    /// Up to `limit` letters that no attempt has put off, in order of place, after `after` (0 = from the first).
    pub fn planned(
        &self,
        edition: EditionId,
        choice: &Choice,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Waiting>, LedgerError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.store.read(|connection| match choice {
            Choice::Everyone => collect(connection, &planned_sql(""), params![edition.0, after, limit]),
            Choice::Only(key) => collect(
                connection,
                &planned_sql("AND l.key = ?4"),
                params![edition.0, after, limit, key.as_str()],
            ),
        })
    }

    /// Up to `limit` deferred letters that are due by `now`, in the order in which they came due, after `after`.
    pub fn due(
        &self,
        edition: EditionId,
        choice: &Choice,
        after: DueAfter,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Waiting>, LedgerError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (now, DueAfter { due, place }) = (now.as_millisecond(), after);
        self.store.read(|connection| match choice {
            Choice::Everyone => {
                collect(connection, &due_sql(""), params![edition.0, due.as_millisecond(), place, now, limit])
            }
            Choice::Only(key) => collect(
                connection,
                &due_sql("AND l.key = ?6"),
                params![edition.0, due.as_millisecond(), place, now, limit, key.as_str()],
            ),
        })
    }

    /// Whether any letter can be begun at `now`.
    pub fn can_begin(&self, edition: EditionId, now: Timestamp) -> Result<bool, LedgerError> {
        let everyone = &Choice::Everyone;
        Ok(!self.planned(edition, everyone, 0, 1)?.is_empty()
            || !self.due(edition, everyone, DueAfter::NONE, now, 1)?.is_empty())
    }

    /// The letters of these deliveries that can still be begun, in the same order.
    pub fn letters(&self, deliveries: &[DeliveryId]) -> Result<Vec<Waiting>, LedgerError> {
        self.store.read(|connection| {
            let mut found = Vec::with_capacity(deliveries.len());
            for delivery in deliveries {
                found.extend(collect(connection, &one_sql(), [delivery.0])?);
            }
            Ok(found)
        })
    }

    /// When the next deferred letter of the choice is due, of those due after `after`.
    pub fn next_due(
        &self,
        edition: EditionId,
        choice: &Choice,
        after: Timestamp,
    ) -> Result<Option<Timestamp>, LedgerError> {
        let after = after.as_millisecond();
        self.store.read(|connection| match choice {
            Choice::Everyone => earliest(connection, NEXT_DUE_SQL, params![edition.0, after]),
            Choice::Only(key) => {
                earliest(connection, NEXT_DUE_ONLY_SQL, params![edition.0, after, key.as_str()])
            }
        })
    }

    /// Settles attempts and begins the next letter, in one durable commit that is shared with other callers.
    /// If this fails, nothing of it is written. `transport` is kept with the attempt.
    ///
    /// If the future is dropped, the turn may be written all the same: a letter that it began stays
    /// `sending` until [`Ledger::recover`] finds it.
    pub async fn turn(
        &self,
        settle: Vec<Settlement>,
        begin: Option<DeliveryId>,
        transport: &Arc<str>,
        now: Timestamp,
    ) -> Result<Option<Begun>, LedgerError> {
        let (answer, wait) = oneshot::channel();
        // Whoever stopped waiting finds the row as it is at the next start.
        let then = |said| drop::<Result<(), _>>(answer.send(said));
        self.turn_then(settle, begin, transport, now, then)?;
        wait.await.expect("the writer answers every turn")
    }

    /// The same for somebody who does not wait: `then` is called on the thread that writes, once, and must
    /// not wait for anything. It is not called if this fails.
    pub fn turn_then(
        &self,
        settle: Vec<Settlement>,
        begin: Option<DeliveryId>,
        transport: &Arc<str>,
        now: Timestamp,
        then: impl FnOnce(Result<Option<Begun>, LedgerError>) + Send + 'static,
    ) -> Result<(), LedgerError> {
        let turn = Turn { settle, begin, calls: CallNews::default(), transport: Arc::clone(transport), now };
        self.store.ask(turn, Box::new(then))
    }
}

pub(super) fn counts(connection: &Connection, edition: EditionId) -> Result<Counts, LedgerError> {
    let mut query = connection
        .prepare_cached("SELECT state, count(*) FROM delivery WHERE edition = ?1 GROUP BY state")?;
    let mut rows = query.query([edition.0])?;
    let mut counts = Counts::default();
    while let Some(row) = rows.next()? {
        counts.add(words::state(words::text(row, 0)?)?, words::count(row, 1)?);
    }
    Ok(counts)
}

/// The columns of a [`Waiting`], of deliveries `d` and their letters `l`.
const WAITING: &str =
    "d.id, l.key, l.address, l.merged, d.attempts, d.first_begun, d.first_tried, l.again, d.state, d.due";

/// `?1` edition, `?2` the place after which, `?3` how many; `more` narrows the choice.
fn planned_sql(more: &str) -> String {
    format!(
        "SELECT {WAITING} FROM delivery d CROSS JOIN letter l ON l.id = d.letter
         WHERE d.edition = ?1 AND d.state = 'planned' AND d.id > ?2 {more}
         ORDER BY d.id LIMIT ?3"
    )
}

/// `?1` edition, `?2` and `?3` due time and place after which, `?4` now, `?5` how many.
fn due_sql(more: &str) -> String {
    format!(
        "SELECT {WAITING} FROM delivery d CROSS JOIN letter l ON l.id = d.letter
         WHERE d.edition = ?1 AND d.state = 'deferred' AND d.due <= ?4 AND (d.due, d.id) > (?2, ?3) {more}
         ORDER BY d.due, d.id LIMIT ?5"
    )
}

/// A letter in whatever state it is.
pub(super) fn any_sql() -> String {
    format!("SELECT {WAITING} FROM delivery d CROSS JOIN letter l ON l.id = d.letter WHERE d.id = ?1")
}

fn one_sql() -> String {
    format!(
        "SELECT {WAITING} FROM delivery d CROSS JOIN letter l ON l.id = d.letter
         WHERE d.id = ?1 AND d.state IN ('planned', 'deferred')"
    )
}

const NEXT_DUE_SQL: &str =
    "SELECT min(due) FROM delivery WHERE edition = ?1 AND state = 'deferred' AND due > ?2";

const NEXT_DUE_ONLY_SQL: &str = "
    SELECT min(d.due) FROM letter l JOIN delivery d ON d.letter = l.id
    WHERE l.edition = ?1 AND l.key = ?3 AND d.state = 'deferred' AND d.due > ?2";

fn earliest(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Option<Timestamp>, LedgerError> {
    let mut query = connection.prepare_cached(sql)?;
    words::maybe_time(query.query_row(values, |row| row.get(0))?)
}

fn collect(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Waiting>, LedgerError> {
    let mut query = connection.prepare_cached(sql)?;
    let mut rows = query.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(waiting_row(row)?);
    }
    Ok(found)
}

/// Reads the columns of [`WAITING`].
pub(super) fn waiting_row(row: &Row<'_>) -> Result<Waiting, LedgerError> {
    Ok(Waiting {
        delivery: DeliveryId(row.get(0)?),
        place: row.get(0)?,
        address: words::address(words::maybe_text(row, 2)?, words::text(row, 1)?)?,
        values: row.get(3)?,
        attempts: row.get(4)?,
        first_begun: words::maybe_time(row.get(5)?)?,
        first_tried: words::maybe_time(row.get(6)?)?,
        again: row.get(7)?,
        state: words::state(words::text(row, 8)?)?,
        due: words::maybe_time(row.get(9)?)?,
    })
}
