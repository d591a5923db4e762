//! What servers said of an address while letters were being sent, and what follows from it: the same as from a bounce.
//!
//! It is read after a run, and each refusal once, so that a suppression which somebody lifts stays lifted. A server that
//! knows hardly anybody is more likely mistaken than they are, so nobody is suppressed on its word.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::attempts::phase;
use super::failure::corrupt;
use super::suppressions::SUPPRESSION;
use super::{Ledger, mailed, notes, suppressions, words};
use crate::ledger::LedgerError;
use crate::ledger::recorded::DeliveryId;
use crate::ledger::rows::{EditionId, Suppression};
use crate::model::address::AddressKey;
use crate::model::attempt::Reply;
use crate::policy::bounce::{Class, judge_reply};
use crate::policy::soft::{believed, soft_run};
use crate::settings::mailbox::SoftRule;

/// What the refusals of a run said of addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refusals {
    /// So many addresses are suppressed for it.
    pub suppressed: u64,
    /// So many would be, if more letters had been taken than refused.
    pub doubted: u64,
}

/// What the source of such a suppression begins with.
const SOURCE: &str = "refused by its server";

impl Ledger {
    /// Suppresses whom servers do not have, and whom they turned away too often, by what they said since this was
    /// called for the edition last.
    pub fn judge_refusals(&self, edition: EditionId, rule: &SoftRule) -> Result<Refusals, LedgerError> {
        self.store.write(|connection| judge(connection, edition, rule))
    }
}

fn judge(connection: &Connection, edition: EditionId, rule: &SoftRule) -> Result<Refusals, LedgerError> {
    let new = refused_since(connection, edition)?;
    let Some(latest) = new.iter().map(|refused| refused.at).max() else { return Ok(Refusals::default()) };
    let hard = new.iter().filter(|refused| refused.class == Class::Hard).count() as u64;
    if !believed(hard, taken(connection, edition)?) {
        return Ok(Refusals { suppressed: 0, doubted: hard });
    }
    let mut suppressed = 0;
    for refused in &new {
        suppressed += u64::from(refused.leave_in_peace(connection, rule)?);
    }
    notes::keep(connection, &subject(edition), &latest.as_millisecond().to_string())?;
    Ok(Refusals { suppressed, doubted: 0 })
}

/// A letter that was given up because of what a server said.
struct Refused {
    key: AddressKey,
    issue: String,
    class: Class,
    said: String,
    at: Timestamp,
}

impl Refused {
    /// Whether there is a suppression now that was not there.
    fn leave_in_peace(&self, connection: &Connection, rule: &SoftRule) -> Result<bool, LedgerError> {
        let source = match self.class {
            Class::Hard => format!("{SOURCE}, {}: {}", self.issue, self.said),
            Class::Soft => match soft_run(&mailed::past(connection, &self.key)?) {
                Some(run) if run.is_too_much(rule) => {
                    format!(
                        "{} soft bounces in a row, the last {SOURCE}, {}: {}",
                        run.issues, self.issue, self.said
                    )
                }
                Some(_) | None => return Ok(false),
            },
            Class::Policy | Class::NotABounce | Class::Unknown => return Ok(false),
        };
        let wish = Suppression {
            key: self.key.clone(),
            scope: None,
            reason: "bounced".to_owned(),
            source,
            at: self.at,
        };
        suppressions::strengthen(connection, &wish)
    }
}

/// Letters that somebody took.
fn taken(connection: &Connection, edition: EditionId) -> Result<u64, LedgerError> {
    let mut query = connection.prepare_cached(
        "SELECT count(*) FROM delivery
         WHERE edition = ?1 AND state IN ('accepted', 'delivered', 'bounced', 'complained')",
    )?;
    query.query_row([edition.0], |row| Ok(words::count(row, 0)))?
}

fn refused_since(connection: &Connection, edition: EditionId) -> Result<Vec<Refused>, LedgerError> {
    let since =
        notes::noted(connection, &subject(edition))?.and_then(|text| text.parse().ok()).unwrap_or(0_i64);
    let mut query = connection.prepare_cached(&format!(
        "SELECT {LAST}, l.key, e.issue, a.ended_at
         FROM delivery d JOIN letter l ON l.id = d.letter JOIN edition e ON e.id = d.edition
              JOIN attempt a ON a.delivery = d.id AND a.number = {NEWEST}
         WHERE d.edition = ?1 AND d.state IN ('refused', 'expired') AND a.ended_at > ?2 ORDER BY a.ended_at, d.id"
    ))?;
    let mut rows = query.query(params![edition.0, since])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.extend(refused(row)?);
    }
    Ok(found)
}

fn refused(row: &Row<'_>) -> Result<Option<Refused>, LedgerError> {
    let Some((class, said)) = judged(row)? else { return Ok(None) };
    let key = AddressKey::from_ledger(row.get(4)?);
    let at = words::maybe_time(row.get(6)?)?.ok_or_else(|| corrupt("an attempt that ended never"))?;
    Ok(Some(Refused { key, issue: row.get(5)?, class, said, at }))
}

/// Of the last attempt of a delivery that was given up.
const LAST: &str = "d.state, a.phase, a.code, a.reply";
const NEWEST: &str = "(SELECT max(number) FROM attempt WHERE delivery = d.id)";

/// What the columns of [`LAST`] say of the address, and in which words. A refusal with a 4 in front is the answer of an
/// API to a call, whose words are about the call.
fn judged(row: &Row<'_>) -> Result<Option<(Class, String)>, LedgerError> {
    let is_expired = words::text(row, 0)? == "expired";
    let (Some(stage), Some(code)) = (words::maybe_text(row, 1)?, row.get::<_, Option<u16>>(2)?) else {
        return Ok(None);
    };
    if code < 500 && !is_expired {
        return Ok(None);
    }
    let reply = Reply::new(code, words::maybe_text(row, 3)?.unwrap_or_default());
    Ok(Some((judge_reply(phase(stage)?, &reply).class, reply.to_string())))
}

/// Whether a letter was given up for a reason that may pass.
pub(super) fn is_soft(connection: &Connection, delivery: DeliveryId) -> Result<bool, LedgerError> {
    let mut query = connection.prepare_cached(&format!(
        "SELECT {LAST} FROM delivery d JOIN attempt a ON a.delivery = d.id AND a.number = {NEWEST} WHERE d.id = ?1"
    ))?;
    let judged = query.query_row([delivery.0], |row| Ok(judged(row))).optional()?.transpose()?.flatten();
    Ok(judged.is_some_and(|(class, _)| class == Class::Soft))
}

/// Lifts what refusals of the edition led to, for those whose letters are tried again on a person's word.
pub(super) fn lift(connection: &Connection, edition: EditionId, now: Timestamp) -> Result<(), LedgerError> {
    for told in led_to(connection, edition)? {
        suppressions::lift(connection, &told, "courant retry --refused", None, now)?;
    }
    Ok(())
}

fn led_to(connection: &Connection, edition: EditionId) -> Result<Vec<Suppression>, LedgerError> {
    suppressions::collect(
        connection,
        &format!(
            "SELECT {SUPPRESSION} FROM suppression
             WHERE reason = 'bounced' AND scope = ''
               AND instr(source, ?2 || ', ' || (SELECT issue FROM edition WHERE id = ?1) || ': ') > 0
               AND key IN (SELECT l.key FROM delivery d JOIN letter l ON l.id = d.letter
                           WHERE d.edition = ?1 AND d.state = 'refused')"
        ),
        params![edition.0, SOURCE],
    )
}

fn subject(edition: EditionId) -> String {
    format!("refusals: edition {}", edition.0)
}
