//! `courant send`: what a person may rely on when an issue goes out.

use std::collections::BTreeSet;

use courant::model::attempt::Phase;

use crate::harness::mail::{Received, count_by_message_id, for_recipient};
use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::{Act, Script};
use crate::harness::sink::SmtpSink;

/// A weekly that sends to this server and never waits.
fn weekly_to(url: &str) -> Scratch {
    Scratch::weekly()
        .file(".env", format!("SMTP_URL={url}\n"))
        .settings("[send]\nwait = \"0 s\"\n[links]\nallow_private = true")
}

/// Where the blank line begins.
fn end_of_header(raw: &[u8]) -> usize {
    raw.windows(4)
        .position(|four| four == b"\r\n\r\n")
        .or(raw.windows(2).position(|two| two == b"\n\n"))
        .unwrap()
}

fn reached(messages: &[Received]) -> BTreeSet<&str> {
    messages.iter().flat_map(|message| message.recipients.iter().map(String::as_str)).collect()
}

#[test]
fn without_a_server_the_letters_go_to_the_outbox_and_the_end_says_where_and_what_next() {
    let scratch = Scratch::weekly();
    let run = scratch.run("send 1 --yes").ok();
    run.prints("3 of 3").prints("outbox/new").prints("SMTP_URL");
    assert_eq!(scratch.files("outbox/new").len(), 3);
}

#[test]
fn everybody_on_the_list_gets_one_letter_of_their_own() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url());
    scratch.run("send 1 --yes").ok();
    let messages = sink.messages();
    assert_eq!(reached(&messages), BTreeSet::from(["ada@example.org", "bob@example.org", "eve@example.org"]));
    assert!(count_by_message_id(&messages).values().all(|times| *times == 1));
    let (text, html) = for_recipient(&messages, "ada@example.org")[0].parts();
    assert!(text.contains("Dear Ada, this is the weekly.") && html.contains("Dear Ada, this is the weekly."));
    let (text, _) = for_recipient(&messages, "eve@example.org")[0].parts();
    assert!(text.contains("Dear reader,"), "an empty name is no name: {text}");
}

#[test]
fn a_letter_has_the_headers_that_receivers_ask_for() {
    let sink = SmtpSink::start(&[]);
    weekly_to(&sink.url()).run("send 1 --yes").ok();
    let messages = sink.messages();
    let letter = for_recipient(&messages, "ada@example.org")[0];
    let header = |name: &str| letter.header(name).unwrap_or_else(|| panic!("{name} is missing"));
    assert_eq!(header("From"), "Wendy Weekly <wendy@weekly.example>");
    assert!(header("To").contains("ada@example.org"));
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let unsubscribe = header("List-Unsubscribe");
    assert!(
        unsubscribe.starts_with("<https://weekly.example/") && unsubscribe.contains("<mailto:"),
        "{unsubscribe}"
    );
    assert!(!unsubscribe.contains("ada@"), "no address in a URL: {unsubscribe}");
    assert!(header("List-Id").contains("<weekly.weekly.example>"));
    assert!(header("Message-ID").ends_with("@weekly.example>"));
    assert_eq!(header("MIME-Version"), "1.0");
    let (_, body) = letter.raw.split_at(end_of_header(&letter.raw));
    assert!(body.split(|byte| *byte == b'\n').all(|line| line.len() <= 78), "a line is too long");
}

#[test]
fn sending_a_complete_issue_again_sends_nothing() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url());
    scratch.run("send 1 --yes").ok();
    scratch.run("send 1 --yes").ok().prints("complete").prints("Nothing was sent");
    assert_eq!(sink.messages().len(), 3);
}

#[test]
fn who_joined_since_gets_it_only_with_also_new() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url());
    scratch.run("send 1 --yes").ok();
    scratch.write(
        "subscribers/weekly.csv",
        "email,name\nada@example.org,Ada\nbob@example.org,Bob\neve@example.org,\nzoe@example.org,Zoe\n",
    );
    scratch.run("subscribers sync").ok();
    scratch.run("send 1 --yes").ok().prints("1 subscriber joined").says("--also-new");
    scratch.run("send 1 --yes --also-new").ok();
    let messages = sink.messages();
    assert_eq!((messages.len(), for_recipient(&messages, "zoe@example.org").len()), (4, 1));
}

