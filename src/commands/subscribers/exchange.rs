//! `courant subscribers sync-suppressions`: what a provider knows of addresses that must not be written to, and what
//! we know, brought together. A suppression is never lifted by it.

use std::collections::BTreeMap;

use serde_json::json;

use crate::commands::desk::Desk;
use crate::commands::{Exit, Failure, Plain, roll};
use crate::ledger::Ledger;
use crate::ledger::rows::Suppression;
use crate::model::address::{Address, AddressKey};
use crate::model::attempt::Broken;
use crate::model::provider::Provider;
use crate::report::words::counted;
use crate::settings::transport::TransportKind;
use crate::transport::http::account::Account;
use crate::transport::http::suppressions::{self, Entry, Given, Reason};

/// What was brought together.
#[derive(Default)]
struct Exchange {
    /// By the reasons of the provider.
    new: BTreeMap<&'static str, usize>,
    known: usize,
    /// What it lists that is no address.
    unreadable: usize,
    given: Given,
}

pub async fn exchange(desk: &Desk, dry_run: bool) -> Result<Exit, Failure> {
    let account = account(desk)?;
    let provider = account.settings.provider;
    let theirs = suppressions::all(&account).await.map_err(|broken| unanswered(provider, &broken))?;
    let ledger = roll::open_or_create(desk)?;
    let ours = everywhere(&ledger)?;
    let mut done = Exchange::default();
    let theirs = done.weightiest(&theirs);
    for (key, entry) in &theirs {
        done.take(desk, &ledger, ours.get(key), key, entry, provider, dry_run)?;
    }
    let missing = missing(&ours, &theirs);
    done.given = match dry_run {
        true => suppressions::would_give(&account.settings, &missing),
        false => suppressions::give(&account, &missing).await.map_err(|broken| untold(provider, &broken))?,
    };
    done.tell(desk, provider, dry_run)?;
    Ok(Exit::Done)
}

fn account(desk: &Desk) -> Result<Account, Failure> {
    let transport = &desk.settings.transport.transport;
    let help = "name a provider: --transport NAME from [transports.NAME], or its URL";
    match &transport.kind {
        TransportKind::Http(http) => {
            Ok(Account::new(http).map_err(|broken| unanswered(http.provider, &broken))?)
        }
        TransportKind::Outbox(_) | TransportKind::Smtp(_) => {
            let message = format!("the transport `{}` is no provider's API and has no list", transport.name);
            Err(Plain::new(message, help).into())
        }
    }
}

fn unanswered(provider: Provider, broken: &Broken) -> Plain {
    let message = format!("{} does not say whom it suppresses: {broken}", provider.title());
    Plain::new(message, "`courant doctor` says whether the key is good and may do this; nothing was changed")
}

fn untold(provider: Provider, broken: &Broken) -> Plain {
    let message = format!("{} was not told of all our suppressions: {broken}", provider.title());
    Plain::new(message, "what it suppresses is taken over; run the same command again for the rest")
}

/// Those that hold for every list.
fn everywhere(ledger: &Ledger) -> Result<BTreeMap<AddressKey, Suppression>, Failure> {
    let all = ledger.suppressions()?.into_iter().filter(|suppression| suppression.scope.is_none());
    Ok(all.map(|suppression| (suppression.key.clone(), suppression)).collect())
}

/// Ours that it does not know and that it should.
fn missing(
    ours: &BTreeMap<AddressKey, Suppression>,
    theirs: &BTreeMap<AddressKey, Entry>,
) -> Vec<(String, Reason)> {
    let unknown = ours.iter().filter(|(key, _)| !theirs.contains_key(*key));
    unknown
        .filter_map(|(key, own)| Some((key.as_str().to_owned(), Reason::from_name(&own.reason)?)))
        .collect()
}

impl Exchange {
    /// Each address once: who is on several lists is there for the weightiest reason.
    fn weightiest(&mut self, entries: &[Entry]) -> BTreeMap<AddressKey, Entry> {
        let mut each: BTreeMap<AddressKey, Entry> = BTreeMap::new();
        for entry in entries {
            let Ok(address) = Address::parse(entry.address.trim()) else {
                self.unreadable += 1;
                continue;
            };
            let held = each.entry(address.key()).or_insert_with(|| entry.clone());
            if held.reason < entry.reason {
                *held = entry.clone();
            }
        }
        each
    }

    #[expect(clippy::too_many_arguments, reason = "one step of a loop, with all that the loop holds")]
    fn take(
        &mut self,
        desk: &Desk,
        ledger: &Ledger,
        own: Option<&Suppression>,
        key: &AddressKey,
        entry: &Entry,
        provider: Provider,
        dry_run: bool,
    ) -> Result<(), Failure> {
        let own = own.map(|own| Reason::from_name(&own.reason).unwrap_or(Reason::Other));
        if own.is_some_and(|own| own >= entry.reason) {
            self.known += 1;
            return Ok(());
        }
        *self.new.entry(entry.reason.name()).or_default() += 1;
        if dry_run {
            return Ok(());
        }
        Ok(ledger.suppress(&Suppression {
            key: key.clone(),
            scope: None,
            reason: entry.reason.name().to_owned(),
            source: provider.title().to_owned(),
            at: entry.since.unwrap_or_else(|| desk.now()),
        })?)
    }

    fn tell(&self, desk: &Desk, provider: Provider, dry_run: bool) -> Result<(), Failure> {
        desk.answer(
            || self.words(provider, dry_run),
            || {
                json!({
                    "provider": provider.name(),
                    "dry_run": dry_run,
                    "new": self.new,
                    "known": self.known,
                    "unreadable": self.unreadable,
                    "told": self.given.told,
                    "refused": self.given.refused,
                    "untold": self.given.untold,
                })
            },
        )
    }

    fn words(&self, provider: Provider, dry_run: bool) -> String {
        let would = if dry_run { " would be" } else { "" };
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let new: usize = self.new.values().sum();
        let whys: Vec<String> = self.new.iter().map(|(why, number)| format!("{number} {why}")).collect();
        let whys = if whys.is_empty() { String::new() } else { format!(" ({})", whys.join(", ")) };
        let mut lines = vec![format!(
            "From {}:{would} {} taken over{whys}, {} known.",
            provider.title(),
            counted(number(new), "address", "addresses"),
            self.known
        )];
        if provider == Provider::Postmark {
            lines.push("They are those of one stream; here they hold for every list.".to_owned());
        }
        if self.unreadable > 0 {
            lines.push(format!("{} on its lists cannot be read as an address.", self.unreadable));
        }
        lines.push(format!(
            "To it:{would} {} told.",
            counted(number(self.given.told), "address", "addresses")
        ));
        if self.given.refused > 0 {
            lines.push(format!("It does not take {} of ours.", self.given.refused));
        }
        if self.given.untold > 0 {
            lines.push(format!("Its API has no place for {} of ours.", self.given.untold));
        }
        lines.join("\n")
    }
}
