//! The letters of an edition on their way.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use tokio::sync::oneshot;

use super::turn::Turn;
use super::{Ledger, words};
use crate::ledger::LedgerError;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{Begun, Choice, EditionId, Settlement, Waiting};
use crate::model::delivery::Counts;

impl Ledger {
    /// How many deliveries are in each state; they sum to the audience and its deliberate repetitions.
    pub fn counts(&self, edition: EditionId) -> Result<Counts, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection
                .prepare_cached("SELECT state, count(*) FROM delivery WHERE edition = ?1 GROUP BY state")?;
            let mut rows = query.query([edition.0])?;
            let mut counts = Counts::default();
            while let Some(row) = rows.next()? {
                counts.add(words::state(words::text(row, 0)?)?, words::count(row, 1)?);
            }
            Ok(counts)
        })
    }

    /// Up to `limit` letters that can be begun at `now`, in order of place, after `after` (0 = from the
    /// first). Deferred ones only once they are due.
    pub fn waiting(
        &self,
        edition: EditionId,
        choice: &Choice,
        after: i64,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Waiting>, LedgerError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let now = now.as_millisecond();
        self.store.read(|connection| match choice {
            Choice::Everyone => collect(connection, EVERYONE_SQL, params![edition.0, after, now, limit]),
            Choice::Only(key) => {
                collect(connection, ONLY_SQL, params![edition.0, after, now, limit, key.as_str()])
            }
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
        let turn = Turn { settle, begin, transport: Arc::clone(transport), now };
        self.store.ask(turn, Box::new(then))
    }
}

/// `?1` edition, `?2` the place after which, `?3` now, `?4` how many.
const EVERYONE_SQL: &str = "
    SELECT d.id, l.key, l.address, l.merged, d.attempts, d.first_begun, d.first_tried, l.again, d.state
    FROM (SELECT * FROM (SELECT * FROM delivery WHERE edition = ?1 AND state = 'planned' AND id > ?2
                         ORDER BY id LIMIT ?4)
          UNION ALL
          SELECT * FROM (SELECT * FROM delivery
                         WHERE edition = ?1 AND state = 'deferred' AND id > ?2 AND due <= ?3
                         ORDER BY id LIMIT ?4)) d
    JOIN letter l ON l.id = d.letter
    ORDER BY d.id LIMIT ?4";

/// The same of one person: `?5` is their key.
const ONLY_SQL: &str = "
    SELECT d.id, l.key, l.address, l.merged, d.attempts, d.first_begun, d.first_tried, l.again, d.state
    FROM letter l JOIN delivery d ON d.letter = l.id
    WHERE l.edition = ?1 AND l.key = ?5 AND d.id > ?2
      AND (d.state = 'planned' OR d.state = 'deferred' AND d.due <= ?3)
    ORDER BY d.id LIMIT ?4";

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
        found.push(waiting(row)?);
    }
    Ok(found)
}

fn waiting(row: &Row<'_>) -> Result<Waiting, LedgerError> {
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
    })
}
