//! Letters that no answer came for: a real server's log and reports settle them, or a person does.

use std::io::Write as _;
use std::thread::sleep;
use std::time::{Duration, Instant};

use courant::model::attempt::Phase;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::harness::mail::{Received, count_by_message_id, for_recipient};
use crate::harness::postfix::{Postfix, nothing_at};
use crate::harness::program::Run;
use crate::harness::proxy::{Break, Proxy};
use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::{Act, Script};

const BOB: &str = "bob@example.org";

/// A weekly whose way out is the transport `relay` at this URL, one letter after the other, bob's among them.
fn weekly_to(url: &str) -> Scratch {
    let transport = format!("[transports.relay]\nurl = \"{url}\"\nconnections = 1");
    Scratch::weekly()
        .settings("transport = \"relay\"")
        .settings("[send]\nwait = \"0 s\"")
        .settings(&transport)
}

/// A weekly that was sent through a wire that breaks at bob's letter.
fn sent_over_a_broken_wire(postfix: &Postfix, what: Break) -> Scratch {
    let proxy = Proxy::to(postfix.port(), BOB, what);
    let scratch = weekly_to(&proxy.url());
    let run = scratch.run("send 1 --yes --offline").expect_code(4);
    run.prints("uncertain: 1").prints(BOB).prints("courant reconcile 001-hello");
    scratch.write("courant.toml", scratch.read("courant.toml").replace(&proxy.url(), &postfix.url()));
    scratch
}

fn state_of(scratch: &Scratch, address: &str) -> String {
    let story = scratch.run(&format!("status 1 --why {address} --json")).ok().json();
    story["deliveries"][0]["state"].as_str().expect("a delivery has a state").to_owned()
}

/// Waits until the log says this.
fn log_with(postfix: &Postfix, text: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let log = postfix.log();
        if log.contains(text) {
            return log;
        }
        assert!(Instant::now() < deadline, "the log never says `{text}`\n{log}");
        sleep(Duration::from_millis(50));
    }
}

/// The log as it is after some minutes, of a server that ran for a while.
fn long(log: &str) -> String {
    nothing_at(-5) + log + &nothing_at(5)
}

fn sent_to(log: &str, address: &str) -> usize {
    log.lines()
        .filter(|line| line.contains(&format!("to=<{address}>")) && line.contains("status=sent"))
        .count()
}

#[test]
fn the_log_of_the_server_that_has_the_letter_settles_it_and_nobody_gets_it_twice() {
    let postfix = Postfix::start(&[]);
    let scratch = sent_over_a_broken_wire(&postfix, Break::AfterTheBody);
    let asked = scratch.run("reconcile 1").expect_code(4);
    asked
        .prints("1 letter is uncertain")
        .prints(BOB)
        .prints("Message-ID: <")
        .prints("--log")
        .prints("by relay");
    scratch.write("mail.log", log_with(&postfix, "to=<bob@example.org>"));
    let dry = scratch.run("reconcile 1 --log mail.log --dry-run").expect_code(4);
    dry.prints("would be settled").prints("accepted (postfix log mail.log:");
    assert_eq!(state_of(&scratch, BOB), "uncertain");
    let run = scratch.run("reconcile 1 --log mail.log").ok();
    run.prints("001-hello: 1 of 1 uncertain letter settled")
        .prints("bob@example.org  accepted (postfix log mail.log:");
    assert_eq!(state_of(&scratch, BOB), "accepted");
    scratch
        .run("status 1 --why bob@example.org")
        .ok()
        .prints("was settled")
        .prints("mail.log:")
        .prints("uncertain");
    scratch.run("reconcile 1").ok().prints("No letter is uncertain");
    scratch.run("send 1 --yes --offline").ok().prints("complete");
    let messages = postfix.wait_for_messages(3);
    assert_eq!((messages.len(), count_by_message_id(&messages).len()), (3, 3));
}

