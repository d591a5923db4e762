//! Every fault of smtp-sink with the state in which it leaves a letter; servers that answer each subscriber otherwise;
//! a clock that jumps, a machine that sleeps, a disk that fails. In the end everybody has the letter once.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::{Duration, Instant};

use courant::model::attempt::Phase;

use crate::faults::{EVERYBODY, all_are, broken_then_mended, reached, states};
use crate::harness::aiosmtpd::Aiosmtpd;
use crate::harness::fault::{Call, Deed, EIO, ENOSPC, Fault};
use crate::harness::mail::count_by_message_id;
use crate::harness::postfix::Postfix;
use crate::harness::proxy::{Break, Proxy};
use crate::harness::scratch::{Scratch, weekly_to};
use crate::harness::server::Server;
use crate::harness::server::script::{Act, Script, Who};
use crate::harness::sink::SmtpSink;

/// A weekly over so many connections, with these lines below the transport.
fn weekly_by(url: &str, connections: usize, more: &str) -> Scratch {
    let transport = format!("[transports.relay]\nurl = \"{url}\"\nconnections = {connections}\n{more}");
    let wait = "[send]\nwait = \"0 s\"";
    Scratch::weekly().settings("transport = \"relay\"").settings(wait).settings(&transport)
}

#[test]
fn what_a_server_lacks_or_is_slow_at_costs_time_and_nothing_else() {
    for flags in [
        &["-8"][..],
        &["-e"],
        &["-E"],
        &["-N"],
        &["-p"],
        &["-a"],
        &["-c"],
        &["-f", "EHLO"],
        &["-Q", "RSET"],
        &["-q", "QUIT"],
        &["-w", "1"],
        &["-W", "DATA:1"],
        &["-W", ".:1"],
        // It mixes up pipelined commands while it delays one.
        &["-p", "-W", "RCPT:1:2"],
        &["-n", "9"],
    ] {
        let sink = SmtpSink::start(flags);
        let scratch = weekly_to(&sink.url());
        scratch.run("send 1 --yes --offline").ok().prints("3 of 3 have it");
        assert_eq!(states(&scratch), all_are("accepted"), "{flags:?}");
        let messages = sink.messages();
        assert_eq!((reached(&messages), messages.len()), (BTreeSet::from(EVERYBODY), 3), "{flags:?}");
    }
}

#[test]
fn a_server_that_refuses_everybody_marks_them_and_a_mended_one_gets_them_all() {
    for flags in [
        &["-f", "RCPT"][..],
        &["-f", "."],
        &["-A", "0"],
        &["-B", "550 5.1.1 no such user", "-f", "RCPT"],
        &["-B", "552 5.2.2 mailbox full", "-f", "RCPT"],
    ] {
        let (_, _, run) = broken_then_mended(flags, 3, "refused", "retry 1 --refused");
        run.prints("refused: 3");
    }
}

#[test]
fn a_server_that_puts_off_or_hangs_up_before_the_end_gets_everybodys_letter_later() {
    for flags in [
        &["-f", "DATA"][..],
        &["-Q", "DATA"],
        &["-q", "MAIL"],
        &["-q", "RCPT"],
        &["-b", "450 4.7.1 greylisted", "-r", "RCPT"],
        &["-B", "550 5.7.1 looks like spam", "-f", "."],
    ] {
        let (_, _, run) = broken_then_mended(flags, 75, "deferred", "retry 1");
        run.prints("the next try is due");
    }
}

#[test]
fn a_server_that_wants_nothing_from_us_marks_nobody() {
    for flags in [
        &["-Q", "CONNECT"][..],
        &["-q", "EHLO"],
        &["-e", "-f", "HELO"],
        &["-B", "552 5.3.4 message too big", "-f", "."],
    ] {
        let (_, _, run) = broken_then_mended(flags, 4, "planned", "send 1 --yes --offline");
        run.prints("Nobody was marked for it");
    }
}

