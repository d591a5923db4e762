//! `check` for machines, what it lets pass, what it knows already, and what it mends.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::program::Run;
use crate::harness::reference::faults_of_sarif;
use crate::harness::scratch::Scratch;

/// A control character, which can be mended, a missing preheader, and a mark without a partner.
const ISSUE: &str = "---\ntitle: Hello\n---\n\nRead this.\u{7}\n\nA letter of **some length.\n";

fn scratch() -> Scratch {
    Scratch::weekly().issue("001-hello", ISSUE)
}

/// The rules of what was found in the only issue, in order.
fn rules(run: &Run, list: &str) -> Vec<String> {
    let found = run.json()["issues"][0][list].clone();
    let found = found.as_array().expect("findings are a list").iter();
    found.map(|finding| finding["rule"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn sarif_keeps_to_its_schema_and_names_files_from_the_root_of_the_repository() {
    let scratch = Scratch::empty().file("README.md", "A repository\n");
    fs::create_dir(scratch.path(".git")).expect("there is room for a folder");
    scratch.write("news/courant.toml", scratch_toml());
    scratch.write("news/issues/001 hello.md", ISSUE);
    scratch.write("news/subscribers/weekly.csv", "email\nada@example.org\n");
    let run = scratch.run("-C news check 1 --offline --format sarif");
    scratch.write("log.sarif", &run.stdout);
    assert_eq!(faults_of_sarif(&[&scratch.path("log.sarif")], &scratch.path("")), [""; 0], "{run}");
    let results = run.json()["runs"][0]["results"].clone();
    let results = results.as_array().expect("results are a list");
    assert!(results.len() >= 3, "{run}");
    let uri = |result: &serde_json::Value| {
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        place.as_str().unwrap_or_default().to_owned()
    };
    assert!(results.iter().all(|result| uri(result) == "news/issues/001%20hello.md"), "{run}");
    let notes = &run.json()["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(notes.to_string().contains("link-dead skipped: --offline"), "{run}");
}

fn scratch_toml() -> String {
    Scratch::weekly().read("courant.toml")
}

#[test]
fn junit_fails_what_fails_the_check_and_passes_no_rule_that_did_not_run() {
    let scratch = scratch();
    let run = scratch.run("check 1 --offline --format junit").expect_code(0);
    assert!(!run.stdout.contains("<failure"), "{run}");
    run.prints("<skipped message=\"--offline\"").prints("mark-leftover");
    let run = scratch.run("check 1 --offline --format junit --fail-on warning").expect_code(2);
    run.prints("<failure").prints("issues/001-hello.md:7:13: warning:");
}

#[test]
fn a_remark_lets_a_finding_pass_and_its_reason_is_told() {
    let remark = "<!-- courant: ignore mark-leftover because two stars are its name -->";
    let issue = ISSUE.replace("A letter", &format!("{remark}\nA letter"));
    let scratch = Scratch::weekly().issue("001-hello", &issue);
    let run = scratch.run("check 1 --offline");
    run.prints("ignored: issues/001-hello.md:8:13").prints("because two stars are its name");
    let run = scratch.run("check 1 --offline --json");
    assert!(!rules(&run, "findings").contains(&"mark-leftover".to_owned()), "{run}");
    assert_eq!(rules(&run, "ignored"), ["mark-leftover"], "{run}");
    let letter = scratch.run("render 1 --format html").ok();
    assert!(!letter.stdout.contains("two stars are its name"), "the remark is in the letter\n{letter}");
}

#[test]
fn a_baseline_leaves_out_what_was_there_and_nothing_new() {
    let scratch = scratch();
    scratch
        .run("check 1 --offline --write-baseline known.json")
        .expect_code(0)
        .says("written to known.json as known");
    let scratch = scratch.settings("[check]\nbaseline = \"known.json\"");
    let run = scratch.run("check 1 --offline --fail-on warning").expect_code(0);
    run.prints("known from the baseline");
    scratch
        .write("issues/001-hello.md", format!("{}\nAnd ~~another one.\n", ISSUE.replace("Read", "\nRead")));
    let run = scratch.run("check 1 --offline --fail-on warning --json").expect_code(2);
    assert_eq!(rules(&run, "findings"), ["mark-leftover"], "{run}");
    scratch.write("known.json", "{}");
    scratch
        .run("check 1 --offline")
        .expect_code(1)
        .says("known.json cannot be read")
        .says("--write-baseline");
    scratch
        .run("check 1 --offline --baseline nowhere.json")
        .expect_code(1)
        .says("nowhere.json cannot be read");
}

#[test]
fn fix_writes_what_has_one_remedy_and_leaves_every_other_byte() {
    let windows = format!("\u{feff}{}", ISSUE.replace('\n', "\r\n"));
    let scratch = Scratch::weekly().issue("001-hello", &windows);
    let path = scratch.path("issues/001-hello.md");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("it is ours");
    let run = scratch.run("check 1 --offline --fix");
    run.prints("fixed: issues/001-hello.md:5:11").prints("[control-character]").prints("1 fixed");
    assert_eq!(scratch.read("issues/001-hello.md"), windows.replace('\u{7}', ""));
    let mode = fs::metadata(&path).expect("it is there").permissions().mode();
    assert_eq!((mode & 0o777, scratch.files("issues").len()), (0o640, 1));
    let again = scratch.run("check 1 --offline --fix --json");
    assert_eq!((rules(&again, "fixed"), rules(&again, "findings").len()), (vec![], 2), "{again}");
}

#[test]
fn standard_input_cannot_be_mended_and_that_is_said() {
    let run = scratch().courant(["check", "-", "--offline", "--fix"]).input(ISSUE).run().expect_code(1);
    run.says("`-` is no file that could be mended").says("leave out --fix");
}
