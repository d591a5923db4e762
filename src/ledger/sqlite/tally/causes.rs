//! Why letters did not get through, or not yet.

use rusqlite::{Connection, Row, params};

use crate::ledger::LedgerError;
use crate::ledger::rows::EditionId;
use crate::ledger::sqlite::words;
use crate::ledger::tally::Cause;

/// The most frequent causes, by state, code, and words where there is no code; no more than `limit`.
pub(super) fn causes(
    connection: &Connection,
    edition: EditionId,
    limit: usize,
) -> Result<Vec<Cause>, LedgerError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut query = connection.prepare(&format!(
        "SELECT c.state, c.code, c.enhanced, c.words, c.letters, l.key, l.address
         FROM ({ALIKE} LIMIT ?2) c JOIN delivery d ON d.id = c.example JOIN letter l ON l.id = d.letter
         ORDER BY c.letters DESC, 1, 2, 3, 4"
    ))?;
    let mut rows = query.query(params![edition.0, limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(cause(row)?);
    }
    Ok(found)
}

/// What was told after the attempts goes before what the last attempt ended as. The words are those of the example,
/// since it is the one that `min` finds.
const ALIKE: &str = "
    SELECT state, coalesce(e.code, a.code) AS code, coalesce(e.enhanced, a.enhanced) AS enhanced,
           coalesce(e.said, a.reply, a.cause, '') AS words, count(*) AS letters, min(told.id) AS example
    FROM (SELECT d.id, d.state, d.attempts,
                 CASE d.state
                     WHEN 'bounced' THEN
                         (SELECT max(id) FROM event
                          WHERE delivery = d.id AND kind IN ('bounced', 'bounced_hard', 'bounced_soft'))
                     WHEN 'refused' THEN
                         (SELECT max(id) FROM event WHERE delivery = d.id AND kind IN ('rejected', 'failed'))
                 END AS event
          FROM delivery d
          WHERE d.edition = ?1 AND d.state IN ('deferred', 'refused', 'uncertain', 'expired', 'bounced')) told
    LEFT JOIN event e ON e.id = told.event
    LEFT JOIN attempt a ON told.event IS NULL AND a.delivery = told.id AND a.number = told.attempts
    GROUP BY 1, 2, 3, iif(coalesce(e.code, a.code) IS NULL, coalesce(e.said, a.reply, a.cause, ''), '')
    ORDER BY 5 DESC, 1, 2, 3";

fn cause(row: &Row<'_>) -> Result<Cause, LedgerError> {
    Ok(Cause {
        state: words::state(words::text(row, 0)?)?,
        code: row.get(1)?,
        enhanced: row.get(2)?,
        words: row.get(3)?,
        letters: words::count(row, 4)?,
        example: words::address(words::maybe_text(row, 6)?, words::text(row, 5)?)?.masked(),
    })
}
