//! Servers that fail in the ways they do, and a program that is cut off: what is said then, and that going on
//! ends with nobody lost and nobody twice.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::{Duration, Instant};

use courant::model::attempt::Phase;
use serde_json::Value;

use crate::harness::mail::{Received, count_by_message_id, for_recipient};
use crate::harness::program::{Run, Running};
use crate::harness::scratch::{Scratch, weekly_to};
use crate::harness::server::Server;
use crate::harness::server::script::{Act, Script, Who};
use crate::harness::sink::SmtpSink;
use crate::harness::tools::free_port;

pub const EVERYBODY: [&str; 3] = ["ada@example.org", "bob@example.org", "eve@example.org"];

/// Who is where, without the states in which nobody is.
pub fn states(scratch: &Scratch) -> BTreeMap<String, u64> {
    let status = scratch.run("status 1 --json").json();
    let counts = status["counts"].as_object().expect("the counts are an object");
    let number = |count: &Value| count.as_u64().expect("a count is a number");
    let all: BTreeMap<String, u64> =
        counts.iter().map(|(name, count)| (name.clone(), number(count))).collect();
    assert_eq!(all.values().sum::<u64>(), status["audience"], "the counts sum to the audience: {status}");
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// Everybody is in one state.
pub fn all_are(state: &str) -> BTreeMap<String, u64> {
    BTreeMap::from([(state.to_owned(), EVERYBODY.len() as u64)])
}

/// Who has a letter.
pub fn reached(messages: &[Received]) -> BTreeSet<&str> {
    messages.iter().flat_map(|message| message.recipients.iter().map(String::as_str)).collect()
}

/// Sends to a sink with a fault, says where everybody is then, and goes on by a sink without one.
pub fn broken_then_mended(flags: &[&str], code: i32, state: &str, resume: &str) -> (SmtpSink, SmtpSink, Run) {
    let (faulty, mended) = (SmtpSink::start(flags), SmtpSink::start(&[]));
    let scratch = weekly_to(&faulty.url());
    let run = scratch.run("send 1 --yes --offline").expect_code(code);
    assert_eq!(states(&scratch), all_are(state), "{flags:?}: {run}");
    run.prints("Next: ");
    let resume = format!("{resume} --transport {}", mended.url());
    scratch.run(&resume).ok().prints("3 of 3 have it");
    assert_eq!(states(&scratch), all_are("accepted"), "{flags:?}");
    scratch.run("send 1 --yes").ok().prints("complete");
    let messages = mended.messages();
    assert_eq!(reached(&messages), BTreeSet::from(EVERYBODY), "{flags:?}");
    assert_eq!(messages.len(), EVERYBODY.len(), "{flags:?}: nobody twice");
    (faulty, mended, run)
}

#[test]
fn a_server_that_puts_everybody_off_gets_everybodys_letter_later() {
    for flags in [["-r", "RCPT"], ["-r", "."], ["-Q", "."], ["-Q", "RCPT"]] {
        let (_, _, run) = broken_then_mended(&flags, 75, "deferred", "retry 1");
        run.prints("the next try is due").prints("deferred: 3");
    }
}

#[test]
fn a_server_that_does_not_take_us_stops_the_run_and_marks_nobody() {
    for flags in [["-Q", "MAIL"], ["-Q", "EHLO"], ["-r", "MAIL"], ["-f", "MAIL"], ["-q", "CONNECT"]] {
        let (_, _, run) = broken_then_mended(&flags, 4, "planned", "send 1 --yes --offline");
        run.prints("Nobody was marked for it");
    }
}

#[test]
fn a_server_that_hangs_up_before_the_body_is_tried_a_few_times_and_then_later() {
    let (_, _, run) = broken_then_mended(&["-q", "DATA"], 75, "deferred", "retry 1");
    run.prints("deferred: 3");
}

#[test]
fn a_server_that_takes_everything_and_never_answers_leaves_everybody_named_and_nobody_twice() {
    let faulty = SmtpSink::start(&["-q", "."]);
    let scratch = weekly_to(&faulty.url());
    let run = scratch.run("send 1 --yes --offline").expect_code(4);
    assert_eq!(states(&scratch), all_are("uncertain"), "{run}");
    for address in EVERYBODY {
        run.prints(address);
    }
    run.prints("courant reconcile 001-hello");
    let other = SmtpSink::start(&[]);
    for policy in ["hold", "resend"] {
        let line = format!("send 1 --yes --on-uncertain {policy} --transport {}", other.url());
        scratch.run(&line).expect_code(4).prints("may have arrived by smtp://");
        assert_eq!(other.messages(), [], "{policy}");
        assert_eq!(states(&scratch), all_are("uncertain"), "{policy}");
    }
    assert_eq!(count_by_message_id(&faulty.messages()).len(), 3);
    assert_eq!(faulty.messages().len(), 3, "held letters are not sent again");
}

#[test]
fn what_is_sent_again_where_it_went_is_the_same_letter() {
    let silent = EVERYBODY
        .iter()
        .fold(Script::default(), |script, who| script.once(Phase::Answer, *who, Act::KeepAndCut));
    let server = Server::start(silent);
    let scratch = weekly_to(&server.url());
    scratch.run("send 1 --yes --offline").expect_code(4);
    scratch.run("send 1 --yes --on-uncertain resend").ok().prints("3 of 3 have it");
    let received = server.received();
    assert_eq!((received.len(), count_by_message_id(&received).len()), (6, 3));
    for address in EVERYBODY {
        let both = for_recipient(&received, address);
        assert_eq!(both[0].header("Date"), both[1].header("Date"), "of the first try");
    }
}

/// Waits until the server has everybody's letter on the wire that it will never answer.
fn on_the_wire(server: &Server, running: &mut Running) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while server.received().len() < EVERYBODY.len() - 1 {
        assert!(Instant::now() < deadline && !running.is_over(), "the letters did not come");
        sleep(Duration::from_millis(5));
    }
    // The last one has left when the others are answered and a little time has passed.
    sleep(Duration::from_millis(300));
}

