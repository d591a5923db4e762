//! What people choose by themselves: which lists they get.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Ledger, audience, consents, leaving, suppressions, words};
use crate::ledger::LedgerError;
use crate::ledger::consent::{Choices, Request, Stage, Terms, Ticks};
use crate::ledger::rows::Suppression;
use crate::model::address::{Address, AddressKey};
use crate::model::subscriber::ListId;

/// The source of what somebody chose on the page of their preferences.
pub const PREFERENCES: &str = "preferences";
/// By what a suppression is lifted when somebody confirms a subscription.
pub(super) const CONFIRMED: &str = "confirmed";

impl Ledger {
    /// What this person may choose from: the lists that they are on, and `public` ones.
    pub fn choices(&self, key: &AddressKey, public: &[ListId]) -> Result<Choices, LedgerError> {
        self.store.read(|connection| choices(connection, key, public))
    }

    /// Gives this person the lists that they ticked and may choose, and takes those from them that they were shown and did
    /// not tick. What they get then; nothing is changed where it is shut.
    pub fn choose(
        &self,
        key: &AddressKey,
        public: &[ListId],
        ticks: &Ticks,
        terms: &Terms,
        now: Timestamp,
    ) -> Result<Choices, LedgerError> {
        self.store.write(|connection| {
            let before = choices(connection, key, public)?;
            if before.is_shut {
                return Ok(before);
            }
            let of = |is_on: bool, is_meant: &dyn Fn(&ListId) -> bool| -> Vec<ListId> {
                let all = before.lists.iter().filter(|(list, on)| *on == is_on && is_meant(list));
                all.map(|(list, _)| list.clone()).collect()
            };
            let coming = of(false, &|list| ticks.wanted.contains(list));
            let going = of(true, &|list| ticks.ends(list));
            if !coming.is_empty() {
                let address = typed(connection, key)?;
                lift_own_word(connection, key, &coming, PREFERENCES, now)?;
                // They are on the others already: whose those lists are says who is on them.
                let joined = coming.iter().filter(|list| public.contains(list));
                joined.clone().try_for_each(|list| join(connection, &address, list, now))?;
                let request = Request { address, lists: coming, terms: terms.clone() };
                consents::insert(connection, &request, (Stage::Confirmed, None), now)?;
            }
            for list in &going {
                leaving::end(connection, key, Some(list), PREFERENCES, now)?;
            }
            choices(connection, key, public)
        })
    }
}

fn choices(connection: &Connection, key: &AddressKey, public: &[ListId]) -> Result<Choices, LedgerError> {
    let told = suppressions::of(connection, key)?;
    let everywhere = told.iter().find(|told| told.scope.is_none());
    let is_shut = everywhere.is_some_and(|told| !is_own_word(told));
    let mut lists = Vec::new();
    for list in on_lists(connection, key)? {
        let own = told.iter().find(|told| told.scope.as_ref() == Some(&list));
        if own.is_none_or(is_own_word) {
            lists.push((list, own.is_none() && everywhere.is_none()));
        }
    }
    for list in public {
        let own = told.iter().find(|told| told.scope.as_ref() == Some(list));
        if lists.iter().all(|(known, _)| known != list) && own.is_none_or(is_own_word) {
            lists.push((list.clone(), false));
        }
    }
    Ok(Choices { lists, is_shut })
}

/// Those of these lists that somebody gets.
pub(super) fn of_those(
    connection: &Connection,
    key: &AddressKey,
    lists: &[ListId],
) -> Result<Vec<ListId>, LedgerError> {
    let Choices { lists: all, is_shut } = choices(connection, key, &[])?;
    let gets = |list: &&ListId| !is_shut && all.contains(&((*list).clone(), true));
    Ok(lists.iter().filter(gets).cloned().collect())
}

/// The lists that somebody is on, suppressed or not.
fn on_lists(connection: &Connection, key: &AddressKey) -> Result<Vec<ListId>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT list.list FROM list CROSS JOIN membership m
         WHERE m.list = list.id AND m.key = ?1 AND m.ended_at IS NULL ORDER BY list.name, list.list",
    )?;
    let lists = query.query_map([key.as_str()], |row| row.get(0))?;
    Ok(lists.map(|list| list.map(ListId)).collect::<Result<_, _>>()?)
}

/// Whether the person said it themself, and nothing was known against the address before.
fn is_own_word(told: &Suppression) -> bool {
    told.reason == "unsubscribed" && !leaving::is_over_another(&told.source)
}

/// Whether something besides the person's own word forbids letters of all these lists.
pub(super) fn is_shut(
    connection: &Connection,
    key: &AddressKey,
    lists: &[ListId],
) -> Result<bool, LedgerError> {
    Ok(open_to(connection, key, lists)?.is_empty())
}

