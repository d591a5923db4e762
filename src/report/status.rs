//! How far an edition is and what became of each letter, as a person reads it and as JSON.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::ledger::rows::{AttemptRow, Counted, DeliveryStory, EditionRow, EventRow, Pause};
use crate::ledger::{Ledger, LedgerError};
use crate::model::address::AddressKey;
use crate::model::delivery::{Counts, Realm, State};
use crate::report::people::{plain_table, right_aligned};
use crate::report::progress::{pause_json, pause_line};
use crate::report::visitors;
use crate::report::words::{count, moment};

/// So many letters of a kind are named.
pub const NAMED: usize = 20;

/// What is known of one edition.
pub struct Progress {
    pub row: EditionRow,
    pub counts: Counts,
    /// When it was looked at.
    pub now: Timestamp,
    /// When the next deferred letter is due.
    pub due: Option<Timestamp>,
    /// What the other side wants later, or slower.
    pub pauses: Vec<Pause>,
    /// Since when `courant stop` holds it.
    pub stopped: Option<Timestamp>,
    /// The first [`NAMED`] of them.
    pub refused: Vec<DeliveryStory>,
    /// All of them: each is somebody's to settle.
    pub uncertain: Vec<DeliveryStory>,
    /// What providers told of its letters: how many events of each kind.
    pub events: BTreeMap<String, u64>,
    /// Opens and clicks, where they are counted.
    pub counted: Option<Counted>,
}

impl Progress {
    pub fn read(ledger: &Ledger, row: EditionRow, now: Timestamp) -> Result<Progress, LedgerError> {
        Ok(Progress {
            counts: ledger.counts(row.id)?,
            due: ledger.next_due(row.id, &crate::ledger::rows::Choice::Everyone, now)?,
            pauses: ledger.pauses(&row.transport, now)?,
            stopped: ledger.fence(row.id)?,
            refused: ledger.in_state(row.id, State::Refused, NAMED)?,
            uncertain: ledger.in_state(row.id, State::Uncertain, usize::MAX)?,
            events: ledger.event_counts(row.id)?,
            counted: ledger.counted(row.id)?,
            now,
            row,
        })
    }

    /// Whether no run will change it.
    pub fn is_settled(&self) -> bool {
        self.counts.open() == 0
    }

    /// Whether `courant stop` holds what is left, and nothing is on the wire.
    pub fn is_at_rest(&self) -> bool {
        self.stopped.is_some() && self.counts.get(State::Sending) == 0
    }

    fn state(&self) -> &'static str {
        match self.stopped {
            Some(_) if !self.is_settled() => "stopped",
            _ => state_name(&self.counts),
        }
    }
}

/// The state of an edition as a whole, by what is left to do.
pub(super) fn state_name(counts: &Counts) -> &'static str {
    let some = |state| counts.get(state) > 0;
    match () {
        () if some(State::Sending) => "sending",
        () if some(State::Planned) => "planned",
        () if some(State::Deferred) => "deferred",
        () if some(State::Uncertain) => "uncertain",
        () => "complete",
    }
}

/// Letters that the other side took.
pub(super) fn reached(counts: &Counts) -> u64 {
    counts.get(State::Accepted) + counts.get(State::Delivered) + counts.get(State::Complained)
}

/// Every edition in one line.
pub fn table(editions: &[Progress], zone: &TimeZone) -> String {
    let mut table = plain_table(["ISSUE", "REALM", "STATE", "HAVE IT", "OF", "FROZEN", "SUBJECT"]);
    for progress in editions {
        let (row, counts) = (&progress.row, &progress.counts);
        table.add_row([
            row.issue.to_string(),
            row.realm.name().to_owned(),
            progress.state().to_owned(),
            count(reached(counts)),
            count(counts.total()),
            moment(row.frozen_at, zone),
            row.subject.clone(),
        ]);
    }
    right_aligned(&mut table, &[3, 4]);
    table.trim_fmt()
}

