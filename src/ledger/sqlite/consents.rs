//! Requests to get a list, from the form to the click that confirms, and the evidence that stays.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row, params};

use super::failure::corrupt;
use super::{Ledger, choices, editions, proofs, words};
use crate::ledger::LedgerError;
use crate::ledger::consent::{Confirmed, Consent, DueRequest, Held, Limits, Request, Stage, Terms};
use crate::ledger::recorded::Recorded;
use crate::model::address::{Address, AddressKey};
use crate::model::attempt::Outcome;
use crate::model::subscriber::ListId;

/// A link that confirms is good for so long after somebody asked.
pub const GOOD_FOR: SignedDuration = SignedDuration::from_hours(48);
/// At most one mail to an address within this time.
const ONE_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// So many within that time to `ada+…@example.org`, whatever follows the `+`: one mailbox has all of them.
const MOST_FORMS: i64 = 3;
/// What nobody confirmed is forgotten after so long.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// When a mail that was too many is due again.
const LATER: SignedDuration = SignedDuration::from_mins(1);
/// Before the second try; it doubles from try to try.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(2);
/// The issue that proofs of this kind stand under.
const CONFIRMATION: &str = "confirm";

impl Ledger {
    /// Writes a request down; its mail is due at once. `ticket` is new.
    pub fn ask(&self, request: &Request, ticket: &str, now: Timestamp) -> Result<(), LedgerError> {
        self.store.write(|connection| {
            insert(connection, request, (Stage::Asked, Some(ticket)), now)?;
            Ok(())
        })
    }

    /// How many requests wait for their mail, and can still get it.
    pub fn requests_waiting(&self, now: Timestamp) -> Result<u64, LedgerError> {
        self.store.read(|connection| {
            let sql = "SELECT count(*) FROM consent WHERE state = 'asked' AND asked_at > ?1";
            let since = (now - GOOD_FOR).as_millisecond();
            connection.query_row(sql, [since], |row| Ok(words::count(row, 0)))?
        })
    }

