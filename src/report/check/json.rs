//! As a program reads it; the keys are documented in `docs/json.md` and stay.

use serde_json::{Value, json};

use super::{Report, all};
use crate::check::ignore::Ignored;
use crate::report::findings;

/// `{"issues": [{"issue", "file", "findings", "ignored", "known", "fixed", "skipped", "subscribers", "links"}],
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
    })
}

/// A finding with `reason` beside its own keys.
fn ignored(Ignored { finding, reason }: &Ignored) -> Value {
    let mut value = findings::one(finding);
    value["reason"] = json!(reason);
    value
}
