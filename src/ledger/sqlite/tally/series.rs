//! How attempts and events spread over time.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

use super::Rows;
use crate::ledger::LedgerError;
use crate::ledger::sqlite::words;
use crate::ledger::tally::{Point, Series, step};

type Span = Option<(Timestamp, Timestamp)>;

/// From the first begin to the last answer.
pub(super) fn span(connection: &Connection, rows: &Rows) -> Result<Span, LedgerError> {
    let held = Rows::hold("delivery");
    bounds(
        connection,
        rows,
        &format!("SELECT min(coalesce(begun_at, ended_at)), max(ended_at) FROM attempt WHERE {held}"),
    )
}

fn bounds(connection: &Connection, rows: &Rows, sql: &str) -> Result<Span, LedgerError> {
    let mut query = connection.prepare(sql)?;
    let (first, last) = query.query_row(rows.values(), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(words::maybe_time(first)?.zip(words::maybe_time(last)?))
}

/// Attempts by outcome, by when they ended.
pub(super) fn attempts(
    connection: &Connection,
    rows: &Rows,
    span: Span,
    ahead_ms: i64,
) -> Result<Series, LedgerError> {
    let source =
        format!("SELECT ended_at AS at, outcome AS what FROM attempt WHERE {}", Rows::hold("delivery"));
    series(connection, rows, span, ahead_ms, &source)
}

/// Events by kind, by when they happened.
pub(super) fn told(connection: &Connection, rows: &Rows, ahead_ms: i64) -> Result<Series, LedgerError> {
    let held = Rows::hold("delivery");
    let span = bounds(connection, rows, &format!("SELECT min(at), max(at) FROM event WHERE {held}"))?;
    series(connection, rows, span, ahead_ms, &format!("SELECT at, kind AS what FROM event WHERE {held}"))
}

/// What `source` (rows of `at, what`) holds, counted in stretches that begin at round times of the author's clock.
fn series(
    connection: &Connection,
    rows: &Rows,
    span: Span,
    ahead_ms: i64,
    source: &str,
) -> Result<Series, LedgerError> {
    let Some((first, last)) = span else { return Ok(Series::default()) };
    let step = step(first, last);
    let points = points(connection, rows, step, ahead_ms, source)?;
    Ok(Series { step, points })
}

fn points(
    connection: &Connection,
    rows: &Rows,
    step: Duration,
    ahead_ms: i64,
    source: &str,
) -> Result<Vec<Point>, LedgerError> {
    let step_ms = i64::try_from(step.as_millis()).unwrap_or(i64::MAX);
    let mut query = connection.prepare(&format!(
        "SELECT (at + {ahead_ms}) / {step_ms}, what, count(*) FROM ({source}) WHERE at IS NOT NULL
         GROUP BY 1, 2 ORDER BY 1, 2"
    ))?;
    let mut found = Vec::new();
    let mut rows = query.query(rows.values())?;
    while let Some(row) = rows.next()? {
        let stretch: i64 = row.get(0)?;
        let at = words::time(stretch * step_ms - ahead_ms)?;
        found.push(Point { at, what: row.get(1)?, number: words::count(row, 2)? });
    }
    Ok(found)
}