/// Everything about one edition, and what to type next.
pub fn human(progress: &Progress, zone: &TimeZone) -> String {
    let Progress { row, counts, .. } = progress;
    let mut lines = vec![
        format!("{}: {}", row.issue, row.subject),
        format!("{}, by {}, frozen {}", row.realm.name(), row.transport, moment(row.frozen_at, zone)),
        bar(counts),
    ];
    lines.extend(
        State::ALL
            .iter()
            .filter(|state| counts.get(**state) > 0)
            .map(|state| state_line(progress, *state, zone)),
    );
    lines.extend(events_line(&progress.events));
    lines.extend(progress.counted.iter().flat_map(visitors::lines));
    lines.extend(named("refused", &progress.refused, counts.get(State::Refused)));
    lines.extend(named(
        "uncertain: all bytes left and no answer came",
        &progress.uncertain,
        counts.get(State::Uncertain),
    ));
    if !progress.is_settled() {
        lines.extend(progress.pauses.iter().map(|pause| pause_line(pause, progress.now, zone)));
    }
    if let Some(since) = progress.stopped.filter(|_| !progress.is_settled()) {
        lines.push(format!("stopped by `courant stop` since {}", moment(since, zone)));
    }
    lines.extend(next(progress));
    if counts.get(State::Uncertain) > 0 && !progress.is_settled() {
        lines.push(format!("also: `courant reconcile {}` settles what is uncertain", row.issue));
    }
    lines.join("\n")
}

pub(super) fn bar(counts: &Counts) -> String {
    const WIDTH: u64 = 30;
    let total = counts.total().max(1);
    let done = reached(counts) * WIDTH / total;
    let settled = (counts.total() - counts.open()) * WIDTH / total - done;
    let repeat = |mark: &str, times: u64| mark.repeat(usize::try_from(times).unwrap_or_default());
    format!(
        "[{}{}{}] {} of {} have it",
        repeat("#", done),
        repeat("x", settled),
        repeat("-", WIDTH - done - settled),
        count(reached(counts)),
        count(counts.total())
    )
}

fn state_line(progress: &Progress, state: State, zone: &TimeZone) -> String {
    let number = count(progress.counts.get(state));
    let note = match (state, progress.due) {
        (State::Deferred, Some(due)) => format!("  (the next is due {})", moment(due, zone)),
        (State::Deferred, None) => "  (due now)".to_owned(),
        _ => String::new(),
    };
    format!("{number:>10} {}{note}", state.name())
}

/// `told by the provider: 190 delivered, 3 opened`.
fn events_line(events: &BTreeMap<String, u64>) -> Option<String> {
    let each: Vec<String> = events
        .iter()
        .map(|(kind, number)| format!("{} {}", count(*number), kind.replace('_', " ")))
        .collect();
    (!each.is_empty()).then(|| format!("told by the provider: {}", each.join(", ")))
}

/// A heading, then each address with what was said last.
fn named(heading: &str, stories: &[DeliveryStory], number: u64) -> Vec<String> {
    if stories.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!("{heading}:")];
    let said = |story: &DeliveryStory| story.attempts.last().map(answer).unwrap_or_default();
    lines.extend(
        stories.iter().map(|story| format!("  {}  {}", story.address, said(story)).trim_end().to_owned()),
    );
    let more = number.saturating_sub(stories.len() as u64);
    lines.extend((more > 0).then(|| format!("  and {} more", count(more))));
    lines
}

/// What the other side said, else what went wrong on our side.
pub(super) fn answer(attempt: &AttemptRow) -> String {
    let reply = attempt.reply.join(" ");
    let text = match attempt.code {
        Some(code) => format!("{code} {reply}"),
        None => attempt.cause.clone(),
    };
    printable(&text)
}

/// What others wrote stays on its line.
pub fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

