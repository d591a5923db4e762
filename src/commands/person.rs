//! Whose letter is shown: by `render --as`, `test --as`, and where nobody was named.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::model::address::Address;
use crate::model::finding::Finding;
use crate::model::subscriber::{Fields, Subscriber};
use crate::report::problem;
use crate::settings::lists::List;
use crate::subscribers::csv::{CsvError, Rows};
use crate::workspace::shown_path;

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

/// A list that cannot be read, and why.
#[derive(Debug)]
pub struct Unread {
    /// As it is shown.
    pub file: PathBuf,
    pub failure: Failure,
}

impl From<Unread> for Failure {
    fn from(unread: Unread) -> Failure {
        unread.failure
    }
}

/// The same without a word. Fails where a list cannot be read.
pub fn look_up(lists: &[List], wanted: Option<&Address>) -> Result<Seen, Unread> {
    let mut broken = None;
    for path in lists.iter().filter_map(|list| list.file.as_ref()) {
        match reading(path, |rows| find(rows, wanted))? {
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

fn find(rows: &mut Rows<File>, wanted: Option<&Address>) -> Search {
    let (mut first_broken, key) = (None, wanted.map(Address::key));
    for row in rows {
        match row {
            Ok(row) if key.as_ref().is_none_or(|key| row.subscriber.address.key() == *key) => {
                return Search::Found(row.subscriber);
            }
            Ok(_) => {}
            Err(finding) => first_broken = first_broken.or(Some(finding)),
        }
    }
    Search::Missed { first_broken }
}

/// What `look` makes of the rows of a list, which it need not read to the end. Fails where they cannot be read.
pub fn reading<T>(path: &Path, look: impl FnOnce(&mut Rows<File>) -> T) -> Result<T, Unread> {
    let file = shown_path(path);
    let unreadable = |cause| CsvError::Unreadable { path: file.clone(), cause };
    let read = || {
        let mut rows = Rows::new(&file, File::open(path).map_err(unreadable)?)?;
        let found = look(&mut rows);
        rows.finish().map(|()| found)
    };
    read().map_err(|error: CsvError| Unread { failure: error.into(), file: file.clone() })
}

/// Shown where there is no list yet.
pub fn sample() -> Subscriber {
    let address = Address::parse("ada@example.org").expect("it is an address");
    Subscriber { name: Some("Ada Example".to_owned()), ..bare(address) }
}

fn bare(address: Address) -> Subscriber {
    Subscriber { address, name: None, fields: Fields::new() }
}
