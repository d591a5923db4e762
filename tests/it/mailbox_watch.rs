//! `courant serve` with a mailbox: what comes back counts within seconds, for as long as it runs.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::bounces_collect::gone;
use crate::harness::cutter::Cutter;
use crate::harness::dovecot::Dovecot;
use crate::harness::hooks::Serve;
use crate::harness::meddler::Meddler;
use crate::harness::scratch::Scratch;
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
    inbox.through(inbox.dovecot.imap_port(), cutter.port());
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

/// Of the processor, in hundredths of a second, by all that it did.
fn time_of(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("it runs");
    let (_, numbers) = status.rsplit_once(") ").expect("its name is in brackets");
    numbers.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("it is a number")).sum()
}

#[test]
fn before_the_first_letter_it_waits_and_hears_the_end() {
    let dovecot = Dovecot::shared();
    let user = dovecot.somebody();
    dovecot.deliver(&user, &["From: ada@example.org\nSubject: hi\n\nWhen is the first issue?\n"]);
    let settings = Inbox::settings(&dovecot, &dovecot.url("imaps", &user), "");
    let serve = Serve::start(&Scratch::weekly().settings(&settings));
    sleep(Duration::from_secs(1));
    let before = time_of(serve.id());
    sleep(Duration::from_secs(2));
    let spent = time_of(serve.id()) - before;
    assert!(spent < 50, "{spent} hundredths of a second in two seconds");
    let asked = Instant::now();
    serve.signal("TERM");
    serve.finish().ok();
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
}

#[test]
fn a_server_that_does_not_wait_with_us_is_looked_at_again_and_one_that_breaks_off_is_told_of() {
    let inbox = Inbox::new("imap", "poll = \"1 s\"");
    let unwilling = Meddler::to(inbox.dovecot.imap_port(), |line| {
        line.ends_with("IDLE").then(|| "TAG NO Not today\r\n".to_owned())
    });
    inbox.through(inbox.dovecot.imap_port(), unwilling.port());
    let serve = Serve::start(&inbox.sent.scratch);
    bounce(&inbox, "ada");
    wait_for(&inbox, &["ada bounced"]);
    bounce(&inbox, "bob");
    wait_for(&inbox, &["ada bounced", "bob bounced"]);
    serve.signal("TERM");
    assert!(!serve.finish().ok().stderr.contains("trouble"));

    let rude = Meddler::to(inbox.dovecot.imap_port(), |line| {
        line.ends_with("IDLE").then(|| "* BYE Out of patience\r\n".to_owned())
    });
    inbox.through(unwilling.port(), rude.port());
    bounce(&inbox, "eve");
    let serve = Serve::start(&inbox.sent.scratch);
    wait_for(&inbox, &["ada bounced", "bob bounced", "eve bounced"]);
    sleep(Duration::from_secs(1));
    serve.signal("TERM");
    serve
        .finish()
        .ok()
        .says("trouble: the connection to localhost broke: Out of patience; the mailbox is tried");
}
