//! `[mailbox]` and `[bounces]`: where mail comes back, and when an address is given up for it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::SettingsError;
use super::remote::{Access, DONE_HELP, Done, Proof, Remote};
use super::values::{MAILBOX_HELP, Zero, duration_at, line_at, mailbox};
use crate::model::address::Address;
use crate::model::issue::At;
use crate::model::source::Place;
use crate::model::tree::{Misfit, Table};

/// The mailbox of the newsletter.
#[derive(Debug, Clone)]
pub struct MailboxSettings {
    /// Letters over SMTP come back to `local+TOKEN@domain`.
    pub address: Option<Address>,
    /// What `courant bounces collect` reads. Only whoever reads mail is told of what it lacks.
    pub source: Result<Option<Source>, Unset>,
}

/// A variable that nobody set.
#[derive(Debug, Clone)]
pub struct Unset {
    pub message: String,
    pub place: Option<Place>,
    pub help: Option<String>,
}

impl Default for MailboxSettings {
    fn default() -> MailboxSettings {
        MailboxSettings { address: None, source: Ok(None) }
    }
}

/// Where mails are read from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A Maildir, an mbox, a mail or a folder of mails, and whether those that were understood are marked.
    Path(PathBuf, bool),
    Remote(Box<Remote>),
}

impl MailboxSettings {
    /// The source of the settings, if nothing that it needs is missing.
    pub fn ready(&self) -> Result<Option<&Source>, SettingsError> {
        let source = self.source.as_ref().map_err(|unset| {
            let Unset { message, place, help } = unset.clone();
            SettingsError::Invalid { message, place, help }
        });
        source.map(Option::as_ref)
    }

    /// A source as somebody names it on the command line. What `[mailbox]` knows of its own account holds for this
    /// one, too, if it is the same; its password goes nowhere else.
    pub fn named(&self, text: &str) -> Result<Source, SettingsError> {
        let invalid = |misfit: Misfit| SettingsError::Invalid {
            message: misfit.message,
            place: None,
            help: misfit.help,
        };
        if !Remote::is_url(text) {
            return Ok(Source::Path(text.into(), true));
        }
        let url = At { value: text.to_owned(), span: 0..0 };
        let named = Remote::parse(&url, Access::default()).map_err(invalid)?;
        let own = match self.ready()? {
            Some(Source::Remote(own)) if own.is_same_account(&named) => own.access.clone(),
            _ => Access::default(),
        };
        Ok(Source::Remote(Box::new(named.with(own, &url.span).map_err(invalid)?)))
    }
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

const KEYS: [&str; 8] = ["address", "source", "done", "password", "token", "token_command", "tls_ca", "poll"];

/// Fails for a key that means nothing.
pub fn check_keys(root: &Table) -> Result<(), Misfit> {
    root.table("mailbox")?.map_or(Ok(()), |table| table.only("`[mailbox]`", &KEYS))
}

/// `source` of `[mailbox]`, whose variables are filled in. `folder` is what relative paths start from.
pub fn source(table: &Table, folder: &Path) -> Result<Option<Source>, Misfit> {
    let access = access(table, folder)?;
    let Some(at) = table.text("source")? else { return lonely(table).map_or(Ok(None), Err) };
    if Remote::is_url(&at.value) {
        return Ok(Some(Source::Remote(Box::new(Remote::parse(&at, access)?))));
    }
    let path = folder.join(line_at(table, "source")?.unwrap_or_default());
    if let Some(misfit) = lonely(table) {
        return Err(misfit);
    }
    let is_marked = match access.done {
        Done::Mark => true,
        Done::Leave => false,
        Done::Delete | Done::Move(_) => {
            let misfit = Misfit::new("mails in files are marked or left as they are", span_of(table, "done"));
            return Err(misfit.help("write done = \"mark\" or \"leave\""));
        }
    };
    Ok(Some(Source::Path(path, is_marked)))
}

/// A key that only a mailbox on another machine has a use for, where there is none.
fn lonely(table: &Table) -> Option<Misfit> {
    let key = ["password", "token", "token_command", "tls_ca", "poll"]
        .into_iter()
        .find(|key| table.get(key).is_some())?;
    let misfit =
        Misfit::new(format!("`{key}` means nothing without a mailbox to log in to"), span_of(table, key));
    Some(misfit.help("set source = \"imaps://USER@HOST/INBOX\", or leave it out"))
}

fn span_of(table: &Table, key: &str) -> crate::model::source::Span {
    table.get(key).map_or(0..0, |node| node.span.clone())
}

fn access(table: &Table, folder: &Path) -> Result<Access, Misfit> {
    let default = Access::default();
    let done = match table.text("done")? {
        None => default.done,
        Some(at) => Done::parse(&at.value).ok_or_else(|| {
            Misfit::new(format!("`{}` is nothing that could be done with a mail", at.value), at.span.clone())
                .help(DONE_HELP)
        })?,
    };
    Ok(Access {
        proof: proof(table)?,
        tls_ca: line_at(table, "tls_ca")?.map(|path| folder.join(path)),
        done,
        poll: duration_at(table, "poll", Zero::Nonsense, default.poll)?,
    })
}

fn proof(table: &Table) -> Result<Option<Proof>, Misfit> {
    let secret = |text: String| SecretString::from(text);
    let all = [
        line_at(table, "password")?.map(secret).map(Proof::Password),
        line_at(table, "token")?.map(secret).map(Proof::Token),
        line_at(table, "token_command")?.map(Proof::TokenCommand),
    ];
    let mut given = all.into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(_), Some(_)) => {
            let span = span_of(table, if table.get("token").is_some() { "token" } else { "token_command" });
            Err(Misfit::new("there are two ways to log in", span)
                .help("keep one of `password`, `token` and `token_command`"))
        }
        (first, _) => Ok(first),
    }
}

