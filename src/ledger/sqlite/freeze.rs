//! Turns an edition and its audience into letters: in one transaction, in an order of its own, and never
//! with all of them in memory.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::audience::{Candidate, select};
use super::shuffle::Shuffle;
use super::{Ledger, editions, hits, reckoning, store, words};
use crate::ledger::LedgerError;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{EditionId, Freeze, Selection, Without};
use crate::model::address::AddressKey;

impl Ledger {
    /// One transaction: edition, assets, audience and merge values, and the end of an edition that it replaces,
    /// so that nobody is ever between the two. An empty audience is an error. Takes
    /// some seconds for a million subscribers.
    pub fn freeze(&self, freeze: &Freeze<'_>) -> Result<EditionId, LedgerError> {
        self.store
            .write(|connection| store::with_cache(connection, FREEZE_KIB, || freeze_all(connection, freeze)))
    }

    /// `--also-new`: deliveries for who joined since, and for who was skipped and may be written to again;
    /// how many.
    pub fn extend(
        &self,
        edition: EditionId,
        selection: &Selection,
        seed: u64,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        let selection = Selection { without: Without::Listed, ..selection.clone() };
        self.store.write(|connection| {
            let letters = Letters::next(connection)?;
            let mut new = 0;
            let sums = select(connection, &selection, |candidate, left_out| {
                if left_out.is_some() {
                    return Ok(());
                }
                match insert_letter(connection, edition, candidate, now)? {
                    true => new += 1,
                    false => revive(connection, edition, candidate)?,
                }
                Ok(())
            })?;
            letters.deliver(connection, edition, new, seed)?;
            Ok(sums.chosen)
        })
    }

    /// `--again`: a logged new delivery for one who had it, with the values of the last. `None` for somebody
    /// whom the edition has no delivery for; a delivery that is still open is given back instead of a second.
    pub fn again(
        &self,
        edition: EditionId,
        key: &AddressKey,
        now: Timestamp,
    ) -> Result<Option<DeliveryId>, LedgerError> {
        self.store.write(|connection| {
            let Some((letter, delivery, state)) = newest(connection, edition, key)? else { return Ok(None) };
            if words::state(&state)?.is_open() {
                return Ok(Some(DeliveryId(delivery)));
            }
            connection.execute(
                "INSERT INTO letter (edition, key, again, address, list, merged, planned_at)
                 SELECT edition, key, again + 1, address, list, merged, ?2 FROM letter WHERE id = ?1",
                params![letter, now.as_millisecond()],
            )?;
            deliver(connection, edition, connection.last_insert_rowid())?;
            Ok(Some(DeliveryId(connection.last_insert_rowid())))
        })
    }
}

/// The index from letters to deliveries is met in shuffled order; a million entries have some 12 MB.
const FREEZE_KIB: i64 = 8 * 1024;

fn freeze_all(connection: &Connection, freeze: &Freeze<'_>) -> Result<EditionId, LedgerError> {
    if let Some(older) = freeze.replaces {
        reckoning::give_way(connection, older, freeze.now)?;
    }
    let letters = Letters::next(connection)?;
    let edition = editions::next_id(connection)?;
    editions::insert(connection, edition, freeze)?;
    hits::freeze(connection, edition, freeze.edition)?;
    let sums = select(connection, freeze.selection, |candidate, left_out| {
        if left_out.is_none() {
            insert_letter(connection, edition, candidate, freeze.now)?;
        }
        Ok(())
    })?;
    if sums.chosen == 0 {
        return Err(LedgerError::EmptyAudience { sums });
    }
    letters.deliver(connection, edition, sums.chosen, freeze.seed)?;
    Ok(edition)
}

/// The rows that letters get which are inserted from here on: one after the other, without a gap, because
/// nobody else writes meanwhile and letters are never deleted one by one.
struct Letters {
    first: i64,
}

impl Letters {
    fn next(connection: &Connection) -> Result<Letters, LedgerError> {
        let first =
            connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM letter", [], |row| row.get(0))?;
        Ok(Letters { first })
    }

    /// Gives `number` letters their deliveries, in the order that `seed` makes.
    fn deliver(
        &self,
        connection: &Connection,
        edition: EditionId,
        number: u64,
        seed: u64,
    ) -> Result<(), LedgerError> {
        let shuffle = Shuffle::new(number, seed);
        for place in 0..number {
            deliver(connection, edition, self.first + shuffle.place(place) as i64)?;
        }
        Ok(())
    }
}

fn deliver(connection: &Connection, edition: EditionId, letter: i64) -> Result<(), LedgerError> {
    let mut insert = connection
        .prepare_cached("INSERT INTO delivery (edition, letter, state) VALUES (?1, ?2, 'planned')")?;
    insert.execute([edition.0, letter])?;
    Ok(())
}

/// Whether there was none for this person yet.
fn insert_letter(
    connection: &Connection,
    edition: EditionId,
    candidate: &Candidate<'_>,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO letter (edition, key, again, address, list, merged, planned_at)
         VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6) ON CONFLICT (edition, key, again) DO NOTHING",
    )?;
    let row = candidate.row;
    let merged = merged(words::maybe_text(row, 2)?, words::text(row, 3)?);
    let key = words::text(row, 0)?;
    let address = words::maybe_text(row, 1)?;
    let values = params![edition.0, key, address, candidate.list_row, merged, now.as_millisecond()];
    Ok(insert.execute(values)? == 1)
}

/// Plans a skipped delivery again, with what is known of the person now.
fn revive(connection: &Connection, edition: EditionId, candidate: &Candidate<'_>) -> Result<(), LedgerError> {
    let row = candidate.row;
    let merged = merged(words::maybe_text(row, 2)?, words::text(row, 3)?);
    let key = words::text(row, 0)?;
    let address = words::maybe_text(row, 1)?;
    let letter: i64 = connection.query_row(
        "UPDATE letter SET address = ?3, list = ?4, merged = ?5
         WHERE edition = ?1 AND key = ?2 AND again = 0 RETURNING id",
        params![edition.0, key, address, candidate.list_row, merged],
        |row| row.get(0),
    )?;
    connection.execute(
        "UPDATE delivery SET state = 'planned', due = NULL, why = NULL
         WHERE letter = ?1 AND state = 'skipped'",
        [letter],
    )?;
    Ok(())
}

/// A person's newest letter, its delivery and the state of that.
fn newest(
    connection: &Connection,
    edition: EditionId,
    key: &AddressKey,
) -> Result<Option<(i64, i64, String)>, LedgerError> {
    let found = connection.query_row(
        "SELECT l.id, d.id, d.state FROM letter l JOIN delivery d ON d.letter = l.id
         WHERE l.edition = ?1 AND l.key = ?2 ORDER BY l.again DESC LIMIT 1",
        params![edition.0, key.as_str()],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    );
    Ok(found.optional()?)
}

/// The merge values of a subscriber, as `compose::press::thaw_values` reads them. `fields` is a JSON object
/// already and is taken over as it stands.
fn merged(name: Option<&str>, fields: &str) -> String {
    let name = serde_json::to_string(&name).expect("a text is always JSON");
    format!(r#"{{"name":{name},"fields":{fields}}}"#)
}
