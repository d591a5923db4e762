//! What became known after the attempts.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Rows, names, next_frozen};
use crate::ledger::LedgerError;
use crate::ledger::rows::EditionRow;
use crate::ledger::sqlite::words;
use crate::ledger::tally::Told;

pub(super) fn told(connection: &Connection, rows: &Rows) -> Result<Vec<Told>, LedgerError> {
    let mut query = connection.prepare(&format!(
        "SELECT kind, count(DISTINCT delivery), count(*) FROM event WHERE {} GROUP BY kind ORDER BY kind",
        Rows::hold("delivery")
    ))?;
    let mut rows = query.query(rows.values())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Told { kind: row.get(0)?, letters: words::count(row, 1)?, events: words::count(row, 2)? });
    }
    Ok(found)
}

/// People who got the letter and unsubscribed before the next issue to its lists: by an event of this very letter,
/// or, whatever way they took, in that time.
pub(super) fn unsubscribed(
    connection: &Connection,
    row: &EditionRow,
    rows: &Rows,
    all: &[EditionRow],
) -> Result<u64, LedgerError> {
    let until = next_frozen(row, all).map_or(i64::MAX, Timestamp::as_millisecond);
    let [edition, first, last, is_dense] = rows.values();
    let values =
        params![edition, first, last, is_dense, row.frozen_at.as_millisecond(), until, names(&row.lists)];
    let sql = format!("SELECT count(*) FROM ({IN_TIME} UNION {BY_EVENT} AND {})", Rows::hold("e.delivery"));
    Ok(connection.prepare(&sql)?.query_row(values, |row| row.get::<_, i64>(0))?.unsigned_abs())
}

const IN_TIME: &str = "
    SELECT l.key FROM suppression s CROSS JOIN letter l ON l.edition = ?1 AND l.key = s.key
                                    CROSS JOIN delivery d ON d.letter = l.id
    WHERE s.reason = 'unsubscribed' AND s.at >= ?5 AND s.at < ?6 AND d.first_begun IS NOT NULL
      AND (s.scope = '' OR s.scope IN (SELECT value FROM json_each(?7)))";

const BY_EVENT: &str = "
    SELECT l.key FROM event e CROSS JOIN delivery d ON d.id = e.delivery CROSS JOIN letter l ON l.id = d.letter
    WHERE e.kind = 'unsubscribed'";
