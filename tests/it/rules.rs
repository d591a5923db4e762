//! Every rule with an issue that it lets pass and one that it does not, through the binary.
//!
//! A new rule gets a row in the table of its theme below `rules/`. What one file of Markdown cannot show (a server
//! that answers 404, a list of a million) is proven elsewhere, and listed in [`ELSEWHERE`].

mod clients;
mod frame;
mod images;
mod links;
mod seen;
mod subjects;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::harness::scratch::Scratch;

/// One rule, an issue with what it looks for, and one like it without.
pub struct Row {
    rule: &'static str,
    severity: &'static str,
    bad: &'static str,
    good: &'static str,
    /// More lines for `courant.toml`.
    settings: &'static str,
    /// Other files of the workspace.
    files: &'static [(&'static str, &'static str)],
}

/// Issues that begin with `---` or `+++` are whole files; others get the front matter of [`FRONT`].
const fn row(rule: &'static str, severity: &'static str, bad: &'static str, good: &'static str) -> Row {
    Row { rule, severity, bad, good, settings: "", files: &[] }
}

impl Row {
    const fn settings(self, settings: &'static str) -> Row {
        Row { settings, ..self }
    }

    const fn files(self, files: &'static [(&'static str, &'static str)]) -> Row {
        Row { files, ..self }
    }
}

const TABLES: &[&[Row]] =
    &[subjects::ROWS, words::ROWS, links::ROWS, images::ROWS, frame::ROWS, clients::ROWS, seen::ROWS];

/// What is wrong with nothing.
const FRONT: &str = "---\ntitle: Boats of the harbour\npreheader: What came in with the tide this week, and what went out again\n---\n\n";

/// Rules whose issues are elsewhere, and in which file.
const ELSEWHERE: &[(&str, &str)] = &[
    ("address-missing", "src/check/tests.rs"),
    ("audience-empty", "src/check/tests/people.rs"),
    ("container", "tests/it/containers.rs"),
    ("dark-logo", "src/check/rules/dark_logo.rs"),
    ("date-past", "src/check/tests.rs"),
    ("dkim-missing", "src/check/tests.rs"),
    ("draft", "src/check/tests.rs"),
    ("duplicate-issue", "src/check/tests.rs"),
    ("field-kind", "src/check/tests/people.rs"),
    ("from-free", "src/check/tests.rs"),
    ("from-mismatch", "src/check/tests.rs"),
    ("from-missing", "src/check/tests.rs"),
    ("from-noreply", "src/check/tests.rs"),
    ("img-404", "tests/it/links.rs"),
    ("img-slow", "tests/it/links.rs"),
    ("img-weight", "tests/it/links.rs"),
    ("link-blocked", "src/check/tests.rs"),
    ("link-changed", "tests/it/links.rs"),
    ("link-dead", "src/check/tests.rs"),
    ("link-empty", "src/check/tests.rs"),
    ("link-fragment", "tests/it/links.rs"),
    ("link-http", "src/check/tests.rs"),
    ("link-localhost", "src/check/tests.rs"),
    ("link-malformed", "src/check/tests.rs"),
    ("link-placeholder", "src/check/tests.rs"),
    ("link-private", "src/check/tests.rs"),
    ("link-redirect", "src/check/tests.rs"),
    ("link-slow", "src/check/tests.rs"),
    ("header-form", "src/check/tests.rs"),
    ("header-lost", "src/check/tests.rs"),
    ("list-id", "src/check/tests.rs"),
    ("list-settings", "src/check/tests/people.rs"),
    ("reply-to", "src/check/tests.rs"),
    ("segment", "src/check/tests/people.rs"),
    ("size-clip", "src/check/tests.rs"),
    ("size-letter", "src/check/tests.rs"),
    ("stale-year", "src/check/tests/words.rs"),
    ("spam-score", "src/check/tests.rs"),
    ("subject-missing", "src/check/tests.rs"),
    ("text-short", "src/check/tests.rs"),
    ("text-missing", "src/check/tests.rs"),
    ("unsub-header", "src/check/tests.rs"),
    ("unsub-https", "src/check/tests.rs"),
    ("unsub-missing", "src/check/tests.rs"),
];

/// What `check` found in an issue: rules and severities.
type Found = BTreeSet<(String, String)>;

