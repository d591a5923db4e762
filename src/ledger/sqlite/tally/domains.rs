//! Letters by the domain of their address, and how long it took until they were taken.

use std::time::Duration;

use rusqlite::{Connection, Row};

use super::Rows;
use crate::ledger::LedgerError;
use crate::ledger::sqlite::words;
use crate::ledger::tally::DomainCount;

/// Calls `each` with what is alike, in order of domain and of wait; letters that nobody took come first.
pub(super) fn domains(
    connection: &Connection,
    rows: &Rows,
    each: &mut dyn FnMut(DomainCount<'_>),
) -> Result<(), LedgerError> {
    let mut query = connection.prepare(&format!(
        "SELECT domain, {THREE_DIGITS} AS wait, state, count(*) FROM
             (SELECT {DOMAIN} AS domain, {WAIT} AS ms, d.state AS state
              FROM delivery d CROSS JOIN letter l ON l.id = d.letter WHERE {})
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        Rows::hold("d.id")
    ))?;
    let mut rows = query.query(rows.values())?;
    while let Some(row) = rows.next()? {
        each(domain_count(row)?);
    }
    Ok(())
}

/// What follows the last `@`; only a quoted local part can hold another.
const DOMAIN: &str = "
    CASE substr(l.key, 1, 1) WHEN '\"'
         THEN substr(l.key, length(rtrim(l.key, replace(l.key, '@', ''))) + 1)
         ELSE substr(l.key, instr(l.key, '@') + 1) END";

/// A clock that was set back in between is no time that anybody saved.
const WAIT: &str = "
    (SELECT max(0, max(a.ended_at) FILTER (WHERE a.outcome = 'accepted') - min(coalesce(a.begun_at, a.ended_at)))
     FROM attempt a WHERE a.delivery = d.id)";

/// Few enough different waits for any number of letters.
const THREE_DIGITS: &str = "
    CASE WHEN ms < 1000 THEN ms
         WHEN ms < 10000 THEN ms / 10 * 10
         WHEN ms < 100000 THEN ms / 100 * 100
         WHEN ms < 1000000 THEN ms / 1000 * 1000
         WHEN ms < 10000000 THEN ms / 10000 * 10000
         ELSE ms / 100000 * 100000 END";

fn domain_count<'a>(row: &'a Row<'_>) -> Result<DomainCount<'a>, LedgerError> {
    let wait: Option<i64> = row.get(1)?;
    Ok(DomainCount {
        domain: words::text(row, 0)?,
        wait: wait.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis),
        state: words::state(words::text(row, 2)?)?,
        letters: words::count(row, 3)?,
    })
}
