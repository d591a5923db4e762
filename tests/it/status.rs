//! `status` can say at any moment what happened to every letter, and why.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::harness::mixed::mixed;
use crate::harness::program::Program;
use crate::harness::scratch::Scratch;

fn sum(counts: &Value) -> u64 {
    counts.as_object().expect("an object").values().filter_map(Value::as_u64).sum()
}

#[test]
fn before_anything_was_sent_it_says_so() {
    let scratch = Scratch::weekly();
    scratch.run("status").ok().prints("Nothing was sent yet.");
    assert_eq!(scratch.run("status --json").ok().json(), serde_json::json!([]));
    scratch.run("subscribers sync").ok();
    scratch.run("status 1").expect_code(1).says("001-hello was not sent yet").says("courant plan 001-hello");
}

#[test]
fn the_counts_are_exclusive_and_sum_to_the_audience() {
    let (scratch, _server) = mixed();
    let json = scratch.run("status 1 --json").ok().json();
    assert_eq!((json["audience"].as_u64(), sum(&json["counts"])), (Some(3), 3), "{json}");
    for (state, number) in [("accepted", 1), ("refused", 1), ("deferred", 1), ("planned", 0)] {
        assert_eq!(json["counts"][state], number, "{json}");
    }
    for state in [
        "planned",
        "sending",
        "accepted",
        "deferred",
        "refused",
        "uncertain",
        "expired",
        "skipped",
        "stopped",
        "delivered",
        "bounced",
        "complained",
    ] {
        assert!(json["counts"][state].is_u64(), "{state} is missing\n{json}");
    }
    assert_eq!((&json["issue"], &json["realm"]), (&"001-hello".into(), &"live".into()), "{json}");
    assert!(json["edition"].is_u64() && json["events"].is_object() && json["next_due"].is_string(), "{json}");
}

#[test]
fn a_person_reads_how_far_it_is_who_was_refused_and_what_to_type() {
    let (scratch, _server) = mixed();
    let run = scratch.run("status 1").ok();
    run.prints("1 of 3 have it").prints("1 deferred  (the next is due ").prints("1 refused");
    run.prints("bob@example.org  550 5.1.1 <bob@example.org>: no such user").prints("next: `courant ");
    scratch.run("status").ok().prints("001-hello").prints("live").prints("deferred");
}

#[test]
fn why_tells_every_attempt_with_what_the_server_said() {
    let (scratch, _server) = mixed();
    let bob = scratch.run("status 1 --why BOB@example.org").ok();
    bob.prints("chosen from `weekly`")
        .prints("attempt 1")
        .prints("550 5.1.1 <bob@example.org>: no such user");
    let eve = scratch.run("status 1 --why eve@example.org --json").ok().json();
    let attempt = &eve["deliveries"][0]["attempts"][0];
    assert_eq!((&attempt["code"], &attempt["outcome"]), (&450.into(), &"deferred".into()), "{eve}");
    assert_eq!(attempt["enhanced"], "4.2.0", "{eve}");
}

#[test]
fn why_tells_those_without_a_letter_what_kept_it_from_them() {
    let scratch = Scratch::weekly();
    scratch.run("subscribers suppress bob@example.org --reason complained").ok();
    scratch.run("send 1 --yes --offline").ok();
    let why = |address: &str| scratch.run(&format!("status 1 --why {address}")).ok();
    why("bob@example.org").prints("has no letter").prints("suppressed since").prints("complained");
    why("zoe@example.org").prints("never on any list");
    scratch.write(
        "subscribers/weekly.csv",
        "email\nada@example.org\nbob@example.org\neve@example.org\nzoe@example.org\n",
    );
    scratch.run("subscribers sync").ok();
    why("zoe@example.org").prints("joined after").prints("courant send 001-hello --also-new");
    scratch.run("status 1 --why zoe").expect_code(1).says("@");
}

#[test]
fn a_rehearsal_and_a_live_send_stand_side_by_side() {
    let (scratch, _server) = mixed();
    scratch.run("send 1 --yes --offline --transport outbox:outbox").ok();
    let all = scratch.run("status --json").ok().json();
    let realms: Vec<&str> =
        all.as_array().expect("a list").iter().filter_map(|edition| edition["realm"].as_str()).collect();
    assert!(realms.len() == 2 && realms.contains(&"live") && realms.contains(&"rehearsal"), "{all}");
    scratch.run("status 1").ok().prints("live, by ");
    scratch.run("status 1 --rehearsal").ok().prints("rehearsal, by ");
}

#[test]
fn a_watch_tells_how_it_goes_and_ends_when_the_issue_is_stopped() {
    let (scratch, _server) = mixed();
    let told = scratch.path("told.txt");
    let line = format!("exec {} status 1 --watch > told.txt", env!("CARGO_BIN_EXE_courant"));
    let watch = Program::new(Path::new("/bin/sh"), &scratch.path("")).args(["-c", &line]).start();
    while !std::fs::read_to_string(&told).unwrap_or_default().contains('\n') {
        std::thread::sleep(Duration::from_millis(20));
    }
    scratch.run("stop 1").ok();
    watch.finish().ok();
    let text = scratch.read("told.txt");
    assert!(text.starts_with("001-hello: 1 of 3 have it, 1 deferred, 1 refused; looking\n"), "{text}");
    assert!(text.contains("stopped by `courant stop`") && !text.contains('\x1b'), "{text}");
}

#[test]
fn a_watch_of_what_is_done_ends_at_once_with_the_whole_status() {
    let scratch = Scratch::weekly();
    scratch.run("send 1 --yes --offline").ok();
    assert_eq!(scratch.run("status 1 --watch").ok().stdout, scratch.run("status 1").ok().stdout);
    scratch.run("status --watch").ok().prints("001-hello");
    let on_terminal = scratch.courant(["status", "1", "--watch"]).on_terminal().run().ok();
    on_terminal.prints("3 of 3 have it");
}