#[test]
fn a_letter_that_no_line_of_a_whole_log_knows_is_sent_again_after_a_yes() {
    let postfix = Postfix::start(&[]);
    let scratch = sent_over_a_broken_wire(&postfix, Break::BeforeTheBody);
    log_with(&postfix, "to=<ada@example.org>");
    let log = log_with(&postfix, "to=<eve@example.org>");
    scratch.write("short.log", &log);
    let short = scratch.run("reconcile 1 --log short.log --yes").expect_code(4);
    short.prints("not in short.log").prints("does not reach from a minute before to a minute after");
    scratch.write("mail.log", long(&log));
    let unasked = scratch.run("reconcile 1 --log mail.log").expect_code(4);
    unasked.prints("nowhere in postfix log mail.log").prints("`--yes` plans it again");
    assert_eq!(state_of(&scratch, BOB), "uncertain");
    let asks = scratch.courant(["reconcile", "1", "--log", "mail.log"]).on_terminal().input("y\n").run();
    asks.ok().prints("knows the letters before and after").prints("did not arrive, planned again");
    assert_eq!(state_of(&scratch, BOB), "planned");
    scratch.run("send 1 --yes --offline").ok().prints("3 of 3 have it");
    let messages = postfix.wait_for_messages(3);
    assert_eq!((messages.len(), count_by_message_id(&messages).len()), (3, 3));
    let why = scratch.run("status 1 --why bob@example.org").ok();
    why.prints("not arrived, nowhere in postfix log mail.log")
        .prints("attempt 2")
        .prints("now: accepted, 250");
}

#[test]
fn the_log_of_another_server_and_a_log_with_holes_prove_nothing() {
    let (postfix, other) = (Postfix::start(&[]), Postfix::start(&[]));
    let scratch = sent_over_a_broken_wire(&postfix, Break::BeforeTheBody);
    log_with(&postfix, "to=<ada@example.org>");
    let log = log_with(&postfix, "to=<eve@example.org>");
    scratch.write("other.log", long(&other.log()));
    let run = scratch.run("reconcile 1 --log other.log --yes").expect_code(4);
    run.prints("it may be another server's");
    let lost = "Nov 29 12:00:00 postfix rsyslogd: imuxsock: 9 messages lost due to rate-limiting\n";
    scratch.write("holes.log", long(&(log.clone() + lost)));
    scratch.run("reconcile 1 --log holes.log --yes").expect_code(4).prints("lines of that log were dropped");
    let without_ada: String =
        log.lines().filter(|line| !line.contains("cleanup")).map(|line| line.to_owned() + "\n").collect();
    let ada = log.lines().find(|line| line.contains("message-id=")).expect("one arrived").to_owned();
    scratch.write("half.log", long(&(without_ada + &ada + "\n")));
    scratch.run("reconcile 1 --log half.log --yes").expect_code(4).prints("there is another log");
    assert_eq!(state_of(&scratch, BOB), "uncertain");
}

/// A relay that takes everybody's letter, and bob's server, which does not know him.
fn bounces_bob() -> (Postfix, Server) {
    let unknown = Act::reply("550 5.1.1 nobody of that name");
    let his = Server::start(Script::default().always(Phase::Recipient, BOB, unknown));
    let way = format!("transport_maps = inline:{{{{{BOB} = smtp:[127.0.0.1]:{}}}}}", his.port());
    (Postfix::start(&[&way]), his)
}

#[test]
fn a_bounce_in_the_log_is_kept_with_what_was_said() {
    let (postfix, _his) = bounces_bob();
    let scratch = sent_over_a_broken_wire(&postfix, Break::AfterTheBody);
    let log = log_with(&postfix, "status=bounced");
    let run = scratch.courant(["reconcile", "1", "--log", "-"]).input(log).run().ok();
    run.prints("bob@example.org  bounced (postfix log standard input:").prints("nobody of that name");
    assert_eq!(state_of(&scratch, BOB), "bounced");
    let story = scratch.run("status 1 --why bob@example.org --json").ok().json();
    let event = &story["deliveries"][0]["events"][0];
    assert_eq!(
        (event["kind"].as_str(), event["enhanced"].as_str()),
        (Some("bounced"), Some("5.1.1")),
        "{event}"
    );
}

