//! `courant sink`: what it takes, what its faults do to a send, and what it shows.

use std::io::{Read, Write};

use crate::harness::browser::cut_off;
use crate::harness::faulty::FaultySink;
use crate::harness::scratch::Scratch;
use crate::json::{documented, keys};

fn weekly() -> Scratch {
    Scratch::weekly()
        .list("weekly", "email,name\nada@a.example,Ada\nbob@b.example,Bob\neve@e.example,Eve\n")
        .settings("[send]\nwait = \"0 s\"")
}

/// What `courant send` makes of one fault: its exit code, the states that are not empty, and who got a letter.
fn sent_through(fault: &str) -> (Option<i32>, String, String) {
    let scratch = weekly();
    let sink = FaultySink::start(&scratch, &format!("[[fault]]\n{fault}"), &[]);
    let run = scratch.run(&format!("send 1 --yes --offline --transport {}", sink.url()));
    let status = scratch.run("status 1 --json").ok().json();
    let counts = status["counts"].as_object().expect("counts are an object");
    let met = counts.iter().filter(|(_, number)| **number != 0);
    let states = met.map(|(state, number)| format!("{state} {number}")).collect::<Vec<_>>().join(", ");
    let who = sink.taken().iter().map(|to| to[..3].to_owned()).collect::<Vec<_>>().join(" ");
    (run.code, states, who)
}

#[track_caller]
fn ends(fault: &str, code: i32, states: &str, who: &str) {
    let sent = sent_through(fault);
    assert_eq!(sent, (Some(code), states.to_owned(), who.to_owned()), "{fault}");
}

#[test]
fn before_anybody_is_named_a_fault_marks_nobody() {
    ends("what = \"drop\"\nat = \"connect\"", 4, "planned 3", "");
    ends("what = \"babble\"", 4, "planned 3", "");
    ends("what = \"refuse\"\nat = \"connect\"\nreply = \"554 5.7.1 go away\"", 4, "planned 3", "");
    ends("what = \"drop\"\nat = \"hello\"", 4, "planned 3", "");
    ends("what = \"refuse\"\nat = \"sender\"\nreply = \"550 5.7.1 not from you\"", 4, "planned 3", "");
}

#[test]
fn at_the_recipient_a_fault_is_about_one_of_them() {
    let at = |what: &str| format!("what = \"{what}\"\nat = \"recipient\"\nto = \"bob@*\"");
    ends(&at("defer"), 75, "accepted 2, deferred 1", "ada eve");
    ends(&at("refuse"), 3, "accepted 2, refused 1", "ada eve");
    ends(&at("bar"), 75, "accepted 2, deferred 1", "ada eve");
    ends(&at("hang-up"), 75, "accepted 2, deferred 1", "ada eve");
    ends("what = \"greylist\"\nto = \"b.example\"", 75, "accepted 2, deferred 1", "ada eve");
    ends(&at("drop"), 0, "accepted 3", "ada bob eve");
    ends(&at("split"), 0, "accepted 3", "ada bob eve");
}

#[test]
fn after_the_final_dot_silence_is_uncertain_and_an_answer_is_not() {
    let at = |what: &str| format!("what = \"{what}\"\nat = \"answer\"\nto = \"bob@*\"");
    ends(&at("drop"), 4, "accepted 2, uncertain 1", "ada bob eve");
    ends(&(at("drop") + "\nkept = false"), 4, "accepted 2, uncertain 1", "ada eve");
    ends(&at("cut"), 4, "accepted 2, uncertain 1", "ada bob eve");
    ends(&at("flood"), 4, "accepted 2, uncertain 1", "ada bob eve");
    ends(&at("babble"), 4, "accepted 2, uncertain 1", "ada eve");
    ends(&at("defer"), 75, "accepted 2, deferred 1", "ada eve");
    ends(&(at("refuse") + "\nreply = \"552 5.2.2 full\""), 3, "accepted 2, refused 1", "ada eve");
    ends(&(at("delay") + "\nby = \"300 ms\""), 0, "accepted 3", "ada bob eve");
}

#[test]
fn between_the_envelope_and_the_dot_a_letter_goes_out_again_or_is_uncertain() {
    let at = |what: &str, step: &str| format!("what = \"{what}\"\nat = \"{step}\"\nto = \"bob@*\"");
    ends(&at("drop", "data"), 0, "accepted 3", "ada bob eve");
    ends(&at("defer", "data"), 75, "accepted 2, deferred 1", "ada eve");
    ends(&at("drop", "body"), 4, "accepted 2, uncertain 1", "ada eve");
    let goes_on = "what = \"refuse\"\nto = \"bob@*\"\n[[fault]]\nwhat = \"go-on\"";
    ends(goes_on, 3, "accepted 2, refused 1", "ada eve");
}

