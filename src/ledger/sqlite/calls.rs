//! Calls of many letters, written down before they are made, so that a crash leaves none of them in doubt: the same
//! call with the same key may be made again.
//!
//! A call is kept as long as its answer may still be missing, and while it may be made again, none of its letters is
//! sent by any other: they are on the wire, uncertain, or at their end. So its row goes in a commit that leaves none
//! of its letters on the wire, or that says that it took nothing, before any letter hears of it.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tokio::sync::oneshot;

use super::deliveries::waiting_row;
use super::turn::{After, Turn, leave};
use super::{Ledger, words};
use crate::ledger::LedgerError;
use crate::ledger::recorded::{DeliveryId, NotedCall, Recorded};
use crate::ledger::rows::{CallNews, Called, EditionId, NewCall};

impl Ledger {
    /// Writes down what is new of calls, in a commit that is shared with couriers: a call before it is made, and that
    /// one took nothing before any of its letters hears of it. Forgets those that were answered and whose letters are
    /// settled.
    pub async fn note_calls(
        &self,
        calls: CallNews,
        transport: &Arc<str>,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let (answer, wait) = oneshot::channel();
        let turn = Turn { settle: Vec::new(), begin: None, calls, transport: Arc::clone(transport), now };
        // Whoever stopped waiting makes no call.
        self.store.ask(turn, Box::new(|said| drop::<Result<(), _>>(answer.send(said))))?;
        wait.await.expect("the writer answers every turn").map(drop)
    }

    /// A run begins over this transport, whose calls `are_noted` before they are made, or not.
    pub fn begin_noting(&self, transport: &str, are_noted: bool, now: Timestamp) -> Result<(), LedgerError> {
        self.store.write(|connection| {
            let now = now.as_millisecond();
            match are_noted {
                true => connection
                    .execute("INSERT OR IGNORE INTO noting VALUES (?1, ?2)", params![transport, now])?,
                false => connection.execute("DELETE FROM noting WHERE transport = ?1", [transport])?,
            };
            Ok(())
        })
    }

    /// After a crash, before anything else: letters that were begun for a call and are in none that was written down
    /// have not left us, and go back to where they were; how many.
    pub fn take_back(&self, edition: EditionId, transport: &str, now: Timestamp) -> Result<u64, LedgerError> {
        self.store.write(|connection| {
            let noted = noted(connection, edition)?;
            let mut taken_back = 0;
            for letter in begun(connection, edition, transport)? {
                if !noted.contains(&letter) {
                    put_back(connection, letter, now)?;
                    taken_back += 1;
                }
            }
            Ok(taken_back)
        })
    }

    /// The calls of an edition that may be made again at `now`, and have letters that are not settled. Forgets all
    /// others that it has, but those that a crash left letters on the wire of: [`Ledger::recover`] names these first.
    pub fn calls(
        &self,
        edition: EditionId,
        transport: &str,
        now: Timestamp,
    ) -> Result<Vec<NotedCall>, LedgerError> {
        self.store.write(|connection| {
            forget_old(connection, edition, now)?;
            forget_settled(connection, edition)?;
            let mut query = connection.prepare_cached(
                "SELECT key, until, denied FROM call WHERE edition = ?1 AND transport = ?2 AND until > ?3
                 ORDER BY until, key",
            )?;
            let mut rows = query.query(params![edition.0, transport, now.as_millisecond()])?;
            let mut calls = Vec::new();
            while let Some(row) = rows.next()? {
                calls.push(NotedCall::new(row.get(0)?, words::time(row.get(1)?)?, row.get(2)?));
            }
            Ok(calls)
        })
    }

