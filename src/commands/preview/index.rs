//! The issues of a workspace, newest first, each with how far it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::absolute::absolute;
use crate::commands::desk::Desk;
use crate::commands::{Failure, Plain, roll};
use crate::ledger::{Ledger, LedgerError};
use crate::model::delivery::Realm;
use crate::model::issue::{Issue, IssueId};
use crate::report::words::{count, moment};
use crate::web::preview::view::IssueRow;
use crate::workspace::shown_path;

/// An issue's file, and what the page says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub path: PathBuf,
    pub row: IssueRow,
}

/// How far an issue is, and in words.
type State = (&'static str, String);

/// The newest issue. Fails where there is none.
pub fn newest(desk: &Desk) -> Result<PathBuf, Failure> {
    let first = entries(desk)?.into_iter().next();
    let none = || Plain::new("there are no issues in issues/", "`courant new TITLE` makes one");
    Ok(first.map(|entry| entry.path).ok_or_else(none)?)
}

/// All issues of the workspace, newest first: by date, number and name, and what has none of them yet before the
/// others. A ledger that cannot be read leaves their states unknown.
pub fn entries(desk: &Desk) -> Result<Vec<Entry>, Failure> {
    let sent = sent(desk);
    let files = desk.workspace.issue_files()?;
    let one = |(path, issue): (PathBuf, _)| entry(desk, absolute(&path).unwrap_or(path), issue, &sent);
    let mut entries: Vec<Entry> = files.into_iter().zip(desk.issues()?).map(one).collect();
    entries.sort_by_cached_key(|entry| std::cmp::Reverse(age(entry)));
    Ok(entries)
}

/// One issue that is no part of the workspace's folder.
pub fn entry(desk: &Desk, path: PathBuf, issue: Result<Issue, Failure>, sent: &Sent) -> Entry {
    let file = shown_path(&path).display().to_string();
    let row = match issue {
        Ok(issue) => {
            let (state, state_words) = state(desk, &issue, sent);
            IssueRow {
                id: issue.id.to_string(),
                file,
                title: issue.title().to_owned(),
                number: issue.front.number.as_ref().map(|number| number.value),
                state,
                state_words,
                date: issue.front.date.as_ref().map(|date| date.value.to_string()),
            }
        }
        Err(failure) => IssueRow {
            id: stem(&path),
            file,
            title: stem(&path),
            number: None,
            state: "broken",
            state_words: failure.error.to_string(),
            date: None,
        },
    };
    Entry { path, row }
}

/// The name that a file gives to its issue.
pub fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn age(entry: &Entry) -> (Date, u64, PathBuf) {
    let date = entry.row.date.as_ref().and_then(|date| date.parse().ok());
    (date.unwrap_or(Date::MAX), entry.row.number.unwrap_or(u64::MAX), entry.path.clone())
}

/// What the ledger knows of issues that went to people.
pub enum Sent {
    /// There is no ledger.
    Nothing,
    Known(BTreeMap<IssueId, State>),
    Unreadable,
}

/// What the ledger knows, if there is one; none is made.
pub fn sent(desk: &Desk) -> Sent {
    if desk.settings.root.is_none() {
        return Sent::Nothing;
    }
    match roll::open(desk) {
        Ok(None) => Sent::Nothing,
        Ok(Some(ledger)) => live(desk, &ledger).map_or(Sent::Unreadable, Sent::Known),
        Err(_) => Sent::Unreadable,
    }
}

fn live(desk: &Desk, ledger: &Ledger) -> Result<BTreeMap<IssueId, State>, LedgerError> {
    let mut states = BTreeMap::new();
    for edition in ledger.editions()?.into_iter().filter(|edition| edition.realm == Realm::Live) {
        if states.contains_key(&edition.issue) {
            continue;
        }
        let counts = ledger.counts(edition.id)?;
        let when = moment(edition.frozen_at, &desk.settings.site.timezone);
        let (open, total) = (counts.open(), counts.total());
        let state = match open {
            0 => ("sent", format!("sent to {}, {when}", count(total))),
            _ => ("sending", format!("{} of {} still to be sent", count(open), count(total))),
        };
        states.insert(edition.issue, state);
    }
    Ok(states)
}

fn state(desk: &Desk, issue: &Issue, sent: &Sent) -> State {
    let known = match sent {
        Sent::Nothing => None,
        Sent::Known(known) => known.get(&issue.id).cloned(),
        Sent::Unreadable => return ("unknown", "the ledger cannot be read".to_owned()),
    };
    if let Some(state) = known {
        return state;
    }
    if issue.front.draft {
        return ("draft", "a draft".to_owned());
    }
    match desk.send_at(issue) {
        Ok(Some(at)) => ("scheduled", format!("to be sent {}", moment(at, &desk.settings.site.timezone))),
        Ok(None) => ("ready", "not sent yet".to_owned()),
        Err(failure) => ("broken", failure.error.to_string()),
    }
}
