//! The lists' files → the ledger: what every verb does before it chooses anybody from it.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use jiff::Timestamp;

use crate::commands::desk::Desk;
use crate::commands::sending::secret;
use crate::commands::{Failure, Plain};
use crate::ledger::sqlite::Synced;
use crate::ledger::{Ledger, LedgerError};
use crate::model::address::Address;
use crate::model::finding::Finding;
use crate::report::{people, problem};
use crate::settings::lists::List;
use crate::subscribers::csv::{CsvError, Row, Rows};
use crate::subscribers::diff::Diff;
use crate::token::{PersonId, Secret};

/// So many bad rows of a list are shown; all are counted.
pub const SHOWN: usize = 20;

/// What reading one list's file did.
#[derive(Debug)]
pub struct Read {
    pub diff: Diff,
    pub bad: BadRows,
    /// Rows of people who are forgotten; they were left out.
    pub forgotten: u64,
}

/// Rows that were left out.
#[derive(Debug, Default)]
pub struct BadRows {
    /// The first [`SHOWN`] of them.
    pub first: Vec<Finding>,
    pub count: u64,
}

/// Brings the ledger up to date with the files of these lists. What changed and what is wrong is said on
/// standard error. Where more than a fifth of a list would go, it asks, unless `yes`; without a terminal to
/// ask that is a failure, and that list stays as it was.
pub fn read(desk: &Desk, ledger: &Ledger, lists: &[List], yes: bool) -> Result<(), Failure> {
    for list in lists {
        if let Some(read) = read_list(desk, ledger, list, yes)? {
            tell_left_out(desk, list, &read);
            if people::is_change(&read.diff) {
                desk.say(people::diff(&list.name, &read.diff));
            }
        }
    }
    Ok(())
}

/// The same for one list, without a word. `None` if the list has no file: it lives in the ledger alone.
pub fn read_list(desk: &Desk, ledger: &Ledger, list: &List, yes: bool) -> Result<Option<Read>, Failure> {
    let Some(path) = &list.file else { return Ok(None) };
    let shown = shown_path(desk, path);
    desk.detail(format!("reading {}", shown.display()));
    let forgotten = Forgotten::of(desk, ledger)?;
    let read = |allow_removal| sync(ledger, list, (path, shown), allow_removal, &forgotten, desk.now());
    let (mut synced, mut rows) = read(yes)?;
    if let Synced::Held(diff) = synced {
        ask_to_remove(desk, list, shown, &diff)?;
        (synced, rows) = read(true)?;
    }
    let (Synced::Applied(diff) | Synced::Held(diff)) = synced;
    Ok(Some(Read { diff, bad: rows.bad, forgotten: rows.forgotten }))
}

/// A path of the workspace as its author writes it.
pub fn shown_path<'a>(desk: &Desk, path: &'a Path) -> &'a Path {
    path.strip_prefix(desk.workspace.root()).unwrap_or(path)
}

fn ask_to_remove(desk: &Desk, list: &List, path: &Path, diff: &Diff) -> Result<(), Failure> {
    let question = people::removal_question(&list.name, path, diff);
    if desk.confirm(&question, "courant subscribers sync --yes")? {
        return Ok(());
    }
    Err(Plain {
        message: format!("the list `{}` was left as it was: you said no", list.name),
        help: Some(format!("put the missing rows back into {}", path.display())),
    }
    .into())
}

/// Says which rows were left out, and what is wrong with them.
pub fn tell_left_out(desk: &Desk, list: &List, read: &Read) {
    tell_bad_rows(desk, list, &read.bad);
    if read.forgotten > 0 {
        desk.say(people::left_out_forgotten(&list.name, read.forgotten));
    }
}

fn tell_bad_rows(desk: &Desk, list: &List, bad: &BadRows) {
    for finding in &bad.first {
        desk.say(format!("{}\n", problem::finding(finding, desk.colour_of_errors).trim_end()));
    }
    if bad.count > 0 {
        desk.say(people::left_out(&list.name, bad.count, bad.first.len()));
    }
}

