//! Which mails of mailboxes on other machines were read. A mail that is read again counts once all the same: this only
//! spares the way.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, params};

use super::Ledger;
use crate::ledger::LedgerError;
use crate::ledger::rows::Position;

impl Ledger {
    /// Up to where a folder was read.
    pub fn read_up_to(&self, mailbox: &str) -> Result<Option<Position>, LedgerError> {
        self.store.read(|connection| {
            let mut query =
                connection.prepare_cached("SELECT validity, last FROM mailbox WHERE name = ?1")?;
            let position =
                |row: &rusqlite::Row<'_>| Ok(Position { validity: row.get(0)?, last: row.get(1)? });
            Ok(query.query_row([mailbox], position).optional()?)
        })
    }

    pub fn note_read_up_to(&self, mailbox: &str, position: Position) -> Result<(), LedgerError> {
        self.store.write(|connection| {
            connection.execute(
                "INSERT INTO mailbox (name, validity, last) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET validity = excluded.validity, last = excluded.last",
                params![mailbox, position.validity, position.last],
            )?;
            Ok(())
        })
    }

    /// The names of the mails that were read.
    pub fn mails_read(&self, mailbox: &str) -> Result<HashSet<String>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached("SELECT uidl FROM mail_read WHERE mailbox = ?1")?;
            let names = query.query_map([mailbox], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(names)
        })
    }

    /// Remembers these, and forgets those that are gone.
    pub fn note_mails_read<'a>(
        &self,
        mailbox: &str,
        read: impl IntoIterator<Item = &'a str>,
        gone: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), LedgerError> {
        let (read, gone): (Vec<_>, Vec<_>) = (read.into_iter().collect(), gone.into_iter().collect());
        if read.is_empty() && gone.is_empty() {
            return Ok(());
        }
        self.store.write(|connection| {
            let sql = "INSERT INTO mail_read (mailbox, uidl) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            let mut insert = connection.prepare_cached(sql)?;
            read.iter().try_for_each(|name| insert.execute([mailbox, name]).map(drop))?;
            let mut delete =
                connection.prepare_cached("DELETE FROM mail_read WHERE mailbox = ?1 AND uidl = ?2")?;
            gone.iter().try_for_each(|name| delete.execute([mailbox, name]).map(drop))?;
            Ok(())
        })
    }
}