#[test]
fn every_rule_finds_what_it_looks_for_and_lets_pass_what_is_fine() {
    let rows: Vec<&Row> = TABLES.iter().flat_map(|table| table.iter()).collect();
    let groups: BTreeSet<_> = rows.iter().map(|row| (row.settings, row.files)).collect();
    let mut wrong = Vec::new();
    for group in groups {
        let rows: Vec<&Row> = rows.iter().copied().filter(|row| (row.settings, row.files) == group).collect();
        let found = looked_at(&rows, group.0, group.1);
        for (index, row) in rows.iter().enumerate() {
            wrong.extend(complaint(row, &found[&name(index, "bad")], &found[&name(index, "good")]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn complaint(row: &Row, bad: &Found, good: &Found) -> Option<String> {
    let Row { rule, severity, .. } = row;
    let expected = ((*rule).to_owned(), (*severity).to_owned());
    let lets_pass = || good.iter().all(|(found, _)| found != rule);
    match () {
        () if !bad.contains(&expected) => Some(format!("{rule}: no {severity} in {:?}: {bad:?}", row.bad)),
        () if !lets_pass() => Some(format!("{rule}: nothing is wrong with {:?}: {good:?}", row.good)),
        () => None,
    }
}

fn name(index: usize, kind: &str) -> String {
    format!("{index:03}-{kind}")
}

/// The issues of some rows in one workspace, and what was found in each.
fn looked_at(rows: &[&Row], settings: &str, files: &[(&str, &str)]) -> BTreeMap<String, Found> {
    let mut scratch = Scratch::weekly();
    std::fs::remove_file(scratch.path("issues/001-hello.md")).expect("the weekly has an issue");
    if !settings.is_empty() {
        scratch = scratch.settings(settings);
    }
    for (path, content) in files {
        scratch.write(path, content);
    }
    for (index, row) in rows.iter().enumerate() {
        for (kind, issue) in [("bad", row.bad), ("good", row.good)] {
            scratch.write(&format!("issues/{}.md", name(index, kind)), whole(issue));
        }
    }
    let report = scratch.run("check --offline --fail-on never --json").ok().json();
    let issues = report["issues"].as_array().expect("a list of issues");
    issues.iter().map(|issue| (stem(issue), findings(issue))).collect()
}

fn whole(issue: &str) -> String {
    let is_whole = issue.starts_with("---") || issue.starts_with("+++");
    if is_whole { issue.to_owned() } else { format!("{FRONT}{issue}\n") }
}

fn stem(issue: &Value) -> String {
    let file = Path::new(issue["file"].as_str().expect("a file"));
    file.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned()
}

fn findings(issue: &Value) -> Found {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let each = issue["findings"].as_array().expect("a list of findings").iter();
    each.map(|found| (text(&found["rule"]), text(&found["severity"]))).collect()
}

/// The rules that the binary says it has; those that have no issue of their own because they are found while an
/// issue is read are left out.
fn all_rules() -> BTreeSet<String> {
    courant::check::rules::ALL.iter().map(|rule| rule.id().to_owned()).collect()
}

#[test]
fn no_rule_is_without_an_issue_that_it_does_not_let_pass() {
    let in_tables = TABLES.iter().flat_map(|table| table.iter()).map(|row| row.rule);
    let proven: BTreeSet<&str> = in_tables.chain(ELSEWHERE.iter().map(|(rule, _)| *rule)).collect();
    let bare: Vec<String> = all_rules().into_iter().filter(|rule| !proven.contains(rule.as_str())).collect();
    assert!(
        bare.is_empty(),
        "no test shows what {} finds: give it a row in tests/it/rules/",
        bare.join(", ")
    );
}

#[test]
fn what_is_said_to_be_proven_elsewhere_is_there() {
    for (rule, file) in ELSEWHERE {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{file}: {why}"));
        assert!(text.contains(rule), "{file} says nothing of {rule}");
    }
}

#[test]
fn tables_name_rules_that_there_are() {
    let known: BTreeSet<&str> = courant::check::rules::abouts().map(|about| about.id).collect();
    for row in TABLES.iter().flat_map(|table| table.iter()) {
        assert!(known.contains(row.rule), "there is no rule {}", row.rule);
    }
}
