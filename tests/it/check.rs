//! `check` says everything that is wrong, where it is, and what to do, before anybody has the letter.

use serde_json::Value;

use crate::harness::program::Run;
use crate::harness::scratch::Scratch;
use crate::harness::web::Web;

#[test]
fn a_wrong_key_of_yaml_front_matter_is_shown_with_caret_and_what_was_meant() {
    let scratch = Scratch::weekly().issue("001-hello", "---\ntitle: Hello\npreheadr: Hi\n---\n\nHi\n");
    let run = scratch.run("check 1 --offline").expect_code(2);
    run.prints("--> issues/001-hello.md:3:1").prints("3 | preheadr: Hi\n  | ^^^^^^^^");
    run.prints("did you mean `preheader`?");
}

#[test]
fn a_wrong_value_of_toml_front_matter_is_shown_with_caret() {
    let scratch =
        Scratch::weekly().issue("001-hello", "+++\ntitle = \"Hello\"\ndraft = \"yes\"\n+++\n\nHi\n");
    let run = scratch.run("check 1 --offline").expect_code(2);
    run.prints("--> issues/001-hello.md:3:9").prints("3 | draft = \"yes\"\n  |         ^^^^^");
}

#[test]
fn an_unknown_field_says_how_many_subscribers_it_would_hit() {
    let scratch = Scratch::weekly().issue("001-hello", "# Hi\n\nDear {{ nmae }}, {{ name }}\n");
    let run = scratch.run("check 1 --offline").expect_code(2);
    run.prints("issues/001-hello.md:3:6").prints("all 3 subscribers").prints("did you mean `name`?");
    run.prints("1 of 3 subscribers");
    assert!(!run.stdout.contains("eve@example.org"), "a whole address is shown\n{run}");
}

/// How the pages of the tests answer.
fn pages(request: &str) -> Option<String> {
    let head = match request {
        "HEAD /get-only" => "405 Method Not Allowed",
        "HEAD /moved" | "GET /moved" => "301 Moved Permanently\r\nLocation: /fine",
        "HEAD /gone" | "GET /gone" => "404 Not Found",
        "HEAD /walled" | "GET /walled" => "403 Forbidden",
        "HEAD /busy" | "GET /busy" => "429 Too Many Requests",
        "HEAD /slow" | "GET /slow" => return None,
        _ => "200 OK",
    };
    Some(head.to_owned())
}

/// A workspace whose issue links to this path, and what `check` finds about it, rule by rule.
fn visited(path: &str) -> (Web, Run, Vec<(String, String)>) {
    let web = Web::start(pages);
    let issue = format!(
        "---\ntitle: Hello\npreheader: The first letter of the weekly\n---\n\nRead [the report of May]({}) today.\n",
        web.url(path)
    );
    let scratch = Scratch::weekly().issue("001-hello", &issue).settings(
        "[links]\nallow_private = true\ntimeout = \"1 s\"\nretries = 0\nskip = [\"https://weekly.example\"]",
    );
    let run = scratch.run("check 1 --json");
    let found = run.json()["issues"][0]["findings"].clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = found.as_array().expect("findings are a list").iter();
    let links = found.filter(|finding| text(&finding["rule"]).starts_with("link-"));
    let links = links.map(|finding| (text(&finding["rule"]), text(&finding["severity"]))).collect();
    (web, run, links)
}

fn one(rule: &str, severity: &str) -> Vec<(String, String)> {
    vec![(rule.to_owned(), severity.to_owned())]
}

#[test]
fn a_link_that_leads_somewhere_is_not_spoken_of() {
    let (web, run, found) = visited("/fine");
    assert_eq!(found, [], "{run}");
    assert_eq!((run.code, run.json()["issues"][0]["links"].as_u64()), (Some(0), Some(1)), "{run}");
    assert!(!web.asked().is_empty());
}

#[test]
fn a_dead_link_is_an_error_at_its_place() {
    let (_web, run, found) = visited("/gone");
    assert_eq!(found, one("link-dead", "error"), "{run}");
    let finding = &run.json()["issues"][0]["findings"][0];
    assert_eq!(run.code, Some(2));
    assert_eq!((finding["line"].as_u64(), finding["column"].as_u64()), (Some(6), Some(6)), "{run}");
    assert!(finding["message"].as_str().is_some_and(|message| message.contains("404")), "{run}");
}

#[test]
fn a_server_that_refuses_head_is_asked_with_get() {
    let (web, run, found) = visited("/get-only");
    assert_eq!(found, [], "{run}");
    assert!(web.asked().iter().any(|request| request == "GET /get-only"), "{:?}", web.asked());
}

#[test]
fn a_moved_page_is_named_with_its_new_address_and_fails_nothing() {
    let (_web, run, found) = visited("/moved");
    assert_eq!(found.iter().map(|(rule, _)| rule.as_str()).collect::<Vec<_>>(), ["link-redirect"], "{run}");
    assert_eq!(run.code, Some(0), "{run}");
    assert!(run.stdout.contains("/fine"), "{run}");
}

