//! Who leaves by the link of a letter, and who did so by mistake.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Ledger, suppressions};
use crate::ledger::LedgerError;
use crate::ledger::rows::Suppression;
use crate::model::address::AddressKey;

/// The source of a suppression that one click made, and one click lifts.
pub const ONE_CLICK: &str = "one-click";

impl Ledger {
    /// Calls `each` with number and key of every membership after the one with this number, ended ones too:
    /// numbers are never given twice. A person has one on each list they ever were on.
    pub fn memberships_after(
        &self,
        number: i64,
        each: &mut dyn FnMut(i64, &AddressKey),
    ) -> Result<(), LedgerError> {
        self.store.read(|connection| {
            let mut query =
                connection.prepare_cached("SELECT id, key FROM membership WHERE id > ?1 ORDER BY id")?;
            let mut rows = query.query([number])?;
            while let Some(row) = rows.next()? {
                each(row.get(0)?, &AddressKey::from_ledger(row.get(1)?));
            }
            Ok(())
        })
    }

    /// Whose membership has this number.
    pub fn member_at(&self, number: i64) -> Result<Option<AddressKey>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached("SELECT key FROM membership WHERE id = ?1")?;
            let key = query.query_row([number], |row| row.get(0)).optional()?;
            Ok(key.map(AddressKey::from_ledger))
        })
    }

    /// Nothing is sent to this person any more, by any list. A complaint, or an earlier word of their own,
    /// stays as it is. Whether [`Ledger::stay`] could lift it: what was noticed of the address before, such
    /// as a bounce, is remembered in the source, and then only a person may lift both.
    pub fn leave(&self, key: &AddressKey, now: Timestamp) -> Result<bool, LedgerError> {
        self.store.write(|connection| {
            let before = reason_of(connection, key)?;
            let source = match &before {
                Some(before) => format!("{ONE_CLICK}, after {before}"),
                None => ONE_CLICK.to_owned(),
            };
            let reason = "unsubscribed".to_owned();
            let wish = Suppression { key: key.clone(), scope: None, reason, source, at: now };
            suppressions::strengthen(connection, &wish)?;
            Ok(source_of(connection, key)?.as_deref() == Some(ONE_CLICK))
        })
    }

    /// Lifts what [`Ledger::leave`] did at `since` or later, and nothing else. Whether nothing forbids letters
    /// of every list any more.
    pub fn stay(&self, key: &AddressKey, since: Timestamp) -> Result<bool, LedgerError> {
        self.store.write(|connection| {
            connection.execute(
                "DELETE FROM suppression
                 WHERE key = ?1 AND scope = '' AND reason = 'unsubscribed' AND source = ?2 AND at >= ?3",
                params![key.as_str(), ONE_CLICK, since.as_millisecond()],
            )?;
            Ok(reason_of(connection, key)?.is_none())
        })
    }
}

fn reason_of(connection: &Connection, key: &AddressKey) -> Result<Option<String>, LedgerError> {
    everywhere(connection, "reason", key)
}

fn source_of(connection: &Connection, key: &AddressKey) -> Result<Option<String>, LedgerError> {
    everywhere(connection, "source", key)
}

fn everywhere(
    connection: &Connection,
    column: &str,
    key: &AddressKey,
) -> Result<Option<String>, LedgerError> {
    let sql = format!("SELECT {column} FROM suppression WHERE key = ?1 AND scope = ''");
    let mut query = connection.prepare_cached(&sql)?;
    Ok(query.query_row([key.as_str()], |row| row.get(0)).optional()?)
}
