//! Lists, and who is on them.

use rusqlite::Connection;

use super::failure::corrupt;
use super::{Ledger, audience, suppressions, words};
use crate::ledger::LedgerError;
use crate::ledger::rows::{ListRow, Membership, Person};
use crate::model::address::{Address, AddressKey};
use crate::model::audience::Member;
use crate::model::subscriber::ListId;

impl Ledger {
    /// Every list that was synced once, by name.
    pub fn lists(&self) -> Result<Vec<ListRow>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection
                .prepare_cached("SELECT list, name, members, synced_at FROM list ORDER BY name, list")?;
            let mut rows = query.query([])?;
            let mut lists = Vec::new();
            while let Some(row) = rows.next()? {
                lists.push(ListRow {
                    list: ListId(row.get(0)?),
                    name: row.get(1)?,
                    members: words::count(row, 2)?,
                    synced_at: words::maybe_time(row.get(3)?)?,
                });
            }
            Ok(lists)
        })
    }

    /// Names of all attributes that members of the lists have, with how many have a value; by name. Reads
    /// every member.
    pub fn field_names(&self, lists: &[ListId]) -> Result<Vec<(String, u64)>, LedgerError> {
        let names: Vec<&str> = lists.iter().map(|list| list.0.as_str()).collect();
        let names = serde_json::to_string(&names).expect("a row of texts is always JSON");
        self.store.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT f.key, count(nullif(f.value, ''))
                 FROM list JOIN membership m ON m.list = list.id JOIN json_each(m.fields) f
                 WHERE list.list IN (SELECT value FROM json_each(?1)) AND m.ended_at IS NULL
                 GROUP BY f.key ORDER BY f.key",
            )?;
            let mut rows = query.query([names])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push((row.get(0)?, words::count(row, 1)?));
            }
            Ok(found)
        })
    }

    /// Somebody who is or was on a list, or is suppressed.
    pub fn person(&self, key: &AddressKey) -> Result<Option<Person>, LedgerError> {
        self.store.read(|connection| {
            let (typed, memberships) = memberships(connection, key)?;
            let suppressions = suppressions::of(connection, key)?;
            if memberships.is_empty() && suppressions.is_empty() {
                return Ok(None);
            }
            let address = match typed {
                Some(address) => address,
                None => words::address(None, key.as_str())?,
            };
            Ok(Some(Person { address, memberships, suppressions }))
        })
    }

    /// Calls `each` for every lasting membership of a list, in order of address.
    pub fn members(&self, list: &ListId, each: &mut dyn FnMut(&Member)) -> Result<(), LedgerError> {
        self.store.read(|connection| {
            let Some(list_row) = audience::row_of(connection, list)? else { return Ok(()) };
            let mut query = connection.prepare_cached(
                "SELECT key, address, name, fields FROM membership
                 WHERE list = ?1 AND ended_at IS NULL ORDER BY key",
            )?;
            let mut rows = query.query([list_row])?;
            while let Some(row) = rows.next()? {
                each(&Member { list: list.clone(), subscriber: words::subscriber(row, 0)? });
            }
            Ok(())
        })
    }
}

/// The memberships of a person, lasting ones first, and the address as it was typed in the first of them.
fn memberships(
    connection: &Connection,
    key: &AddressKey,
) -> Result<(Option<Address>, Vec<Membership>), LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT m.key, m.address, m.name, m.fields, m.ended_at, list.list
         FROM list CROSS JOIN membership m
         WHERE m.list = list.id AND m.key = ?1 ORDER BY m.ended_at IS NOT NULL, list.list",
    )?;
    let mut rows = query.query([key.as_str()])?;
    let (mut typed, mut found) = (None, Vec::new());
    while let Some(row) = rows.next()? {
        let subscriber = words::subscriber(row, 0).map_err(|_| corrupt("a membership"))?;
        typed.get_or_insert(subscriber.address);
        found.push(Membership {
            list: ListId(row.get(5)?),
            name: subscriber.name,
            fields: subscriber.fields,
            ended_at: words::maybe_time(row.get(4)?)?,
        });
    }
    Ok((typed, found))
}