#[test]
fn what_only_keeps_robots_out_is_never_called_dead() {
    for path in ["/walled", "/busy"] {
        let (_web, run, found) = visited(path);
        assert!(found.iter().all(|(rule, severity)| rule != "link-dead" && severity != "error"), "{run}");
        assert_eq!(run.code, Some(0), "{run}");
    }
}

#[test]
fn a_page_that_does_not_answer_in_time_is_slow() {
    let (_web, run, found) = visited("/slow");
    assert_eq!(found, one("link-slow", "warning"), "{run}");
}

#[test]
fn offline_no_link_is_visited_and_that_is_said() {
    let web = Web::start(pages);
    let issue = format!("# Hi\n\nRead [the report of May]({}) today.\n", web.url("/gone"));
    let scratch = Scratch::weekly().issue("001-hello", &issue).settings("[links]\nallow_private = true");
    scratch.run("check 1 --offline").ok().prints("links skipped: --offline");
    assert_eq!(web.asked(), Vec::<String>::new());
}

#[test]
fn the_lists_are_read_from_their_files_and_no_ledger_is_made() {
    let scratch = Scratch::weekly();
    let run = scratch.run("check 1 --offline").ok();
    run.prints("3 subscribers merged").prints("duplicate-issue skipped: there is no ledger");
    assert_eq!(scratch.files(".courant"), Vec::<String>::new());
}

#[test]
fn findings_come_file_by_file_from_the_top_and_by_the_paths_of_the_workspace() {
    let scratch = Scratch::weekly()
        .issue("001-hello", "---\ntitle: Hello\n---\n\nDear {{ nmae }}\n")
        .list("weekly", "email,name\nada@example.org,Ada\nnot one,\nneither,\nbob@example.org,Bob\n");
    let json = scratch.run("check 1 --offline --json").expect_code(2).json();
    let found = json["issues"][0]["findings"].as_array().expect("findings are a list").clone();
    let places: Vec<String> = found
        .iter()
        .filter(|finding| finding["rule"] == "merge-unknown" || finding["rule"] == "subscriber-row")
        .map(|finding| format!("{}:{}", finding["file"].as_str().unwrap_or_default(), finding["line"]))
        .collect();
    assert_eq!(places, ["issues/001-hello.md:5", "subscribers/weekly.csv:3", "subscribers/weekly.csv:4"]);
}

#[test]
fn the_exit_code_follows_fail_on() {
    let scratch = Scratch::weekly().issue("001-hello", "---\ntitle: Hello\n---\n\nHi ![](cat.png)\n");
    let worst = scratch.run("check 1 --offline --fail-on never").ok();
    assert!(worst.stdout.contains("error") || worst.stdout.contains("warning"), "{worst}");
    scratch.run("check 1 --offline --fail-on warning").expect_code(2);
}

#[test]
fn without_a_name_every_unsent_issue_is_checked() {
    let scratch = Scratch::weekly().issue("002-more", "# More\n\nHi\n");
    let names = |run: &Run| -> Vec<String> {
        let issues = run.json()["issues"].as_array().expect("a list").clone();
        issues.iter().map(|issue| issue["issue"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names(&scratch.run("check --offline --json").ok()), ["001-hello", "002-more"]);
    let empty = Scratch::empty().file("courant.toml", "name = \"N\"\n");
    empty.run("check").expect_code(1).says("courant new");
}

#[test]
fn a_rule_is_explained_and_a_mistyped_one_is_corrected() {
    let scratch = Scratch::weekly();
    scratch.run("check --explain link-dead").ok().prints("Why:").prints("Fix:");
    scratch.run("check --explain all").ok().prints("merge-unknown");
    scratch.run("check --explain lnk-dead").expect_code(1).says("did you mean `link-dead`?");
}

#[test]
fn a_lone_file_outside_any_workspace_can_be_checked() {
    let scratch = Scratch::empty().file("lone.md", "# Hello\n\nA letter of its own.\n");
    let run = scratch.run("check lone.md --offline");
    assert!(run.code == Some(0), "{run}");
    scratch.courant(["check", "-", "--offline"]).input("# Hello\n\nHi\n").run().ok();
}

#[test]
fn with_v_each_step_is_told_without_addresses() {
    let scratch = Scratch::weekly();
    let run = scratch.run("-v check 1 --offline").ok();
    run.says("- workspace ").says("- transport outbox (rehearsal)").says("- rendering 001-hello");
    run.says("- merged for 3 subscribers");
    assert!(!run.stderr.contains("@example.org"), "{run}");
    let quiet = scratch.run("-q check 1 --offline").ok();
    assert_eq!(quiet.stderr, "");
}