#[test]
fn a_policy_refusal_puts_the_domain_off_and_suppresses_nobody() {
    let sink = SmtpSink::start(&["-B", "550 5.7.1 blocked", "-f", "RCPT"]);
    let scratch = weekly_to(&sink.url());
    scratch.run("send 1 --yes --offline").expect_code(75).prints("the next try is due");
    let after = states(&scratch);
    assert_eq!(after.get("refused"), None, "{after:?}");
    assert!(after.get("deferred").is_some_and(|deferred| *deferred > 0), "{after:?}");
    let mended = SmtpSink::start(&[]);
    scratch.run(&format!("retry 1 --transport {}", mended.url())).ok().prints("3 of 3 have it");
    assert_eq!(reached(&mended.messages()), BTreeSet::from(EVERYBODY));
}

#[test]
fn an_answer_that_comes_too_late_leaves_letters_uncertain_and_a_person_who_looked_settles_them() {
    let sink = SmtpSink::start(&["-W", ".:3"]);
    let scratch = weekly_by(&sink.url(), 3, "[transports.relay.timeouts]\nanswer = \"1 s\"");
    scratch.run("send 1 --yes --offline").expect_code(4).prints("courant reconcile 001-hello");
    assert_eq!(states(&scratch), all_are("uncertain"));
    sleep(Duration::from_secs(3));
    scratch.run("reconcile 1 --rest arrived --yes").ok();
    scratch.run("send 1 --yes --offline").ok().prints("complete: 3 of 3 have it");
    assert!(count_by_message_id(&sink.messages()).values().all(|times| *times == 1));
}

#[test]
fn a_server_that_goes_away_after_some_letters_leaves_the_others_planned() {
    let sink = SmtpSink::start(&["-M", "2"]);
    let scratch = weekly_by(&sink.url(), 1, "");
    scratch.run("send 1 --yes --offline").expect_code(4).prints("could not be reached");
    let after = states(&scratch);
    let count = |name: &str| after.get(name).copied().unwrap_or_default();
    assert!(count("uncertain") <= 1 && count("planned") >= 1, "{after:?}");
    assert_eq!(after.values().sum::<u64>(), count("accepted") + count("uncertain") + count("planned"));
    let mended = SmtpSink::start(&[]);
    let resumed = scratch.run(&format!("send 1 --yes --transport {}", mended.url()));
    assert!(matches!(resumed.code, Some(0 | 4)), "{resumed}");
    let (first, second) = (sink.messages(), mended.messages());
    assert!(reached(&first).is_disjoint(&reached(&second)), "somebody has it twice");
}

/// smtp-sink greets one client at a time then, and the others wait for their turn.
#[test]
fn a_server_that_greets_one_of_our_connections_alone_gets_all_letters() {
    let sink = SmtpSink::start(&["-m", "1"]);
    let scratch = weekly_by(&sink.url(), 2, "[transports.relay.timeouts]\ngreeting = \"1 s\"");
    let run = scratch.run("send 1 --yes --offline");
    assert!(matches!(run.code, Some(0 | 4)), "{run}");
    scratch.run("send 1 --yes --offline").ok().prints("3 of 3 have it");
    assert!(count_by_message_id(&sink.messages()).values().all(|times| *times == 1));
}

