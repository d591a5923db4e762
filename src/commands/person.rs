//! Whose letter is shown: by `render --as`, `test --as`, and where nobody was named.

use std::fs::File;

use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::model::address::Address;
use crate::model::finding::Finding;
use crate::model::subscriber::{Fields, Subscriber};
use crate::report::problem;
use crate::settings::lists::List;
use crate::subscribers::csv::{CsvError, Rows};

/// The subscriber with this address on the first of the lists that has it; without an address, the first
/// there is. Somebody who is on none of them is shown without attributes, and that is said; where there is
/// nobody yet, it is a person made up.
pub fn seen_as(desk: &Desk, lists: &[List], wanted: Option<&Address>) -> Result<Subscriber, Failure> {
    let seen = look_up(lists, wanted)?;
    if let Some(row) = seen.broken.as_ref().filter(|_| !seen.is_listed) {
        desk.say(problem::finding(row, desk.colour_of_errors).trim_end());
    }
    if let Some(note) = seen.note(wanted) {
        desk.say(format!("note: {note}"));
    }
    Ok(seen.person)
}

/// Whose letter is shown, and how they were found.
#[derive(Debug, Clone)]
pub struct Seen {
    pub person: Subscriber,
    /// Whether they are on one of the lists; else they have no attributes, or are made up.
    pub is_listed: bool,
    /// The first row that could not be used on the way to them: it may have been theirs.
    pub broken: Option<Finding>,
}

impl Seen {
    /// What is to be said where nobody of that address was found.
    pub fn note(&self, wanted: Option<&Address>) -> Option<String> {
        let words = || match wanted {
            Some(address) => format!("{address} is on none of the issue's lists and has no attributes"),
            None => "there is no subscriber yet; this is the letter of a made-up one".to_owned(),
        };
        (!self.is_listed).then(words)
    }
}

/// The same without a word. Fails where a list cannot be read.
pub fn look_up(lists: &[List], wanted: Option<&Address>) -> Result<Seen, Failure> {
    let mut broken = None;
    for list in lists {
        match find(list, wanted)? {
            Search::Found(person) => return Ok(Seen { person, is_listed: true, broken }),
            Search::Missed { first_broken } => broken = broken.or(first_broken),
        }
    }
    let person = wanted.map_or_else(sample, |address| bare(address.clone()));
    Ok(Seen { person, is_listed: false, broken })
}

enum Search {
    Found(Subscriber),
    /// A row that cannot be used may have been theirs.
    Missed {
        first_broken: Option<Finding>,
    },
}

fn find(list: &List, wanted: Option<&Address>) -> Result<Search, Failure> {
    let mut first_broken = None;
    let Some(path) = &list.file else { return Ok(Search::Missed { first_broken }) };
    let file = File::open(path).map_err(|cause| CsvError::Unreadable { path: path.clone(), cause })?;
    let key = wanted.map(Address::key);
    let mut rows = Rows::new(path, file)?;
    for row in rows.by_ref() {
        match row {
            Ok(row) if key.as_ref().is_none_or(|key| row.subscriber.address.key() == *key) => {
                return Ok(Search::Found(row.subscriber));
            }
            Ok(_) => {}
            Err(finding) => first_broken = first_broken.or(Some(finding)),
        }
    }
    rows.finish()?;
    Ok(Search::Missed { first_broken })
}

/// Shown where there is no list yet.
pub fn sample() -> Subscriber {
    let address = Address::parse("ada@example.org").expect("it is an address");
    Subscriber { name: Some("Ada Example".to_owned()), ..bare(address) }
}

fn bare(address: Address) -> Subscriber {
    Subscriber { address, name: None, fields: Fields::new() }
}
