//! What `check` says where something is wrong around the text: files, filters, addresses, names of things.

use crate::harness::scratch::Scratch;

/// A weekly whose only issue has this front matter and text.
fn weekly_with(front: &str, text: &str) -> Scratch {
    Scratch::weekly().issue("001-hello", &format!("---\ntitle: Hello\n{front}---\n\n{text}\n"))
}

#[test]
fn a_file_that_is_no_text_is_named_for_people_and_for_programs() {
    let scratch = Scratch::weekly().file("issues/002-bytes.md", b"\xff\xfe");
    scratch.run("check 2 --offline").expect_code(2).prints("issues/002-bytes.md: 1 error");
    let report = scratch.run("check 2 --offline --json").expect_code(2).json();
    assert_eq!(report["issues"][0]["file"], "issues/002-bytes.md");
    assert_eq!(report["counts"]["error"], 1);
}

#[test]
fn several_issues_are_summed_up_in_the_last_line() {
    let scratch = Scratch::weekly().issue("002-broken", "---\ntitel: x\n---\n\nHi\n");
    let run = scratch.run("check --offline").expect_code(2);
    run.prints("issues/001-hello.md: ").prints("issues/002-broken.md: 1 error");
    assert!(run.stdout.lines().last().is_some_and(|line| line.starts_with("2 issues: 1 error")), "{run}");
    let one = scratch.run("check 1 --offline").ok();
    assert!(!one.stdout.contains("issues: "), "{one}");
}

#[test]
fn a_rule_explains_itself_to_people_and_to_programs() {
    let scratch = Scratch::weekly();
    scratch.run("check --explain link-dead").ok().prints("Why:").prints("[check.rules]");
    scratch.run("check --explain link-ded").expect_code(1).says("did you mean `link-dead`?");
    let one = scratch.run("check --explain link-dead --json").ok().json();
    assert_eq!((one[0]["rule"].as_str(), one.as_array().map(Vec::len)), (Some("link-dead"), Some(1)));
    let all = scratch.run("check --explain all --json").ok().json();
    assert!(all.as_array().expect("a list").iter().any(|about| about["rule"] == "merge-unknown"), "{all}");
}

#[test]
fn a_segment_that_fits_nobody_is_not_called_mistyped() {
    let scratch = weekly_with("segment: name = \"Nobody\"\n", "Hello there, this is some text.");
    let run = scratch.run("check 1 --offline");
    assert!(!run.stdout.contains("[segment]"), "{run}");
    run.prints("[audience-empty]");
    let csv = "email,name,city\nada@example.org,Ada,London\n";
    let scratch = weekly_with("segment: city = \"Minsk\"\n", "Hello there, this is some text.");
    let run = scratch.list("weekly", csv).run("check 1 --offline");
    assert!(!run.stdout.contains("[segment]"), "{run}");
}

#[test]
fn a_wrong_segment_is_shown_where_it_is_wrong_by_check_and_by_plan() {
    let scratch = weekly_with("segment: name == \"Ada\"\n", "Hello there, this is some text.");
    let check = scratch.run("check 1 --offline").expect_code(2);
    check.prints("--> issues/001-hello.md:3:15").prints("help: write `=`");
    scratch.run("plan 1").expect_code(1).says("--> issues/001-hello.md:3:15").says("help: write `=`");
    let scratch = weekly_with("segment: nmae = \"Ada\"\n", "Hello there, this is some text.");
    scratch.run("check 1 --offline").expect_code(2).prints(":3:10").prints("did you mean `name`?");
}

#[test]
fn a_slip_in_the_scheme_of_a_link_is_found() {
    let scratch =
        weekly_with("", "Read [the report](htps://reports.example/may) of [us](news.example:8080/x).");
    let run = scratch.run("check 1 --offline").expect_code(2);
    run.prints("[link-malformed]").prints("htps://reports.example/may").prints("[link-relative]");
}

#[test]
fn an_image_that_is_not_there_is_said_once() {
    let scratch = weekly_with("", "Look at this:\n\n![two boats](boats.jpg)");
    let run = scratch.run("check 1 --offline").expect_code(2);
    assert_eq!(run.stdout.matches("error: ").count(), 1, "{run}");
    run.prints("[image-local]");
}

#[test]
fn a_list_or_template_that_is_not_there_is_said_to_be_named_by_the_settings() {
    let scratch = Scratch::weekly().settings("default_lists = [\"wekly\"]");
    let run = scratch.run("check 1 --offline").expect_code(2);
    run.prints("there is no list `wekly`, which `default_lists` of courant.toml names");
    run.prints("did you mean `weekly`?");
    let scratch = Scratch::weekly().settings("template = \"lettre\"");
    let run = scratch.run("check 1 --offline").expect_code(2);
    run.prints("there is no template `lettre`, which courant.toml names").prints("did you mean `letter`?");
}

#[test]
fn links_that_are_left_alone_are_counted_by_reason() {
    let scratch = weekly_with("", "See [one](https://news.example/1) and [two](https://news.example/2).")
        .settings("[links]\nskip = [\"https://news.example\", \"https://weekly.example\"]");
    scratch.run("check 1").ok().prints("links skipped: `[links] skip` names them (2 links)");
}

#[test]
fn front_matter_that_cannot_be_parsed_comes_with_a_remedy() {
    let remedy = |front: &str, help: &str| {
        let scratch = Scratch::weekly().issue("001-hello", &format!("{front}\n\nHi\n"));
        let run = scratch.run("check 1 --offline").expect_code(2);
        run.prints("--> issues/001-hello.md:").prints(help);
    };
    remedy("---\ntitle: a\n\tx: y\n---", "help: indent with spaces");
    remedy("---\ntitle: [a\nx: y\n---", "help: close the `[`");
    remedy("---\ntitle: a\ntitle: b\n---", "help: keep one of the two");
    remedy("+++\ntitle = Hello\n+++", "help: write a text in quotes");
    remedy("+++\ntitle = \"a\"\ntitle = \"b\"\n+++", "help: it stands further up already");
}
