//! Letters that left once, and whom they were for: what a mail that comes back is looked up in.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::{Ledger, refusals, words};
use crate::ledger::LedgerError;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{EditionId, Mailed};
use crate::model::address::AddressKey;
use crate::model::attempt::Enhanced;
use crate::model::delivery::State;
use crate::model::event::Said;
use crate::model::issue::IssueId;
use crate::policy::bounce::{Class, judge_said};
use crate::policy::soft::{End, Past};

impl Ledger {
    /// The letter of this row, if it was begun.
    pub fn mailed(&self, delivery: DeliveryId) -> Result<Option<Mailed>, LedgerError> {
        let of_row = |connection: &Connection| {
            collect(connection, &format!("d.id = ?1 AND {BEGUN}"), params![delivery.0])
        };
        Ok(self.store.read(of_row)?.into_iter().next())
    }

    /// Every letter to somebody that was begun, the newest first.
    pub fn mailed_to(&self, key: &AddressKey) -> Result<Vec<Mailed>, LedgerError> {
        self.store.read(|connection| collect(connection, &format!("{TO} AND {BEGUN}"), params![key.as_str()]))
    }

    /// Every letter that was begun since then, the newest first. Reads all deliveries.
    pub fn mailed_since(&self, since: Timestamp) -> Result<Vec<Mailed>, LedgerError> {
        self.store.read(|connection| collect(connection, "d.first_begun >= ?1", [since.as_millisecond()]))
    }

    /// Everybody who was ever on a list or was ever sent a letter.
    pub fn everybody(&self) -> Result<Vec<AddressKey>, LedgerError> {
        self.store.read(|connection| {
            let mut query =
                connection.prepare_cached("SELECT key FROM membership UNION SELECT key FROM letter")?;
            let mut rows = query.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(AddressKey::from_ledger(row.get(0)?));
            }
            Ok(found)
        })
    }
}

const BEGUN: &str = "d.first_begun IS NOT NULL";

/// With the index, which begins with the edition.
const TO: &str = "l.edition IN (SELECT id FROM edition) AND l.key = ?1";

fn collect(
    connection: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Mailed>, LedgerError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT d.id, d.edition, e.issue, l.address, l.key, l.again, d.state, coalesce(d.first_begun, d.first_tried) AS tried
         FROM delivery d JOIN letter l ON l.id = d.letter JOIN edition e ON e.id = d.edition
         WHERE {condition} ORDER BY tried DESC, d.id DESC"
    ))?;
    let mut rows = query.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(mailed(row)?);
    }
    Ok(found)
}

fn mailed(row: &Row<'_>) -> Result<Mailed, LedgerError> {
    Ok(Mailed {
        delivery: DeliveryId(row.get(0)?),
        edition: EditionId(row.get(1)?),
        issue: IssueId(row.get(2)?),
        address: words::address(words::maybe_text(row, 3)?, words::text(row, 4)?)?,
        again: row.get(5)?,
        state: words::state(words::text(row, 6)?)?,
        first_begun: words::time(row.get(7)?)?,
    })
}

/// What became of somebody's letters, the newest first.
pub(super) fn past(connection: &Connection, key: &AddressKey) -> Result<Vec<Past>, LedgerError> {
    let tried = format!("{TO} AND coalesce(d.first_begun, d.first_tried) IS NOT NULL");
    let mailed = collect(connection, &tried, params![key.as_str()])?;
    mailed
        .into_iter()
        .map(|one| Ok(Past { end: end(connection, &one)?, issue: one.issue.0, begun: one.first_begun }))
        .collect()
}

fn end(connection: &Connection, mailed: &Mailed) -> Result<End, LedgerError> {
    Ok(match mailed.state {
        State::Bounced if bounced_softly(connection, mailed.delivery)? => End::Soft,
        State::Refused | State::Expired if refusals::is_soft(connection, mailed.delivery)? => End::Soft,
        State::Delivered => End::Arrived,
        State::Accepted => End::Taken,
        State::Bounced
        | State::Planned
        | State::Sending
        | State::Deferred
        | State::Uncertain
        | State::Refused
        | State::Expired
        | State::Skipped
        | State::Stopped
        | State::Complained => End::Other,
    })
}

/// Providers call soft, too, what was held against the sender, and that says nothing of an address.
fn bounced_softly(connection: &Connection, delivery: DeliveryId) -> Result<bool, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT code, enhanced, said FROM event WHERE delivery = ?1 AND kind = 'bounced_soft'",
    )?;
    let mut rows = query.query([delivery.0])?;
    while let Some(row) = rows.next()? {
        let enhanced: Option<String> = row.get(1)?;
        let enhanced = enhanced.as_deref().and_then(Enhanced::parse);
        let said = Said { code: row.get(0)?, enhanced, text: row.get(2)? };
        if judge_said(None, &said).class != Class::Policy {
            return Ok(true);
        }
    }
    Ok(false)
}
