//! What a server says of an address while letters are sent counts like a mail that comes back.

use courant::model::attempt::Phase;

use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::{Act, Script, Who};

/// A workspace with two issues, whose letters go to a server that says this of bob.
fn told_of_bob(words: &str) -> (Scratch, Server) {
    let server =
        Server::start(Script::default().always(Phase::Recipient, "bob@example.org", Act::reply(words)));
    let scratch = Scratch::weekly()
        .file(".env", format!("SMTP_URL={}\n", server.url()))
        .settings("[send]\nwait = \"0 s\"");
    let second = scratch.read("issues/001-hello.md").replace("title: Hello", "title: Again");
    (scratch.issue("002-again", &second), server)
}

#[test]
fn who_is_unknown_to_their_server_is_left_out_of_the_next_issue_and_comes_back_on_a_word() {
    let (scratch, _server) = told_of_bob("550 5.1.1 no such user here");
    let run = scratch.run("send 1 --yes --offline").expect_code(3);
    run.prints("1 address is left out from now on")
        .prints("`courant subscribers unsuppress ADDRESS` lifts it");
    let story = scratch.run("subscribers show bob@example.org").ok();
    story.prints("bounced").prints("refused by its server, 001-hello: 550 5.1.1 no such user here");
    scratch.run("send 2 --yes --offline").ok().prints("2 of 2 have it");
    scratch.run("retry 1 --refused").expect_code(3).prints("1 address is left out from now on");
    scratch.run("subscribers show bob@example.org").ok().prints("courant retry --refused");
}

#[test]
fn a_retry_lifts_what_refusals_of_its_own_issue_led_to_and_nothing_else() {
    let (scratch, _server) = told_of_bob("550 5.1.1 no such user here");
    scratch.run("send 2 --yes --offline").expect_code(3);
    scratch.run("subscribers unsuppress bob@example.org").ok();
    scratch.run("send 1 --yes --offline").expect_code(3);
    scratch.run("retry 2 --refused");
    let story = scratch.run("subscribers show bob@example.org").ok();
    story.prints("refused by its server, 001-hello: 550 5.1.1 no such user here");
    assert!(!story.stdout.contains("courant retry --refused"), "{story}");
}

#[test]
fn a_suppression_that_somebody_lifts_stays_lifted() {
    let (scratch, _server) = told_of_bob("550 5.1.1 no such user here");
    scratch.run("send 1 --yes --offline").expect_code(3);
    scratch.run("subscribers unsuppress bob@example.org").ok();
    scratch
        .run("send 1 --only ada@example.org --again --yes --offline")
        .expect_code(3)
        .prints("3 of 4 have it");
    scratch.run("subscribers unsuppress bob@example.org").expect_code(1).says("is not suppressed");
}

#[test]
fn a_refusal_that_may_pass_or_is_about_us_leaves_nobody_out() {
    for words in ["552 5.2.2 mailbox full", "554 5.7.1 blocked by policy", "550 no"] {
        let (scratch, _server) = told_of_bob(words);
        scratch.run("send 1 --yes --offline --json");
        let bob = scratch.run("subscribers show bob@example.org --json").ok().json();
        assert_eq!(bob["suppressions"].as_array().map(Vec::len), Some(0), "{words}: {bob}");
    }
}

#[test]
fn a_full_mailbox_counts_among_the_soft_bounces_in_a_row() {
    let (scratch, _server) = told_of_bob("552 5.2.2 mailbox full");
    let scratch = scratch.settings("[bounces]\nsoft_limit = 2\nsoft_span = \"0 s\"");
    scratch.run("send 1 --yes --offline").expect_code(3);
    assert_eq!(scratch.run("subscribers show bob@example.org --json").json()["soft_bounces"], 1);
    scratch.run("send 2 --yes --offline").expect_code(3).prints("1 address is left out from now on");
    let story = scratch.run("subscribers show bob@example.org").ok();
    story.prints("2 soft bounces in a row, the last refused by its server, 002-again");
}

#[test]
fn a_server_that_knows_hardly_anybody_is_not_believed() {
    let script =
        Script::default().always(Phase::Recipient, Who::Anyone, Act::reply("550 5.1.1 User unknown"));
    let server = Server::start(script);
    let scratch = Scratch::weekly().file(".env", format!("SMTP_URL={}\n", server.url()));
    let run = scratch.run("send 1 --yes --offline").expect_code(3);
    run.prints("does not know 3 addresses and took hardly any letter");
    scratch.run("subscribers unsuppress bob@example.org").expect_code(1).says("is not suppressed");
}

#[test]
fn an_author_may_want_refusals_to_mean_nothing_for_the_next_issue() {
    let (scratch, _server) = told_of_bob("550 5.1.1 no such user here");
    let scratch = scratch.settings("[bounces]\nrefusals = false");
    scratch.run("send 1 --yes --offline").expect_code(3);
    scratch.run("send 2 --yes --offline").expect_code(3).prints("2 of 3 have it");
}
