//! Addresses that must not be written to.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::{Ledger, words};
use crate::ledger::LedgerError;
use crate::ledger::rows::{Lifted, Suppression};
use crate::model::address::AddressKey;
use crate::model::subscriber::ListId;

impl Ledger {
    /// Holds from the next letter that is begun, in every process. What the person themself said
    /// (`unsubscribed`, `complained`) is not overwritten by what we noticed.
    pub fn suppress(&self, suppression: &Suppression) -> Result<(), LedgerError> {
        let Suppression { key, scope: list, reason, source, at } = suppression;
        self.store.write(|connection| {
            connection.execute(
                "INSERT INTO suppression (key, scope, reason, source, at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (key, scope) DO UPDATE
                 SET reason = excluded.reason, source = excluded.source, at = excluded.at
                 WHERE reason NOT IN ('unsubscribed', 'complained')
                    OR excluded.reason IN ('unsubscribed', 'complained')",
                params![key.as_str(), scope(list.as_ref()), reason, source, at.as_millisecond()],
            )?;
            Ok(())
        })
    }

    /// Whether there was one. What it was is remembered, with who lifted it and why.
    pub fn unsuppress(
        &self,
        key: &AddressKey,
        list: Option<&ListId>,
        (by, note): (&str, Option<&str>),
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        self.store.write(|connection| {
            let told = of(connection, key)?.into_iter().find(|told| told.scope.as_ref() == list);
            if let Some(told) = &told {
                lift(connection, told, by, note, now)?;
            }
            Ok(told.is_some())
        })
    }

    /// Suppressions of this person that were lifted, the first first.
    pub fn lifted(&self, key: &AddressKey) -> Result<Vec<Lifted>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT scope, reason, source, at, lifted_at, lifted_by, note FROM lifted WHERE key = ?1 ORDER BY id",
            )?;
            let mut rows = query.query([key.as_str()])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(lifted(row)?);
            }
            Ok(found)
        })
    }

    /// All of them, in order of address.
    pub fn suppressions(&self) -> Result<Vec<Suppression>, LedgerError> {
        self.store.read(|connection| {
            collect(connection, &format!("SELECT {SUPPRESSION} FROM suppression ORDER BY key, scope"), [])
        })
    }
}

/// Keeps what a provider told of an address. What says most stays: a complaint, then an unsubscription, then
/// a bounce, and of two alike the earlier; so that the order of telling does not matter. Whether anything changed.
pub(super) fn strengthen(connection: &Connection, suppression: &Suppression) -> Result<bool, LedgerError> {
    let Suppression { key, scope: list, reason, source, at } = suppression;
    let weight = |name: &str| {
        format!(
            "CASE {name} WHEN 'complained' THEN 3 WHEN 'unsubscribed' THEN 2 WHEN 'bounced' THEN 1 ELSE 0 END"
        )
    };
    let (told, kept) = (weight("excluded.reason"), weight("reason"));
    let mut insert = connection.prepare_cached(&format!(
        "INSERT INTO suppression (key, scope, reason, source, at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (key, scope) DO UPDATE
         SET reason = excluded.reason, source = excluded.source, at = excluded.at
         WHERE {told} > {kept}
            OR excluded.reason = reason AND (excluded.at, excluded.source) < (at, source)"
    ))?;
    let changed =
        insert.execute(params![key.as_str(), scope(list.as_ref()), reason, source, at.as_millisecond()])?;
    Ok(changed == 1)
}

/// Takes a suppression away, and remembers it.
pub(super) fn lift(
    connection: &Connection,
    told: &Suppression,
    by: &str,
    note: Option<&str>,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let Suppression { key, scope: list, reason, source, at } = told;
    let (key, scope) = (key.as_str(), scope(list.as_ref()));
    let mut insert = connection.prepare_cached(
        "INSERT INTO lifted (key, scope, reason, source, at, lifted_at, lifted_by, note)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    insert.execute(params![
        key,
        scope,
        reason,
        source,
        at.as_millisecond(),
        now.as_millisecond(),
        by,
        note
    ])?;
    connection
        .prepare_cached("DELETE FROM suppression WHERE key = ?1 AND scope = ?2")?
        .execute([key, scope])?;
    Ok(())
}

fn lifted(row: &Row<'_>) -> Result<Lifted, LedgerError> {
    let scope: String = row.get(0)?;
    Ok(Lifted {
        scope: (!scope.is_empty()).then_some(ListId(scope)),
        reason: row.get(1)?,
        source: row.get(2)?,
        at: words::time(row.get(3)?)?,
        lifted_at: words::time(row.get(4)?)?,
        lifted_by: row.get(5)?,
        note: row.get(6)?,
    })
}

/// Those of one person.
pub(super) fn of(connection: &Connection, key: &AddressKey) -> Result<Vec<Suppression>, LedgerError> {
    let sql = format!("SELECT {SUPPRESSION} FROM suppression WHERE key = ?1 ORDER BY scope");
    collect(connection, &sql, [key.as_str()])
}

/// The column for "everywhere" and for one list.
pub(super) fn scope(list: Option<&ListId>) -> &str {
    list.map_or("", |list| &list.0)
}

pub(super) const SUPPRESSION: &str = "key, scope, reason, source, at";

pub(super) fn collect(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Suppression>, LedgerError> {
    let mut query = connection.prepare_cached(sql)?;
    let mut rows = query.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(suppression(row)?);
    }
    Ok(found)
}

fn suppression(row: &Row<'_>) -> Result<Suppression, LedgerError> {
    let scope: String = row.get(1)?;
    Ok(Suppression {
        key: AddressKey::from_ledger(row.get(0)?),
        scope: (!scope.is_empty()).then_some(ListId(scope)),
        reason: row.get(2)?,
        source: row.get(3)?,
        at: words::time(row.get(4)?)?,
    })
}