#[test]
fn another_server_answers_each_subscriber_otherwise_and_each_ends_where_they_should() {
    let server = Aiosmtpd::start(&[
        "--rcpt",
        "ada@example.org",
        "550 5.1.1 gone",
        "--rcpt",
        "bob@example.org",
        "450 4.2.1 busy",
        "--dot",
        "cyd@example.org",
        "451 4.3.0 later",
        "--dot",
        "dan@example.org",
        "550 5.2.1 mailbox disabled",
        "--rcpt",
        "eve@other.example",
        "550 5.7.1 blocked",
    ]);
    let everybody =
        ["ada@example.org", "bob@example.org", "cyd@example.org", "dan@example.org", "fay@example.org"];
    let list =
        format!("email,name\n{}\neve@other.example,\n", everybody.map(|who| format!("{who},")).join("\n"));
    let scratch = weekly_to(&server.url()).list("weekly", &list);
    let run = scratch.run("send 1 --yes --offline");
    let of = |who: &str| {
        let story = scratch.run(&format!("status 1 --why {who} --json")).ok().json();
        story["deliveries"][0]["state"].as_str().expect("a delivery has a state").to_owned()
    };
    let after: Vec<String> = everybody.iter().map(|who| of(who)).collect();
    assert_eq!(after, ["refused", "deferred", "deferred", "refused", "accepted"], "{run}");
    assert_eq!(of("eve@other.example"), "deferred", "a policy is about us: {run}");
    assert_eq!(reached(&server.messages()), BTreeSet::from(["fay@example.org"]));
}

#[test]
fn a_server_that_wants_the_body_of_a_letter_for_nobody_does_not_get_it() {
    let gone = Act::reply("550 5.1.1 gone");
    let server = Server::start(Script::default().eager().always(Phase::Recipient, "bob@example.org", gone));
    let scratch = weekly_by(&server.url(), 1, "");
    scratch.run("send 1 --yes --offline").expect_code(3).prints("2 of 3 have it").prints("refused: 1");
    assert_eq!(server.complaints(), Vec::<String>::new());
    assert_eq!(reached(&server.received()), BTreeSet::from(["ada@example.org", "eve@example.org"]));
}

#[test]
fn a_clock_that_jumps_in_the_middle_loses_nobody_and_reaches_nobody_twice() {
    for hours in [-48, 48] {
        let greylist = Act::reply("451 4.7.1 greylisted");
        let server = Server::start(Script::default().once(Phase::Recipient, Who::Nth(2), greylist));
        let scratch = Scratch::weekly()
            .file(".env", format!("SMTP_URL={}\n", server.url()))
            .settings("[send]\nwait = \"20 s\"\nretry_after = [\"500 ms\"]");
        let fault = Fault { call: Call::Send, at: 4, deed: Deed::StepClock(hours * 3600) };
        let seen = scratch.path("seen");
        let run = scratch.courant(["send", "1", "--yes", "--offline"]).fault(fault, &seen).run();
        assert!(seen.exists(), "the clock did not jump: {run}");
        // What was put off may look too old, or due in two days: then it is the next run's.
        assert!(matches!(run.code, Some(0 | 3 | 75)), "{hours}: {run}");
        if run.code != Some(0) {
            scratch.run("retry 1").ok();
        }
        assert_eq!(states(&scratch), all_are("accepted"), "{hours}: {run}");
        assert_eq!(count_by_message_id(&server.received()).len(), 3);
        assert_eq!(server.received().len(), 3, "{hours}: nobody twice");
    }
}