#[test]
fn the_report_that_the_server_mailed_settles_it() {
    let (postfix, _his) = bounces_bob();
    let scratch = sent_over_a_broken_wire(&postfix, Break::AfterTheBody);
    let messages = postfix.wait_for_messages(3);
    let report =
        messages.iter().find(|message| message.sender.is_empty()).expect("the report comes from nobody");
    for (message, number) in messages.iter().zip(1..) {
        scratch.write(&format!("Maildir/new/{number}"), &message.raw);
    }
    let other = messages.iter().find(|message| !message.sender.is_empty()).expect("ada has hers");
    scratch.write("ada.eml", &other.raw);
    scratch.write("report.eml", &report.raw);
    scratch.run("reconcile 1 --dsn ada.eml").expect_code(1).says("ada.eml holds no delivery report");
    let dry = scratch.run("reconcile 1 --dsn report.eml --dry-run").expect_code(4);
    dry.prints("bounced (delivery report report.eml: ");
    let run = scratch.run("reconcile --dsn Maildir").ok();
    run.prints("bob@example.org  bounced (delivery report Maildir/new/").says("1 report in 3 mails");
    assert_eq!(state_of(&scratch, BOB), "bounced");
    scratch.run("status 1 --why bob@example.org").ok().prints("nobody of that name");
}

/// A report of what became of a letter: with the header of the letter, if its Message-ID is given.
fn report(recipient: &str, action: &str, message_id: Option<&str>) -> String {
    let returned = message_id.map(|id| format!("Message-ID: <{id}>\n")).unwrap_or_default();
    format!(
        "From MAILER-DAEMON Sun Nov 29 15:07:32 2026\nFrom: MAILER-DAEMON@relay.test\nSubject: Status\nMIME-Version: \
         1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: \
         message/delivery-status\n\nReporting-MTA: dns; relay.test\n\nFinal-Recipient: rfc822; {recipient}\nAction: \
         {action}\nStatus: 4.4.1\nDiagnostic-Code: smtp; 421 4.4.1 busy\n\n--b\nContent-Type: \
         text/rfc822-headers\n\n{returned}Subject: Hello\n\n--b--\n\n"
    )
}

#[test]
fn a_report_settles_by_its_action_and_an_address_alone_settles_nothing() {
    let (_server, scratch) = silent();
    let json = scratch.run("reconcile 1 --json").expect_code(4).json();
    let letters = json["letters"].as_array().expect("letters are a list");
    let id_of = |who: &str| {
        let letter = letters.iter().find(|letter| letter["email"] == who).expect("they are there");
        letter["message_id"].as_str().expect("it is known").to_owned()
    };
    let delivered = report("forwarded@elsewhere.test", "delivered", Some(&id_of("ada@example.org")));
    let delayed = report(BOB, "delayed", Some(&id_of(BOB)));
    let nameless = report("eve@example.org", "failed", None);
    let other = report("eve@example.org", "failed", Some("another@weekly.example"));
    scratch.write("inbox.mbox", [delivered, delayed, nameless, other].concat());
    let run = scratch.run("reconcile 1 --dsn inbox.mbox").expect_code(4);
    run.says("4 reports in 4 mails").prints("delivery report inbox.mbox #3 names the address");
    run.prints("ada@example.org  delivered (delivery report inbox.mbox #1: 421 4.4.1 busy)");
    let states = ["ada@example.org", BOB, "eve@example.org"].map(|who| state_of(&scratch, who));
    assert_eq!(states, ["delivered", "accepted", "uncertain"]);
}

#[test]
fn rotated_logs_are_read_in_the_order_of_their_time() {
    let postfix = Postfix::start(&[]);
    let scratch = sent_over_a_broken_wire(&postfix, Break::AfterTheBody);
    let log = log_with(&postfix, "to=<bob@example.org>");
    let place = log.find("to=<bob@example.org>").expect("it was waited for");
    let start = log[..place].rfind('\n').expect("there are lines before") + 1;
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(long("").lines().next().expect("one").as_bytes()).expect("memory takes all");
    packed.write_all(format!("\n{}", &log[..start]).as_bytes()).expect("memory takes all");
    scratch.write("mail.log.1.gz", packed.finish().expect("memory takes all"));
    scratch.write("mail.log", &log[start..]);
    let run = scratch.run("reconcile 1 --log mail.log mail.log.1.gz").ok();
    run.prints("accepted (postfix log mail.log:1: ").says("Read mail.log.1.gz");
}