    /// The request whose mail is due, the one that waited longest first.
    pub fn next_request(&self, now: Timestamp) -> Result<Option<DueRequest>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT id, address, lists, lang, ticket FROM consent
                 WHERE state = 'asked' AND due <= ?1 AND asked_at > ?2 ORDER BY due, id LIMIT 1",
            )?;
            let values = params![now.as_millisecond(), (now - GOOD_FOR).as_millisecond()];
            let mut rows = query.query(values)?;
            rows.next()?.map(due_request).transpose()
        })
    }

    /// Forgets what was asked for and not confirmed within a week. How many requests that were.
    pub fn forget_requests(&self, now: Timestamp) -> Result<usize, LedgerError> {
        self.store.write(|connection| {
            let sql = "DELETE FROM consent WHERE state <> 'confirmed' AND asked_at <= ?1";
            Ok(connection.execute(sql, [(now - KEPT).as_millisecond()])?)
        })
    }

    /// Whether the mail of this request may leave now. What must not leave, or not yet, is written down.
    pub fn admit_request(
        &self,
        request: &DueRequest,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        self.store.write(|connection| Ok(held_back(connection, request, limits, now)?.is_none()))
    }

    /// The same, and if it may it is written down as leaving, among the letters that are no deliveries: from here on it
    /// may have arrived.
    pub fn begin_request(
        &self,
        request: &DueRequest,
        transport: &str,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Result<Recorded, Held>, LedgerError> {
        self.store.write(|connection| {
            if let Some(held) = held_back(connection, request, limits, now)? {
                return Ok(Err(held));
            }
            let key = request.address.key();
            let recorded = proofs::begin(connection, CONFIRMATION, &key, transport, now)?;
            let sql = "UPDATE consent SET state = 'mailing', mailed_at = ?2, tries = tries + 1 WHERE id = ?1";
            connection.execute(sql, params![request.id, now.as_millisecond()])?;
            Ok(Ok(recorded))
        })
    }

    /// Writes down what became of the mail. One that certainly did not arrive is due again; one that may have arrived is
    /// not sent twice.
    pub fn settle_request(
        &self,
        request: &DueRequest,
        recorded: Recorded,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        self.store.write(|connection| {
            proofs::settle(connection, &recorded, outcome, now)?;
            match outcome {
                Outcome::Accepted(_) | Outcome::Uncertain(_) => stage(connection, request.id, Stage::Mailed),
                Outcome::Refused(_) => stage(connection, request.id, Stage::Refused),
                Outcome::Deferred(_) | Outcome::Barred(..) | Outcome::NotSent(_) => {
                    again(connection, request.id, now)
                }
            }
        })
    }

    /// The lists and the language of a request that can still be confirmed.
    pub fn request_of(&self, ticket: &str, now: Timestamp) -> Result<Option<Confirmed>, LedgerError> {
        self.store.read(|connection| {
            let Some(open) = open(connection, ticket, now)?.filter(|open| !open.is_confirmed) else {
                return Ok(None);
            };
            let lists = choices::open_to(connection, &open.address.key(), &open.lists)?;
            let is_shut = lists.is_empty();
            Ok(Some(Confirmed { lists, lang: open.lang, is_shut, is_known: false }))
        })
    }

    /// The click that confirms, once: the person gets the lists, and their own word that they did not want them no longer
    /// counts. Whoever clicks again hears which of them they get. `None` if the ticket is unknown or old, or used and they
    /// left since.
    pub fn confirm(
        &self,
        ticket: &str,
        from: &str,
        now: Timestamp,
    ) -> Result<Option<Confirmed>, LedgerError> {
        self.store.write(|connection| {
            let Some(open) = open(connection, ticket, now)? else { return Ok(None) };
            let Open { id, address, lang, is_confirmed, .. } = open;
            if is_confirmed {
                let lists = choices::of_those(connection, &address.key(), &open.lists)?;
                let known = Confirmed { lists, lang, is_shut: false, is_known: true };
                return Ok((!known.lists.is_empty()).then_some(known));
            }
            let lists = choices::open_to(connection, &address.key(), &open.lists)?;
            let is_shut = lists.is_empty();
            if !is_shut {
                choices::open_lists(connection, &address, &lists, choices::CONFIRMED, now)?;
                let sql = "UPDATE consent SET state = 'confirmed', due = NULL, confirmed_at = ?2,
                                              confirmed_from = ?3 WHERE id = ?1";
                connection.execute(sql, params![id, now.as_millisecond(), from])?;
            }
            Ok(Some(Confirmed { lists, lang, is_shut, is_known: false }))
        })
    }

    /// What this person asked for, the first request first.
    pub fn consents(&self, key: &AddressKey) -> Result<Vec<Consent>, LedgerError> {
        self.store.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT lists, state, form, words, lang, asked_from, asked_at, mailed_at, confirmed_at,
                        confirmed_from
                 FROM consent WHERE key = ?1 ORDER BY id",
            )?;
            let mut rows = query.query([key.as_str()])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(consent(row)?);
            }
            Ok(found)
        })
    }
}

/// A request, or consent that needs no mail: then it is confirmed where it was given.
pub(super) fn insert(
    connection: &Connection,
    request: &Request,
    (stage, ticket): (Stage, Option<&str>),
    now: Timestamp,
) -> Result<(), LedgerError> {
    let Request { address, lists, terms: Terms { form, words, lang, from } } = request;
    let confirmed = (stage == Stage::Confirmed).then_some((now.as_millisecond(), from.as_str()));
    let mut insert = connection.prepare_cached(
        "INSERT INTO consent (key, address, lists, state, form, words, lang, asked_at, asked_from, ticket, due,
                              confirmed_at, confirmed_from)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?8, ?11, ?12)",
    )?;
    insert.execute(params![
        address.key().as_str(),
        address.to_string(),
        editions::lists_text(lists),
        stage.name(),
        form,
        words,
        lang,
        now.as_millisecond(),
        from,
        ticket,
        confirmed.map(|(at, _)| at),
        confirmed.map(|(_, from)| from),
    ])?;
    Ok(())
}

