//! Findings as a person reads them, and as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::problem;
use crate::check::{About, Skipped};
use crate::model::finding::{Finding, Fix, Severity};

/// Each with its excerpt and its rule, then a line of counts; empty if there is nothing to say.
pub fn human(findings: &[Finding], colour: bool) -> String {
    let mut out = String::new();
    for finding in findings {
        let message = format!("{} [{}]", finding.message, finding.rule);
        let help = finding.help.as_deref();
        out += &problem::excerpt(finding.severity, &message, finding.place.as_ref(), help, colour);
        out.push('\n');
    }
    if !findings.is_empty() {
        out += &counts(findings);
        out.push('\n');
    }
    out
}

/// `2 errors, 1 warning, 1 note`; `no findings` for none.
pub fn counts(findings: &[Finding]) -> String {
    let words = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")];
    let count = |(severity, word): (Severity, &str)| {
        let count = findings.iter().filter(|finding| finding.severity == severity).count();
        let s = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} {word}{s}"))
    };
    let counted: Vec<String> = words.into_iter().filter_map(count).collect();
    if counted.is_empty() { "no findings".to_owned() } else { counted.join(", ") }
}

/// One line for each reason, such as `links skipped: offline`; what was skipped is never silent.
pub fn skipped(skipped: &[Skipped]) -> String {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for skip in skipped {
        by_reason.entry(&skip.why).or_default().push(skip.rule);
    }
    let line = |(why, rules): (&&str, &Vec<&str>)| match rules.iter().all(|rule| is_of_links(rule)) {
        true => format!("links skipped: {why}\n"),
        false => format!("{} skipped: {why}\n", rules.join(", ")),
    };
    by_reason.iter().map(line).collect()
}

/// Whether a rule needs links, or images, to be visited.
fn is_of_links(rule: &str) -> bool {
    rule.starts_with("link") || matches!(rule, "img-404" | "img-slow" | "img-weight")
}

/// Stable: `[{"rule", "severity", "message", "file", "line", "column", "end_line", "end_column", "help", "fix"}]`.
/// Lines and columns count from 1, columns in characters, and the end is the first character after it; what a
/// finding has not is `null`.
pub fn json(findings: &[Finding]) -> Value {
    findings.iter().map(one).collect()
}

/// One of [`json`].
pub fn one(finding: &Finding) -> Value {
    let position = finding.place.as_ref().map(|place| place.position());
    let end = finding.place.as_ref().map(|place| place.end());
    json!({
        "rule": finding.rule,
        "severity": finding.severity.name(),
        "message": finding.message,
        "file": finding.place.as_ref().map(|place| place.source.path().display().to_string()),
        "line": position.map(|position| position.line),
        "column": position.map(|position| position.column),
        "end_line": end.map(|end| end.line),
        "end_column": end.map(|end| end.column),
        "help": finding.help,
        "fix": finding.fix.as_deref().map(fix),
    })
}

/// What `--fix` would write, and in place of what.
fn fix(Fix { place, text }: &Fix) -> Value {
    let (start, end) = (place.position(), place.end());
    json!({
        "file": place.source.path().display().to_string(),
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "text": text,
    })
}

/// Stable: `[{"rule", "reason"}]`.
pub fn skipped_json(skipped: &[Skipped]) -> Value {
    skipped.iter().map(|skip| json!({ "rule": skip.rule, "reason": skip.why })).collect()
}

/// Stable: `{"error", "warning", "info"}`, each a number.
pub fn counts_json(findings: &[Finding]) -> Value {
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    json!({ "error": of(Severity::Error), "warning": of(Severity::Warning), "info": of(Severity::Info) })
}

/// What `--explain` says of a rule.
pub fn explain(about: &About) -> String {
    let About { id, what, why, source, fix } = about;
    format!("{id}: {what}\n\nWhy:    {why}\nSource: {source}\nFix:    {fix}\n\n{}", override_words(id))
}

/// Stable: `[{"rule", "what", "why", "source", "fix"}]`.
pub fn abouts_json(abouts: &[&About]) -> Value {
    let one = |about: &&About| {
        let About { id, what, why, source, fix } = about;
        json!({ "rule": id, "what": what, "why": why, "source": source, "fix": fix })
    };
    abouts.iter().map(one).collect()
}

fn override_words(id: &str) -> String {
    format!(
        "To weigh it otherwise, write this into courant.toml (error, warning, info or off):\n\n[check.rules]\n{id} = \"warning\"\n"
    )
}

/// One line for each rule.
pub fn list<'a>(abouts: impl Iterator<Item = &'a About>) -> String {
    abouts.map(|about| format!("{:<18} {}\n", about.id, about.what)).collect()
}

/// The page of the documentation that lists the rules.
pub fn page<'a>(abouts: impl Iterator<Item = &'a About>) -> String {
    let mut page = String::from(
        "# Rules of `courant check`\n\n\
         Generated from the rules themselves: after a change, run `UPDATE_DOCS=1 cargo test --lib rules_page` and commit\n\
         what it writes. Rules of deliverability are errors for a live transport and warnings in a rehearsal.\n\
         `[check.rules]` in `courant.toml` weighs a rule otherwise: `error`, `warning`, `info` or `off`.\n",
    );
    for About { id, what, why, source, fix } in abouts {
        page +=
            &format!("\n## {id}\n\nFound when {what}.\n\n- Why: {why}\n- Source: {source}\n- Fix: {fix}\n");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules;
    use crate::model::source::Source;

    fn findings() -> Vec<Finding> {
        let source = Source::new("issues/012.md", "Hi\nDear {{ first_nmae }},\n");
        vec![
            Finding::error("merge-unknown", "`first_nmae` is not a field")
                .at(source.at(11..21))
                .help("did you mean `first_name`?"),
            Finding::warning("preheader-missing", "there is no preheader"),
        ]
    }

    #[test]
    fn a_person_reads_place_rule_help_and_counts() {
        insta::assert_snapshot!(human(&findings(), false), @r"
        error: `first_nmae` is not a field [merge-unknown]
         --> issues/012.md:2:9
          |
        2 | Dear {{ first_nmae }},
          |         ^^^^^^^^^^
          |
        help: did you mean `first_name`?

        warning: there is no preheader [preheader-missing]

        1 error, 1 warning
        ");
    }

    #[test]
    fn json_keeps_its_keys() {
        insta::assert_snapshot!(json(&findings()[..1]).to_string(), @r#"[{"column":9,"end_column":19,"end_line":2,"file":"issues/012.md","fix":null,"help":"did you mean `first_name`?","line":2,"message":"`first_nmae` is not a field","rule":"merge-unknown","severity":"error"}]"#);
        insta::assert_snapshot!(counts_json(&findings()).to_string(), @r#"{"error":1,"info":0,"warning":1}"#);
    }

    #[test]
    fn what_was_skipped_is_told_once_for_each_reason() {
        let skip = |rule, why: &str| Skipped { rule, why: why.to_owned() };
        let told = [
            skip("link-dead", "offline"),
            skip("duplicate-issue", "there is no ledger"),
            skip("link-slow", "offline"),
        ];
        assert_eq!(skipped(&told), "links skipped: offline\nduplicate-issue skipped: there is no ledger\n");
    }

    #[test]
    fn the_rules_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md");
        let page = page(rules::abouts());
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == page, "docs/rules.md is stale: run `UPDATE_DOCS=1 cargo test --lib rules_page`");
    }
}
