//! What a webhook and a list of the same provider tell of one letter, each in its own words, happened once. A list says
//! less (that a letter bounced, not whether for good), so that the webhook's word counts, whichever comes first.

use rusqlite::{Connection, OptionalExtension, params};

use super::Row;
use crate::ledger::LedgerError;
use crate::ledger::rows::{Incoming, Teller};
use crate::model::event::Kind;
use crate::model::provider::Provider;

/// The kinds that a list may mean where a webhook tells this one; empty where each of it counts.
fn alike(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::Accepted => &["accepted"],
        Kind::Delivered => &["delivered"],
        Kind::Complained => &["complained"],
        Kind::BouncedHard | Kind::BouncedSoft | Kind::Rejected(_) | Kind::Failed => {
            &["bounced_hard", "bounced_soft", "rejected", "failed"]
        }
        Kind::Deferred
        | Kind::Unsubscribed
        | Kind::Resubscribed
        | Kind::Opened
        | Kind::Clicked
        | Kind::Unknown(_) => &[],
    }
}

/// Whether a list tells what the provider told of this try already.
pub(super) fn is_told(connection: &Connection, row: &Row, incoming: &Incoming) -> Result<bool, LedgerError> {
    let Teller::Listed(provider) = incoming.teller else { return Ok(false) };
    let sources = [incoming.teller.source(), Teller::Provider(provider).source()];
    for source in sources {
        if found(connection, row, &source, &incoming.event.kind)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes back what a list told of this try, where a webhook tells it now.
pub(super) fn take_back(connection: &Connection, row: &Row, incoming: &Incoming) -> Result<(), LedgerError> {
    let Teller::Provider(provider) = incoming.teller else { return Ok(()) };
    match found(connection, row, &listed(provider), &incoming.event.kind)? {
        Some((id, kind)) => forget(connection, row, id, &kind),
        None => Ok(()),
    }
}

fn listed(provider: Provider) -> String {
    Teller::Listed(provider).source()
}

fn found(
    connection: &Connection,
    row: &Row,
    source: &str,
    kind: &Kind,
) -> Result<Option<(i64, String)>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT id, kind FROM event WHERE delivery = ?1 AND attempt = ?2 AND source = ?3 AND kind = ?4",
    )?;
    for kind in alike(kind) {
        let values = params![row.delivery.0, row.attempts, source, kind];
        let found = query.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn forget(connection: &Connection, row: &Row, id: i64, kind: &str) -> Result<(), LedgerError> {
    connection.prepare_cached("DELETE FROM event WHERE id = ?1")?.execute([id])?;
    let values = params![row.edition, kind];
    connection
        .prepare_cached("UPDATE event_count SET events = events - 1 WHERE edition = ?1 AND kind = ?2")?
        .execute(values)?;
    connection
        .prepare_cached("DELETE FROM event_count WHERE edition = ?1 AND kind = ?2 AND events <= 0")?
        .execute(values)?;
    Ok(())
}