/// The request behind a ticket.
struct Open {
    id: i64,
    address: Address,
    lists: Vec<ListId>,
    lang: String,
    is_confirmed: bool,
}

/// While its link is good.
fn open(connection: &Connection, ticket: &str, now: Timestamp) -> Result<Option<Open>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT id, address, lists, lang, state = 'confirmed' FROM consent WHERE ticket = ?1 AND asked_at > ?2",
    )?;
    let mut rows = query.query(params![ticket, (now - GOOD_FOR).as_millisecond()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Open {
        id: row.get(0)?,
        address: words::address(None, words::text(row, 1)?)?,
        lists: editions::lists(words::text(row, 2)?)?,
        lang: row.get(3)?,
        is_confirmed: row.get(4)?,
    }))
}

/// Whether enough mails left within a day to other forms of this address, if it is one with a `+`.
fn has_enough_forms(connection: &Connection, key: &AddressKey, now: Timestamp) -> Result<bool, LedgerError> {
    let Some((local, domain)) = key.as_str().rsplit_once('@') else { return Ok(false) };
    let Some((plain, _)) = local.split_once('+') else { return Ok(false) };
    let mut query = connection.prepare_cached(
        // `,` is what comes after `+`.
        "SELECT count(*) FROM consent
         WHERE key > ?1 || '+' AND key < ?1 || ',' AND substr(key, -length(?2)) = ?2 AND mailed_at > ?3",
    )?;
    let since = (now - ONE_WITHIN).as_millisecond();
    let values = params![plain, format!("@{domain}"), since];
    Ok(query.query_row(values, |row| row.get::<_, i64>(0))? >= MOST_FORMS)
}

fn is_asked(connection: &Connection, id: i64) -> Result<bool, LedgerError> {
    let mut query = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM consent WHERE id = ?1 AND state = 'asked')")?;
    Ok(query.query_row([id], |row| row.get(0))?)
}

/// Why the mail of a request does not leave now, if it does not.
fn held_back(
    connection: &Connection,
    request: &DueRequest,
    limits: &Limits,
    now: Timestamp,
) -> Result<Option<Held>, LedgerError> {
    // Another server may have been quicker.
    if !is_asked(connection, request.id)? {
        return Ok(Some(Held::Withheld));
    }
    match mailed(connection, request, now)? {
        None if !is_withheld(connection, &request.address.key(), &request.lists, now)? => {}
        Some(Mailed { at, is_another: true }) if !has_newer(connection, request)? => {
            let sql = "UPDATE consent SET due = ?2 WHERE id = ?1";
            connection.execute(sql, params![request.id, (at + ONE_WITHIN).as_millisecond()])?;
            return Ok(Some(Held::Later));
        }
        None | Some(_) => {
            stage(connection, request.id, Stage::Withheld)?;
            return Ok(Some(Held::Withheld));
        }
    }
    if let Some(domain) = too_many(connection, &request.address, limits, now)? {
        put_off(connection, &domain, now)?;
        return Ok(Some(Held::Later));
    }
    Ok(None)
}

/// The last mail to an address within a day.
struct Mailed {
    at: Timestamp,
    /// Whether it was about something else: it named other lists, or was confirmed.
    is_another: bool,
}

fn mailed(
    connection: &Connection,
    request: &DueRequest,
    now: Timestamp,
) -> Result<Option<Mailed>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT mailed_at, state = 'confirmed' OR lists <> ?3 FROM consent
         WHERE key = ?1 AND mailed_at > ?2 ORDER BY mailed_at DESC LIMIT 1",
    )?;
    let since = (now - ONE_WITHIN).as_millisecond();
    let (key, lists) = (request.address.key(), editions::lists_text(&request.lists));
    let mut rows = query.query(params![key.as_str(), since, lists])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Mailed { at: words::time(row.get(0)?)?, is_another: row.get(1)? }))
}

