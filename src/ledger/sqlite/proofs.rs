//! Letters to oneself: written down like all others, and apart from every delivery.

use jiff::Timestamp;
use rusqlite::{Connection, ToSql, params, params_from_iter};

use super::Ledger;
use super::attempts::Ending;
use crate::ledger::LedgerError;
use crate::ledger::recorded::{DeliveryId, Recorded};
use crate::model::address::AddressKey;
use crate::model::attempt::Outcome;
use crate::model::issue::IssueId;

impl Ledger {
    /// Records a proof letter, which belongs to no delivery; settled by [`Ledger::settle_proof`]. Its number
    /// is negative, so that it can never be taken for a delivery.
    pub async fn begin_proof(
        &self,
        issue: &IssueId,
        key: &AddressKey,
        transport: &str,
        now: Timestamp,
    ) -> Result<Recorded, LedgerError> {
        self.store.write(|connection| begin(connection, &issue.0, key, transport, now))
    }

    /// Writes down what became of a proof.
    pub async fn settle_proof(
        &self,
        recorded: Recorded,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        self.store.write(|connection| settle(connection, &recorded, outcome, now))
    }
}

/// Writes down what became of a letter that is no delivery.
pub(super) fn settle(
    connection: &Connection,
    recorded: &Recorded,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let ending = Ending::of(outcome);
    let own: [&dyn ToSql; 2] = [&-recorded.delivery().0, &now.as_millisecond()];
    connection.execute(
        "UPDATE proof SET ended_at = ?2, outcome = ?3, phase = ?4, code = ?5, enhanced = ?6,
                          reply = ?7, cause = ?8 WHERE id = ?1",
        params_from_iter(own.into_iter().chain(ending.columns())),
    )?;
    Ok(())
}

/// Writes down that a letter leaves that is no delivery.
pub(super) fn begin(
    connection: &Connection,
    issue: &str,
    key: &AddressKey,
    transport: &str,
    now: Timestamp,
) -> Result<Recorded, LedgerError> {
    connection.execute(
        "INSERT INTO proof (issue, key, transport, begun_at) VALUES (?1, ?2, ?3, ?4)",
        params![issue, key.as_str(), transport, now.as_millisecond()],
    )?;
    Ok(Recorded::new(DeliveryId(-connection.last_insert_rowid()), 1))
}
