//! What providers tell of letters: the event as it came, the row it moves and the address it suppresses, in
//! one transaction.

mod overlap;

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::editions::lists;
use super::leaving::to_leave;
use super::{Ledger, mailed, suppressions, words};
use crate::ledger::LedgerError;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{EditionId, Evidence, Incoming, Suppression, Taken, Teller};
use crate::model::address::AddressKey;
use crate::model::delivery::State;
use crate::model::event::{Kind, ProviderEvent};
use crate::model::subscriber::ListId;
use crate::policy::fold::{Peace, fold, peace, proven};
use crate::policy::soft::soft_run;
use crate::settings::mailbox::SoftRule;

/// By how much a provider's clock may be behind ours.
const CLOCKS_DIFFER_MS: i64 = 10 * 60 * 1000;

/// How long a number that is used once is remembered: longer than anybody's retries.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

impl Ledger {
    /// Keeps events and what follows from them; all of it is durable when this returns, or nothing is
    /// written. An event that is known already changes nothing.
    pub fn take_events(
        &self,
        events: &[Incoming],
        rule: &SoftRule,
        now: Timestamp,
    ) -> Result<Taken, LedgerError> {
        self.store.write(|connection| take(connection, events, rule, now))
    }

    /// The same for several callers at once, in one commit: what came of each.
    pub fn take_batches(
        &self,
        batches: &[Vec<Incoming>],
        rule: &SoftRule,
        now: Timestamp,
    ) -> Result<Vec<Taken>, LedgerError> {
        self.store
            .write(|connection| batches.iter().map(|events| take(connection, events, rule, now)).collect())
    }

    /// How many events of each kind are known of an edition's letters, by [`Kind::name`].
    pub fn event_counts(&self, edition: EditionId) -> Result<BTreeMap<String, u64>, LedgerError> {
        self.store.read(|connection| {
            let mut query =
                connection.prepare_cached("SELECT kind, events FROM event_count WHERE edition = ?1")?;
            let mut rows = query.query([edition.0])?;
            let mut counts = BTreeMap::new();
            while let Some(row) = rows.next()? {
                counts.insert(row.get(0)?, words::count(row, 1)?);
            }
            Ok(counts)
        })
    }
}

impl Ledger {
    /// The letters that were taken after `since`, by each word that the other side said then: providers name a letter
    /// so, and know it by that name. Over whatever transport: one may have another name by now.
    pub fn letters_by_reply(&self, since: Timestamp) -> Result<HashMap<String, DeliveryId>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT delivery, reply FROM attempt
                 WHERE outcome = 'accepted' AND ended_at >= ?1 AND reply IS NOT NULL",
            )?;
            let mut rows = query.query([since.as_millisecond()])?;
            let mut found = HashMap::new();
            while let Some(row) = rows.next()? {
                let delivery = DeliveryId(row.get(0)?);
                found.extend(words::text(row, 1)?.split_whitespace().map(|word| (word.to_owned(), delivery)));
            }
            Ok(found)
        })
    }
}

fn take(
    connection: &Connection,
    events: &[Incoming],
    rule: &SoftRule,
    now: Timestamp,
) -> Result<Taken, LedgerError> {
    let mut taken = Taken::default();
    for incoming in events {
        take_one(connection, incoming, rule, now, &mut taken)?;
    }
    Ok(taken)
}

fn take_one(
    connection: &Connection,
    incoming: &Incoming,
    rule: &SoftRule,
    now: Timestamp,
    taken: &mut Taken,
) -> Result<(), LedgerError> {
    if is_replayed(connection, incoming, now)? {
        taken.replayed += 1;
        return Ok(());
    }
    let row = Row::of(connection, incoming)?;
    let Some(raw) = keep(connection, incoming, row.as_ref(), now)? else {
        taken.known += 1;
        return Ok(());
    };
    if let Some(row) = &row
        && overlap::is_told(connection, row, incoming)?
    {
        taken.known += 1;
        return Ok(());
    }
    taken.new += 1;
    taken.unmatched += u64::from(row.is_none());
    taken.unknown += u64::from(matches!(incoming.event.kind, Kind::Unknown(_)));
    if let Some(row) = &row {
        overlap::take_back(connection, row, incoming)?;
        row.take(connection, incoming, raw)?;
        give_up(connection, incoming, row, rule)?;
    }
    // A token of ours without a row is of a ledger that was lost: the person is the same.
    if incoming.delivery.is_some() && !is_somebody_elses(connection, incoming)? {
        leave_in_peace(connection, incoming, row.as_ref())?;
    }
    Ok(())
}