/// A server that keeps everybody's letter and answers none of them.
fn silent() -> (Server, Scratch) {
    let server = Server::start(["ada", "bob", "eve"].iter().fold(Script::default(), |script, name| {
        script.once(Phase::Answer, format!("{name}@example.org").as_str(), Act::KeepAndCut)
    }));
    let scratch = weekly_to(&server.url());
    scratch.run("send 1 --yes --offline").expect_code(4).prints("uncertain: 3");
    (server, scratch)
}

#[test]
fn a_person_is_asked_for_each_letter_on_a_terminal() {
    let (server, scratch) = silent();
    let order: Vec<String> = addresses(&scratch.run("reconcile 1 --json").expect_code(4));
    let run = scratch.courant(["reconcile", "1"]).on_terminal().input("y\nn\n\n").run().expect_code(4);
    run.prints("did it arrive?").prints("2 of 3 uncertain letters settled");
    let states: Vec<String> = order.iter().map(|address| state_of(&scratch, address)).collect();
    assert_eq!(states, ["accepted", "planned", "uncertain"]);
    let before = server.received().len();
    scratch.run("send 1 --yes --offline").expect_code(4).prints("2 of 3 have it").prints("courant reconcile");
    let received = server.received();
    assert_eq!(received.len(), before + 1);
    let both = for_recipient(&received, &order[1]);
    let same = |header: &str| both[0].header(header) == both[1].header(header);
    assert!(same("Message-ID") && same("Date"), "it is the same letter");
}

fn addresses(run: &Run) -> Vec<String> {
    let json = run.json();
    let letters = json["letters"].as_array().expect("letters are a list");
    letters.iter().map(|letter| letter["email"].as_str().expect("each has one").to_owned()).collect()
}

#[test]
fn a_persons_word_settles_letters_by_name_and_the_rest() {
    let (_server, scratch) = silent();
    let line = "reconcile 1 --arrived ada@example.org --rest not-arrived";
    scratch.run(line).expect_code(1).says("no terminal to ask").says("--yes");
    assert_eq!(state_of(&scratch, "ada@example.org"), "uncertain");
    let no = scratch.courant(line.split(' ')).on_terminal().input("n\nn\n").run().expect_code(4);
    no.prints("Count 1 letter (ada@example.org) as arrived?").prints("you said no");
    let run = scratch.run(&format!("{line} --yes")).ok();
    run.prints("ada@example.org  accepted (by hand)").prints("courant send 001-hello");
    assert_eq!(state_of(&scratch, "ada@example.org"), "accepted");
    assert_eq!(state_of(&scratch, BOB), "planned");
    scratch.run("send 1 --yes --offline").ok().prints("3 of 3 have it");
}

#[test]
fn what_is_no_source_and_who_is_no_doubt_changes_nothing() {
    let (_server, scratch) = silent();
    scratch.write("notes.txt", "buy milk\n");
    scratch.write("empty.log", "");
    scratch.write("mail.log", nothing_at(0));
    for (line, says) in [
        ("reconcile 1 --log nowhere.log", "nowhere.log cannot be read"),
        ("reconcile 1 --log notes.txt", "notes.txt is no log of Postfix"),
        ("reconcile 1 --log empty.log", "it is empty"),
        ("reconcile 1 --log mail.log --log-zone Mars/Olympus", "write a time zone"),
        ("reconcile 1 --dsn nowhere", "nowhere cannot be read"),
        ("reconcile 1 --dsn notes.txt", "notes.txt holds no delivery report"),
        (
            "reconcile 1 --arrived zoe@example.org --yes",
            "zoe@example.org has no uncertain letter of 001-hello",
        ),
        ("reconcile 1 --arrived nobody", "there is no `@`"),
        (
            "reconcile 1 --arrived ada@example.org --not-arrived ADA@example.org --yes",
            "is named with --arrived and",
        ),
        ("reconcile --arrived ada@example.org", "ISSUE"),
        ("reconcile 2", "2"),
    ] {
        let run = scratch.run(line).expect_code(1);
        run.says(says);
        assert!(run.stderr.lines().filter(|line| line.starts_with("error")).count() == 1, "{run}");
    }
    assert_eq!(addresses(&scratch.run("reconcile --json").expect_code(4)).len(), 3);
    let never = Scratch::weekly().settings("[transports.relay]\nurl = \"smtp://127.0.0.1:9\"");
    never.run("reconcile 1").expect_code(1).says("001-hello was not sent yet");
    never.run("reconcile").ok().prints("No letter is uncertain");
    never.run("send 1 --yes --offline --transport outbox:out").ok();
    never.run("reconcile 1").expect_code(1).says("was not sent yet");
}

