//! The sums that a report is made of. All are made by SQL, so that memory does not grow with the letters.

mod causes;
mod domains;
mod growth;
mod series;
mod told;

use jiff::Timestamp;
use rusqlite::Connection;

use super::{Ledger, deliveries, editions, words};
use crate::ledger::LedgerError;
use crate::ledger::rows::{EditionId, EditionRow};
use crate::ledger::tally::{DomainCount, Earlier, Tally, Tries};

/// So many earlier issues are compared with.
const EARLIER: usize = 10;

/// What a tally is of.
pub struct TallyOf<'a> {
    pub row: &'a EditionRow,
    /// How far the clocks of its author are ahead of UTC, in milliseconds: days begin at their midnight.
    pub ahead_ms: i64,
    /// So many causes at most.
    pub causes: usize,
}

impl Ledger {
    /// The sums of an edition, all of one moment. `each` is called with the letters of every domain, in order of
    /// domain. Takes some seconds for a million letters.
    pub fn tally(
        &self,
        of: &TallyOf<'_>,
        each: &mut dyn FnMut(DomainCount<'_>),
    ) -> Result<Tally, LedgerError> {
        self.store.read(|connection| {
            let rows = Rows::of(connection, of.row.id)?;
            let span = series::span(connection, &rows)?;
            let all = editions::all(connection)?;
            domains::domains(connection, &rows, each)?;
            Ok(Tally {
                counts: deliveries::counts(connection, of.row.id)?,
                attempts: series::attempts(connection, &rows, span, of.ahead_ms)?,
                span,
                told: told::told(connection, &rows)?,
                told_series: series::told(connection, &rows, of.ahead_ms)?,
                tries: tries(connection, of.row.id)?,
                causes: causes::causes(connection, of.row.id, of.causes)?,
                unsubscribed: told::unsubscribed(connection, of.row, &rows, &all)?,
                earlier: earlier(connection, of.row, &all)?,
                lists: growth::lists(connection, &of.row.lists)?,
                moves: growth::moves(connection, &of.row.lists)?,
            })
        })
    }
}

/// The deliveries of an edition: they lie side by side, unless it was extended after a later one was frozen.
struct Rows {
    edition: EditionId,
    first: i64,
    last: i64,
    is_dense: bool,
}

impl Rows {
    fn of(connection: &Connection, edition: EditionId) -> Result<Rows, LedgerError> {
        let mut query = connection.prepare_cached(
            "SELECT coalesce(min(id), 0), coalesce(max(id), -1), count(*) FROM delivery WHERE edition = ?1",
        )?;
        Ok(query.query_row([edition.0], |row| {
            let (first, last, number): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(Rows { edition, first, last, is_dense: last - first + 1 == number })
        })?)
    }

    /// The condition that `column` is one of them, and that no other is; its values are [`Rows::values`].
    fn hold(column: &str) -> String {
        format!(
            "{column} BETWEEN ?2 AND ?3
             AND (?4 OR (SELECT edition FROM delivery WHERE id = {column}) = ?1)"
        )
    }

    /// What `?1` to `?4` stand for there.
    fn values(&self) -> [i64; 4] {
        [self.edition.0, self.first, self.last, i64::from(self.is_dense)]
    }
}

fn tries(connection: &Connection, edition: EditionId) -> Result<Vec<Tries>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT attempts, count(*), sum(state IN ('accepted', 'delivered', 'bounced', 'complained'))
         FROM delivery WHERE edition = ?1 GROUP BY attempts ORDER BY attempts",
    )?;
    let mut rows = query.query([edition.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Tries {
            attempts: row.get(0)?,
            letters: words::count(row, 1)?,
            accepted: words::count(row, 2)?,
        });
    }
    Ok(found)
}

/// The newest edition of each other issue that went to one of its lists before it.
fn earlier(
    connection: &Connection,
    row: &EditionRow,
    all: &[EditionRow],
) -> Result<Vec<Earlier>, LedgerError> {
    let mut found: Vec<Earlier> = Vec::new();
    for other in all.iter().filter(|other| precedes(other, row)) {
        if found.len() < EARLIER && found.iter().all(|known| known.row.issue != other.issue) {
            found.push(Earlier {
                row: other.clone(),
                counts: deliveries::counts(connection, other.id)?,
                unsubscribed: told::unsubscribed(connection, other, &Rows::of(connection, other.id)?, all)?,
            });
        }
    }
    Ok(found)
}

fn precedes(other: &EditionRow, row: &EditionRow) -> bool {
    other.id < row.id && other.issue != row.issue && is_alike(other, row)
}

/// Whether both went to the same people, as far as their lists tell.
fn is_alike(one: &EditionRow, other: &EditionRow) -> bool {
    one.realm == other.realm && one.lists.iter().any(|list| other.lists.contains(list))
}

/// When the next issue to one of its lists was frozen.
fn next_frozen(row: &EditionRow, all: &[EditionRow]) -> Option<Timestamp> {
    let later =
        all.iter().filter(|other| other.id > row.id && other.issue != row.issue && is_alike(other, row));
    later.map(|other| other.frozen_at).min()
}

/// Names as a JSON list, for `json_each`.
fn names(lists: &[crate::model::subscriber::ListId]) -> String {
    let names: Vec<&str> = lists.iter().map(|list| list.0.as_str()).collect();
    serde_json::to_string(&names).expect("a row of texts is always JSON")
}