#[test]
fn i_never_got_it_is_answered_with_a_new_letter_for_that_one() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url());
    scratch.run("send 1 --yes").ok();
    scratch.run("send 1 --yes --only bob@example.org --again").ok();
    let messages = sink.messages();
    let bob = for_recipient(&messages, "bob@example.org");
    assert_eq!((messages.len(), bob.len()), (4, 2));
    assert_ne!(bob[0].message_id(), bob[1].message_id());
    let refused = scratch.run("send 1 --yes --only nobody@example.org --again").expect_code(1);
    refused.says("was not in the audience");
}

#[test]
fn a_limit_sends_so_many_and_the_next_run_sends_the_rest() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url());
    scratch.run("send 1 --yes --limit 2").expect_code(75);
    assert_eq!(sink.messages().len(), 2);
    scratch.run("send 1 --yes").ok();
    let messages = sink.messages();
    assert_eq!((messages.len(), count_by_message_id(&messages).len()), (3, 3));
}

#[test]
fn a_dry_run_shows_the_plan_and_sends_nothing() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url());
    scratch.run("send 1 --dry-run").ok().says("3 subscribers").says("dry run");
    assert_eq!(sink.messages(), []);
    scratch.run("send 1 --yes").ok();
    assert_eq!(sink.messages().len(), 3);
}

#[test]
fn without_a_terminal_a_send_wants_its_yes_beforehand() {
    let scratch = Scratch::weekly();
    scratch.run("send 1").expect_code(1).says("--yes");
    assert_eq!(scratch.files("outbox/new").len(), 0);
}

#[test]
fn a_no_on_the_terminal_sends_nothing_and_a_yes_sends() {
    let scratch = Scratch::weekly();
    scratch.courant(["send", "1"]).on_terminal().input("n\n").run().expect_code(1);
    assert_eq!(scratch.files("outbox/new").len(), 0);
    scratch.courant(["send", "1"]).on_terminal().input("y\n").run().ok();
    assert_eq!(scratch.files("outbox/new").len(), 3);
}

#[test]
fn a_rehearsal_never_counts_as_the_real_send() {
    let sink = SmtpSink::start(&[]);
    let scratch = Scratch::weekly();
    scratch.run("send 1 --yes").ok().prints("outbox/new");
    scratch.write(".env", format!("SMTP_URL={}\n", sink.url()));
    scratch.run("send 1 --yes").ok();
    assert_eq!(sink.messages().len(), 3);
}

#[test]
fn a_suppressed_subscriber_gets_nothing_even_if_the_file_names_them() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url());
    scratch.run("subscribers suppress BOB@example.org").ok();
    scratch.run("send 1 --yes").ok().prints("2 of 2");
    assert_eq!(reached(&sink.messages()), BTreeSet::from(["ada@example.org", "eve@example.org"]));
}

#[test]
fn a_refused_subscriber_is_named_and_the_others_get_it() {
    let server = Server::start(Script::default().always(
        Phase::Recipient,
        "bob@example.org",
        Act::reply("550 5.1.1 no such user here"),
    ));
    let scratch = weekly_to(&server.url());
    let run = scratch.run("send 1 --yes").expect_code(3);
    run.prints("refused: 1").prints("bob@example.org: 550 5.1.1 no such user here");
    assert_eq!(reached(&server.received()), BTreeSet::from(["ada@example.org", "eve@example.org"]));
    assert_eq!(server.complaints(), Vec::<String>::new());
    scratch.run("status 1 --why bob@example.org").ok().prints("no such user here");
}