/// A server that takes bob's letter and leaves him waiting.
fn hangs_at_bob() -> Server {
    Server::start(Script::default().always(Phase::Answer, BOB, Act::Hang))
}

#[test]
fn during_a_send_it_says_who_sends_and_after_a_crash_it_names_what_was_on_the_wire() {
    let server = hangs_at_bob();
    let scratch = weekly_to(&server.url());
    let mut running = scratch.courant(["send", "1", "--yes", "--offline"]).start();
    let deadline = Instant::now() + Duration::from_secs(30);
    let is_at_bob = || server.commands().iter().any(|(_, line)| line.contains(BOB));
    while !is_at_bob() {
        assert!(Instant::now() < deadline && !running.is_over(), "bob's letter never left");
        sleep(Duration::from_millis(5));
    }
    sleep(Duration::from_millis(300));
    scratch.run("reconcile 1").expect_code(5).says("courant send 1").says("holds the lock");
    running.kill();
    scratch.run("reconcile 1 --dry-run").expect_code(4).prints(BOB);
    assert_eq!(state_of(&scratch, BOB), "sending", "a dry run writes nothing");
    let run = scratch.run("reconcile 1 --not-arrived bob@example.org --yes").ok();
    run.prints("bob@example.org  did not arrive, planned again (by hand)");
    assert_eq!(state_of(&scratch, BOB), "planned");
}

#[test]
fn a_wire_that_is_half_dead_leaves_one_uncertain_letter() {
    let postfix = Postfix::start(&[]);
    let proxy = Proxy::to(postfix.port(), BOB, Break::HalfOpen);
    let scratch = weekly_to(&proxy.url()).settings("[transports.relay.timeouts]\nanswer = \"1 s\"");
    scratch.run("send 1 --yes --offline").expect_code(4).prints("uncertain: 1").prints("2 of 3 have it");
    let log = log_with(&postfix, "to=<bob@example.org>");
    assert_eq!(sent_to(&log, BOB), 1);
    scratch.write("mail.log", log);
    scratch.run("reconcile 1 --log mail.log").ok();
    let messages: Vec<Received> = postfix.wait_for_messages(3);
    assert_eq!(count_by_message_id(&messages).len(), 3);
}

#[test]
fn what_may_have_arrived_by_one_transport_is_not_sent_again_by_another() {
    let (first, scratch) = silent();
    let second = Server::start(Script::default());
    let elsewhere = format!("send 1 --yes --on-uncertain resend --transport {}", second.url());
    let run = scratch.run(&elsewhere).expect_code(4);
    run.prints("3 letters are uncertain and may have arrived by relay").prints("courant reconcile 001-hello");
    assert_eq!(second.received(), []);
    scratch.run("send 1 --yes --on-uncertain resend").ok().prints("3 of 3 have it");
    assert_eq!(first.received().len(), 6);
    assert_eq!(count_by_message_id(&first.received()).len(), 3, "the same letters");
}

#[test]
fn the_list_of_what_is_uncertain_has_all_that_a_script_needs() {
    let (_server, scratch) = silent();
    let json = scratch.run("reconcile 1 --arrived bob@example.org --yes --json").expect_code(4).json();
    assert_eq!((&json["settled"], &json["uncertain"]), (&Value::from(1), &Value::from(2)), "{json}");
    let letters = json["letters"].as_array().expect("letters are a list");
    let bob = letters.iter().find(|letter| letter["email"] == BOB).expect("bob is there");
    assert_eq!(bob["settled"]["as"], "accepted");
    assert!(bob["message_id"].as_str().expect("it is known").ends_with("@weekly.example"), "{bob}");
    let ada = letters.iter().find(|letter| letter["email"] == "ada@example.org").expect("ada is there");
    assert_eq!(ada["settled"], Value::Null);
}
