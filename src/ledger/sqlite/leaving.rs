//! Who leaves by the link of a letter, and who did so by mistake.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use super::choices::PREFERENCES;
use super::{Ledger, audience, suppressions};
use crate::ledger::LedgerError;
use crate::ledger::rows::Suppression;
use crate::model::address::AddressKey;
use crate::model::subscriber::ListId;

/// The source of a suppression that one click made, and one click lifts.
pub const ONE_CLICK: &str = "one-click";
/// Between what a person did and what was noticed of the address before.
const AFTER: &str = ", after ";
/// For so long a click can be taken back by the one who made it.
pub const SECOND_THOUGHTS: SignedDuration = SignedDuration::from_hours(24);

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

    /// Those of `lists` that somebody can leave alone. None where the ledger has no other list, or does not know one of
    /// them, as after it was renamed: then whoever leaves means everything.
    pub fn lists_to_leave(&self, lists: &[ListId]) -> Result<Vec<ListId>, LedgerError> {
        self.store.read(|connection| to_leave(connection, lists))
    }

    /// Nothing is sent to this person any more by these lists, or by any if there are none. A complaint, or an
    /// earlier word of their own, stays as it is. What was noticed of the address before, such as a bounce, is
    /// remembered in the source, and then only a person may lift both.
    pub fn leave(&self, key: &AddressKey, lists: &[ListId], now: Timestamp) -> Result<Left, LedgerError> {
        self.store.write(|connection| {
            let lists = to_leave(connection, lists)?;
            let mut undo = true;
            for scope in scopes(&lists) {
                end(connection, key, scope.as_ref(), ONE_CLICK, now)?;
                let told = told(connection, key, scope.as_ref())?;
                undo &= told.is_some_and(|told| told.source == ONE_CLICK && told.at >= now - SECOND_THOUGHTS);
            }
            Ok(Left { lists, undo })
        })
    }

    /// Lifts what [`Ledger::leave`] with the same lists did at `since` or later, and nothing else. `None` where
    /// something still forbids letters of these lists, else the lists.
    pub fn stay(
        &self,
        key: &AddressKey,
        lists: &[ListId],
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Vec<ListId>>, LedgerError> {
        self.store.write(|connection| {
            let lists = to_leave(connection, lists)?;
            let mut is_free = told(connection, key, None)?.is_none() || lists.is_empty();
            for scope in scopes(&lists) {
                let all = suppressions::of(connection, key)?;
                let is_theirs =
                    |told: &&Suppression| told.scope == scope && told.source == ONE_CLICK && told.at >= since;
                if let Some(told) = all.iter().find(is_theirs) {
                    suppressions::lift(connection, told, "undo", None, now)?;
                }
                is_free &= told(connection, key, scope.as_ref())?.is_none();
            }
            Ok(is_free.then_some(lists))
        })
    }
}

/// What a click ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Everything, where there are none.
    pub lists: Vec<ListId>,
    /// Whether [`Ledger::stay`] could lift it within [`SECOND_THOUGHTS`] of the first click.
    pub undo: bool,
}

pub(super) fn to_leave(connection: &Connection, lists: &[ListId]) -> Result<Vec<ListId>, LedgerError> {
    let all: i64 = connection.query_row("SELECT count(*) FROM list", [], |row| row.get(0))?;
    for list in lists {
        if audience::row_of(connection, list)?.is_none() {
            return Ok(Vec::new());
        }
    }
    Ok(if all > 1 { lists.to_vec() } else { Vec::new() })
}

/// Everywhere, or each list.
fn scopes(lists: &[ListId]) -> Vec<Option<ListId>> {
    match lists {
        [] => vec![None],
        lists => lists.iter().cloned().map(Some).collect(),
    }
}

/// The word of the person themself: a complaint, or an earlier word of theirs, stays as it is.
pub(super) fn end(
    connection: &Connection,
    key: &AddressKey,
    scope: Option<&ListId>,
    source: &str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let source = match told(connection, key, scope)? {
        Some(Suppression { reason: before, .. }) => format!("{source}{AFTER}{before}"),
        None => source.to_owned(),
    };
    let (reason, scope) = ("unsubscribed".to_owned(), scope.cloned());
    suppressions::strengthen(connection, &Suppression { key: key.clone(), scope, reason, source, at: now })?;
    Ok(())
}

/// Whether [`end`] wrote this source over something that was noticed of the address before. What others wrote may read
/// alike: it holds words of mails.
pub(super) fn is_over_another(source: &str) -> bool {
    source.split_once(AFTER).is_some_and(|(own, _)| [ONE_CLICK, PREFERENCES].contains(&own))
}

/// The suppression with this scope.
fn told(
    connection: &Connection,
    key: &AddressKey,
    scope: Option<&ListId>,
) -> Result<Option<Suppression>, LedgerError> {
    Ok(suppressions::of(connection, key)?.into_iter().find(|told| told.scope.as_ref() == scope))
}