pub(super) fn next(progress: &Progress) -> Option<String> {
    let (issue, counts) = (&progress.row.issue, &progress.counts);
    let text = if counts.get(State::Sending) > 0 {
        format!(
            "next: it is being sent; if no run is alive, `courant send {issue}` finds out what was on the wire"
        )
    } else if progress.stopped.is_some() && counts.open() > 0 {
        format!("next: `courant send {issue}` goes on, `courant stop {issue} --final` gives up what is left")
    } else if counts.get(State::Planned) > 0 {
        format!("next: `courant send {issue}` goes on")
    } else if counts.get(State::Deferred) > 0 {
        format!("next: `courant send {issue}` when they are due, or `courant retry {issue}` at once")
    } else if counts.get(State::Uncertain) > 0 {
        format!("next: `courant reconcile {issue}` settles what is uncertain, by a log, a report or by hand")
    } else if counts.get(State::Expired) + counts.get(State::Refused) > 0 {
        format!("next: `courant retry {issue}` tries what expired, `--refused` also what was refused")
    } else if progress.row.realm == Realm::Rehearsal {
        format!("next: `courant send {issue}` by a live transport sends it to people")
    } else {
        return None;
    };
    Some(text)
}

/// Stable: documented in the reference.
pub fn json(row: &EditionRow, counts: &Counts) -> Value {
    let by_name: Map<String, Value> =
        State::ALL.iter().map(|state| (state.name().to_owned(), counts.get(*state).into())).collect();
    json!({
        "issue": row.issue.0,
        "edition": row.id.0,
        "hash": row.hashes.content.0,
        "realm": row.realm.name(),
        "transport": row.transport,
        "subject": row.subject,
        "lists": row.lists.iter().map(|list| &list.0).collect::<Vec<_>>(),
        "frozen_at": row.frozen_at.to_string(),
        "state": state_name(counts),
        "audience": counts.total(),
        "counts": by_name,
        "events": {},
    })
}

/// [`json()`], and what only `status` knows.
pub fn progress_json(progress: &Progress) -> Value {
    let mut value = json(&progress.row, &progress.counts);
    let time = |at: Option<Timestamp>| at.map_or(Value::Null, |at| at.to_string().into());
    value["state"] = progress.state().into();
    value["events"] = json!(progress.events);
    if let Some(counted) = &progress.counted {
        value["tracking"] = visitors::json(counted);
    }
    value["next_due"] = time(progress.due);
    value["stopped_since"] = time(progress.stopped);
    value["restraints"] = progress.pauses.iter().map(|pause| pause_json(pause, progress.now)).collect();
    value["uncertain"] =
        progress.uncertain.iter().map(|story| Value::from(story.address.to_string())).collect();
    value
}

/// Every delivery of somebody, of all editions, newest first.
pub fn stories_of(
    ledger: &Ledger,
    key: &AddressKey,
) -> Result<Vec<(EditionRow, DeliveryStory)>, LedgerError> {
    let mut found = Vec::new();
    for row in ledger.editions()? {
        for story in ledger.story(row.id, key)? {
            found.push((row.clone(), story));
        }
    }
    Ok(found)
}

/// `  001-welcome (live): accepted, 250 2.0.0 Ok`.
pub fn story_line(row: &EditionRow, story: &DeliveryStory, zone: &TimeZone) -> String {
    format!("  {} ({}): {}", row.issue, row.realm.name(), outcome_words(story, zone))
}

/// [`story_line`], and a line for each time that something was opened or followed.
pub fn told_lines(row: &EditionRow, story: &DeliveryStory, zone: &TimeZone) -> Vec<String> {
    let visits = story.events.iter().filter(|event| matches!(event.kind.as_str(), "opened" | "clicked"));
    let visits =
        visits.map(|event| format!("    {} {}, {}", event.kind, moment(event.at, zone), told(event)));
    std::iter::once(story_line(row, story, zone)).chain(visits).collect()
}