/// Whether the letter that the event names is there, and was for another address: then one of the two is wrong, and
/// nobody can say which.
fn is_somebody_elses(connection: &Connection, incoming: &Incoming) -> Result<bool, LedgerError> {
    let (Some(delivery), Some(address)) = (incoming.delivery, &incoming.event.address) else {
        return Ok(false);
    };
    let mut query = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM delivery d JOIN letter l ON l.id = d.letter WHERE d.id = ?1 AND l.key <> ?2)",
    )?;
    Ok(query.query_row(params![delivery.0, address.key().as_str()], |row| row.get(0))?)
}

/// Whether the number that is used once came with another event before.
fn is_replayed(connection: &Connection, incoming: &Incoming, now: Timestamp) -> Result<bool, LedgerError> {
    let Some(nonce) = &incoming.nonce else { return Ok(false) };
    let (provider, dedupe) = (incoming.teller.name(), &incoming.event.dedupe);
    let oldest = (now - REMEMBERED).as_millisecond();
    connection.prepare_cached("DELETE FROM nonce WHERE at < ?1")?.execute([oldest])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO nonce (provider, nonce, dedupe, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    if insert.execute(params![provider, nonce, dedupe, now.as_millisecond()])? == 1 {
        return Ok(false);
    }
    let mut query =
        connection.prepare_cached("SELECT dedupe <> ?3 FROM nonce WHERE provider = ?1 AND nonce = ?2")?;
    Ok(query.query_row(params![provider, nonce, dedupe], |row| row.get(0))?)
}

/// The number of the kept event, or `None` if it was kept before. One that was kept without its letter, as a list
/// told it that names no letter of ours, is kept anew as soon as it comes with the letter, or in other words with a
/// token of ours.
pub(super) fn keep(
    connection: &Connection,
    incoming: &Incoming,
    row: Option<&Row>,
    now: Timestamp,
) -> Result<Option<i64>, LedgerError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO raw_event (provider, dedupe, received_at, kind, body, delivery)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (provider, dedupe) DO UPDATE SET body = excluded.body, delivery = excluded.delivery
         WHERE delivery IS NULL AND (excluded.delivery IS NOT NULL OR ?7 AND body <> excluded.body)
         RETURNING id",
    )?;
    let event = &incoming.event;
    let values = params![
        incoming.teller.name(),
        event.dedupe,
        now.as_millisecond(),
        event.word,
        event.raw,
        row.map(|row| row.delivery.0),
        incoming.delivery.is_some(),
    ];
    Ok(insert.query_row(values, |row| row.get(0)).optional()?)
}

/// The letter that an event is about.
pub(super) struct Row {
    delivery: DeliveryId,
    edition: i64,
    issue: String,
    state: State,
    attempts: u32,
    lists: Vec<ListId>,
}

impl Row {
    /// `None` unless the event is about this very letter: the number may be that of another ledger's row.
    pub(super) fn of(connection: &Connection, incoming: &Incoming) -> Result<Option<Row>, LedgerError> {
        let (Some(delivery), Some(address)) = (incoming.delivery, &incoming.event.address) else {
            return Ok(None);
        };
        let mut query = connection.prepare_cached(
            "SELECT d.edition, e.issue, d.state, d.attempts, e.lists
             FROM delivery d JOIN letter l ON l.id = d.letter JOIN edition e ON e.id = d.edition
             WHERE d.id = ?1 AND l.key = ?2 AND d.first_begun <= ?3",
        )?;
        let latest = incoming.event.at.as_millisecond().saturating_add(CLOCKS_DIFFER_MS);
        let mut rows = query.query(params![delivery.0, address.key().as_str(), latest])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Row {
            delivery,
            edition: row.get(0)?,
            issue: row.get(1)?,
            state: words::state(words::text(row, 2)?)?,
            attempts: row.get(3)?,
            lists: lists(words::text(row, 4)?)?,
        }))
    }

    /// What an event makes of its letter.
    pub(super) fn take(
        &self,
        connection: &Connection,
        incoming: &Incoming,
        raw: i64,
    ) -> Result<(), LedgerError> {
        self.note(connection, incoming, raw)?;
        self.count(connection, &incoming.event)?;
        self.follow(connection, &incoming.event)
    }

    fn note(&self, connection: &Connection, incoming: &Incoming, raw: i64) -> Result<(), LedgerError> {
        let ProviderEvent { kind, at, said, .. } = &incoming.event;
        let mut insert = connection.prepare_cached(
            "INSERT INTO event (delivery, attempt, kind, at, source, code, enhanced, said, raw)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        insert.execute(params![
            self.delivery.0,
            self.attempts,
            kind.name(),
            at.as_millisecond(),
            incoming.teller.source(),
            said.code,
            said.enhanced.map(|code| code.to_string()),
            said.text,
            raw,
        ])?;
        Ok(())
    }

    fn count(&self, connection: &Connection, event: &ProviderEvent) -> Result<(), LedgerError> {
        let mut insert = connection.prepare_cached(
            "INSERT INTO event_count (edition, kind, events) VALUES (?1, ?2, 1)
             ON CONFLICT (edition, kind) DO UPDATE SET events = events + 1",
        )?;
        insert.execute(params![self.edition, event.kind.name()])?;
        Ok(())
    }

    fn follow(&self, connection: &Connection, event: &ProviderEvent) -> Result<(), LedgerError> {
        let after = match self.state {
            State::Planned => proven(&event.kind, self.was_refused(connection)?).unwrap_or(State::Planned),
            state => fold(state, &event.kind),
        };
        if after != self.state {
            let mut update =
                connection.prepare_cached("UPDATE delivery SET state = ?2, due = NULL WHERE id = ?1")?;
            update.execute(params![self.delivery.0, after.name()])?;
        }
        Ok(())
    }

    /// Whether the provider told of the last try that it had refused it.
    fn was_refused(&self, connection: &Connection) -> Result<bool, LedgerError> {
        let mut query = connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM event WHERE delivery = ?1 AND attempt = ?2 AND raw IS NOT NULL
                                                  AND kind IN ('rejected', 'failed'))",
        )?;
        Ok(query.query_row(params![self.delivery.0, self.attempts], |row| row.get(0))?)
    }
}

