//! Who joined and who left the lists.

use jiff::Timestamp;
use rusqlite::Connection;

use super::names;
use crate::ledger::LedgerError;
use crate::ledger::sqlite::words;
use crate::ledger::tally::{ListMembers, Moves};
use crate::model::subscriber::ListId;

const HOUR_MS: i64 = 3_600_000;

pub(super) fn lists(connection: &Connection, lists: &[ListId]) -> Result<Vec<ListMembers>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT name, (SELECT count(*) FROM membership m NOT INDEXED WHERE m.list = list.id AND ended_at IS NULL)
         FROM list WHERE list IN (SELECT value FROM json_each(?1)) ORDER BY name",
    )?;
    let mut rows = query.query([names(lists)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(ListMembers { name: row.get(0)?, members: words::count(row, 1)? });
    }
    Ok(found)
}

/// Who came back counts from then on only: a membership is one row.
pub(super) fn moves(connection: &Connection, lists: &[ListId]) -> Result<Vec<Moves>, LedgerError> {
    let mut query = connection.prepare_cached(&format!(
        "WITH mine AS (SELECT id FROM list WHERE list IN (SELECT value FROM json_each(?1)))
         SELECT hour, sum(joined), sum(gone) FROM (
             SELECT joined_at / {HOUR_MS} AS hour, count(*) AS joined, 0 AS gone
             FROM membership NOT INDEXED WHERE list IN mine GROUP BY 1
             UNION ALL
             SELECT ended_at / {HOUR_MS}, 0, count(*)
             FROM membership NOT INDEXED WHERE list IN mine AND ended_at IS NOT NULL GROUP BY 1)
         GROUP BY hour ORDER BY hour"
    ))?;
    let mut rows = query.query([names(lists)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let hour: Timestamp = words::time(row.get::<_, i64>(0)? * HOUR_MS)?;
        found.push(Moves { hour, joined: words::count(row, 1)?, left: words::count(row, 2)? });
    }
    Ok(found)
}
