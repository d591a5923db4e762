//! All letters of an edition, one by one and in sums: for an audit.

use rusqlite::Row;

use super::attempts::phase;
use super::{Ledger, words};
use crate::ledger::LedgerError;
use crate::ledger::rows::{EditionId, Reason, Standing};
use crate::model::address::AddressKey;

impl Ledger {
    /// Calls `each` for every delivery, streaming, in order of address where one freeze made them all. Takes as long
    /// as `each` does, and sees one state of the ledger throughout.
    pub fn call_the_roll(
        &self,
        edition: EditionId,
        each: &mut dyn FnMut(&Standing),
    ) -> Result<(), LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare(
                "SELECT l.key, l.again, d.state FROM letter l CROSS JOIN delivery d ON d.letter = l.id
                 WHERE l.edition = ?1 ORDER BY l.id",
            )?;
            let mut rows = query.query([edition.0])?;
            while let Some(row) = rows.next()? {
                each(&standing(row)?);
            }
            Ok(())
        })
    }

    /// Why letters are deferred, refused, uncertain or expired, the most frequent reason first.
    pub fn reasons(&self, edition: EditionId) -> Result<Vec<Reason>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare(
                "SELECT d.state, a.phase, a.code, coalesce(min(a.reply), min(a.cause)), count(*)
                 FROM delivery d JOIN attempt a ON a.delivery = d.id AND a.number = d.attempts
                 WHERE d.edition = ?1 AND d.state IN ('deferred', 'refused', 'uncertain', 'expired')
                 GROUP BY d.state, a.phase, a.code, a.enhanced, iif(a.code IS NULL, a.cause, '') ORDER BY count(*) DESC, 1, 2, 3",
            )?;
            let mut rows = query.query([edition.0])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(reason(row)?);
            }
            Ok(found)
        })
    }
}

fn standing(row: &Row<'_>) -> Result<Standing, LedgerError> {
    Ok(Standing {
        key: AddressKey::from_ledger(row.get(0)?),
        again: row.get(1)?,
        state: words::state(words::text(row, 2)?)?,
    })
}

fn reason(row: &Row<'_>) -> Result<Reason, LedgerError> {
    Ok(Reason {
        state: words::state(words::text(row, 0)?)?,
        phase: words::maybe_text(row, 1)?.map(phase).transpose()?,
        code: row.get(2)?,
        words: words::maybe_text(row, 3)?.unwrap_or_default().lines().collect::<Vec<_>>().join(" "),
        letters: words::count(row, 4)?,
    })
}