/// Waits until the server has so many letters.
fn until_taken(server: &Server, letters: usize) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while server.taken() < letters {
        assert!(Instant::now() < deadline, "the letters do not come");
        sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_laptop_that_sleeps_in_the_middle_and_wakes_to_dead_connections_goes_on() {
    const SUBSCRIBERS: usize = 200;
    const CONNECTIONS: usize = 3;
    let slow = Act::Wait(Duration::from_millis(5));
    let server = Server::start(Script::default().always(Phase::Answer, Who::Anyone, slow));
    let transport = format!("[transports.relay]\nurl = \"{}\"\nconnections = {CONNECTIONS}", server.url());
    let scratch = Scratch::weekly_for(SUBSCRIBERS)
        .settings("transport = \"relay\"")
        .settings("[send]\nwait = \"30 s\"\nretry_after = [\"500 ms\"]")
        .settings(&transport);
    let running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    until_taken(&server, SUBSCRIBERS / 4);
    running.signal("STOP");
    let (port, first) = (server.port(), server.received());
    // Every connection dies while it sleeps; the server is back when it wakes.
    drop(server);
    sleep(Duration::from_secs(2));
    let back = Server::start_at(port, Script::default());
    running.signal("CONT");
    let run = running.finish();
    assert!(matches!(run.code, Some(0 | 4)), "{run}");
    let status = scratch.run("status 1 --json").json();
    let count = |name: &str| status["counts"][name].as_u64().expect("a count is a number") as usize;
    assert_eq!(count("accepted") + count("uncertain"), SUBSCRIBERS, "{status}");
    assert!(count("uncertain") <= CONNECTIONS, "{status}");
    let all: Vec<_> = first.into_iter().chain(back.received()).collect();
    assert!(count_by_message_id(&all).values().all(|times| *times == 1), "nobody twice");
    assert!(reached(&all).len() >= count("accepted"), "nobody lost");
}

#[test]
fn a_line_that_is_half_open_at_a_real_server_costs_one_doubt_and_no_second_letter() {
    let postfix = Postfix::start(&[]);
    let proxy = Proxy::to(postfix.port(), "eve@example.org", Break::HalfOpen);
    let scratch = weekly_by(&proxy.url(), 1, "[transports.relay.timeouts]\nanswer = \"1 s\"");
    scratch.run("send 1 --yes --offline").expect_code(4).prints("uncertain: 1").prints("eve@example.org");
    scratch.run("send 1 --yes --offline").expect_code(4);
    let messages = postfix.wait_for_messages(3);
    assert_eq!((messages.len(), count_by_message_id(&messages).len()), (3, 3));
}

/// From the n-th call on, the ledger cannot be written or synced; once it works again, everybody has the letter once.
#[test]
fn a_disk_that_fails_in_the_middle_stops_the_send_within_the_letters_on_the_wire() {
    const SUBSCRIBERS: usize = 60;
    const CONNECTIONS: usize = 3;
    let mut in_the_middle = 0;
    for (call, at, deed) in [
        (Call::Send, 6, Deed::FailDisk(ENOSPC)),
        (Call::Send, 20, Deed::FailDisk(EIO)),
        (Call::Send, 40, Deed::FailDisk(ENOSPC)),
        (Call::Sync, 22, Deed::Fail(EIO)),
        (Call::Sync, 24, Deed::Fail(EIO)),
    ] {
        let server = Server::start(Script::default());
        let transport =
            format!("[transports.relay]\nurl = \"{}\"\nconnections = {CONNECTIONS}", server.url());
        let scratch = Scratch::weekly_for(SUBSCRIBERS).settings("transport = \"relay\"").settings(&transport);
        let fault = Fault { call, at, deed };
        let run =
            scratch.courant(["send", "1", "--yes", "--offline"]).fault(fault, &scratch.path("seen")).run();
        assert!(scratch.path("seen").exists(), "{fault:?}: {run}");
        assert_ne!(run.code, Some(0), "{fault:?}: {run}");
        run.says("error: ");
        let arrived = server.taken();
        let before: BTreeMap<String, u64> = states(&scratch);
        let accepted = before.get("accepted").copied().unwrap_or_default() as usize;
        assert!(arrived <= accepted + CONNECTIONS, "{fault:?}: {arrived} arrived, {before:?}");
        in_the_middle += usize::from(arrived > 0 && arrived < SUBSCRIBERS);
        let resumed = scratch.run("send 1 --yes --offline");
        assert!(matches!(resumed.code, Some(0 | 4)), "{fault:?}: {resumed}");
        let messages = server.received();
        assert!(count_by_message_id(&messages).values().all(|times| *times == 1), "{fault:?}: nobody twice");
        let after = states(&scratch);
        let count = |name: &str| after.get(name).copied().unwrap_or_default() as usize;
        assert_eq!(count("accepted") + count("uncertain"), SUBSCRIBERS, "{fault:?}: {after:?}");
        assert!(reached(&messages).len() >= count("accepted"), "{fault:?}: nobody lost");
    }
    assert!(in_the_middle > 1, "the faults came before the first letter or after the last");
}
