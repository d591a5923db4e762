//! `courant serve` with a mailbox: what comes back counts within seconds, for as long as it runs.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::bounces_collect::gone;
use crate::harness::cutter::Cutter;
use crate::harness::hooks::Serve;
use crate::mailbox_remote::Inbox;

const PATIENCE: Duration = Duration::from_secs(60);

fn wait_for(inbox: &Inbox, expected: &[&str]) {
    let deadline = Instant::now() + PATIENCE;
    while inbox.sent.suppressed() != expected {
        assert!(Instant::now() < deadline, "{:?} of {expected:?}", inbox.sent.suppressed());
        sleep(Duration::from_millis(20));
    }
}

fn bounce(inbox: &Inbox, name: &str) {
    let address = format!("{name}@example.org");
    inbox.deliver(&[gone(&inbox.sent.letter(name).sender, &address, "")]);
}

#[test]
fn mail_that_comes_while_it_serves_counts_by_idle_and_by_looking_again() {
    for (scheme, more) in [("imaps", ""), ("pop3s", "poll = \"1 s\"")] {
        let inbox = Inbox::new(scheme, more);
        bounce(&inbox, "ada");
        let serve = Serve::start(&inbox.sent.scratch);
        wait_for(&inbox, &["ada bounced"]);
        bounce(&inbox, "bob");
        wait_for(&inbox, &["ada bounced", "bob bounced"]);
        bounce(&inbox, "eve");
        wait_for(&inbox, &["ada bounced", "bob bounced", "eve bounced"]);
        assert_eq!(serve.get("/health"), 200);
        serve.signal("TERM");
        let run = serve.finish().ok();
        run.says("a…@example.org gets nothing any more").says("e…@example.org gets nothing any more");
    }
}

#[test]
fn a_mailbox_that_goes_away_is_told_once_and_read_again_when_it_is_back() {
    let inbox = Inbox::new("imap", "");
    let cutter = Cutter::to(inbox.dovecot.imap_port());
    let settings = inbox.sent.scratch.read("courant.toml");
    let (own, other) = (format!(":{}\"", inbox.dovecot.imap_port()), format!(":{}\"", cutter.port()));
    inbox.sent.scratch.write("courant.toml", settings.replace(&own, &other));
    bounce(&inbox, "ada");
    cutter.cut_after(4);
    let serve = Serve::start(&inbox.sent.scratch);
    let deadline = Instant::now() + PATIENCE;
    while !cutter.has_cut() {
        assert!(Instant::now() < deadline, "it never came");
        sleep(Duration::from_millis(20));
    }
    cutter.mend();
    wait_for(&inbox, &["ada bounced"]);
    serve.signal("TERM");
    let run = serve.finish().ok();
    run.says("trouble: the connection to localhost broke");
    assert_eq!(run.stderr.matches("trouble").count(), 1, "{run}");
}
