//! Uncertain letters and what they turned out to be, as a person reads it and as JSON.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::ledger::rows::{AttemptRow, DeliveryStory, Resolution};
use crate::model::event::Fate;
use crate::model::issue::IssueId;
use crate::report::status::{answer, printable};
use crate::report::words::{count, counted, moment};

/// Letters that were uncertain, those of one issue beside each other.
pub struct Case<'a> {
    pub letters: Vec<Letter<'a>>,
    /// Nothing was written.
    pub dry_run: bool,
    pub zone: &'a TimeZone,
}

pub struct Letter<'a> {
    pub issue: &'a IssueId,
    pub story: &'a DeliveryStory,
    /// Without angle brackets.
    pub message_id: Option<&'a str>,
    pub ended: Ended<'a>,
}

/// Whether it is uncertain still.
pub enum Ended<'a> {
    Settled(&'a Resolution),
    /// Why, by the sources that were asked.
    Open(&'a [String]),
}

impl Letter<'_> {
    fn last(&self) -> Option<&AttemptRow> {
        self.story.attempts.last()
    }

    fn is_open(&self) -> bool {
        matches!(self.ended, Ended::Open(_))
    }
}

/// What was settled and how, what is uncertain still and why, and what to type next.
pub fn human(case: &Case<'_>) -> String {
    let told: Vec<String> = by_issue(case).map(|letters| issue(letters, case)).collect();
    if told.is_empty() { "No letter is uncertain.".to_owned() } else { told.join("\n\n") }
}

/// The uncertain letters alone, before somebody is asked.
pub fn listing(case: &Case<'_>) -> String {
    let of = |letters: &[Letter<'_>]| open(letters, case).join("\n");
    by_issue(case).map(of).collect::<Vec<_>>().join("\n")
}

fn by_issue<'a>(case: &'a Case<'a>) -> impl Iterator<Item = &'a [Letter<'a>]> {
    case.letters.chunk_by(|one, next| one.issue == next.issue)
}

fn issue(letters: &[Letter<'_>], case: &Case<'_>) -> String {
    let mut lines = settled(letters, case.dry_run);
    lines.extend(open(letters, case));
    lines.extend(next(letters));
    lines.join("\n")
}

fn settled(letters: &[Letter<'_>], dry_run: bool) -> Vec<String> {
    let resolved = letters.iter().filter_map(|letter| match letter.ended {
        Ended::Settled(resolution) => Some(settled_line(letter, resolution)),
        Ended::Open(_) => None,
    });
    let lines: Vec<String> = resolved.collect();
    if lines.is_empty() {
        return lines;
    }
    let (number, all) =
        (count(lines.len() as u64), counted(letters.len() as u64, "uncertain letter", "uncertain letters"));
    let verb = if dry_run { "would be settled" } else { "settled" };
    let heading = format!("{}: {number} of {all} {verb}:", letters[0].issue);
    std::iter::once(heading).chain(lines).collect()
}

fn settled_line(letter: &Letter<'_>, resolution: &Resolution) -> String {
    let said = printable(&resolution.said.text);
    let said = if said.is_empty() { said } else { format!(": {said}") };
    format!("  {}  {} ({}{said})", letter.story.address, words(resolution.fate), resolution.source)
}

fn words(fate: Fate) -> &'static str {
    match fate {
        Fate::NotArrived => "did not arrive, planned again",
        Fate::Accepted => "accepted",
        Fate::Delivered => "delivered",
        Fate::Bounced => "bounced",
    }
}

fn open(letters: &[Letter<'_>], case: &Case<'_>) -> Vec<String> {
    let open: Vec<&Letter<'_>> = letters.iter().filter(|letter| letter.is_open()).collect();
    let Some(first) = open.first() else { return Vec::new() };
    let number = counted(open.len() as u64, "letter is", "letters are");
    let heading = format!("{}: {number} uncertain: all bytes left, and no answer came.", first.issue);
    std::iter::once(heading).chain(open.iter().flat_map(|letter| open_lines(letter, case.zone))).collect()
}

fn open_lines(letter: &Letter<'_>, zone: &TimeZone) -> Vec<String> {
    let mut lines = vec![format!("  {}", letter.story.address)];
    if let Some(attempt) = letter.last() {
        let when = attempt.begun_at.map_or_else(|| "at an unknown time".to_owned(), |at| moment(at, zone));
        let then = answer(attempt);
        let then = if then.is_empty() { then } else { format!("; {then}") };
        lines.push(format!("    sent {when} by {}{then}", attempt.transport));
    }
    lines.extend(letter.message_id.map(|id| format!("    Message-ID: <{id}>")));
    if let Ended::Open(whys) = letter.ended {
        lines.extend(whys.iter().map(|why| format!("    {why}")));
    }
    lines
}

fn next(letters: &[Letter<'_>]) -> Vec<String> {
    let issue = letters[0].issue;
    let is_planned = |letter: &Letter<'_>| matches!(letter.ended, Ended::Settled(resolution) if resolution.fate == Fate::NotArrived);
    let mut lines = Vec::new();
    if let Some(first) = letters.iter().find(|letter| letter.is_open()) {
        lines.extend(ways(issue, &first.story.address.to_string()));
    }
    if letters.iter().any(is_planned) {
        lines.push(format!(
            "Next: `courant send {issue}` sends what did not arrive, with the same Message-ID."
        ));
    }
    lines
}

fn ways(issue: &IssueId, address: &str) -> Vec<String> {
    let ways = [
        ("--log /var/log/mail.log".to_owned(), "by the log of your mail server (Postfix)"),
        ("--dsn FILE".to_owned(), "by a delivery report, an mbox or a Maildir"),
        (format!("--arrived {address}"), "by hand; --not-arrived sends it again"),
        ("--rest arrived".to_owned(), "all of them by hand; or --rest not-arrived"),
    ];
    let width = ways.iter().map(|(flags, _)| flags.chars().count()).max().unwrap_or_default();
    let line =
        |(flags, what): &(String, &str)| format!("  courant reconcile {issue} {flags:<width$}  {what}");
    std::iter::once("To settle them:".to_owned()).chain(ways.iter().map(line)).collect()
}

/// Stable: documented in the reference.
pub fn json(case: &Case<'_>) -> Value {
    let open = case.letters.iter().filter(|letter| letter.is_open()).count();
    json!({
        "dry_run": case.dry_run,
        "settled": case.letters.len() - open,
        "uncertain": open,
        "letters": case.letters.iter().map(letter_json).collect::<Vec<_>>(),
    })
}

fn letter_json(letter: &Letter<'_>) -> Value {
    let last = letter.last();
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let (settled, why) = match letter.ended {
        Ended::Settled(resolution) => (resolution_json(resolution), &[][..]),
        Ended::Open(whys) => (Value::Null, whys),
    };
    json!({
        "issue": letter.issue.0,
        "edition": letter.story.edition.0,
        "email": letter.story.address.to_string(),
        "again": letter.story.again,
        "message_id": letter.message_id,
        "transport": last.map(|attempt| &attempt.transport),
        "begun_at": time(last.and_then(|attempt| attempt.begun_at)),
        "ended_at": time(last.and_then(|attempt| attempt.ended_at)),
        "cause": last.map(|attempt| &attempt.cause),
        "settled": settled,
        "why": why,
    })
}

fn resolution_json(resolution: &Resolution) -> Value {
    json!({
        "as": resolution.fate.name(),
        "source": resolution.source,
        "code": resolution.said.code,
        "enhanced": resolution.said.enhanced.map(|code| code.to_string()),
        "said": resolution.said.text,
    })
}