fn outcome_words(story: &DeliveryStory, zone: &TimeZone) -> String {
    let mut text = story.state.name().to_owned();
    let event = story.events.iter().rfind(|event| tells(event, story.state) && is_news(event, story));
    let known = story.why.clone().or_else(|| event.map(|event| news(event, story.state)));
    let why = known.or_else(|| story.attempts.last().map(answer)).filter(|why| !why.is_empty());
    if let Some(why) = why {
        text.push_str(&format!(", {why}"));
    }
    if let Some(due) = story.due.filter(|_| story.state == State::Deferred) {
        text.push_str(&format!("; due {}", moment(due, zone)));
    }
    text
}

/// Whether the event says why the letter is where it is: what others tell may be about something else.
fn tells(event: &EventRow, state: State) -> bool {
    event.settles || event.kind.split('_').next() == Some(state.name()) || is_refusal(event, state)
}

fn is_refusal(event: &EventRow, state: State) -> bool {
    state == State::Refused && matches!(event.kind.as_str(), "rejected" | "failed")
}

/// Whether nothing was tried after the event.
fn is_news(event: &EventRow, story: &DeliveryStory) -> bool {
    story.attempts.last().is_none_or(|last| last.number <= event.attempt)
}

/// The kind is only said where the state is another word for it.
fn news(event: &EventRow, state: State) -> String {
    let kind = event.kind.replace('_', " ");
    if kind == state.name() { told(event) } else { format!("{kind}, {}", told(event)) }
}

/// `postfix log mail.log:12: 250 2.0.0 Ok`.
fn told(event: &EventRow) -> String {
    let said = printable(&event.said);
    if said.is_empty() { event.source.clone() } else { format!("{}: {said}", event.source) }
}

fn event_line(event: &EventRow, zone: &TimeZone) -> String {
    let (attempt, when, kind) = (event.attempt, moment(event.at, zone), event.kind.replace('_', " "));
    match event.settles {
        true => format!("  attempt {attempt} was settled {when}: {kind}, {}", told(event)),
        false => format!("  after attempt {attempt}, {when}: {kind}, {}", told(event)),
    }
}

fn event_json(event: &EventRow) -> Value {
    json!({
        "attempt": event.attempt,
        "kind": event.kind,
        "at": event.at.to_string(),
        "source": event.source,
        "code": event.code,
        "enhanced": event.enhanced,
        "said": event.said,
    })
}

/// The whole story of one letter: every attempt with its time, phase and answer.
pub fn story(row: &EditionRow, story: &DeliveryStory, zone: &TimeZone) -> String {
    let again =
        if story.again > 0 { format!(", sent anew by hand ({})", story.again) } else { String::new() };
    let mut lines = vec![
        format!("{} of {} ({}{again})", story.address, row.issue, row.realm.name()),
        format!("  chosen from `{}` on {}", story.list, moment(row.frozen_at, zone)),
    ];
    for attempt in &story.attempts {
        lines.push(attempt_line(attempt, zone));
        let about_it = story.events.iter().filter(|event| event.attempt == attempt.number);
        lines.extend(about_it.map(|event| event_line(event, zone)));
    }
    if story.attempts.is_empty() {
        lines.push("  no attempt yet".to_owned());
    }
    lines.push(format!("  now: {}", outcome_words(story, zone)));
    lines.join("\n")
}

fn attempt_line(attempt: &AttemptRow, zone: &TimeZone) -> String {
    let when = attempt.begun_at.or(attempt.ended_at).map(|at| moment(at, zone)).unwrap_or_default();
    let outcome = attempt.outcome.as_deref().unwrap_or("under way");
    let phase = attempt.phase.map(|phase| format!(" at {}", phase.name())).unwrap_or_default();
    let answer = answer(attempt);
    let answer = if answer.is_empty() { String::new() } else { format!(": {answer}") };
    format!("  attempt {} {when} by {}: {outcome}{phase}{answer}", attempt.number, attempt.transport)
}

