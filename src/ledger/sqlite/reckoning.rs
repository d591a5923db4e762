//! What a run, `retry` and `stop --final` do with many deliveries at once.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::calls::holds_letter;
use super::forgetting::NOWHERE;
use super::stories::all_in_state;
use super::{Ledger, refusals};
use crate::ledger::LedgerError;
use crate::ledger::rows::{Choice, DeliveryStory, EditionId};
use crate::model::delivery::State;
use crate::settings::OnUncertain;

impl Ledger {
    /// After a crash: `sending` rows (the caller holds the lock, so they have no owner) become uncertain, or
    /// planned again with [`OnUncertain::Resend`], if they are chosen and went over `transport`: what another
    /// server has may not be given to a second one. Also turns older uncertain rows back with `Resend`. What is in
    /// a call that may be made again stays uncertain: that call says what became of it.
    /// Gives the deliveries that are uncertain now.
    pub fn recover(
        &self,
        edition: EditionId,
        policy: OnUncertain,
        choice: &Choice,
        transport: &str,
        now: Timestamp,
    ) -> Result<Vec<DeliveryStory>, LedgerError> {
        self.store.write(|connection| {
            give_up(connection, edition, now)?;
            if policy == OnUncertain::Resend {
                plan_uncertain(connection, edition, choice, transport, now)?;
            }
            all_in_state(connection, edition, State::Uncertain, usize::MAX)
        })
    }

    /// Deferred rows past `retry_for` since their first attempt become expired; how many.
    pub fn expire(
        &self,
        edition: EditionId,
        retry_for: Duration,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        let retry_for = i64::try_from(retry_for.as_millis()).unwrap_or(i64::MAX);
        let latest = now.as_millisecond().saturating_sub(retry_for);
        self.store.write(|connection| {
            change(
                connection,
                "UPDATE delivery SET state = 'expired', due = NULL
                 WHERE edition = ?1 AND state = 'deferred' AND first_tried <= ?2",
                params![edition.0, latest],
            )
        })
    }

    /// `retry`: deferred letters are due now, expired (and with `refused`, refused) ones are planned again,
    /// and `retry_for` begins anew for those; how many. A suppression that such a refusal led to is lifted. Fails for an issue whose text was forgotten.
    pub fn make_due(&self, edition: EditionId, refused: bool, now: Timestamp) -> Result<u64, LedgerError> {
        self.store.write(|connection| {
            require_text(connection, edition)?;
            let due = change(
                connection,
                "UPDATE delivery SET due = ?2 WHERE edition = ?1 AND state = 'deferred'",
                params![edition.0, now.as_millisecond()],
            )?;
            if refused {
                refusals::lift(connection, edition, now)?;
            }
            let planned = change(
                connection,
                "UPDATE delivery SET state = 'planned', due = NULL, first_tried = NULL
                 WHERE edition = ?1 AND (state = 'expired' OR ?2 AND state = 'refused')
                   AND letter IN (SELECT id FROM letter WHERE edition = ?1 AND key NOT LIKE '%' || ?3)",
                params![edition.0, refused, NOWHERE],
            )?;
            Ok(due + planned)
        })
    }

    /// `stop --final`: what is open becomes stopped; how many. A letter on the wire is settled as it ends.
    pub fn stop_for_good(&self, edition: EditionId, now: Timestamp) -> Result<u64, LedgerError> {
        let why = format!("given up by hand {}", minute(now));
        self.store.write(|connection| stop(connection, edition, &why))
    }
}

fn require_text(connection: &Connection, edition: EditionId) -> Result<(), LedgerError> {
    let sql = "SELECT body = '' FROM edition WHERE id = ?1";
    let is_gone: Option<bool> = connection.query_row(sql, [edition.0], |row| row.get(0)).optional()?;
    match is_gone {
        Some(true) => Err(LedgerError::Forgotten),
        Some(false) | None => Ok(()),
    }
}

fn minute(now: Timestamp) -> impl std::fmt::Display {
    now.strftime("%Y-%m-%d %H:%M UTC")
}

fn stop(connection: &Connection, edition: EditionId, why: &str) -> Result<u64, LedgerError> {
    change(
        connection,
        "UPDATE delivery SET state = 'stopped', due = NULL, why = ?2
         WHERE edition = ?1 AND state IN ('planned', 'deferred')",
        params![edition.0, why],
    )
}

/// Why the open letters of an edition were stopped that gave way to a newer one; the minute follows.
pub(super) const REPLACED: &str = "replaced by a newer text";

/// Ends an edition for a newer one: what a crash left on the wire may have arrived, what is open is stopped.
pub(super) fn give_way(connection: &Connection, older: EditionId, now: Timestamp) -> Result<(), LedgerError> {
    give_up(connection, older, now)?;
    stop(connection, older, &format!("{REPLACED} {}", minute(now)))?;
    Ok(())
}

/// Keeps what is known of the attempts that nobody finished.
fn give_up(connection: &Connection, edition: EditionId, now: Timestamp) -> Result<(), LedgerError> {
    connection.execute(
        "INSERT OR REPLACE INTO attempt
         SELECT id, attempts, coalesce(transport, ''), begun_at, ?2, 'uncertain', NULL, NULL, NULL, NULL,
                'the run ended before an answer came'
         FROM delivery WHERE edition = ?1 AND state = 'sending'",
        params![edition.0, now.as_millisecond()],
    )?;
    connection.execute(
        "UPDATE delivery SET state = 'uncertain', due = NULL WHERE edition = ?1 AND state = 'sending'",
        [edition.0],
    )?;
    Ok(())
}

/// Whoever was not chosen stays uncertain, and so does what went over another transport.
fn plan_uncertain(
    connection: &Connection,
    edition: EditionId,
    choice: &Choice,
    transport: &str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let only = match choice {
        Choice::Everyone => None,
        Choice::Only(key) => Some(key.as_str()),
    };
    let sql = format!(
        "UPDATE delivery SET state = 'planned', due = NULL
         WHERE edition = ?1 AND state = 'uncertain' AND transport = ?3
           AND (?2 IS NULL OR letter IN (SELECT id FROM letter WHERE edition = ?1 AND key = ?2))
           AND NOT EXISTS (SELECT 1 FROM call WHERE {})",
        holds_letter("?4")
    );
    connection.execute(&sql, params![edition.0, only, transport, now.as_millisecond()])?;
    Ok(())
}

fn change(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<u64, LedgerError> {
    Ok(connection.execute(sql, values)? as u64)
}