    /// Whether letters of the edition are in doubt that a call could still be made again for.
    pub fn has_calls(&self, edition: EditionId, now: Timestamp) -> Result<bool, LedgerError> {
        self.store.read(|connection| {
            for letters in letters_of_all(connection, edition, now)? {
                if !is_settled(connection, &letters)? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Until when a letter is kept back for a call that may be made again; `None` if it is in no such call.
    pub fn kept_until(&self, delivery: DeliveryId, now: Timestamp) -> Result<Option<Timestamp>, LedgerError> {
        let sql = format!(
            "SELECT (SELECT max(until) FROM call WHERE {}) FROM delivery WHERE id = ?1",
            holds_letter("?2")
        );
        self.store.read(|connection| {
            let mut query = connection.prepare_cached(&sql)?;
            let until = query.query_row(params![delivery.0, now.as_millisecond()], |row| row.get(0));
            words::maybe_time(until.optional()?.flatten())
        })
    }

    /// The letters of a call in their order, settled ones, too: they are part of what is said again. `None` if one
    /// of them is not there any more.
    pub fn called(&self, call: &NotedCall) -> Result<Option<Vec<Called>>, LedgerError> {
        self.store.read(|connection| {
            let letters = letters(connection, call.key())?;
            letters.into_iter().map(|(delivery, attempt)| one(connection, delivery, attempt)).collect()
        })
    }
}

/// Within the writer's transaction.
pub(super) fn write(
    connection: &Connection,
    news: &CallNews,
    transport: &str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    for key in &news.void {
        forget(connection, key)?;
    }
    for key in &news.over {
        end(connection, key, now)?;
    }
    for key in &news.denied {
        connection.prepare_cached("UPDATE call SET denied = 1 WHERE key = ?1")?.execute([key])?;
    }
    for key in &news.answered {
        if is_settled(connection, &letters(connection, key)?)? {
            forget(connection, key)?;
        }
    }
    news.made.iter().try_for_each(|call| insert(connection, call, transport))
}

fn end(connection: &Connection, key: &str, now: Timestamp) -> Result<(), LedgerError> {
    let mut update = connection.prepare_cached("UPDATE call SET until = min(until, ?2) WHERE key = ?1")?;
    update.execute(params![key, now.as_millisecond()])?;
    Ok(())
}

/// One that is there keeps its time: it may have been made already.
fn insert(connection: &Connection, call: &NewCall, transport: &str) -> Result<(), LedgerError> {
    let Some((first, _)) = call.letters.first() else { return Ok(()) };
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO call (key, edition, transport, until, letters)
         SELECT ?1, edition, ?2, ?3, ?4 FROM delivery WHERE id = ?5",
    )?;
    let letters = written(&call.letters);
    insert.execute(params![call.key, transport, call.until.as_millisecond(), letters, first.0])?;
    Ok(())
}

fn forget(connection: &Connection, key: &str) -> Result<(), LedgerError> {
    connection.prepare_cached("DELETE FROM call WHERE key = ?1")?.execute([key])?;
    Ok(())
}

/// Of a letter on the wire nobody would know any more that it had left.
fn forget_old(connection: &Connection, edition: EditionId, now: Timestamp) -> Result<(), LedgerError> {
    forget_where(connection, edition, |until, letters| {
        Ok(until <= now.as_millisecond() && !is_any(connection, letters, "'sending'")?)
    })
}

fn forget_settled(connection: &Connection, edition: EditionId) -> Result<(), LedgerError> {
    forget_where(connection, edition, |_, letters| is_settled(connection, letters))
}

fn forget_where(
    connection: &Connection,
    edition: EditionId,
    mut is_over: impl FnMut(i64, &[(DeliveryId, u32)]) -> Result<bool, LedgerError>,
) -> Result<(), LedgerError> {
    let mut query = connection.prepare_cached("SELECT key, until, letters FROM call WHERE edition = ?1")?;
    let mut rows = query.query([edition.0])?;
    let mut over: Vec<String> = Vec::new();
    while let Some(row) = rows.next()? {
        if is_over(row.get(1)?, &read(words::text(row, 2)?))? {
            over.push(row.get(0)?);
        }
    }
    over.iter().try_for_each(|key| forget(connection, key))
}

/// Whether a row of `call` may be made again after the parameter `now`, and holds the letter of the row of `delivery`
/// around it.
pub(super) fn holds_letter(now: &str) -> String {
    format!(
        "call.edition = delivery.edition AND call.until > {now}
         AND instr(' ' || call.letters || ' ', ' ' || delivery.id || ':' || delivery.attempts || ' ') > 0"
    )
}

fn letters_of_all(
    connection: &Connection,
    edition: EditionId,
    now: Timestamp,
) -> Result<Vec<Letters>, LedgerError> {
    let mut query =
        connection.prepare_cached("SELECT letters FROM call WHERE edition = ?1 AND until > ?2")?;
    let rows = query.query_map(params![edition.0, now.as_millisecond()], |row| row.get::<_, String>(0))?;
    Ok(rows.map(|text| text.map(|text| read(&text))).collect::<Result<_, _>>()?)
}

/// All letters of an edition that are in a call, however old it is.
fn noted(connection: &Connection, edition: EditionId) -> Result<HashSet<(DeliveryId, u32)>, LedgerError> {
    let mut query = connection.prepare_cached("SELECT letters FROM call WHERE edition = ?1")?;
    let mut rows = query.query([edition.0])?;
    let mut noted = HashSet::new();
    while let Some(row) = rows.next()? {
        noted.extend(read(words::text(row, 0)?));
    }
    Ok(noted)
}

/// Letters on the wire that were begun while calls were noted.
fn begun(connection: &Connection, edition: EditionId, transport: &str) -> Result<Letters, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT d.id, d.attempts FROM delivery d JOIN noting n ON n.transport = d.transport
         WHERE d.edition = ?1 AND d.state = 'sending' AND d.transport = ?2 AND d.begun_at >= n.since",
    )?;
    let rows =
        query.query_map(params![edition.0, transport], |row| Ok((DeliveryId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn put_back(
    connection: &Connection,
    (delivery, attempt): (DeliveryId, u32),
    now: Timestamp,
) -> Result<(), LedgerError> {
    let mut attempted = connection.prepare_cached(
        "INSERT OR REPLACE INTO attempt
         SELECT id, ?2, coalesce(transport, ''), begun_at, ?3, 'not sent', NULL, NULL, NULL, NULL,
                'the run ended before it was put into a call'
         FROM delivery WHERE id = ?1",
    )?;
    attempted.execute(params![delivery.0, attempt, now.as_millisecond()])?;
    leave(connection, &Recorded::new(delivery, attempt), After::Back)
}

/// Deliveries and the numbers of their attempts.
type Letters = Vec<(DeliveryId, u32)>;

fn letters(connection: &Connection, key: &str) -> Result<Letters, LedgerError> {
    let mut query = connection.prepare_cached("SELECT letters FROM call WHERE key = ?1")?;
    let text: Option<String> = query.query_row([key], |row| row.get(0)).optional()?;
    Ok(text.map_or_else(Vec::new, |text| read(&text)))
}

/// Whether none of these attempts waits for its outcome any more.
fn is_settled(connection: &Connection, letters: &[(DeliveryId, u32)]) -> Result<bool, LedgerError> {
    Ok(!is_any(connection, letters, "'sending', 'uncertain'")?)
}

/// Whether one of these attempts is the last of its letter, which is in one of these states.
fn is_any(
    connection: &Connection,
    letters: &[(DeliveryId, u32)],
    states: &'static str,
) -> Result<bool, LedgerError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT EXISTS (SELECT 1 FROM delivery WHERE id = ?1 AND attempts = ?2 AND state IN ({states}))"
    ))?;
    for (delivery, attempt) in letters {
        if query.query_row(params![delivery.0, attempt], |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn one(connection: &Connection, delivery: DeliveryId, attempt: u32) -> Result<Option<Called>, LedgerError> {
    let mut query = connection.prepare_cached(&super::deliveries::any_sql())?;
    let mut rows = query.query([delivery.0])?;
    rows.next()?.map(|row| called(row, attempt)).transpose()
}

fn called(row: &Row<'_>, attempt: u32) -> Result<Called, LedgerError> {
    use crate::model::delivery::State::{Sending, Uncertain};
    let waiting = waiting_row(row)?;
    let is_open = waiting.attempts == attempt && matches!(waiting.state, Sending | Uncertain);
    let recorded = is_open.then(|| Recorded::new(waiting.delivery, attempt));
    Ok(Called { waiting, attempt, recorded })
}

fn written(letters: &[(DeliveryId, u32)]) -> String {
    let each: Vec<String> =
        letters.iter().map(|(delivery, attempt)| format!("{}:{attempt}", delivery.0)).collect();
    each.join(" ")
}

fn read(text: &str) -> Letters {
    let one = |word: &str| {
        let (delivery, attempt) = word.split_once(':')?;
        Some((DeliveryId(delivery.parse().ok()?), attempt.parse().ok()?))
    };
    text.split(' ').filter_map(one).collect()
}
