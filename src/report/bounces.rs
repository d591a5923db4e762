//! Mails that came back, as a person reads them and as JSON.

use serde_json::{Map, Value, json};

use crate::inbound::notice::{About, Keys, Kind, Notice};
use crate::report::status::printable;
use crate::report::words::{count, counted};

/// A mail, and what it says.
pub struct Reading {
    /// Where it was found.
    pub place: String,
    pub notice: Notice,
}

/// Each mail with whom it is about, then how many there were of what.
pub fn human(readings: &[Reading]) -> String {
    let mut lines: Vec<String> = readings.iter().flat_map(mail).collect();
    if readings.len() > 1 {
        lines.push(String::new());
        lines.push(format!("{}: {}", counted(readings.len() as u64, "mail", "mails"), tally(readings)));
    }
    lines.join("\n")
}

fn tally(readings: &[Reading]) -> String {
    let counts = Kind::ALL.into_iter().map(|kind| (kind, number(readings, kind)));
    let told = counts
        .filter(|(_, number)| *number > 0)
        .map(|(kind, number)| format!("{} {}", count(number), kind.name()));
    told.collect::<Vec<_>>().join(", ")
}

fn number(readings: &[Reading], kind: Kind) -> u64 {
    readings.iter().filter(|reading| reading.notice.kind == kind).count() as u64
}

fn mail(reading: &Reading) -> Vec<String> {
    let notice = &reading.notice;
    let how = notice.dialect.map_or(String::new(), |dialect| format!(" ({dialect})"));
    let first = format!("{}: {}{how}", printable(&reading.place), notice.kind.name());
    let about = notice.about.iter().flat_map(about);
    std::iter::once(first).chain(about).chain(keys(&notice.keys)).collect()
}

fn about(about: &About) -> Vec<String> {
    let who = about.address.as_deref().unwrap_or("somebody who is not named");
    let verdict = &about.verdict;
    let words = if verdict.words.is_empty() {
        String::new()
    } else {
        format!(" (“{}”)", printable(&verdict.words))
    };
    let first = format!(
        "  {} {}: {}, {}{words}",
        printable(who),
        about.action.name(),
        verdict.class.name(),
        verdict.reason.name()
    );
    let said = said(&about.said.text).map(|text| format!("    {text}"));
    std::iter::once(first).chain(said).collect()
}

/// On one line, and not longer than a person reads.
fn said(text: &str) -> Option<String> {
    const LONGEST: usize = 200;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut = &line[..line.floor_char_boundary(LONGEST)];
    let more = if cut.len() < line.len() { "…" } else { "" };
    (!line.is_empty()).then(|| format!("{}{more}", printable(cut)))
}

/// By what a letter could be found: the strongest alone.
fn keys(keys: &Keys) -> Option<String> {
    let found = [
        ("token", keys.verp.first()),
        ("token to unsubscribe", keys.unsubscribe.first()),
        ("envelope id", keys.envelope_ids.first()),
        ("Message-ID", keys.message_ids.first()),
    ];
    let (name, value) = found.into_iter().find_map(|(name, value)| Some((name, value?)))?;
    Some(format!("  {name} {}", printable(value)))
}

/// The keys are documented in `docs/json.md`.
pub fn json(readings: &[Reading]) -> Value {
    let counts: Map<String, Value> =
        Kind::ALL.into_iter().map(|kind| (key(kind), json!(number(readings, kind)))).collect();
    json!({"mails": readings.iter().map(mail_json).collect::<Vec<_>>(), "counts": counts})
}

fn key(kind: Kind) -> String {
    kind.name().replace(' ', "_")
}

fn mail_json(reading: &Reading) -> Value {
    let notice = &reading.notice;
    json!({
        "place": reading.place,
        "kind": key(notice.kind),
        "dialect": notice.dialect,
        "feedback": notice.feedback.map(|feedback| feedback.name()),
        "about": notice.about.iter().map(about_json).collect::<Vec<_>>(),
        "keys": keys_json(&notice.keys),
    })
}

fn about_json(about: &About) -> Value {
    json!({
        "address": about.address,
        "last": about.last,
        "action": about.action.name(),
        "code": about.said.code,
        "enhanced": about.status.map(|code| code.to_string()),
        "said": about.said.text,
        "class": about.verdict.class.name(),
        "reason": about.verdict.reason.name(),
        "words": about.verdict.words,
    })
}

fn keys_json(keys: &Keys) -> Value {
    let headers = keys.headers.iter().map(|(name, value)| json!({"name": name, "value": value}));
    json!({
        "verp": keys.verp,
        "envelope_ids": keys.envelope_ids,
        "message_ids": keys.message_ids,
        "headers": headers.collect::<Vec<_>>(),
        "unsubscribe": keys.unsubscribe,
    })
}
