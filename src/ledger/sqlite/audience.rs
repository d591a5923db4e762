//! Who of the chosen lists gets an edition, and why the others do not. Nothing is kept in memory.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Ledger, words};
use crate::ledger::LedgerError;
use crate::ledger::rows::{Selection, Without};
use crate::model::address::AddressKey;
use crate::model::audience::{Absent, LeftOut, Member, Sums};
use crate::model::subscriber::{ListId, Subscriber};

impl Ledger {
    /// Calls `each` for everyone chosen and `absent` for everyone left out, streaming, list by list and in
    /// order of address; gives the sums, which always agree. Takes as long as these two do, and sees one
    /// state of the ledger throughout.
    pub fn audience(
        &self,
        selection: &Selection,
        each: &mut dyn FnMut(&Member),
        absent: &mut dyn FnMut(&Absent),
    ) -> Result<Sums, LedgerError> {
        self.store.read(|connection| {
            select(connection, selection, |candidate, left_out| {
                match left_out {
                    None => {
                        each(&Member { list: candidate.list.clone(), subscriber: candidate.subscriber()? })
                    }
                    Some(why) => {
                        absent(&Absent { list: candidate.list.clone(), key: candidate.key()?, why });
                    }
                }
                Ok(())
            })
        })
    }
}

/// A lasting membership of a chosen list. `row` begins with `key, address, name, fields`.
pub(super) struct Candidate<'a> {
    pub(super) list: &'a ListId,
    /// The list's row.
    pub(super) list_row: i64,
    pub(super) row: &'a Row<'a>,
}

impl Candidate<'_> {
    fn key(&self) -> Result<AddressKey, LedgerError> {
        Ok(AddressKey::from_ledger(self.row.get(0)?))
    }

    fn subscriber(&self) -> Result<Subscriber, LedgerError> {
        words::subscriber(self.row, 0)
    }
}

/// Calls `each` for every lasting membership of the chosen lists, and says why if it is left out. A person on several lists is looked at under the first that may write
/// to them, and is a duplicate under all others.
pub(super) fn select(
    connection: &Connection,
    selection: &Selection,
    mut each: impl FnMut(&Candidate<'_>, Option<LeftOut>) -> Result<(), LedgerError>,
) -> Result<Sums, LedgerError> {
    let mut sums = Sums::default();
    let mut earlier: Vec<i64> = Vec::new();
    for list in &selection.lists {
        let Some(list_row) = row_of(connection, list)? else { continue };
        if earlier.contains(&list_row) {
            continue;
        }
        let mut query = connection.prepare(&candidates_sql(&earlier, selection.without))?;
        let mut rows = query.query(params![list_row, list.0, selection.issue.0, selection.realm.name()])?;
        while let Some(row) = rows.next()? {
            let candidate = Candidate { list, list_row, row };
            sums.considered += 1;
            let left_out = left_out(&candidate, selection)?;
            each(&candidate, left_out)?;
            match left_out {
                Some(why) => *sums.left_out.entry(why).or_default() += 1,
                None => sums.chosen += 1,
            }
        }
        earlier.push(list_row);
    }
    Ok(sums)
}

/// The row of a list that was synced once.
pub(super) fn row_of(connection: &Connection, list: &ListId) -> Result<Option<i64>, LedgerError> {
    let mut query = connection.prepare_cached("SELECT id FROM list WHERE list = ?1")?;
    Ok(query.query_row([&list.0], |row| row.get(0)).optional()?)
}

fn left_out(candidate: &Candidate<'_>, selection: &Selection) -> Result<Option<LeftOut>, LedgerError> {
    let row = candidate.row;
    if row.get(4)? {
        return Ok(Some(LeftOut::Duplicate));
    }
    match row.get::<_, Option<u8>>(5)? {
        None => {}
        Some(1) => return Ok(Some(LeftOut::Unsubscribed)),
        Some(_) => return Ok(Some(LeftOut::Suppressed)),
    }
    if let Some(segment) = &selection.segment
        && !segment.matches(&candidate.subscriber()?)
    {
        return Ok(Some(LeftOut::OutsideSegment));
    }
    Ok(if row.get(6)? { Some(LeftOut::AlreadyHad) } else { None })
}

/// `?1` is the list's row, `?2` its name as a scope, `?3` and `?4` the issue and the realm.
fn candidates_sql(earlier: &[i64], without: Without) -> String {
    let duplicate = if earlier.is_empty() { "0".to_owned() } else { duplicate_sql(earlier) };
    let had = had_sql(without);
    format!(
        "SELECT m.key, m.address, m.name, m.fields,
                {duplicate},
                (SELECT max(iif(s.reason = 'unsubscribed', 1, 2)) FROM suppression s
                 WHERE s.key = m.key AND s.scope IN ('', ?2)),
                {had}
         FROM membership m WHERE m.list = ?1 AND m.ended_at IS NULL ORDER BY m.key"
    )
}

/// An earlier list counts only if it may write to the person itself.
fn duplicate_sql(earlier: &[i64]) -> String {
    let earlier: Vec<String> = earlier.iter().map(i64::to_string).collect();
    format!(
        "EXISTS (SELECT 1 FROM membership o JOIN list ol ON ol.id = o.list
                 WHERE o.list IN ({}) AND o.key = m.key AND o.ended_at IS NULL
                   AND NOT EXISTS (SELECT 1 FROM suppression os WHERE os.key = o.key AND os.scope = ol.list))",
        earlier.join(", ")
    )
}

/// Whoever was skipped has had nothing.
fn had_sql(without: Without) -> String {
    let states = match without {
        Without::Nobody => return "?3 IS ?4 AND 0".to_owned(),
        Without::Listed => "'skipped'",
        Without::Reached => "'skipped', 'planned', 'deferred', 'expired', 'stopped'",
    };
    format!(
        "EXISTS (SELECT 1 FROM edition e CROSS JOIN letter l CROSS JOIN delivery d
         WHERE e.issue = ?3 AND e.realm = ?4 AND l.edition = e.id AND l.key = m.key
           AND d.letter = l.id AND d.state NOT IN ({states}))"
    )
}
