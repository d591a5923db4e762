//! What was said or done, so that it is said or done once.

use rusqlite::{Connection, OptionalExtension};

use super::Ledger;
use crate::ledger::LedgerError;

impl Ledger {
    /// What is remembered under `subject`.
    pub fn note(&self, subject: &str) -> Result<Option<String>, LedgerError> {
        self.store.read(|connection| noted(connection, subject))
    }

    /// Remembers `text` under `subject`; true if it was not what was remembered.
    pub fn note_changed(&self, subject: &str, text: &str) -> Result<bool, LedgerError> {
        if self.note(subject)?.as_deref() == Some(text) {
            return Ok(false);
        }
        self.store.write(|connection| keep(connection, subject, text))
    }

    /// Remembers nothing under `subject` any more.
    pub fn forget_note(&self, subject: &str) -> Result<(), LedgerError> {
        if self.note(subject)?.is_none() {
            return Ok(());
        }
        self.store.write(|connection| {
            connection.execute("DELETE FROM note WHERE subject = ?1", [subject])?;
            Ok(())
        })
    }
}

/// Whether anything changed.
pub(super) fn keep(connection: &Connection, subject: &str, text: &str) -> Result<bool, LedgerError> {
    let changed = connection.execute(
        "INSERT INTO note (subject, text) VALUES (?1, ?2)
         ON CONFLICT (subject) DO UPDATE SET text = excluded.text WHERE text <> excluded.text",
        [subject, text],
    )?;
    Ok(changed == 1)
}

pub(super) fn noted(connection: &Connection, subject: &str) -> Result<Option<String>, LedgerError> {
    let mut query = connection.prepare_cached("SELECT text FROM note WHERE subject = ?1")?;
    Ok(query.query_row([subject], |row| row.get(0)).optional()?)
}