#[test]
fn a_deferred_subscriber_is_tried_again_with_the_same_message_id() {
    let server = Server::start(Script::default().once(
        Phase::Recipient,
        "bob@example.org",
        Act::reply("451 4.7.1 greylisted, try again"),
    ));
    let scratch = weekly_to(&server.url());
    scratch.run("send 1 --yes").expect_code(75).prints("deferred: 1").prints("courant send 001-hello");
    scratch.run("retry 1").ok();
    let received = server.received();
    assert_eq!((received.len(), count_by_message_id(&received).len()), (3, 3));
    assert_eq!(scratch.run("status 1 --json").json()["counts"]["accepted"], 3);
}

#[test]
fn a_letter_that_was_taken_without_an_answer_is_uncertain_and_not_sent_again() {
    let server = Server::start(Script::default().once(Phase::Answer, "bob@example.org", Act::KeepAndCut));
    let scratch = weekly_to(&server.url());
    scratch.run("send 1 --yes").expect_code(4).prints("uncertain: 1").prints("bob@example.org");
    scratch.run("send 1 --yes").expect_code(4);
    assert_eq!(for_recipient(&server.received(), "bob@example.org").len(), 1);
    scratch.run("send 1 --yes --on-uncertain resend").ok();
    let received = server.received();
    let bob = for_recipient(&received, "bob@example.org");
    assert_eq!((received.len(), bob.len()), (4, 2));
    assert_eq!(bob[0].message_id(), bob[1].message_id());
    assert_eq!(bob[0].header("Date"), bob[1].header("Date"));
}

#[test]
fn the_issue_may_not_change_unseen_between_two_parts_of_a_send() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url());
    scratch.run("send 1 --yes --limit 1").expect_code(75);
    let changed = scratch.read("issues/001-hello.md").replace("the weekly", "the changed weekly");
    scratch.write("issues/001-hello.md", changed);
    scratch
        .run("send 1 --yes")
        .expect_code(1)
        .says("the issue's text changed")
        .says("--frozen")
        .says("--as-new");
    scratch.run("send 1 --yes --frozen").ok();
    let messages = sink.messages();
    assert_eq!(messages.len(), 3);
    assert!(messages.iter().all(|message| !message.parts().0.contains("changed")));
}

#[test]
fn a_changed_issue_sent_as_new_reaches_those_who_do_not_have_the_old_one() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url());
    scratch.run("send 1 --yes --limit 1").expect_code(75);
    let changed = scratch.read("issues/001-hello.md").replace("the weekly", "the changed weekly");
    scratch.write("issues/001-hello.md", changed);
    scratch.run("send 1 --yes --as-new").ok();
    let messages = sink.messages();
    assert_eq!((messages.len(), reached(&messages).len()), (3, 3));
    assert_eq!(messages.iter().filter(|message| message.parts().0.contains("changed")).count(), 2);
}

#[test]
fn the_same_text_under_another_name_is_stopped() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url());
    scratch.run("send 1 --yes").ok();
    scratch.write("issues/002-hello.md", scratch.read("issues/001-hello.md"));
    scratch.run("send 2 --yes").expect_code(2).says("`002-hello` says the same as `001-hello`");
    assert_eq!(sink.messages().len(), 3);
}

#[test]
fn a_stop_from_another_terminal_holds_until_somebody_sends_by_hand() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url());
    scratch.run("send 1 --yes --limit 1").expect_code(75);
    scratch.run("stop 1").ok();
    scratch.run("run").expect_code(0);
    assert_eq!(sink.messages().len(), 1);
    scratch.run("send 1 --yes").ok();
    assert_eq!(sink.messages().len(), 3);
}

#[test]
fn one_person_on_two_lists_gets_one_letter() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url())
        .list("monthly", "email,name\nADA@example.org,Ada the Second\nzed@example.org,Zed\n")
        .settings("default_lists = [\"weekly\", \"monthly\"]");
    scratch.run("send 1 --yes").ok().prints("4 of 4");
    let messages = sink.messages();
    let ada: Vec<_> =
        messages.iter().filter(|m| m.recipients[0].eq_ignore_ascii_case("ada@example.org")).collect();
    assert_eq!((messages.len(), ada.len()), (4, 1));
    assert!(ada[0].parts().0.contains("Dear Ada,"), "the attributes of the first list count");
}