/// Those of these lists whose letters nothing forbids but the person's own word.
pub(super) fn open_to(
    connection: &Connection,
    key: &AddressKey,
    lists: &[ListId],
) -> Result<Vec<ListId>, LedgerError> {
    let told = suppressions::of(connection, key)?;
    let is_against =
        |list: Option<&ListId>| told.iter().any(|told| told.scope.as_ref() == list && !is_own_word(told));
    let open = lists.iter().filter(|list| !is_against(None) && !is_against(Some(list)));
    Ok(open.cloned().collect())
}

/// Puts somebody on these lists, and lifts their own word against them, and only that. Whoever had left everything has
/// still left every other list.
pub(super) fn open_lists(
    connection: &Connection,
    address: &Address,
    lists: &[ListId],
    by: &str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    lift_own_word(connection, &address.key(), lists, by, now)?;
    lists.iter().try_for_each(|list| join(connection, address, list, now))
}

fn lift_own_word(
    connection: &Connection,
    key: &AddressKey,
    lists: &[ListId],
    by: &str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    for list in lists {
        row_for(connection, list, None)?;
    }
    for told in suppressions::of(connection, key)?.iter().filter(|told| is_own_word(told)) {
        match &told.scope {
            None => {
                suppressions::lift(connection, told, by, None, now)?;
                keep_left(connection, told, lists)?;
            }
            Some(list) if lists.contains(list) => suppressions::lift(connection, told, by, None, now)?,
            Some(_) => {}
        }
    }
    Ok(())
}

/// What was left everywhere is left list by list, but for `without`.
fn keep_left(connection: &Connection, told: &Suppression, without: &[ListId]) -> Result<(), LedgerError> {
    let mut query = connection.prepare_cached("SELECT list FROM list")?;
    let all: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for list in all.into_iter().map(ListId).filter(|list| !without.contains(list)) {
        suppressions::strengthen(connection, &Suppression { scope: Some(list), ..told.clone() })?;
    }
    Ok(())
}

/// The row of a list, which may be new, and its number of members. Whoever had left everything, and came back for lists
/// that there were then, is on no new one.
pub(super) fn row_for(
    connection: &Connection,
    list: &ListId,
    name: Option<&str>,
) -> Result<(i64, i64), LedgerError> {
    if audience::row_of(connection, list)?.is_none() {
        let mut keep_out = connection.prepare_cached(
            "INSERT INTO suppression (key, scope, reason, source, at)
             SELECT key, ?1, reason, source, at FROM lifted l
             WHERE scope = '' AND lifted_by IN (?2, ?3)
               AND id = (SELECT max(id) FROM lifted o
                         WHERE o.key = l.key AND o.scope = '' AND o.lifted_by <> 'undo')
             ON CONFLICT (key, scope) DO NOTHING",
        )?;
        keep_out.execute([list.0.as_str(), PREFERENCES, CONFIRMED])?;
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO list (list, name) VALUES (?1, coalesce(?2, ?1))
         ON CONFLICT (list) DO UPDATE SET name = coalesce(?2, name) RETURNING id, members",
    )?;
    Ok(insert.query_row(params![list.0, name], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// A membership that the person made, or makes their own: no file ends it.
fn join(
    connection: &Connection,
    address: &Address,
    list: &ListId,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let (list_row, _) = row_for(connection, list, None)?;
    let (key, typed) = (address.key(), address.to_string());
    let was_on = is_on(connection, list_row, &key)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO membership (list, key, address, name, fields, joined_at, origin)
         VALUES (?1, ?2, ?3, NULL, '{}', ?4, 'person')
         ON CONFLICT (list, key) DO UPDATE
         SET joined_at = iif(ended_at IS NULL, joined_at, excluded.joined_at), ended_at = NULL, origin = 'person'",
    )?;
    insert.execute(params![list_row, key.as_str(), words::typed(&typed, &key), now.as_millisecond()])?;
    if !was_on {
        connection
            .prepare_cached("UPDATE list SET members = members + 1 WHERE id = ?1")?
            .execute([list_row])?;
    }
    Ok(())
}

fn is_on(connection: &Connection, list_row: i64, key: &AddressKey) -> Result<bool, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM membership WHERE list = ?1 AND key = ?2 AND ended_at IS NULL)",
    )?;
    Ok(query.query_row(params![list_row, key.as_str()], |row| row.get(0))?)
}

/// The address as it was typed on whatever list.
fn typed(connection: &Connection, key: &AddressKey) -> Result<Address, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT m.address FROM list CROSS JOIN membership m
         WHERE m.list = list.id AND m.key = ?1 ORDER BY m.ended_at IS NOT NULL LIMIT 1",
    )?;
    let mut rows = query.query([key.as_str()])?;
    match rows.next()? {
        Some(row) => words::address(words::maybe_text(row, 0)?, key.as_str()),
        None => words::address(None, key.as_str()),
    }
}
