//! `courant stop`: no letter leaves any more until a person says so.

use serde_json::Value;

use crate::commands::desk::Desk;
use crate::commands::status::{issue_id, never_sent};
use crate::commands::{Exit, Failure, Global, Plain, roll};
use crate::ledger::Ledger;
use crate::ledger::rows::EditionRow;
use crate::model::issue::IssueId;
use crate::report::status::{Progress, progress_json};
use crate::report::words::counted;

/// Stop a running send, and keep it stopped
///
/// A running send begins no more letters; what is on the wire is finished. `courant run` does not go on with a
/// stopped issue: only `courant send ISSUE`, by hand and with a yes, does. Without ISSUE, every issue that was
/// begun and is not complete is stopped.
#[derive(Debug, clap::Args)]
pub struct Stop {
    /// A path, an id or a number; without it, everything that is begun
    #[arg(value_name = "ISSUE")]
    issue: Option<String>,
    /// Give up what was not sent, for good
    #[arg(long = "final", requires = "issue")]
    for_good: bool,
    /// Do not ask before giving up
    #[arg(short, long, requires = "for_good")]
    yes: bool,
}

impl Stop {
    pub async fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = Desk::open_workspace(global, None)?;
        let Some(ledger) = roll::open(&desk)? else {
            return Err(nothing_to_stop().into());
        };
        match &self.issue {
            None => match unfinished(&ledger)?.as_slice() {
                [] => Err(nothing_to_stop().into()),
                rows => self.stop(&desk, &ledger, rows),
            },
            Some(name) => self.stop_issue(&desk, &ledger, name),
        }
    }

    fn stop_issue(&self, desk: &Desk, ledger: &Ledger, name: &str) -> Result<Exit, Failure> {
        let issue = issue_id(desk, ledger, name)?;
        let of_issue = |row: &EditionRow| row.issue == issue;
        if !ledger.editions()?.iter().any(of_issue) {
            return Err(never_sent(&issue).into());
        }
        let unfinished: Vec<EditionRow> = unfinished(ledger)?.into_iter().filter(of_issue).collect();
        if unfinished.is_empty() {
            return Err(complete(&issue).into());
        }
        self.stop(desk, ledger, &unfinished)
    }

    fn stop(&self, desk: &Desk, ledger: &Ledger, rows: &[EditionRow]) -> Result<Exit, Failure> {
        for row in rows {
            ledger.raise_fence(Some(row.id), desk.now())?;
            if self.for_good {
                self.give_up(desk, ledger, row)?;
            } else {
                tell(desk, &stopped(ledger, row)?)?;
            }
        }
        if desk.json() {
            desk.print(progress(desk, ledger, rows)?.to_string())?;
        }
        Ok(Exit::Done)
    }

    /// The fence stands before this asks, so that nothing leaves while the person thinks.
    fn give_up(&self, desk: &Desk, ledger: &Ledger, row: &EditionRow) -> Result<(), Failure> {
        let left = counted(ledger.counts(row.id)?.open(), "letter", "letters");
        let question =
            format!("{left} of {} ({}) would never be sent. Give them up?", row.issue, row.realm.name());
        if !self.yes && !desk.confirm(&question, "--yes")? {
            return Err(Plain::new(
                format!("{} is stopped, and nothing was given up", row.issue),
                format!("`courant send {}` goes on", row.issue),
            )
            .into());
        }
        let stopped = ledger.stop_for_good(row.id, desk.now())?;
        let stopped = counted(stopped, "letter", "letters");
        tell(desk, &format!("{} ({}): {stopped} will not be sent.", row.issue, row.realm.name()))
    }
}

/// A sentence for each edition; the JSON of all of them comes at the end.
fn tell(desk: &Desk, text: &str) -> Result<(), Failure> {
    if desk.json() { Ok(()) } else { desk.print(text) }
}

/// As `status` shows them.
fn progress(desk: &Desk, ledger: &Ledger, rows: &[EditionRow]) -> Result<Value, Failure> {
    let read = rows.iter().map(|row| Progress::read(ledger, row.clone(), desk.now()));
    let all: Vec<Progress> = read.collect::<Result<_, _>>()?;
    Ok(all.iter().map(progress_json).collect())
}

fn unfinished(ledger: &Ledger) -> Result<Vec<EditionRow>, Failure> {
    let mut found = Vec::new();
    for row in ledger.editions()? {
        if ledger.counts(row.id)?.open() > 0 {
            found.push(row);
        }
    }
    Ok(found)
}

fn stopped(ledger: &Ledger, row: &EditionRow) -> Result<String, Failure> {
    let left = counted(ledger.counts(row.id)?.open(), "letter is", "letters are");
    let issue = &row.issue;
    Ok(format!(
        "{issue} ({}) is stopped; {left} left. `courant send {issue}` goes on, `courant stop {issue} --final` gives them up.",
        row.realm.name()
    ))
}

fn nothing_to_stop() -> Plain {
    Plain::new(
        "nothing is being sent, and nothing is left to send",
        "`courant status` shows every issue that was sent",
    )
}

fn complete(issue: &IssueId) -> Plain {
    Plain::new(
        format!("{issue} has nothing left to send"),
        format!("`courant status {issue}` shows how it went"),
    )
}
