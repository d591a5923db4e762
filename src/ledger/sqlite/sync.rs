//! A list's file → memberships, as a diff. It can end what the file itself made, and cannot bring back the
//! suppressed: suppressions are not touched here. Nor can it end what people made themselves.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Ledger, choices, store, words};
use crate::ledger::LedgerError;
use crate::model::subscriber::{ListId, Subscriber};
use crate::subscribers::csv::Row;
use crate::subscribers::diff::Diff;

/// What `sync_list` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synced {
    Applied(Diff),
    /// Nothing was changed: so much would go that a person has to say yes.
    Held(Diff),
}

impl Ledger {
    /// Makes the memberships that `rows` make the list's; `name` is the file's. Rows arrive one by one and
    /// are not kept in memory. Of rows with the same address the first counts. A membership whose row is
    /// gone ends, and its letters that were not sent are skipped. An error of the store or a held diff
    /// changes nothing. Takes some seconds for a million rows.
    pub fn sync_list(
        &self,
        list: &ListId,
        name: &str,
        rows: &mut dyn Iterator<Item = Row>,
        allow_removal: bool,
        now: Timestamp,
    ) -> Result<Synced, LedgerError> {
        self.sync_list_while(list, name, &mut rows.map(Ok), allow_removal, now)
    }

    /// The same for rows that may break off: an error among them changes nothing and is given back, since a
    /// file that was not read to its end does not say who has left.
    pub fn sync_list_while(
        &self,
        list: &ListId,
        name: &str,
        rows: &mut dyn Iterator<Item = Result<Row, LedgerError>>,
        allow_removal: bool,
        now: Timestamp,
    ) -> Result<Synced, LedgerError> {
        self.store.write(|connection| {
            connection.execute_batch("SAVEPOINT sync")?;
            let mut sync = Sync::start(connection, list, name, now)?;
            store::with_cache(connection, sync.cache_kib(), || sync.apply(rows, allow_removal))
        })
    }
}

/// Rows in any order visit the whole index, which for a million of them has some 40 MB.
const NEW_LIST_KIB: i64 = 16 * 1024;

/// A list that is there is mostly compared, in the order in which it was written.
const KNOWN_LIST_KIB: i64 = 4 * 1024;

struct Sync<'a> {
    connection: &'a Connection,
    list: &'a ListId,
    list_row: i64,
    members_before: u64,
    /// How many of them the people made themselves, and how many of those were met in the file.
    own_before: u64,
    own_met: u64,
    has_suppressions: bool,
    seen: Seen,
    diff: Diff,
    now: i64,
}