/// A server that answers everybody but bob, whom it leaves waiting.
fn silent_about_bob() -> Server {
    Server::start(Script::default().always(Phase::Answer, "bob@example.org", Act::Hang))
}

#[test]
fn a_second_ctrl_c_drops_what_is_on_the_wire_and_does_not_say_it_was_finished() {
    let server = silent_about_bob();
    let scratch = weekly_to(&server.url());
    let mut running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    on_the_wire(&server, &mut running);
    running.signal("INT");
    sleep(Duration::from_millis(300));
    assert!(!running.is_over(), "the first one waits for the answer");
    running.signal("INT");
    let run = running.finish().expect_code(4);
    assert!(!run.stdout.contains("was finished"), "{run}");
    run.prints("sending: 1").prints("not known").prints("courant send 001-hello");
    let run = scratch.run("send 1 --yes").expect_code(4);
    run.prints("uncertain: 1").prints("bob@example.org");
    assert_eq!(reached(&server.received()).len(), server.received().len());
}

#[test]
fn cron_names_the_letters_that_a_crash_left_on_the_wire() {
    let server = silent_about_bob();
    let scratch = weekly_to(&server.url());
    let mut running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    on_the_wire(&server, &mut running);
    running.kill();
    let run = scratch.run("run").expect_code(4);
    run.prints("uncertain: 1").prints("bob@example.org");
    let again = scratch.run("run").ok();
    assert_eq!((again.stdout.as_str(), again.stderr.as_str()), ("", ""), "and only once");
    assert_eq!(states(&scratch), BTreeMap::from([("accepted".to_owned(), 2), ("uncertain".to_owned(), 1)]));
}

#[test]
fn a_second_process_hears_who_sends_and_cron_keeps_still() {
    let server = silent_about_bob();
    let scratch = weekly_to(&server.url());
    let mut running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    on_the_wire(&server, &mut running);
    let second = scratch.run("send 1 --yes").expect_code(5);
    second.says(&format!("process {}", running.id())).says("courant send 1").says("holds the lock");
    scratch.run("retry 1").expect_code(5);
    let cron = scratch.run("run").ok();
    assert_eq!((cron.stdout.as_str(), cron.stderr.as_str()), ("", ""));
    running.kill();
}

#[test]
fn a_server_that_never_says_goodbye_costs_time_and_nothing_else() {
    let script = Script::default()
        .once(Phase::Recipient, Who::Nth(1), Act::reply("451 4.7.1 greylisted"))
        .once(Phase::Recipient, Who::Nth(2), Act::reply("451 4.7.1 greylisted"));
    let server = Server::start(script);
    let scratch = Scratch::weekly()
        .file(".env", format!("SMTP_URL={}\n", server.url()))
        .settings("[send]\nwait = \"20 s\"\nretry_after = [\"500 ms\"]");
    scratch.run("send 1 --yes --offline").ok().prints("3 of 3 have it");
    assert_eq!(reached(&server.received()).len(), 3);
}

#[test]
fn cron_says_once_that_the_server_is_down_and_goes_on_when_it_is_back() {
    let port = free_port();
    let scratch = weekly_to(&format!("smtp://127.0.0.1:{port}"));
    scratch.run("send 1 --yes --offline").expect_code(4);
    scratch.run("run").expect_code(4).prints("could not be reached");
    let again = scratch.run("run").expect_code(4);
    assert_eq!((again.stdout.as_str(), again.stderr.as_str()), ("", ""));
    let server = Server::start_at(port, Script::default());
    scratch.run("run").ok().prints("3 of 3 have it");
    assert_eq!(reached(&server.received()), BTreeSet::from(EVERYBODY));
}

fn scheduled(title: &str) -> String {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(5);
    format!(
        "---\ntitle: {title}\nsend_at: {at}\n---\n\n# {title}\n\nDear {{{{ name | default(\"you\") }}}}, \
         here is {title}.\n"
    )
}

#[test]
fn a_signal_ends_cron_and_not_only_the_issue_that_it_is_at() {
    let slow = Act::Wait(Duration::from_millis(1500));
    let server = Server::start(Script::default().always(Phase::Answer, Who::Nth(1), slow));
    let scratch =
        weekly_to(&server.url()).issue("002-two", &scheduled("Two")).issue("003-three", &scheduled("Three"));
    let mut running = scratch.courant(["run"]).start();
    let deadline = Instant::now() + Duration::from_secs(30);
    while server.connections() == 0 {
        assert!(Instant::now() < deadline && !running.is_over(), "nothing was sent");
        sleep(Duration::from_millis(5));
    }
    sleep(Duration::from_millis(300));
    running.signal("TERM");
    running.finish().expect_code(75);
    let of = |title: &str| {
        let subject = |message: &&Received| message.header("Subject").as_deref() == Some(title);
        server.received().iter().filter(subject).count()
    };
    assert!(of("Two") == 0 || of("Three") == 0, "the next issue was begun");
    scratch.run("run").ok();
    assert_eq!((of("Two"), of("Three")), (3, 3));
}
