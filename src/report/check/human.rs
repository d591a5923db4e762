//! As a person reads it.

use super::{Report, all};
use crate::check::ignore::Ignored;
use crate::model::finding::Finding;
use crate::report::findings;
use crate::report::words::counted;

/// Every finding with its excerpt, what was let pass and what was left out, and a line of counts for each issue.
pub fn human(reports: &[Report], colour: bool) -> String {
    match reports {
        [] => "every issue was sent: there is nothing to check".to_owned(),
        reports => {
            let each = reports.iter().map(|report| one(report, colour));
            each.chain((reports.len() > 1).then(|| total(reports))).collect::<Vec<_>>().join("\n")
        }
    }
}

fn one(report: &Report, colour: bool) -> String {
    let found = &report.checked.findings;
    let mut out: String = report.fixed.iter().map(fixed).collect();
    if !found.is_empty() {
        out += &findings::human(found, colour);
        // The counts stand in the last line, with the name in front.
        out.truncate(out.len() - findings::counts(found).len() - 1);
    }
    out.extend(report.checked.ignored.iter().map(ignored));
    out += &findings::skipped(&report.checked.skipped);
    out + &format!("{}: {}{}\n", report.file, counts(report), reach(report))
}

/// `fixed: issues/012.md:4:7 the word stands there twice [doubled-word]`.
fn fixed(finding: &Finding) -> String {
    format!("fixed: {}{} [{}]\n", place(finding), finding.message, finding.rule)
}

fn ignored(Ignored { finding, reason }: &Ignored) -> String {
    format!("ignored: {}{} [{}], because {reason}\n", place(finding), finding.message, finding.rule)
}

fn place(finding: &Finding) -> String {
    finding.place.as_ref().map_or(String::new(), |place| format!("{place} "))
}

fn counts(report: &Report) -> String {
    let more = [
        (report.fixed.len(), "fixed"),
        (report.checked.ignored.len(), "ignored"),
        (report.known.len(), "known from the baseline"),
    ];
    let more = more.into_iter().filter(|(count, _)| *count > 0);
    let more: String = more.map(|(count, word)| format!(", {count} {word}")).collect();
    findings::counts(&report.checked.findings) + &more
}

/// How much was looked at.
fn reach(report: &Report) -> String {
    let members =
        report.members.map(|members| format!("{} merged", counted(members, "subscriber", "subscribers")));
    let links =
        (report.visited > 0).then(|| format!("{} visited", counted(report.visited as u64, "link", "links")));
    let parts: Vec<String> = members.into_iter().chain(links).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// `12 issues: 3 errors, 1 warning`.
fn total(reports: &[Report]) -> String {
    format!("{} issues: {}\n", reports.len(), findings::counts(&all(reports)))
}
