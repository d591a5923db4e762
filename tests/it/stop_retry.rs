//! A stop holds until a person says otherwise; a retry goes on with what was put off.

use courant::model::attempt::Phase;

use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::{Act, Script};
use crate::harness::sink::SmtpSink;

/// A live workspace in which one of three letters has gone.
fn begun(sink: &SmtpSink) -> Scratch {
    let scratch = Scratch::weekly().file(".env", format!("SMTP_URL={}\n", sink.url()));
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    scratch
}

#[test]
fn a_stop_holds_against_run_and_retry_until_a_send_by_hand() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink);
    scratch.run("stop 1").ok().prints("001-hello (live) is stopped; 2 letters are left");
    scratch.run("run");
    scratch.run("retry 1").expect_code(1).says("is stopped since").says("courant send 001-hello");
    assert_eq!(sink.messages().len(), 1);
    let status = scratch.run("status 1 --json").ok().json();
    assert_eq!(status["state"], "stopped", "{status}");
    assert!(status["stopped_since"].is_string(), "{status}");
    scratch.run("send 1").expect_code(1).says("--yes");
    assert_eq!(sink.messages().len(), 1);
    scratch.run("send 1 --yes").ok();
    assert_eq!(sink.messages().len(), 3);
}

#[test]
fn a_final_stop_gives_up_what_is_left_and_no_send_revives_it() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink);
    scratch.run("stop 1 --final").expect_code(1).says("2 letters of 001-hello (live) would never be sent");
    scratch.run("stop 1 --final --yes").ok().prints("2 letters will not be sent");
    let status = scratch.run("status 1 --json").ok().json();
    assert_eq!(
        (&status["counts"]["stopped"], &status["counts"]["accepted"]),
        (&2.into(), &1.into()),
        "{status}"
    );
    scratch.run("send 1 --yes").ok();
    assert_eq!(sink.messages().len(), 1);
}

#[test]
fn a_stop_without_a_name_stops_all_that_is_begun_and_says_so_in_json() {
    let sink = SmtpSink::start(&[]);
    let scratch = begun(&sink);
    let stopped = scratch.run("stop --json").ok().json();
    assert_eq!(
        (&stopped[0]["issue"], &stopped[0]["state"]),
        (&"001-hello".into(), &"stopped".into()),
        "{stopped}"
    );
}

#[test]
fn there_is_nothing_to_stop_or_retry_where_nothing_is_left() {
    let scratch = Scratch::weekly();
    scratch.run("stop").expect_code(1).says("nothing is left to send");
    scratch.run("send 1 --yes --offline").ok();
    scratch.run("stop 1").expect_code(1).says("001-hello has nothing left to send");
    scratch.run("retry").expect_code(1).says("there is nothing to try again");
}

#[test]
fn a_retry_sends_at_once_what_was_put_off_and_nobody_twice() {
    let script = Script::default()
        .once(Phase::Recipient, "eve@example.org", Act::reply("450 4.2.0 greylisted"))
        .always(Phase::Recipient, "bob@example.org", Act::reply("550 5.1.1 no such user"));
    let server = Server::start(script);
    let scratch = Scratch::weekly()
        .file(".env", format!("SMTP_URL={}\n", server.url()))
        .settings("[send]\nwait = \"0 s\"");
    scratch.run("send 1 --yes --offline").expect_code(75);
    assert_eq!(server.received().len(), 1);
    let run = scratch.run("retry 1").expect_code(3);
    run.says("1 letter tried again now");
    let status = scratch.run("status 1 --json").ok().json();
    assert_eq!(
        (&status["counts"]["accepted"], &status["counts"]["refused"]),
        (&2.into(), &1.into()),
        "{status}"
    );
    assert_eq!(server.received().len(), 2);
    scratch.run("retry 1 --refused").expect_code(3).says("1 letter tried again now");
    assert_eq!(server.received().len(), 2);
}

#[test]
fn run_has_nothing_to_say_about_a_stopped_rehearsal_into_an_outbox_that_nobody_named() {
    let scratch = Scratch::weekly();
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    scratch.run("run").expect_code(1).says("no transport is named");
    scratch.run("stop 1").ok();
    let run = scratch.run("run").ok();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn what_was_given_up_says_so_and_is_no_longer_called_stopped_for_now() {
    let scratch = Scratch::weekly();
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    scratch.run("stop 1").ok();
    scratch.run("status 1").ok().prints("stopped by `courant stop` since");
    scratch.run("stop 1 --final --yes").ok();
    let status = scratch.run("status 1").ok();
    assert!(!status.stdout.contains("stopped by"), "{status}");
    let why = |who: &str| scratch.run(&format!("status 1 --why {who}@example.org")).ok().stdout;
    let all = ["ada", "bob", "eve"].map(why).concat();
    assert_eq!(all.matches("now: stopped, given up by hand 2").count(), 2, "{all}");
}
