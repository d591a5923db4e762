//! `plan` says who gets it, who does not and why, and the sums agree.

use crate::harness::scratch::Scratch;

fn lists() -> Scratch {
    Scratch::weekly()
        .issue("001-hello", "---\ntitle: Hello\nlists: [weekly, extra]\nsegment: city = \"Minsk\"\n---\n\nHi\n")
        .list("weekly", "email,name,city\nada@example.org,Ada,Minsk\nbob@example.org,Bob,Minsk\neve@example.org,Eve,Brest\n")
        .list("extra", "email,name,city\nADA@example.org,Ada again,Minsk\nzoe@example.net,Zoe,Minsk\n")
}

#[test]
fn everybody_is_either_chosen_or_left_out_for_a_reason() {
    let scratch = lists();
    scratch.run("subscribers suppress bob@example.org").ok();
    let plan = scratch.run("plan 1 --json").ok().json();
    let left_out: u64 =
        plan["left_out"].as_object().expect("an object").values().filter_map(|n| n.as_u64()).sum();
    let number = |key: &str| plan[key].as_u64().expect("a number");
    assert_eq!(number("considered"), number("chosen") + left_out, "{plan}");
    assert_eq!((number("considered"), number("chosen")), (5, 2), "{plan}");
    assert_eq!(plan["not_to"].as_array().map(Vec::len), Some(3), "{plan}");
    let domains = plan["domains"].as_array().expect("a list").iter();
    assert_eq!(domains.filter_map(|domain| domain["letters"].as_u64()).sum::<u64>(), 2, "{plan}");
}

#[test]
fn a_person_reads_each_reason_with_names() {
    let scratch = lists();
    scratch.run("subscribers suppress bob@example.org").ok();
    let run = scratch.run("plan 1").ok();
    run.prints("2 subscribers of 5 on weekly, extra").prints("bob@example.org (weekly): suppressed");
    run.prints("eve@example.org (weekly):").prints("ada@example.org (extra):");
    assert_eq!(scratch.files("outbox"), Vec::<String>::new());
}

#[test]
fn a_finished_issue_is_said_to_be_and_who_joined_since_is_counted() {
    let scratch = Scratch::weekly();
    let before = scratch.run("plan 1 --json").ok().json();
    assert!(before["frozen"].is_null(), "{before}");
    scratch.run("send 1 --yes --offline").ok();
    scratch.run("plan 1").ok().prints("it is complete, and a send sends nothing");
    scratch.write(
        "subscribers/weekly.csv",
        "email,name\nada@example.org,Ada\nbob@example.org,Bob\neve@example.org,\nzoe@example.org,Z\n",
    );
    let run = scratch.run("plan 1").ok();
    run.prints("1 subscriber since").prints("courant send 001-hello --also-new");
    let after = scratch.run("plan 1 --json").ok().json();
    assert_eq!((&after["frozen"]["left"], &after["frozen"]["joined"]), (&0.into(), &1.into()), "{after}");
}

#[test]
fn an_unfinished_issue_is_said_to_go_on_with_those_frozen_then() {
    let scratch = Scratch::weekly();
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    let run = scratch.run("plan 1").ok();
    run.prints("2 of 3 letters left").prints("`courant send 001-hello` goes on with those frozen then");
}

#[test]
fn letters_that_cannot_be_made_are_counted_with_the_command_that_says_why() {
    let scratch = Scratch::weekly().issue("001-hello", "# Hi\n\nDear {{ name }}, hello.\n");
    scratch.run("plan 1").ok().prints("1 cannot be made: `courant check 001-hello` says why");
    let scratch = scratch.issue("001-hello", "# Hi\n\nDear {{ nobody }}, hello.\n");
    let run = scratch.run("plan 1").ok();
    run.prints("letter  3 cannot be made");
    assert!(!run.stdout.contains("0 bytes"), "{run}");
}

#[test]
fn with_a_pace_the_time_is_told() {
    let scratch = Scratch::weekly_for(101)
        .settings("transport = \"relay\"")
        .settings("[transports.relay]\nurl = \"smtp://127.0.0.1:9\"\nrate = \"10/s\"");
    scratch.run("plan 1").ok().prints("10 s at least").prints("relay (live)");
}

#[test]
fn a_segment_that_cannot_be_read_is_shown_in_the_issue() {
    let scratch =
        Scratch::weekly().issue("001-hello", "---\ntitle: Hello\nsegment: city == \"Minsk\"\n---\n\nHi\n");
    scratch.run("plan 1").expect_code(1).says("issues/001-hello.md:3:15").says("write `=`");
}

#[test]
fn a_dry_run_by_a_new_live_transport_needs_no_word_about_the_ledger() {
    let scratch = Scratch::weekly().file(".env", "SMTP_URL=smtps://ada:secret@mail.example:465\n");
    scratch.run("send 1 --offline --yes").expect_code(1).says("has never sent to real people");
    let dry = scratch.run("send 1 --offline --dry-run").expect_code(1);
    dry.says("the sender is an example");
    scratch.run("send 1 --offline --yes").expect_code(1).says("has never sent to real people");
}