#[test]
fn what_cannot_be_meant_is_one_sentence_with_its_line() {
    let scratch = Scratch::empty()
        .file("share.toml", "[[fault]]\nwhat = \"defer\"\nshare = 2.0\n")
        .file("key.toml", "[[fault]]\nwhat = \"defer\"\nshrae = 0.5\n")
        .file("delay.toml", "[[fault]]\nwhat = \"delay\"\nat = \"data\"\nby = \"-1 s\"\n");
    for (profile, message, place) in [
        ("share.toml", "`share` must be a number from 0 to 1, not 2.0", "share.toml:3:9"),
        ("key.toml", "`shrae` is not a key of the fault `defer`", "key.toml:3:1"),
        ("delay.toml", "`-1 s` is no length of time", "delay.toml:4:6"),
        ("absent.toml", "the profile absent.toml cannot be read", ""),
        ("flakey", "there is no profile `flakey`", "did you mean `flaky`?"),
    ] {
        let run = scratch.run(&format!("sink --faults {profile}")).expect_code(1);
        run.says(message).says(place).says("help: ");
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn it_listens_on_this_machine_alone() {
    let scratch = Scratch::empty();
    for address in ["0.0.0.0:2525", "[::]:2525", "192.0.2.1:25"] {
        let run = scratch.run(&format!("sink --listen {address}")).expect_code(1);
        run.says("is not on this machine alone").says("help: write 127.0.0.1:25");
        scratch.run(&format!("sink --listen 0 --page {address}")).expect_code(1).says("not on this machine");
    }
    scratch.run("sink --listen mail.example:25").expect_code(1).says("is no address to listen on");
    let sink = FaultySink::start(&scratch, "", &[]);
    let port = sink.connect().peer_addr().expect("it is connected").port();
    scratch.run(&format!("sink --listen {port}")).expect_code(1).says("cannot be listened on").says("port 0");
}

#[test]
fn a_letter_is_kept_as_it_was_sent_and_the_sink_ends_after_it() {
    let scratch = weekly();
    let sink = FaultySink::start(&scratch, "", &["--keep", "letters", "--once", "--json"]);
    let url = sink.url();
    scratch.run(&format!("send 1 --yes --offline --only ada@a.example --limit 1 --transport {url}"));
    let run = sink.finish();
    assert_eq!(run.ok().json()["stats"]["letters"], 1);
    let letter = scratch.read("letters/000001.eml");
    assert!(
        letter.starts_with("Return-Path: <wendy@weekly.example>\r\nDelivered-To: ada@a.example\r\n"),
        "{letter}"
    );
    assert!(letter.contains("\r\nSubject: Hello\r\n") && letter.ends_with("--\r\n"), "{letter}");
}

#[test]
fn a_dialogue_in_one_write_is_answered_in_step() {
    let scratch = Scratch::empty();
    let sink = FaultySink::start(&scratch, "", &[]);
    let mut stream = sink.connect();
    let letter =
        "MAIL FROM:<us@x.example>\r\nRCPT TO:<ada@a.example>\r\nDATA\r\nSubject: .\r\n\r\n..\r\n.\r\n";
    let wire = format!("EHLO me\r\n{letter}{letter}NOOP\r\nQUIT\r\n");
    stream.write_all(wire.as_bytes()).expect("the sink listens");
    let mut said = String::new();
    stream.read_to_string(&mut said).expect("the sink answers in text");
    let codes: Vec<&str> =
        said.lines().filter(|line| line.get(3..4) == Some(" ")).map(|line| &line[..3]).collect();
    assert_eq!(codes, ["220", "250", "250", "250", "354", "250", "250", "250", "354", "250", "250", "221"]);
    assert_eq!((sink.stats()["letters"].clone(), sink.stats()["twice"].clone()), (2.into(), 1.into()));
    sink.stop().ok().prints("Took 2 letters").prints("1 twice or more");
}

#[test]
fn the_page_shows_what_came_and_runs_none_of_it() {
    let scratch =
        weekly().issue("001-hello", "---\ntitle: '<script>alert(1)</script>'\n---\n# Hi\n\nDear you.\n");
    let sink = FaultySink::start(&scratch, "[[fault]]\nwhat = \"refuse\"\nto = \"bob@*\"\n", &["--json"]);
    scratch.run(&format!("send 1 --yes --offline --transport {}", sink.url())).expect_code(3);
    let page = sink.get("/", "127.0.0.1");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("content-security-policy: "), "{page}");
    assert!(
        page.contains("ada@a.example") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{page}"
    );
    assert!(!page.contains("<script"), "{page}");
    let html = page.split_once("\r\n\r\n").expect("an answer has a body").1;
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    for width in [320, 375, 1200] {
        assert_eq!(cut_off(html, width, folder.path()), Vec::<String>::new(), "{width} pixels");
    }
    assert!(sink.get("/", "rebound.example").starts_with("HTTP/1.1 403"));
    assert!(sink.get("/etc/passwd", "localhost").starts_with("HTTP/1.1 404"));
    let printed = sink.stop().ok().json();
    assert_eq!(keys(&documented("sink")), keys(&printed), "{printed:#}");
}