/// The suppressions that are new, or stronger than they were.
pub(super) fn leave_in_peace(
    connection: &Connection,
    incoming: &Incoming,
    row: Option<&Row>,
) -> Result<Vec<Suppression>, LedgerError> {
    let (Some(address), Some(peace)) = (&incoming.event.address, peace(&incoming.event.kind)) else {
        return Ok(Vec::new());
    };
    let named = named_lists(connection, &incoming.teller)?;
    let (scopes, reason) = match (peace, row) {
        (Peace::ItsLists(reason), None) if !named.is_empty() => {
            (named.into_iter().map(Some).collect(), reason)
        }
        (Peace::ItsLists(reason), Some(row)) => (row.lists.iter().cloned().map(Some).collect(), reason),
        (Peace::Everywhere(reason) | Peace::ItsLists(reason), _) => (vec![None], reason),
    };
    let source = source(&incoming.teller, row);
    let mut changed = Vec::new();
    for scope in scopes {
        let (key, reason, source): (AddressKey, _, _) = (address.key(), reason.to_owned(), source.clone());
        let wish = Suppression { key, scope, reason, source, at: incoming.event.at };
        if suppressions::strengthen(connection, &wish)? {
            changed.push(wish);
        }
    }
    Ok(changed)
}

/// The suppression of an address that failed softly too often.
pub(super) fn give_up(
    connection: &Connection,
    incoming: &Incoming,
    row: &Row,
    rule: &SoftRule,
) -> Result<Option<Suppression>, LedgerError> {
    let Some(key) = incoming.event.address.as_ref().map(|address| address.key()) else { return Ok(None) };
    if incoming.event.kind != Kind::BouncedSoft {
        return Ok(None);
    }
    let run = soft_run(&mailed::past(connection, &key)?).filter(|run| run.is_too_much(rule));
    let Some(run) = run else { return Ok(None) };
    let words = source(&incoming.teller, Some(row));
    let source = format!("{} soft bounces in a row, the last by {words}", run.issues);
    let wish = Suppression { key, scope: None, reason: "bounced".to_owned(), source, at: incoming.event.at };
    Ok(suppressions::strengthen(connection, &wish)?.then_some(wish))
}

/// The lists that a signed request to unsubscribe names, where they can be left alone.
fn named_lists(connection: &Connection, teller: &Teller) -> Result<Vec<ListId>, LedgerError> {
    match teller {
        Teller::Mail(Evidence { person: Some(lists), .. }) => to_leave(connection, lists),
        Teller::Mail(_) | Teller::Provider(_) | Teller::Listed(_) => Ok(Vec::new()),
    }
}

/// Who says so, of which issue, and in which words.
fn source(teller: &Teller, row: Option<&Row>) -> String {
    let issue = row.map_or(String::new(), |row| format!(", {}", row.issue));
    let words = teller.words().map_or(String::new(), |words| format!(": {words}"));
    format!("{}{issue}{words}", teller.source())
}
