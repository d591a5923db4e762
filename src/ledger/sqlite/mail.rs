//! What mails tell of letters: the same as of providers, and an address that failed softly too often.

use jiff::Timestamp;
use rusqlite::Connection;

use super::inbox::{Row, give_up, keep, leave_in_peace};
use super::{Ledger, mailed};
use crate::ledger::LedgerError;
use crate::ledger::rows::{Incoming, MailTaken, Teller};
use crate::model::address::AddressKey;
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
