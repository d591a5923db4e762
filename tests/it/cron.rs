//! `courant run`: what cron may rely on.

use std::time::Duration;

use courant::model::attempt::Phase;
use jiff::{SignedDuration, Timestamp};

use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::{Act, Script};
use crate::harness::sink::SmtpSink;

fn due(minutes_ago: i64) -> String {
    let at = Timestamp::now() - SignedDuration::from_mins(minutes_ago);
    format!(
        "---\ntitle: Scheduled\nsend_at: {at}\n---\n\n# Scheduled\n\nDear {{{{ name | default(\"you\") }}}}, on time.\n"
    )
}

fn weekly_to(url: &str, minutes_ago: i64) -> Scratch {
    Scratch::weekly().issue("002-scheduled", &due(minutes_ago)).file(".env", format!("SMTP_URL={url}\n"))
}

#[test]
fn nothing_to_do_is_nothing_to_say() {
    let run = Scratch::weekly().run("run").ok();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn an_issue_whose_time_has_come_goes_out_once() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url(), 5);
    scratch.run("run").ok().prints("3 of 3");
    let again = scratch.run("run").ok();
    assert_eq!((again.stdout.as_str(), again.stderr.as_str()), ("", ""));
    assert_eq!(sink.messages().len(), 3);
}

#[test]
fn an_issue_of_tomorrow_and_a_draft_wait() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url(), -60 * 24);
    scratch.write("issues/003-draft.md", due(5).replace("title: Scheduled", "title: Scheduled\ndraft: true"));
    let run = scratch.run("run").ok();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    assert_eq!(sink.messages(), []);
}

#[test]
fn an_issue_that_is_too_late_is_held_and_told_once() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url(), 60 * 5);
    let first = scratch.run("run");
    first.says("002-scheduled was due").says("courant send 002-scheduled");
    let second = scratch.run("run").ok();
    assert_eq!(second.stderr, "");
    assert_eq!(sink.messages(), []);
}

#[test]
fn a_lost_env_marks_nobody_as_reached() {
    let scratch = Scratch::weekly().issue("002-scheduled", &due(5));
    scratch.run("run").expect_code(1).says("no transport is named");
    assert_eq!(scratch.files("outbox/new").len(), 0);
}

#[test]
fn it_needs_no_current_folder_and_no_path() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url(), 5);
    let root = scratch.path("");
    let elsewhere = tempfile::tempdir().unwrap();
    scratch.courant(["-C", root.to_str().unwrap(), "run"]).folder(elsewhere.path()).run().ok();
    assert_eq!(sink.messages().len(), 3);
}

#[test]
fn a_broken_issue_is_held_told_once_and_does_not_hold_the_others() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url(), 5);
    scratch
        .write("issues/003-broken.md", due(5).replace("name |", "nmae |").replace(" | default(\"you\")", ""));
    let first = scratch.run("run");
    first.says("003-broken").prints("3 of 3");
    let second = scratch.run("run");
    assert_eq!(second.stderr, "");
    assert_eq!(sink.messages().len(), 3);
}

#[test]
fn letters_that_a_dead_run_left_on_the_wire_are_named_once() {
    let server = Server::start(Script::default().once(Phase::Answer, "bob@example.org", Act::Hang));
    let scratch = Scratch::weekly().file(".env", format!("SMTP_URL={}\n", server.url()));
    let running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    let accepted = || scratch.run("status 1 --json").stdout.contains("\"accepted\":2");
    while !accepted() {
        std::thread::sleep(Duration::from_millis(20));
    }
    running.kill();
    scratch.run("run").expect_code(4).prints("uncertain: 1").prints("bob@example.org");
    let second = scratch.run("run").ok();
    assert_eq!((second.stdout.as_str(), second.stderr.as_str()), ("", ""));
}
