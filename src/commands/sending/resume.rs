//! An edition that is frozen already: it goes on with what the ledger holds, and is never synced, rendered or
//! checked again.

use crate::commands::desk::Desk;
use crate::commands::sending::Terms;
use crate::commands::sending::deliver::{Errand, seed};
use crate::commands::sending::finish::{deliver_and_tell, elsewhere, is_held_back};
use crate::commands::sending::hashes::{drift, sources};
use crate::commands::sending::office::{Office, declined};
use crate::commands::{Exit, Failure, Plain};
use crate::compose::edition::Sender;
use crate::ledger::Ledger;
use crate::ledger::rows::{Choice, DeliveryStory, EditionRow, Selection, Without};
use crate::model::delivery::{Counts, State};
use crate::model::issue::{Issue, IssueId};
use crate::report::status;
use crate::report::words::{count, counted};

/// Refuses to go on with a text that the author has changed since. `None` if nothing changed.
pub fn drifted(desk: &Desk, issue: &Issue, row: &EditionRow) -> Result<Option<Plain>, Failure> {
    let sender: Sender = desk.sender(issue, desk.first_list(issue)?.as_ref())?;
    let dress = desk.dress(issue)?;
    let now = sources(issue, &dress.look(), dress.images(issue), &sender);
    let changed = drift(&row.hashes.sources, &now);
    Ok((!changed.is_empty()).then(|| Plain {
        message: format!("{} changed since {} was frozen", changed.join(" and "), row.issue),
        help: Some(
            "`--frozen` goes on with the text that was frozen; `--as-new` sends the new one to those who do \
             not have the old"
                .to_owned(),
        ),
    }))
}

/// Lifts the fence and sends what is open.
pub async fn go_on(desk: &Desk, office: &Office, row: &EditionRow, terms: &Terms) -> Result<Exit, Failure> {
    let is_held_back = is_held_back(&office.ledger, row)?;
    office.ledger.lift_fence(row.id)?;
    deliver_and_tell(&Errand { desk, office, row, terms, is_held_back }).await
}

/// Letters that an edition gets beyond those that were frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct More {
    /// `--again`: a new one for somebody who has theirs.
    pub again: bool,
    /// `--also-new`: for so many who joined since.
    pub joined: u64,
}

impl More {
    pub fn letters(self) -> u64 {
        self.joined + u64::from(self.again)
    }
}

/// Asks before going on with an unfinished edition, or one that gets more letters, unless `yes`.
pub fn confirm(desk: &Desk, row: &EditionRow, counts: &Counts, more: More, yes: bool) -> Result<(), Failure> {
    let by = transport_change(desk, row)?;
    let question = format!(
        "{} of {} letters of {} are left{}{by}. Go on?",
        count(counts.open() + more.letters()),
        count(counts.total() + more.letters()),
        row.issue,
        if more.again { ", one of them for somebody who had it" } else { "" },
    );
    if yes || desk.confirm(&question, "--yes")? { Ok(()) } else { Err(declined().into()) }
}

/// Another transport is allowed, and said.
fn transport_change(desk: &Desk, row: &EditionRow) -> Result<String, Failure> {
    let now = &desk.settings.transport.transport.name;
    Ok(if *now == row.transport {
        String::new()
    } else {
        format!(", now by {now} and not {}", row.transport)
    })
}

/// Says that nothing is left, and what could be done all the same.
pub fn tell_complete(
    desk: &Desk,
    ledger: &Ledger,
    row: &EditionRow,
    counts: &Counts,
    joined: u64,
) -> Result<Exit, Failure> {
    let issue = &row.issue;
    let uncertain = ledger.in_state(row.id, State::Uncertain, usize::MAX)?;
    let doubts = doubts_words(issue, &uncertain, elsewhere(desk, &uncertain));
    let words = complete_words(row, counts, joined) + &doubts;
    desk.answer(|| words, || status::json(row, counts))?;
    if joined > 0 {
        desk.say(format!("`courant send {issue} --also-new` sends it to them too."));
    }
    Ok(complete_exit(counts))
}

fn complete_words(row: &EditionRow, counts: &Counts, joined: u64) -> String {
    format!(
        "{} is complete: {} of {} have it; {} since. Nothing was sent.",
        row.issue,
        count(counts.get(State::Accepted) + counts.get(State::Delivered)),
        count(counts.total()),
        counted(joined, "subscriber joined", "subscribers joined"),
    )
}

fn doubts_words(issue: &IssueId, uncertain: &[DeliveryStory], elsewhere: Option<&str>) -> String {
    if uncertain.is_empty() {
        return String::new();
    }
    let number = counted(uncertain.len() as u64, "letter is", "letters are");
    let by = elsewhere.map(|other| format!(" and may have arrived by {other}")).unwrap_or_default();
    format!("\n{number} uncertain{by}: `courant reconcile {issue}` settles that.")
}

fn complete_exit(counts: &Counts) -> Exit {
    if counts.get(State::Uncertain) > 0 { Exit::Uncertain } else { Exit::Done }
}

/// How many of the audience as it is now have no letter of the issue.
pub fn joined(ledger: &Ledger, selection: &Selection) -> Result<u64, Failure> {
    let selection = Selection { without: Without::Listed, ..selection.clone() };
    Ok(ledger.audience(&selection, &mut |_| {}, &mut |_| {})?.chosen)
}

/// Adds what was agreed to.
pub fn add(
    desk: &Desk,
    ledger: &Ledger,
    row: &EditionRow,
    more: More,
    (choice, selection): (&Choice, &Selection),
) -> Result<(), Failure> {
    if let (true, Choice::Only(key)) = (more.again, choice) {
        ledger.again(row.id, key, desk.now())?;
    }
    if more.joined > 0 {
        let added = ledger.extend(row.id, selection, seed(), desk.now())?;
        let added = counted(added, "subscriber", "subscribers");
        desk.say(format!("{added} of {} joined since and will get it.", row.issue));
    }
    Ok(())
}

/// `--only A --again`: whether that makes a new letter. One that has not gone out yet is not doubled.
pub fn is_again(ledger: &Ledger, row: &EditionRow, choice: &Choice) -> Result<bool, Failure> {
    let Choice::Only(key) = choice else { return Ok(false) };
    Ok(ledger.story(row.id, key)?.last().is_some_and(|newest| !newest.state.is_open()))
}

/// `--only A` needs a letter for A.
pub fn refuse_stranger(ledger: &Ledger, row: &EditionRow, choice: &Choice) -> Result<(), Failure> {
    match choice {
        Choice::Only(key) if ledger.story(row.id, key)?.is_empty() => Err(Plain {
            message: format!("{} was not in the audience of {}", key.as_str(), row.issue),
            help: Some(format!("if they joined since, `courant send {} --also-new` reaches them", row.issue)),
        }
        .into()),
        Choice::Only(_) | Choice::Everyone => Ok(()),
    }
}
