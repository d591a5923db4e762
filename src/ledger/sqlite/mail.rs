//! What mails tell of letters: the same as of providers, and an address that failed softly too often.

use jiff::Timestamp;
use rusqlite::Connection;

use super::inbox::{Row, keep, leave_in_peace, source};
use super::{Ledger, mailed, suppressions};
use crate::ledger::LedgerError;
use crate::ledger::rows::{Incoming, MailTaken, Suppression, Teller};
use crate::model::address::AddressKey;
use crate::model::event::Kind;
use crate::policy::soft::{SoftRun, soft_run};
use crate::settings::mailbox::SoftRule;

impl Ledger {
    /// Keeps what mails tell and what follows from it; all of it is durable when this returns, or nothing is
    /// written. What is known already changes nothing. What came of each, in their order.
    pub fn take_mail(
        &self,
        mails: &[Incoming],
        rule: &SoftRule,
        now: Timestamp,
    ) -> Result<Vec<MailTaken>, LedgerError> {
        self.store.write(|connection| mails.iter().map(|mail| take(connection, mail, rule, now)).collect())
    }

    /// The soft bounces in a row that somebody's letters ended with.
    pub fn soft_run(&self, key: &AddressKey) -> Result<Option<SoftRun>, LedgerError> {
        self.store.read(|connection| Ok(soft_run(&mailed::past(connection, key)?)))
    }
}

fn take(
    connection: &Connection,
    mail: &Incoming,
    rule: &SoftRule,
    now: Timestamp,
) -> Result<MailTaken, LedgerError> {
    let row = Row::of(connection, mail)?;
    let Some(raw) = keep(connection, mail, row.as_ref(), now)? else {
        return Ok(MailTaken { is_new: false, suppressed: None });
    };
    let mut suppressed = Vec::new();
    if let Some(row) = &row {
        row.take(connection, mail, raw)?;
        suppressed.extend(give_up(connection, mail, row, rule)?);
    }
    if row.is_some() || names_person(&mail.teller) {
        suppressed.extend(leave_in_peace(connection, mail, row.as_ref())?);
    }
    let first = suppressed.into_iter().next();
    Ok(MailTaken { is_new: true, suppressed: first.map(|wish| (wish.reason, wish.source)) })
}

fn names_person(teller: &Teller) -> bool {
    match teller {
        Teller::Mail(evidence) => evidence.person.is_some(),
        Teller::Provider(_) | Teller::Listed(_) => false,
    }
}

/// The suppression of an address that failed softly too often.
fn give_up(
    connection: &Connection,
    mail: &Incoming,
    row: &Row,
    rule: &SoftRule,
) -> Result<Option<Suppression>, LedgerError> {
    let Some(key) = mail.event.address.as_ref().map(|address| address.key()) else { return Ok(None) };
    if mail.event.kind != Kind::BouncedSoft {
        return Ok(None);
    }
    let run = soft_run(&mailed::past(connection, &key)?).filter(|run| run.is_too_much(rule));
    let Some(run) = run else { return Ok(None) };
    let words = source(&mail.teller, Some(row));
    let source = format!("{} soft bounces in a row, the last by {words}", run.issues);
    let wish = Suppression { key, scope: None, reason: "bounced".to_owned(), source, at: mail.event.at };
    Ok(suppressions::strengthen(connection, &wish)?.then_some(wish))
}