/// `address` of the table `[mailbox]`.
pub fn address(table: &Table) -> Result<Option<Address>, Misfit> {
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

    fn address_in(text: &str) -> Result<Option<Address>, Misfit> {
        address(&table(&format!("address = {text:?}")))
    }

    fn source_in(text: &str) -> Result<Option<Source>, Misfit> {
        source(table(&format!("[mailbox]\n{text}")).table("mailbox").unwrap().unwrap(), Path::new("/w"))
    }

    #[test]
    fn a_mailbox_has_room_for_a_token_or_is_refused() {
        assert!(address_in("eighteen-character@news.example.org").unwrap().is_some());
        assert!(address_in("Bounces <bounces@news.example.org>").unwrap().is_some());
        let refused = ["nineteen-characters@news.example.org", "\"a b\"@news.example.org", "nobody"];
        assert!(refused.into_iter().all(|text| address_in(text).is_err()));
    }

    #[test]
    fn a_source_is_a_path_below_the_workspace_or_a_mailbox_with_one_way_to_log_in() {
        let Some(Source::Path(path, true)) = source_in("source = \"Maildir\"").unwrap() else { panic!() };
        assert_eq!(path, Path::new("/w/Maildir"));
        let text = "source = \"imaps://a@x.org\"\ntoken_command = \"get token\"\ndone = \"move:Old\"";
        let Some(Source::Remote(remote)) = source_in(text).unwrap() else { panic!() };
        assert!(matches!(&remote.access.proof, Some(Proof::TokenCommand(command)) if command == "get token"));
        assert_eq!(remote.access.done, Done::Move("Old".to_owned()));
        for wrong in [
            "source = \"imaps://a@x.org\"\ntoken = \"x\"\npassword = \"y\"",
            "source = \"Maildir\"\ndone = \"delete\"",
            "source = \"Maildir\"\npassword = \"y\"",
            "password = \"y\"",
            "source = \"imaps://a@x.org\"\ndone = \"burn\"",
            "source = \"imaps://a@x.org\"\npoll = \"0 s\"",
        ] {
            assert!(source_in(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_goes_to_its_own_account_only() {
        let source = source_in("source = \"imaps://a@x.org\"\npassword = \"y\"").unwrap();
        let settings = MailboxSettings { address: None, source: Ok(source) };
        let has_proof = |url: &str| match settings.named(url).unwrap() {
            Source::Remote(remote) => remote.access.proof.is_some(),
            Source::Path(..) => panic!("{url}"),
        };
        assert!(has_proof("imaps://a@x.org/Old") && has_proof("pop3s://a@x.org"));
        assert!(!has_proof("imaps://a@evil.test") && !has_proof("imaps://b@x.org"));
        assert!(has_proof("imaps://b:own@x.org"));
    }

    #[test]
    fn the_rule_has_defaults() {
        let rule = soft_rule(&table("[bounces]\nsoft_limit = 3")).unwrap();
        assert_eq!(rule, SoftRule { limit: 3, ..SoftRule::default() });
        assert!(soft_rule(&table("[bounces]\nsoft_limit = 0")).is_err());
    }
}