/// Whether the same address asked again since: then that is what counts.
fn has_newer(connection: &Connection, request: &DueRequest) -> Result<bool, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM consent WHERE key = ?1 AND id > ?2 AND state = 'asked')",
    )?;
    Ok(query.query_row(params![request.address.key().as_str(), request.id], |row| row.get(0))?)
}

fn is_withheld(
    connection: &Connection,
    key: &AddressKey,
    lists: &[ListId],
    now: Timestamp,
) -> Result<bool, LedgerError> {
    Ok(has_enough_forms(connection, key, now)? || choices::is_shut(connection, key, lists)?)
}

/// Whose mails were too many within an hour: those to a domain (`@example.org`), or those to all (nothing).
fn too_many(
    connection: &Connection,
    address: &Address,
    limits: &Limits,
    now: Timestamp,
) -> Result<Option<String>, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT count(*), count(*) FILTER (WHERE substr(key, -length(?2)) = ?2) FROM consent WHERE mailed_at > ?1",
    )?;
    let since = (now - SignedDuration::from_hours(1)).as_millisecond();
    let key = address.key();
    let domain = key.as_str().rfind('@').map_or("", |at| &key.as_str()[at..]);
    let mut rows = query.query(params![since, domain])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let is_too_many_in_all = words::count(row, 0)? >= limits.in_all;
    let is_too_many_to_it = words::count(row, 1)? >= limits.to_a_domain;
    Ok(match is_too_many_in_all {
        true => Some(String::new()),
        false => is_too_many_to_it.then(|| domain.to_owned()),
    })
}

/// All of these mails that are due now are due later, in one commit: thousands may wait.
fn put_off(connection: &Connection, domain: &str, now: Timestamp) -> Result<(), LedgerError> {
    let mut update = connection.prepare_cached(
        "UPDATE consent SET due = ?2
         WHERE state = 'asked' AND due <= ?1 AND (?3 = '' OR substr(key, -length(?3)) = ?3)",
    )?;
    update.execute(params![now.as_millisecond(), (now + LATER).as_millisecond(), domain])?;
    Ok(())
}

fn stage(connection: &Connection, id: i64, stage: Stage) -> Result<(), LedgerError> {
    // Whoever confirms before the server has answered was quicker.
    let sql = "UPDATE consent SET state = ?2, due = NULL WHERE id = ?1 AND state <> 'confirmed'";
    connection.prepare_cached(sql)?.execute(params![id, stage.name()])?;
    Ok(())
}

fn again(connection: &Connection, id: i64, now: Timestamp) -> Result<(), LedgerError> {
    let mut update = connection.prepare_cached(
        "UPDATE consent SET state = 'asked', mailed_at = NULL, due = ?2 + ?3 * (1 << min(tries, 7))
         WHERE id = ?1 AND state = 'mailing'",
    )?;
    let wait = i64::try_from(FIRST_WAIT.as_millis()).unwrap_or(i64::MAX);
    update.execute(params![id, now.as_millisecond(), wait / 2])?;
    Ok(())
}

fn due_request(row: &Row<'_>) -> Result<DueRequest, LedgerError> {
    Ok(DueRequest {
        id: row.get(0)?,
        address: words::address(None, words::text(row, 1)?)?,
        lists: editions::lists(words::text(row, 2)?)?,
        lang: row.get(3)?,
        ticket: words::maybe_text(row, 4)?.unwrap_or_default().to_owned(),
    })
}

fn consent(row: &Row<'_>) -> Result<Consent, LedgerError> {
    let state = words::text(row, 1)?;
    let stage = Stage::ALL.into_iter().find(|stage| stage.name() == state);
    Ok(Consent {
        lists: editions::lists(words::text(row, 0)?)?,
        stage: stage.ok_or_else(|| corrupt(format!("the stage `{state}`")))?,
        terms: Terms { form: row.get(2)?, words: row.get(3)?, lang: row.get(4)?, from: row.get(5)? },
        asked_at: words::time(row.get(6)?)?,
        mailed_at: words::maybe_time(row.get(7)?)?,
        confirmed_at: words::maybe_time(row.get(8)?)?,
        confirmed_from: row.get(9)?,
    })
}