/// The same as JSON.
pub fn story_json(row: &EditionRow, story: &DeliveryStory) -> Value {
    json!({
        "issue": row.issue.0,
        "edition": row.id.0,
        "realm": row.realm.name(),
        "email": story.address.to_string(),
        "list": story.list.0,
        "state": story.state.name(),
        "why": story.why,
        "due": story.due.map(|at| at.to_string()),
        "again": story.again,
        "attempts": story.attempts.iter().map(attempt_json).collect::<Vec<_>>(),
        "events": story.events.iter().map(event_json).collect::<Vec<_>>(),
    })
}

fn attempt_json(attempt: &AttemptRow) -> Value {
    json!({
        "number": attempt.number,
        "begun_at": attempt.begun_at.map(|at| at.to_string()),
        "ended_at": attempt.ended_at.map(|at| at.to_string()),
        "transport": attempt.transport,
        "outcome": attempt.outcome,
        "phase": attempt.phase.map(|phase| phase.name()),
        "code": attempt.code,
        "enhanced": attempt.enhanced,
        "reply": attempt.reply,
        "cause": attempt.cause,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// 2025-07-10 08:14 UTC.
    const FROZEN: Timestamp = Timestamp::constant(1_752_138_840, 0);

    pub(in crate::report) fn progress(counts: &[(State, u64)], stopped: bool) -> Progress {
        let mut sums = Counts::default();
        counts.iter().for_each(|(state, number)| sums.add(*state, *number));
        Progress {
            counted: None,
            row: EditionRow::example("001-welcome", "Welcome", FROZEN),
            counts: sums,
            now: Timestamp::UNIX_EPOCH,
            due: None,
            pauses: Vec::new(),
            stopped: stopped.then_some(Timestamp::UNIX_EPOCH),
            refused: Vec::new(),
            uncertain: Vec::new(),
            events: BTreeMap::new(),
        }
    }

    #[test]
    fn the_counts_of_the_json_are_all_there_and_sum_to_the_audience() {
        let value = progress_json(&progress(&[(State::Accepted, 7), (State::Uncertain, 2)], false));
        let counts = value["counts"].as_object().unwrap();
        assert_eq!(counts.len(), State::ALL.len());
        assert_eq!(counts.values().map(|number| number.as_u64().unwrap()).sum::<u64>(), 9);
        assert_eq!((value["audience"].as_u64(), value["state"].as_str()), (Some(9), Some("uncertain")));
    }

    #[test]
    fn a_person_reads_how_far_it_is_and_what_to_type() {
        let text = human(
            &progress(&[(State::Accepted, 20), (State::Refused, 10), (State::Planned, 30)], true),
            &TimeZone::UTC,
        );
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "001-welcome: Welcome");
        assert_eq!(lines[1], "live, by relay, frozen 2025-07-10 09:14 UTC");
        assert_eq!(lines[2], "[##########xxxxx---------------] 20 of 60 have it");
        assert_eq!(lines[3], "        30 planned");
        assert_eq!(
            *lines.last().unwrap(),
            "next: `courant send 001-welcome` goes on, `courant stop 001-welcome --final` gives up what is left"
        );
    }

    #[test]
    fn what_the_provider_told_is_counted_in_words_and_as_json() {
        let mut progress = progress(&[(State::Delivered, 3)], false);
        assert!(!human(&progress, &TimeZone::UTC).contains("told by"));
        progress.events = BTreeMap::from([("bounced_hard".to_owned(), 1), ("delivered".to_owned(), 3)]);
        let text = human(&progress, &TimeZone::UTC);
        assert!(text.contains("\ntold by the provider: 1 bounced hard, 3 delivered"), "{text}");
        assert_eq!(progress_json(&progress)["events"], json!({"bounced_hard": 1, "delivered": 3}));
    }

    #[test]
    fn a_finished_edition_asks_for_nothing() {
        assert_eq!(next(&progress(&[(State::Accepted, 3), (State::Skipped, 1)], false)), None);
    }
}
