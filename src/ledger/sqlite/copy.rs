//! A copy of the ledger, and whether one is whole.

use std::path::Path;

use rusqlite::Connection;

use super::store::make_private;
use super::{Ledger, words};
use crate::ledger::LedgerError;

/// So many faults are named; a broken file has thousands.
const NAMED: usize = 20;

impl Ledger {
    /// Writes what the ledger holds at this moment into a new file (0600), without holding up a run. Fails if
    /// there is a file with something in it.
    pub fn copy_to(&self, path: &Path) -> Result<(), LedgerError> {
        let failed =
            |error: std::io::Error| LedgerError::Store { cause: format!("{}: {error}", path.display()) };
        make_private(path).map_err(failed)?;
        let connection = self.store.connect()?;
        connection.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
        std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(failed)
    }

    /// Brings all that was written into the file itself. Fails while somebody else reads or writes.
    pub fn settle_down(&self) -> Result<(), LedgerError> {
        let connection = self.store.connect()?;
        let is_busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        match is_busy {
            true => Err(LedgerError::Store { cause: "somebody else is using it".to_owned() }),
            false => Ok(()),
        }
    }

    /// Whether another file has its name now, or none: what is written here is seen by nobody else.
    pub fn is_replaced(&self) -> bool {
        self.store.is_replaced()
    }

    /// What is wrong with the file, or does not agree in it; nothing if it is whole. It reads all of it.
    pub fn faults(&self) -> Result<Vec<String>, LedgerError> {
        self.store.read(|connection| {
            let mut faults = integrity(connection)?;
            faults.extend(strays(connection)?);
            faults.extend(sums(connection)?);
            Ok(faults)
        })
    }
}

fn integrity(connection: &Connection) -> Result<Vec<String>, LedgerError> {
    let mut query = connection.prepare(&format!("PRAGMA integrity_check({NAMED})"))?;
    let said = query.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Ok(said.into_iter().filter(|line| line != "ok").collect())
}

fn strays(connection: &Connection) -> Result<Vec<String>, LedgerError> {
    let mut query = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()?.filter(|_| found.len() < NAMED) {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        found.push(format!("a row of `{table}` belongs to nothing in `{parent}`"));
    }
    Ok(found)
}

/// Every letter that was frozen has one delivery, in a state that there is.
fn sums(connection: &Connection) -> Result<Vec<String>, LedgerError> {
    let mut query = connection.prepare(
        "SELECT e.issue, (SELECT count(*) FROM letter WHERE edition = e.id),
                (SELECT count(*) FROM delivery WHERE edition = e.id)
         FROM edition e",
    )?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (letters, deliveries) = (words::count(row, 1)?, words::count(row, 2)?);
        if letters != deliveries {
            let issue: String = row.get(0)?;
            found.push(format!("{issue} has {letters} letters and {deliveries} deliveries"));
        }
    }
    Ok(found)
}
