//! Forgetting one person: their address, their values and what was said of them go; that letters went, and what became
//! of them, stays, under a name that tells nobody who it was.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::failure::corrupt;
use super::{Ledger, words};
use crate::ledger::LedgerError;
use crate::model::address::AddressKey;
use crate::token::PersonId;

/// How much was known of a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    /// Lasting and ended ones.
    pub memberships: u64,
    /// Letters to them, with those that were not sent yet.
    pub letters: u64,
    pub suppressions: u64,
    /// Requests to get a list, and consent.
    pub consents: u64,
    /// Other mail to them: proofs, and mails that ask to confirm.
    pub others: u64,
}

impl Ledger {
    /// What [`Ledger::forget_person`] would let go.
    pub fn known_of(&self, key: &AddressKey) -> Result<Known, LedgerError> {
        self.store.read(|connection| known_of(connection, key))
    }

    /// Letters to this person of which nobody knows yet whether they arrived.
    pub fn in_doubt(&self, key: &AddressKey) -> Result<u64, LedgerError> {
        let letters =
            format!("SELECT count(*) FROM delivery WHERE state IN ('sending', 'uncertain') AND {THEIRS}");
        self.store.read(|connection| number(connection, &letters, key))
    }

    /// Lets go whatever names this person, once and for good; only whoever holds the lock may ask for it. Letters that
    /// wait for them are skipped, suppressions go, too, and no file brings them back: from now on `person` stands for
    /// them. Nothing of it is left in the file when it is done, which takes some seconds for a million letters.
    pub fn forget_person(
        &self,
        key: &AddressKey,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Known, LedgerError> {
        let known = self.store.write(|connection| {
            let known = known_of(connection, key)?;
            let whom = params![key.as_str(), nameless(person)];
            for statement in STATEMENTS {
                let wanted = connection.prepare(statement)?.parameter_count();
                connection.execute(statement, &whom[..wanted])?;
            }
            let insert = "INSERT INTO forgotten (person, at) VALUES (?1, ?2) ON CONFLICT (person) DO NOTHING";
            connection.execute(insert, params![person.0, now.as_millisecond()])?;
            Ok(known)
        })?;
        let connection = self.store.connect()?;
        connection.execute_batch("VACUUM")?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(known)
    }

    /// Everybody who is forgotten.
    pub fn forgotten_people(&self) -> Result<HashSet<PersonId>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached("SELECT person FROM forgotten")?;
            let mut rows = query.query([])?;
            let mut all = HashSet::new();
            while let Some(row) = rows.next()? {
                let id: Vec<u8> = row.get(0)?;
                all.insert(PersonId(id.try_into().map_err(|_| corrupt("a person who is forgotten"))?));
            }
            Ok(all)
        })
    }

    /// Since when this person is forgotten.
    pub fn forgotten_since(&self, person: &PersonId) -> Result<Option<Timestamp>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached("SELECT at FROM forgotten WHERE person = ?1")?;
            let at = query.query_row([person.0.as_slice()], |row| row.get(0)).optional()?;
            words::maybe_time(at)
        })
    }
}

/// Deliveries to the person ?1.
const THEIRS: &str = "letter IN (SELECT id FROM letter WHERE key = ?1)";

/// In this order: the letters lose their key last. ?1 is the person, ?2 who stands for them.
const STATEMENTS: [&str; 15] = [
    "UPDATE list SET members = members - (SELECT count(*) FROM membership m
                                          WHERE m.list = list.id AND m.key = ?1 AND m.ended_at IS NULL)",
    "DELETE FROM membership WHERE key = ?1",
    "DELETE FROM suppression WHERE key = ?1",
    "DELETE FROM lifted WHERE key = ?1",
    "DELETE FROM consent WHERE key = ?1",
    "DELETE FROM claim WHERE key = ?1",
    "UPDATE delivery SET state = 'skipped', due = NULL, why = 'forgotten'
     WHERE state IN ('planned', 'deferred') AND letter IN (SELECT id FROM letter WHERE key = ?1)",
    "DELETE FROM hit WHERE delivery IN
         (SELECT d.id FROM delivery d JOIN letter l ON l.id = d.letter WHERE l.key = ?1)",
    "UPDATE attempt SET reply = NULL, cause = '' WHERE delivery IN
         (SELECT d.id FROM delivery d JOIN letter l ON l.id = d.letter WHERE l.key = ?1)",
    "UPDATE event SET said = '' WHERE delivery IN
         (SELECT d.id FROM delivery d JOIN letter l ON l.id = d.letter WHERE l.key = ?1)",
    "UPDATE raw_event SET body = '' WHERE body <> '' AND (instr(lower(body), ?1) > 0 OR delivery IN
         (SELECT d.id FROM delivery d JOIN letter l ON l.id = d.letter WHERE l.key = ?1))",
    "UPDATE claim SET words = '', place = '' WHERE instr(lower(words), ?1) > 0 OR instr(lower(place), ?1) > 0",
    "UPDATE pause SET said = '' WHERE instr(lower(said), ?1) > 0",
    "UPDATE proof SET key = ?2, reply = NULL, cause = '' WHERE key = ?1",
    "UPDATE letter SET key = ?2, address = NULL, merged = '' WHERE key = ?1",
];

/// What an address ends with that nobody can have (RFC 6761). Letters keep one: their number and fate are not forgotten.
pub(super) const NOWHERE: &str = "@forgotten.invalid";

fn nameless(person: &PersonId) -> String {
    format!("{}{NOWHERE}", data_encoding::HEXLOWER.encode(&person.0))
}

fn known_of(connection: &Connection, key: &AddressKey) -> Result<Known, LedgerError> {
    let of = |table: &str| number(connection, &format!("SELECT count(*) FROM {table} WHERE key = ?1"), key);
    Ok(Known {
        memberships: of("membership")?,
        letters: of("letter")?,
        suppressions: of("suppression")?,
        consents: of("consent")?,
        others: of("proof")?,
    })
}

fn number(connection: &Connection, sql: &str, key: &AddressKey) -> Result<u64, LedgerError> {
    connection.query_row(sql, [key.as_str()], |row| Ok(words::count(row, 0)))?
}