impl<'a> Sync<'a> {
    fn start(
        connection: &'a Connection,
        list: &'a ListId,
        name: &str,
        now: Timestamp,
    ) -> Result<Sync<'a>, LedgerError> {
        let (list_row, members_before) = choices::row_for(connection, list, Some(name))?;
        let members_before = u64::try_from(members_before).unwrap_or_default();
        let has_suppressions =
            connection.query_row("SELECT EXISTS (SELECT 1 FROM suppression)", [], |row| row.get(0))?;
        let own_before = own_members(connection, list_row)?;
        let (seen, diff, now) = (Seen::default(), Diff::default(), now.as_millisecond());
        let own_met = 0;
        Ok(Sync {
            connection,
            list,
            list_row,
            members_before,
            own_before,
            own_met,
            has_suppressions,
            seen,
            diff,
            now,
        })
    }

    fn cache_kib(&self) -> i64 {
        if self.members_before == 0 { NEW_LIST_KIB } else { KNOWN_LIST_KIB }
    }

    fn apply(
        &mut self,
        rows: &mut dyn Iterator<Item = Result<Row, LedgerError>>,
        allow_removal: bool,
    ) -> Result<Synced, LedgerError> {
        for row in rows {
            self.take(&row?.subscriber)?;
        }
        self.diff.removed = self.gone();
        if self.diff.needs_yes() && !allow_removal {
            self.connection.execute_batch("ROLLBACK TO sync")?;
            return Ok(Synced::Held(self.diff));
        }
        self.finish()?;
        Ok(Synced::Applied(self.diff))
    }

    fn take(&mut self, subscriber: &Subscriber) -> Result<(), LedgerError> {
        let key = subscriber.address.key();
        let address = subscriber.address.to_string();
        let line = Line {
            key: key.as_str(),
            address: words::typed(&address, &key),
            name: subscriber.name.as_deref(),
            fields: &words::fields_text(&subscriber.fields),
        };
        let fresh = match self.insert(&line)? {
            Some(id) => self.seen.mark(id),
            None => self.meet(&line)?,
        };
        if !fresh {
            self.diff.merged += 1;
        } else if self.has_suppressions && self.is_suppressed(line.key)? {
            self.diff.suppressed += 1;
        }
        Ok(())
    }

    /// The row of a person who never was on this list.
    fn insert(&mut self, line: &Line<'_>) -> Result<Option<i64>, LedgerError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO membership (list, key, address, name, fields, joined_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (list, key) DO NOTHING",
        )?;
        let Line { key, address, name, fields } = line;
        if insert.execute(params![self.list_row, key, address, name, fields, self.now])? == 0 {
            return Ok(None);
        }
        self.diff.added += 1;
        Ok(Some(self.connection.last_insert_rowid()))
    }

    /// Compares a line with the row that is there; whether it is the first line of this person.
    fn meet(&mut self, line: &Line<'_>) -> Result<bool, LedgerError> {
        let Known { id, same, ended, own } = self.compare(line)?;
        if !self.seen.mark(id) {
            return Ok(false);
        }
        self.own_met += u64::from(own && !ended);
        match (ended, same) {
            (true, _) => self.diff.added += 1,
            (false, true) => self.diff.unchanged += 1,
            (false, false) => self.diff.changed += 1,
        }
        if ended || !same {
            self.update(id, line)?;
        }
        Ok(true)
    }

    fn compare(&self, line: &Line<'_>) -> Result<Known, LedgerError> {
        let mut query = self.connection.prepare_cached(
            "SELECT id, address IS ?3 AND name IS ?4 AND fields = ?5, ended_at IS NOT NULL, origin = 'person'
             FROM membership WHERE list = ?1 AND key = ?2",
        )?;
        let Line { key, address, name, fields } = line;
        let values = params![self.list_row, key, address, name, fields];
        let known = |row: &rusqlite::Row<'_>| {
            Ok(Known { id: row.get(0)?, same: row.get(1)?, ended: row.get(2)?, own: row.get(3)? })
        };
        Ok(query.query_row(values, known)?)
    }

    fn update(&self, id: i64, line: &Line<'_>) -> Result<(), LedgerError> {
        let mut update = self.connection.prepare_cached(
            "UPDATE membership
             SET address = ?2, name = ?3, fields = ?4,
                 joined_at = iif(ended_at IS NULL, joined_at, ?5), origin = iif(ended_at IS NULL, origin, 'file'),
                 ended_at = NULL
             WHERE id = ?1",
        )?;
        update.execute(params![id, line.address, line.name, line.fields, self.now])?;
        Ok(())
    }

    fn is_suppressed(&self, key: &str) -> Result<bool, LedgerError> {
        let mut query = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM suppression WHERE key = ?1 AND scope IN ('', ?2))",
        )?;
        Ok(query.query_row([key, &self.list.0], |row| row.get(0))?)
    }

    /// How many lasting memberships of the file no line was found for.
    fn gone(&self) -> u64 {
        let of_file = self.members_before.saturating_sub(self.own_before);
        of_file.saturating_sub((self.diff.changed + self.diff.unchanged).saturating_sub(self.own_met))
    }

    fn finish(&mut self) -> Result<(), LedgerError> {
        if self.diff.removed > 0 {
            self.end_memberships()?;
        }
        let own = self.own_before.saturating_sub(self.own_met);
        let members = self.diff.added + self.diff.changed + self.diff.unchanged + own;
        self.connection.execute(
            "UPDATE list SET members = ?2, synced_at = ?3 WHERE id = ?1",
            params![self.list_row, members as i64, self.now],
        )?;
        Ok(())
    }

    fn end_memberships(&self) -> Result<(), LedgerError> {
        let editions = unfinished_editions(self.connection)?;
        let mut lasting = self.connection.prepare(
            "SELECT id, key FROM membership WHERE list = ?1 AND ended_at IS NULL AND origin = 'file'",
        )?;
        let mut end = self.connection.prepare("UPDATE membership SET ended_at = ?2 WHERE id = ?1")?;
        let mut rows = lasting.query([self.list_row])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if !self.seen.has(id) {
                end.execute(params![id, self.now])?;
                self.skip_letters(words::text(row, 1)?, &editions)?;
            }
        }
        Ok(())
    }

    fn skip_letters(&self, key: &str, editions: &[i64]) -> Result<(), LedgerError> {
        let mut skip = self.connection.prepare_cached(
            "UPDATE delivery SET state = 'skipped', due = NULL, why = 'left the list'
             WHERE state IN ('planned', 'deferred')
               AND letter IN (SELECT id FROM letter WHERE edition = ?1 AND key = ?2 AND list = ?3)",
        )?;
        for edition in editions {
            skip.execute(params![edition, key, self.list_row])?;
        }
        Ok(())
    }
}

fn unfinished_editions(connection: &Connection) -> Result<Vec<i64>, LedgerError> {
    let mut query = connection.prepare(
        "SELECT id FROM edition e
         WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.edition = e.id AND d.state IN ('planned', 'deferred'))",
    )?;
    Ok(query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Lasting memberships that people made themselves.
fn own_members(connection: &Connection, list_row: i64) -> Result<u64, LedgerError> {
    let sql = "SELECT count(*) FROM membership WHERE list = ?1 AND origin = 'person' AND ended_at IS NULL";
    connection.query_row(sql, [list_row], |row| Ok(words::count(row, 0)))?
}

/// The membership that is there for a line.
struct Known {
    id: i64,
    /// Whether it says the same.
    same: bool,
    ended: bool,
    /// Whether the person made it.
    own: bool,
}

/// A row of the file as it stands in the ledger.
struct Line<'a> {
    key: &'a str,
    address: Option<&'a str>,
    name: Option<&'a str>,
    fields: &'a str,
}

/// The memberships that a line was found for: one bit for each row of the table.
#[derive(Default)]
struct Seen(Vec<u64>);

impl Seen {
    /// Whether it was not marked before.
    fn mark(&mut self, id: i64) -> bool {
        let (word, bit) = Seen::at(id);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let fresh = self.0[word] & bit == 0;
        self.0[word] |= bit;
        fresh
    }

    fn has(&self, id: i64) -> bool {
        let (word, bit) = Seen::at(id);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }

    fn at(id: i64) -> (usize, u64) {
        (id as usize / 64, 1 << (id as usize % 64))
    }
}
