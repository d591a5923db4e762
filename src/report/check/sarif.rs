//! As code hosts read it, to annotate a pull request: SARIF 2.1.0 (OASIS).

use std::path::Path;

use serde_json::{Map, Value, json};

use super::Report;
use crate::check::ignore::Ignored;
use crate::check::{About, Skipped, rules};
use crate::model::finding::{Finding, Fix, Severity};
use crate::model::source::Place;
use crate::report::baseline::{Entry, Name};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One run with every finding. What is ignored or known from the baseline is in it as suppressed; a rule that could
/// not run is a notification. `name` gives the path from the root of the repository.
pub fn sarif(reports: &[Report], name: &Name<'_>) -> Value {
    let about: Vec<&About> = rules::abouts().collect();
    let writer = Writer { about: &about, name };
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Courant",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": about.iter().map(|about| rule(about)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": reports.iter().flat_map(|report| writer.notes(report)).collect::<Vec<_>>(),
            }],
            "results": reports.iter().flat_map(|report| writer.results(report)).collect::<Vec<_>>(),
        }],
    })
}

fn rule(about: &About) -> Value {
    let About { id, what, why, source, fix } = about;
    json!({
        "id": id,
        "shortDescription": { "text": format!("Found when {what}.") },
        "fullDescription": { "text": format!("Found when {what}. {why}") },
        "help": {
            "text": format!("{why}\nTo mend it: {fix}.\nSource: {source}."),
            "markdown": format!("{why}\n\nTo mend it: {fix}.\n\nSource: {source}."),
        },
    })
}

struct Writer<'a> {
    about: &'a [&'a About],
    name: &'a Name<'a>,
}

impl Writer<'_> {
    fn results(&self, report: &Report) -> Vec<Value> {
        let checked = &report.checked;
        let known = report.known.iter().map(|finding| {
            let mut result = self.result(finding, report);
            result["suppressions"] =
                json!([{ "kind": "external", "justification": "known from the baseline" }]);
            result
        });
        let ignored = checked.ignored.iter().map(|Ignored { finding, reason }| {
            let mut result = self.result(finding, report);
            result["suppressions"] = json!([{ "kind": "inSource", "justification": reason }]);
            result
        });
        let open = checked.findings.iter().map(|finding| self.result(finding, report));
        open.chain(ignored).chain(known).collect()
    }

    fn result(&self, finding: &Finding, report: &Report) -> Value {
        let help = finding.help.as_ref().map_or(String::new(), |help| format!("\nHelp: {help}."));
        let mut result = json!({
            "ruleId": finding.rule,
            "ruleIndex": self.index(finding.rule),
            "level": level(finding.severity),
            "message": { "text": format!("{}{help}", finding.message) },
            "locations": [{ "physicalLocation": self.location(finding.place.as_ref(), report) }],
            "partialFingerprints": { "courant/v1": Entry::of(finding, &report.file, self.name).fingerprint() },
        });
        if let Some(fix) = &finding.fix {
            result["fixes"] = json!([self.fix(fix)]);
        }
        result
    }

    fn index(&self, rule: &str) -> Value {
        let at = self.about.iter().position(|about| about.id == rule);
        at.map_or(json!(-1), |at| json!(at))
    }

    /// A finding without a place is one of the whole file.
    fn location(&self, place: Option<&Place>, report: &Report) -> Value {
        let path = place.map_or(Path::new(&report.file), |place| place.source.path());
        let mut location = Map::from_iter([self.artifact(path)]);
        if let Some(place) = place {
            location.insert("region".to_owned(), region(place));
        }
        Value::Object(location)
    }

    fn artifact(&self, path: &Path) -> (String, Value) {
        ("artifactLocation".to_owned(), json!({ "uri": uri(&(self.name)(path)) }))
    }

    fn fix(&self, fix: &Fix) -> Value {
        let (key, artifact) = self.artifact(fix.place.source.path());
        let replacement = json!({
            "deletedRegion": region(&fix.place),
            "insertedContent": { "text": fix.text },
        });
        json!({
            "description": { "text": format!("write `{}`", fix.text) },
            "artifactChanges": [{ key: artifact, "replacements": [replacement] }],
        })
    }

    fn notes(&self, report: &Report) -> Vec<Value> {
        let note = |Skipped { rule, why }: &Skipped| {
            let mut note = json!({
                "level": "note",
                "message": { "text": format!("{}: {rule} skipped: {why}", report.file) },
            });
            if let Some(at) = self.index(rule).as_u64() {
                note["associatedRule"] = json!({ "id": rule, "index": at });
            }
            note
        };
        report.checked.skipped.iter().map(note).collect()
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// Lines and columns from 1; the end column is the one after the last character.
fn region(place: &Place) -> Value {
    let (start, end) = (place.position(), place.end());
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A relative path as a URI: everything but RFC 3986's unreserved characters and `/` in percent signs.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(one).collect()
}
