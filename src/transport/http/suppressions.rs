//! Whom a provider does not write to any more, and whom it should not.

mod given;
mod listed;

use jiff::Timestamp;

use super::account::Account;
use crate::model::attempt::Broken;

pub use given::{Given, give, would_give};

/// An address that the provider suppresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As it writes it.
    pub address: String,
    pub reason: Reason,
    pub since: Option<Timestamp>,
}

/// Why an address is suppressed, the weightier the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It says no more than that it does.
    Other,
    Bounced,
    Unsubscribed,
    Complained,
}

impl Reason {
    /// As the ledger has it.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Other => "suppressed by the provider",
            Reason::Bounced => "bounced",
            Reason::Unsubscribed => "unsubscribed",
            Reason::Complained => "complained",
        }
    }

    /// Of those that the ledger has and a provider can be told.
    pub fn from_name(name: &str) -> Option<Reason> {
        [Reason::Bounced, Reason::Unsubscribed, Reason::Complained].into_iter().find(|it| it.name() == name)
    }
}

/// A list that never ends is a mistake of somebody.
const MOST_PAGES: usize = 100_000;

/// Everybody that it suppresses, list after list and page after page.
pub async fn all(account: &Account) -> Result<Vec<Entry>, Broken> {
    let mut entries = Vec::new();
    for list in listed::lists(&account.settings) {
        let mut path = list.path.clone();
        for _ in 0..MOST_PAGES {
            let page = account.get(&path).await?;
            let items = list.items(&page);
            entries.extend(items.iter().filter_map(|item| list.entry(item)));
            match (list.next)(&page, &items, &path) {
                Some(next) if next != path => path = next,
                Some(_) | None => break,
            }
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests;
