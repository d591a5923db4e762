//! As CI servers read it: JUnit's XML, one suite for each issue and one case for each rule.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::Report;
use crate::check::rules;
use crate::model::finding::{Finding, Severity};

/// The XML. A rule fails by the findings from the severity `from` on; lesser ones stand in its output. A rule that could
/// not run is skipped, and so is every rule of an issue that cannot be read.
pub fn junit(reports: &[Report], from: Option<Severity>) -> String {
    let mut junit = Junit::new("courant check");
    junit.add_test_suites(reports.iter().map(|report| suite(report, from)));
    junit.to_string().expect("what is written to memory cannot fail")
}

fn suite(report: &Report, from: Option<Severity>) -> TestSuite {
    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.checked.findings {
        by_rule.entry(finding.rule).or_default().push(finding);
    }
    let mut suite = TestSuite::new(report.file.as_str());
    for about in rules::abouts() {
        let found = by_rule.get(about.id).map_or(&[][..], Vec::as_slice);
        let mut case = TestCase::new(about.id, status(report, about.id, found, from));
        case.set_classname(report.file.as_str());
        let told: Vec<String> = found.iter().map(|finding| line(finding)).collect();
        if !told.is_empty() {
            case.set_system_out(told.join("\n"));
        }
        suite.add_test_case(case);
    }
    suite
}

fn status(report: &Report, rule: &str, found: &[&Finding], from: Option<Severity>) -> TestCaseStatus {
    let failing: Vec<&&Finding> =
        found.iter().filter(|finding| from.is_some_and(|from| finding.severity >= from)).collect();
    if let Some(first) = failing.first() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let told: Vec<String> = failing.iter().map(|finding| line(finding)).collect();
        status.set_message(first.message.as_str()).set_type(first.severity.name());
        status.set_description(told.join("\n"));
        return status;
    }
    match why_not(report, rule, found) {
        None => TestCaseStatus::success(),
        Some(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why);
            status
        }
    }
}

/// Why nothing can be said of the rule.
fn why_not(report: &Report, rule: &str, found: &[&Finding]) -> Option<String> {
    let is_broken = report.checked.findings.iter().any(|finding| finding.rule == "issue-broken");
    let skip = report.checked.skipped.iter().find(|skip| skip.rule == rule);
    match skip {
        Some(skip) => Some(skip.why.clone()),
        None if is_broken && found.is_empty() => Some("the issue cannot be read".to_owned()),
        None => None,
    }
}

/// `issues/012.md:2:9: warning: …; help: …`.
fn line(finding: &Finding) -> String {
    let place = finding.place.as_ref().map_or(String::new(), |place| format!("{place}: "));
    let help = finding.help.as_ref().map_or(String::new(), |help| format!("; help: {help}"));
    format!("{place}{}: {}{help}", finding.severity.name(), finding.message)
}
