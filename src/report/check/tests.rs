//! One value, four readers.

use std::path::Path;

use super::*;
use crate::check::ignore::Ignored;
use crate::check::{Skipped, rules};
use crate::model::source::Source;

fn report() -> Report {
    let source = Source::new("issues/a b.md", "Dear {{ nmae }},\nthe the cat.\n");
    let dead = Finding::error("merge-unknown", "`nmae` is not a field").at(source.at(8..12));
    let twice =
        Finding::warning("link-http", "not encrypted").at(source.at(17..24)).fix(source.at(17..24), "the");
    let ignored = Ignored { finding: Finding::warning("from-free", "free"), reason: "we are small".into() };
    Report {
        issue: Some(IssueId("a b".into())),
        file: "issues/a b.md".into(),
        checked: Checked {
            findings: vec![dead, twice.help("write it once")],
            ignored: vec![ignored],
            skipped: vec![Skipped { rule: "link-dead", why: "offline".into() }],
        },
        known: vec![Finding::info("link-slow", "slow")],
        fixed: vec![],
        members: Some(3),
        visited: 0,
        verdicts: vec![],
    }
}

#[test]
fn a_person_sees_what_was_let_pass_and_what_is_known() {
    let said = human::human(&[report()], false);
    assert!(said.contains("ignored: free [from-free], because we are small\n"), "{said}");
    assert!(said.contains("links skipped: offline\n"), "{said}");
    assert!(
        said.ends_with(
            "issues/a b.md: 1 error, 1 warning, 1 ignored, 1 known from the baseline (3 subscribers merged)\n"
        ),
        "{said}"
    );
}

#[test]
fn a_ci_server_sees_each_rule_pass_fail_or_be_skipped() {
    let xml = junit::junit(&[report()], Some(Severity::Error));
    let case = |rule: &str| {
        let from = xml.find(&format!("name=\"{rule}\"")).expect("every rule has its case");
        xml[from..].split("<testcase").next().unwrap().to_owned()
    };
    assert!(case("merge-unknown").contains("<failure"), "{xml}");
    assert!(case("link-dead").contains("<skipped message=\"offline\""), "{xml}");
    let warned = case("link-http");
    assert!(!warned.contains("<failure") && warned.contains("help: write it once"), "{warned}");
    assert!(junit::junit(&[report()], Some(Severity::Warning)).matches("<failure").count() == 2);
    assert_eq!(xml.matches("<testcase").count(), rules::abouts().count());
}

#[test]
fn a_code_host_sees_places_changes_and_what_is_suppressed() {
    let name = |path: &Path| format!("news/{}", path.display());
    let log = sarif::sarif(&[report()], &name);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "news/issues/a%20b.md");
    assert_eq!(
        (&location["region"]["startColumn"], &location["region"]["endColumn"]),
        (&9.into(), &13.into())
    );
    let change = &results[1]["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(
        (&change["deletedRegion"]["startLine"], &change["insertedContent"]["text"]),
        (&2.into(), &"the".into())
    );
    assert_eq!(results[2]["suppressions"][0]["justification"], "we are small");
    assert_eq!(results[3]["suppressions"][0]["kind"], "external");
    let rule = results[0]["ruleIndex"].as_u64().unwrap() as usize;
    assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][rule]["id"], "merge-unknown");
}

#[test]
fn an_issue_that_cannot_be_read_passes_no_rule() {
    let broken = Checked { findings: vec![Finding::error("issue-broken", "no")], ..Checked::default() };
    let xml = junit::junit(&[Report { checked: broken, ..report() }], Some(Severity::Error));
    assert_eq!(xml.matches("<skipped").count(), rules::abouts().count() - 1);
}