fn sync(
    ledger: &Ledger,
    list: &List,
    (path, shown): (&Path, &Path),
    allow_removal: bool,
    forgotten: &Forgotten,
    now: Timestamp,
) -> Result<(Synced, LeftOut), Failure> {
    let file = File::open(path).map_err(|cause| CsvError::Unreadable { path: shown.to_owned(), cause })?;
    let rows = Rows::new(shown, BufReader::new(file))?;
    let mut good = GoodRows { rows, forgotten, left_out: LeftOut::default(), failure: None };
    let synced = ledger.sync_list_while(&list.id, &list.name, &mut good, allow_removal, now);
    match good.failure {
        Some(failure) => Err(failure.into()),
        None => Ok((synced?, good.left_out)),
    }
}

/// The rows of a file that can be taken; the others are noted.
struct GoodRows<'a> {
    rows: Rows<BufReader<File>>,
    forgotten: &'a Forgotten,
    left_out: LeftOut,
    /// Why the file was not read to its end.
    failure: Option<CsvError>,
}

#[derive(Default)]
struct LeftOut {
    bad: BadRows,
    forgotten: u64,
}

impl Iterator for GoodRows<'_> {
    type Item = Result<Row, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        for row in self.rows.by_ref() {
            match row {
                Ok(row) if self.forgotten.has(&row.subscriber.address) => self.left_out.forgotten += 1,
                Ok(row) => return Some(Ok(row)),
                Err(finding) => self.left_out.bad.note(finding),
            }
        }
        let failure = self.rows.finish().err()?;
        let cause = failure.to_string();
        self.failure = Some(failure);
        Some(Err(LedgerError::Store { cause }))
    }
}

/// Who must not come back from a file.
struct Forgotten {
    people: HashSet<PersonId>,
    /// What tells who they are; `None` where there is nobody.
    secret: Option<Secret>,
}

impl Forgotten {
    fn of(desk: &Desk, ledger: &Ledger) -> Result<Forgotten, Failure> {
        let people = ledger.forgotten_people()?;
        let secret = if people.is_empty() { None } else { Some(secret::of_letters(desk, ledger)?) };
        Ok(Forgotten { people, secret })
    }

    fn has(&self, address: &Address) -> bool {
        self.secret.as_ref().is_some_and(|secret| self.people.contains(&secret.person(&address.key())))
    }
}

impl BadRows {
    fn note(&mut self, finding: Finding) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push(finding);
        }
    }
}

/// The ledger of the workspace; a new one if there is none.
pub fn open_or_create(desk: &Desk) -> Result<Ledger, Failure> {
    match open(desk)? {
        Some(ledger) => Ok(ledger),
        None => {
            desk.workspace.state_folder()?;
            Ok(Ledger::create(&desk.workspace.ledger_path())?)
        }
    }
}

/// The ledger of the workspace, if it has one yet.
pub fn open(desk: &Desk) -> Result<Option<Ledger>, Failure> {
    let path = desk.workspace.ledger_path();
    match Ledger::open(&path) {
        Ok(ledger) => {
            desk.detail(format!("opened the ledger {}", shown_path(desk, &path).display()));
            Ok(Some(ledger))
        }
        Err(LedgerError::Missing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Every list of the workspace, by name.
pub fn all_lists(desk: &Desk) -> Result<Vec<List>, Failure> {
    Ok(desk.settings.all_lists(&desk.workspace.list_files()?))
}

/// The list of this name.
pub fn named<'a>(lists: &'a [List], name: &str) -> Result<&'a List, Failure> {
    lists.iter().find(|list| list.name == name).ok_or_else(|| {
        let known: Vec<&str> = lists.iter().map(|list| list.name.as_str()).collect();
        let near = crate::model::finding::suggest(name, known.iter().copied());
        let help = near.map_or_else(
            || format!("the lists are: {}", known.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        Plain::new(format!("there is no list `{name}`"), help).into()
    })
}
