//! `courant bounces parse`: what mails that came back mean.

use std::fs;

use crate::harness::scratch::Scratch;

/// A report of Postfix.
pub const BOUNCE: &str = "From: MAILER-DAEMON@relay.test (Mail Delivery System)
To: us@weekly.test
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

This is the mail system at host relay.test.

<bob@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1 <bob@example.org>: User unknown (in reply to RCPT
    TO command)

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.test

Final-Recipient: rfc822; bob@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <bob@example.org>: User unknown

--b
Content-Type: text/rfc822-headers

Message-ID: <one@weekly.test>
Feedback-ID: 001-hello:weekly:courant

--b--
";

const AWAY: &str = "From: eve@example.org
To: us@weekly.test
Subject: Out of office
Auto-Submitted: auto-replied

I am away, and no such user.
";

#[test]
fn a_bounce_is_told_with_its_verdict_its_words_and_its_letter() {
    let scratch = Scratch::empty().file("returned.eml", BOUNCE);
    scratch
        .run("bounces parse returned.eml")
        .ok()
        .prints("returned.eml: bounce (rfc3464)")
        .prints("  bob@example.org failed: hard, no such user (“user unknown”)")
        .prints("    550 5.1.1 <bob@example.org>: User unknown")
        .prints("  Message-ID one@weekly.test");
}

#[test]
fn mails_are_read_from_a_folder_an_mbox_and_standard_input() {
    let mbox =
        format!("From x@y Thu Jan 1 00:00:00 1970\n{BOUNCE}\nFrom x@y Thu Jan 1 00:00:00 1970\n{AWAY}");
    let scratch = Scratch::empty()
        .file("Maildir/new/1", BOUNCE)
        .file("Maildir/cur/2:2,S", AWAY)
        .file("inbox.mbox", &mbox);
    let told = "2 mails: 1 bounce, 1 auto reply";
    scratch.run("bounces parse Maildir").ok().prints(told);
    scratch.run("bounces parse inbox.mbox").ok().prints(told).prints("inbox.mbox #2: auto reply");
    scratch.courant(["bounces", "parse", "-"]).input(mbox).run().ok().prints(told);
    let counts = scratch.run("bounces parse Maildir inbox.mbox --json").ok().json()["counts"].clone();
    assert_eq!((&counts["bounce"], &counts["auto_reply"]), (&2.into(), &2.into()));
    assert_eq!(
        fs::read_to_string(scratch.path("Maildir/new/1")).unwrap(),
        BOUNCE,
        "nothing is moved or changed"
    );
}

#[test]
fn a_file_that_is_not_there_and_a_folder_without_mail_are_errors_with_help() {
    let scratch = Scratch::empty().file("empty/.hidden", "x");
    scratch.run("bounces parse nowhere.eml").expect_code(1).says("nowhere.eml cannot be read").says("help:");
    scratch.run("bounces parse empty").expect_code(1).says("empty holds no mail").says("help:");
}

#[test]
fn what_a_stranger_wrote_cannot_command_the_terminal() {
    let mail = BOUNCE.replace("User unknown\n", "User unknown \u{1b}[2J\u{7}\n");
    let scratch = Scratch::empty().file("a.eml", mail);
    let run = scratch.run("bounces parse a.eml").ok();
    run.prints("hard, no such user");
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{7}'), "{}", run.stdout);
}
