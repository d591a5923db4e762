//! `[mailbox]` and `[bounces]`: where mail comes back, and when an address is given up for it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::values::{MAILBOX_HELP, Zero, duration_at, line_at, mailbox};
use crate::model::address::Address;
use crate::model::tree::{Misfit, Table};

/// The mailbox of the newsletter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailboxSettings {
    /// Letters over SMTP come back to `local+TOKEN@domain`.
    pub address: Option<Address>,
    /// A Maildir, an mbox or a mail: what `courant bounces collect` reads.
    pub source: Option<PathBuf>,
}

/// `[bounces]`: how many soft bounces are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftRule {
    /// Soft bounces in a row, each of another issue. Default 5.
    pub limit: u64,
    /// From the sending of the first of them to that of the last, at least. Default 14 days.
    pub span: Duration,
}

impl Default for SoftRule {
    fn default() -> SoftRule {
        SoftRule { limit: 5, span: Duration::from_secs(14 * 24 * 3600) }
    }
}

/// Letters and digits of a token of ours.
const TOKEN: usize = 45;
/// Of an address before the `@` (RFC 5321 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

pub fn read(root: &Table, folder: &Path) -> Result<MailboxSettings, Misfit> {
    let Some(table) = root.table("mailbox")? else { return Ok(MailboxSettings::default()) };
    table.only("`[mailbox]`", &["address", "source"])?;
    let source = line_at(table, "source")?.map(|source| folder.join(source));
    Ok(MailboxSettings { address: address(table)?, source })
}

fn address(table: &Table) -> Result<Option<Address>, Misfit> {
    let Some(at) = table.text("address")? else { return Ok(None) };
    let misfit = |message: String, help: &str| Misfit::new(message, at.span.clone()).help(help);
    let address = mailbox(&at.value).map_err(|message| misfit(message, MAILBOX_HELP))?.address;
    let most = LONGEST_LOCAL - 1 - TOKEN;
    if address.local().len() > most {
        let message = format!("the mailbox has more than {most} octets before the `@`");
        return Err(misfit(
            message,
            "a token of 45 letters goes behind it, and 64 octets are allowed in all",
        ));
    }
    let longest = format!("{}+{}@{}", address.local(), "a".repeat(TOKEN), address.domain());
    match Address::parse(&longest) {
        Ok(_) => Ok(Some(address)),
        Err(error) => {
            let message = format!("no token can go into the address of the mailbox: {error}");
            Err(misfit(message, "choose a plain one, such as bounces@news.example.org"))
        }
    }
}

pub fn soft_rule(root: &Table) -> Result<SoftRule, Misfit> {
    let default = SoftRule::default();
    let Some(table) = root.table("bounces")? else { return Ok(default) };
    table.only("`[bounces]`", &["refusals", "soft_limit", "soft_span"])?;
    let limit = table.whole("soft_limit", 1..=1000)?.map(|at| at.value);
    Ok(SoftRule {
        limit: limit.unwrap_or(default.limit),
        span: duration_at(table, "soft_span", Zero::Fine, default.span)?,
    })
}

/// `[bounces] refusals`: whether what servers refuse while letters are sent counts as what comes back. Default true.
pub fn judges_refusals(root: &Table) -> Result<bool, Misfit> {
    let Some(table) = root.table("bounces")? else { return Ok(true) };
    Ok(table.truth("refusals")?.is_none_or(|at| at.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        Table::from_toml(text, 0).unwrap()
    }

    fn address_of(text: &str) -> Result<Option<Address>, Misfit> {
        let read = read(&table(&format!("[mailbox]\naddress = {text:?}")), Path::new("/"));
        read.map(|settings| settings.address)
    }

    #[test]
    fn a_mailbox_has_room_for_a_token_or_is_refused() {
        assert!(address_of("eighteen-character@news.example.org").unwrap().is_some());
        assert!(address_of("Bounces <bounces@news.example.org>").unwrap().is_some());
        let refused = ["nineteen-characters@news.example.org", "\"a b\"@news.example.org", "nobody"];
        assert!(refused.into_iter().all(|text| address_of(text).is_err()));
    }

    #[test]
    fn the_source_is_below_the_workspace_and_the_rule_has_defaults() {
        let read = read(&table("[mailbox]\nsource = \"Maildir\""), Path::new("/w")).unwrap();
        assert_eq!(read, MailboxSettings { address: None, source: Some("/w/Maildir".into()) });
        let rule = soft_rule(&table("[bounces]\nsoft_limit = 3")).unwrap();
        assert_eq!(rule, SoftRule { limit: 3, ..SoftRule::default() });
        assert!(soft_rule(&table("[bounces]\nsoft_limit = 0")).is_err());
    }
}
