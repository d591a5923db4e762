//! As a program reads it; the keys are documented in `docs/json.md` and stay.

use serde_json::{Value, json};

use super::{Report, all};
use crate::check::Told;
use crate::check::ignore::Ignored;
use crate::report::findings;

/// `{"issues": [{"issue", "file", "findings", "ignored", "known", "fixed", "skipped", "subscribers", "links", "link_verdicts"}],
/// "counts": {…}}`.
pub fn json(reports: &[Report]) -> Value {
    json!({
        "issues": reports.iter().map(one).collect::<Vec<_>>(),
        "counts": findings::counts_json(&all(reports)),
    })
}

fn one(report: &Report) -> Value {
    json!({
        "issue": report.issue.as_ref().map(|id| &id.0),
        "file": report.file,
        "findings": findings::json(&report.checked.findings),
        "ignored": report.checked.ignored.iter().map(ignored).collect::<Vec<_>>(),
        "known": findings::json(&report.known),
        "fixed": findings::json(&report.fixed),
        "skipped": findings::skipped_json(&report.checked.skipped),
        "subscribers": report.members,
        "links": report.visited,
        "link_verdicts": report.verdicts.iter().map(verdict).collect::<Vec<_>>(),
    })
}

/// What became of one address.
fn verdict(told: &Told) -> Value {
    let position = told.place.as_ref().map(|place| place.position());
    let snapshot = told.snapshot.as_ref();
    json!({
        "url": told.url,
        "text": told.text,
        "verdict": told.verdict.name(),
        "words": told.verdict.words(),
        "chain": told.chain.iter().map(|hop| json!({"status": hop.status, "to": hop.to.as_str()})).collect::<Vec<_>>(),
        "age": told.age.map(|age| age.as_secs()),
        "line": position.map(|position| position.line),
        "snapshot": snapshot.map(|copy| json!({"url": copy.url.as_str(), "taken": copy.at.to_string()})),
    })
}

/// A finding with `reason` beside its own keys.
fn ignored(Ignored { finding, reason }: &Ignored) -> Value {
    let mut value = findings::one(finding);
    value["reason"] = json!(reason);
    value
}
