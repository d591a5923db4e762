use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::policy::bounce::{Class, Reason};

const TOKEN: &str = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklm";

/// A report with these groups of fields and this returned part.
fn report(fields: &str, returned: &str) -> String {
    format!(
        "From: MAILER-DAEMON@relay.test\r\nTo: us@weekly.test\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"b\"\r\n\r\n--b\r\n\
         Content-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         {fields}\r\n--b\r\n{returned}\r\n--b--\r\n"
    )
}

const RETURNED: &str = "Content-Type: message/rfc822\r\n\r\nFrom: us@weekly.test\r\nMessage-ID: <one@weekly.test>\r\n\
                        Subject: Hello\r\n\r\nDear Bob";

const FAILED: &str = "Reporting-MTA: dns; relay.test\r\nOriginal-Envelope-Id: a+2Bb\r\nArrival-Date: Sun, 29 Nov 2026\r\n\
                      \r\nFinal-Recipient: rfc822; bob@example.org\r\nOriginal-Recipient: rfc822;bob+2Bx@example.org\r\n\
                      Action: failed\r\nStatus: 5.0.0\r\nRemote-MTA: dns; mx.example.org\r\n\
                      Diagnostic-Code: smtp; 550 5.1.1 <bob@example.org>:\r\n    no such user\r\n";

fn told(mail: &str) -> Notice {
    read(mail.as_bytes())
}

fn only(notice: &Notice) -> &About {
    let [one] = notice.about.as_slice() else { panic!("{notice:?}") };
    one
}

#[test]
fn one_who_is_named_alone_is_the_reader_and_among_several_only_the_reader_is() {
    let key = |text: &str| crate::model::address::Address::parse(text).unwrap().key();
    let alone = told(&report(FAILED, RETURNED));
    assert!(alone.about_whom(&key("ada@example.org")).is_some(), "it was forwarded");
    let another = "\r\nFinal-Recipient: rfc822; eve@example.org\r\nAction: delayed\r\nStatus: 4.0.0\r\n";
    let both = told(&report(&format!("{FAILED}{another}"), RETURNED));
    assert_eq!(both.about_whom(&key("EVE@example.org")).map(|about| about.action), Some(Action::Delayed));
    assert_eq!(both.about_whom(&key("ada@example.org")), None);
}

#[test]
fn a_report_says_which_message_failed_for_whom_and_why() {
    let found = told(&report(FAILED, RETURNED));
    assert_eq!(found.kind, Kind::Bounce);
    assert_eq!(found.keys.message_ids, ["one@weekly.test"]);
    assert_eq!(found.keys.envelope_ids, ["a+b"]);
    let bob = only(&found);
    assert_eq!(bob.address.as_deref(), Some("bob+x@example.org"));
    assert_eq!(bob.last.as_deref(), Some("bob@example.org"));
    assert_eq!((bob.said.code, bob.status.unwrap().to_string()), (Some(550), "5.1.1".to_owned()));
    assert_eq!((bob.verdict.class, bob.verdict.reason), (Class::Hard, Reason::NoSuchUser));
    assert_eq!(bob.verdict.words, "no such user");
}

#[test]
fn the_message_may_come_back_as_its_header_alone() {
    for kind in ["text/rfc822-headers", "message/rfc822", "message/global-headers", "TEXT/RFC822-Headers"] {
        let returned = format!("Content-Type: {kind}\r\n\r\nMessage-ID: <one@weekly.test>\r\nSubject: x\r\n");
        assert_eq!(told(&report(FAILED, &returned)).keys.message_ids, ["one@weekly.test"], "{kind}");
    }
}

#[test]
fn a_report_about_several_tells_each() {
    let two = format!(
        "{FAILED}\r\nFinal-Recipient: rfc822; eve@example.org\r\nAction: delivered\r\nStatus: 2.0.0\r\n"
    );
    let found = told(&report(&two, RETURNED));
    let actions: Vec<Action> = found.about.iter().map(|about| about.action).collect();
    assert_eq!((found.kind, actions), (Kind::Bounce, vec![Action::Failed, Action::Delivered]));
}

#[test]
fn a_report_that_was_forwarded_is_found() {
    let inner = report(FAILED, RETURNED);
    let outer = format!(
        "Subject: Fwd\r\nContent-Type: multipart/mixed; boundary=\"out\"\r\n\r\n--out\r\nContent-Type: \
         message/rfc822\r\n\r\n{inner}\r\n--out--\r\n"
    );
    let (outer, inner) = (told(&outer), told(&inner));
    assert_eq!((outer.kind, &outer.about, &outer.keys), (Kind::Bounce, &inner.about, &inner.keys));
}

#[test]
fn other_mail_is_no_report() {
    for mail in [
        "",
        "hello",
        "Subject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b--\r\n",
        &report("Reporting-MTA: dns; x\r\n", "Content-Type: text/plain\r\n\r\nnothing\r\n"),
    ] {
        assert_eq!(told(mail).about, [], "{mail}");
    }
}

#[test]
fn every_action_is_told_apart() {
    for (word, action, kind) in [
        ("failed", Action::Failed, Kind::Bounce),
        ("error", Action::Failed, Kind::Bounce),
        ("Delayed", Action::Delayed, Kind::Delay),
        ("DELIVERED (to mailbox)", Action::Delivered, Kind::Delivered),
        ("relayed", Action::Relayed, Kind::Delivered),
        ("expanded", Action::Expanded, Kind::Delivered),
    ] {
        let fields = format!(
            "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: a@b.test\r\nAction: {word}\r\nStatus: 5.1.1\r\n"
        );
        let found = told(&report(&fields, RETURNED));
        assert_eq!((only(&found).action, found.kind), (action, kind), "{word}");
        assert_eq!(only(&found).verdict.class == Class::Hard, action == Action::Failed, "{word}");
    }
}

#[test]
fn an_address_beyond_ascii_is_read_from_each_of_its_forms() {
    for value in ["utf-8; jos\\x{E9}@example.org", "utf-8; josé@example.org", "rfc822; josé@example.org"] {
        let fields =
            format!("Reporting-MTA: dns; x\n\nFinal-Recipient: {value}\nAction: failed\nStatus: 5.1.1\n");
        let mail =
            report(&fields, RETURNED).replace("message/delivery-status", "message/global-delivery-status");
        assert_eq!(only(&told(&mail)).address.as_deref(), Some("josé@example.org"), "{value}");
    }
}

#[test]
fn a_report_whose_parts_do_not_fit_is_read_all_the_same() {
    let mail = report(FAILED, RETURNED);
    let broken = [
        mail.replace("boundary=\"b\"", "boundary=\"other\""),
        mail.replace(";\r\n boundary=\"b\"", ""),
        mail.replace("message/delivery-status", "text/plain"),
        mail.replace("\r\n", "\r"),
        mail.replace("\r\n", "\n"),
        mail.replace("Content-Type: text/plain", "Content-Type: text/plain; charset=no-such-charset"),
        format!("From x@y Thu Jan 1 00:00:00 1970\r\n{mail}"),
        format!(
            "Subject: Fwd\r\nFrom: a@b.test\r\nContent-Type: multipart/mixed; boundary=\"out\"\r\n\r\n--out\r\nContent-Type: message/rfc822\r\n\r\n{mail}\r\n--out--\r\n"
        ),
    ];
    for mail in broken {
        let found = told(&mail);
        assert_eq!(only(&found).address.as_deref(), Some("bob+x@example.org"), "{mail}");
        assert_eq!(found.keys.message_ids, ["one@weekly.test"], "{mail}");
    }
}

#[test]
fn a_vague_report_is_explained_by_the_words_beside_it() {
    let fields = "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822;bob@example.org\r\nAction: failed\r\nStatus: 5.0.0\r\n";
    let said = "   ----- Transcript of session follows -----\r\n... while talking to mx.example.org.:\r\n>>> DATA\r\n\
                <<< 550 Unknown user bob@example.org\r\n554 5.0.0 Service unavailable";
    let late = report(fields, RETURNED).replace("Sorry.", said);
    assert_eq!(only(&told(&late)).verdict.reason, Reason::Filtered, "said after the body");
    let early = late.replace("554 5.0.0", "<<< 503 5.0.0 Need RCPT (recipient)\r\n554 5.0.0");
    assert_eq!(only(&told(&early)).verdict.reason, Reason::NoSuchUser, "said to RCPT");
}

#[test]
fn a_complaint_names_the_recipient_unless_that_is_redacted() {
    let mail = |rcpt: &str, to: &str| {
        format!(
            "From: fbl@mail.test\nTo: abuse@weekly.test\nSubject: FW: Hello\nContent-Type: multipart/report; \
             report-type=feedback-report; boundary=b\n\n--b\nContent-Type: text/plain\n\nThis is an abuse report.\n--b\n\
             Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\n{rcpt}--b\n\
             Content-Type: message/rfc822\n\nReturn-Path: <us+{TOKEN}@weekly.test>\nMessage-ID: <m@weekly.test>\n\
             List-Unsubscribe: <mailto:us@weekly.test?subject=unsubscribe%20{TOKEN}>\nCFBL-Feedback-ID: f1\nTo: {to}\n\nHi\n--b--\n"
        )
    };
    let found = told(&mail("Original-Rcpt-To: <bob@example.org>\n", "x@y.test"));
    assert_eq!((found.kind, found.feedback), (Kind::Complaint, Some(Feedback::Abuse)));
    assert_eq!(only(&found).address.as_deref(), Some("bob@example.org"));
    assert_eq!(only(&found).verdict.reason, Reason::Complaint);
    let found = told(&mail("Original-Rcpt-To: [redacted]@redacted.test\n", "undisclosed"));
    assert_eq!(only(&found).address, None);
    assert_eq!(found.keys.verp, [TOKEN]);
    assert_eq!(found.keys.unsubscribe, [TOKEN]);
    assert_eq!(found.keys.message_ids, ["m@weekly.test"]);
    assert_eq!(found.keys.headers, [("cfbl-feedback-id".to_owned(), "f1".to_owned())]);
    let wrong = told(&mail("", "x").replace("Feedback-Type: abuse", "Feedback-Type: not-spam"));
    assert_eq!(wrong.feedback, Some(Feedback::NotSpam));
}

#[test]
fn a_bounce_that_names_nobody_counts_only_if_it_came_to_a_token() {
    let mail = |to: &str| {
        format!(
            "From: Mailer-Daemon@x.test\nDelivered-To: {to}\nSubject: Undeliverable mail\n\nYour message could not be delivered. User unknown.\n"
        )
    };
    let found = told(&mail(&format!("us+{TOKEN}@weekly.test")));
    assert_eq!((found.kind, only(&found).address.as_deref()), (Kind::Bounce, None));
    assert_eq!(only(&found).verdict.reason, Reason::NoSuchUser);
    assert_eq!(found.keys.verp, [TOKEN]);
    assert_eq!(told(&mail("us@weekly.test")).kind, Kind::Unknown);
}

#[test]
fn who_unsubscribes_by_a_token_is_told_from_who_asks_in_words() {
    let mail = |to: &str, subject: &str, body: &str| {
        told(&format!("From: Bob <bob@example.org>\nTo: {to}\nSubject: {subject}\n\n{body}\n"))
    };
    let upper = TOKEN.to_uppercase();
    for found in [
        mail("us@weekly.test", &format!("unsubscribe {upper}"), ""),
        mail(&format!("unsub+{TOKEN}@weekly.test"), "x", "y"),
    ] {
        assert_eq!(
            (found.kind, found.keys.unsubscribe.as_slice()),
            (Kind::Unsubscribe, &[TOKEN.to_owned()][..])
        );
    }
    for (subject, body) in [
        ("unsubscribe", ""),
        ("Re: Tea", "Please take me off this list.\n\n> To unsubscribe, click"),
        ("AW: Tee", "Bitte abmelden, danke."),
        ("Re: Thé", "Merci de me désabonner"),
        ("=?utf-8?q?=D0=9E=D1=82=D0=BF=D0=B8=D1=81=D0=B0=D1=82=D1=8C=D1=81=D1=8F?=", ""),
        ("Re: 茶", "退订"),
    ] {
        assert_eq!(mail("us@weekly.test", subject, body).kind, Kind::UnsubscribeInWords, "{subject} {body}");
    }
    let quoted = "Thanks!\n\nOn Monday, we wrote:\n> To unsubscribe, click here";
    assert_eq!(mail("us@weekly.test", "Re: Tea", quoted).kind, Kind::Human);
}

#[test]
fn answers_of_machines_are_no_bounces_whatever_they_say() {
    let mail = |header: &str, body: &str| {
        told(&format!("From: Bob <bob@example.org>\nTo: us@weekly.test\n{header}\n\n{body}\n")).kind
    };
    let gone = "I no longer work here. bob@example.org does not exist any more.";
    assert_eq!(mail("Subject: Re: Tea\nAuto-Submitted: auto-replied", gone), Kind::AutoReply);
    assert_eq!(mail("Subject: Automatische Antwort: Tee", gone), Kind::AutoReply);
    assert_eq!(mail("Subject: Re: Tea\nIn-Reply-To: <a@b.test>", gone), Kind::Human);
    let ask = "To have your message delivered, please click the link below.";
    assert_eq!(mail("Subject: Confirm", ask), Kind::ChallengeResponse);
    assert_eq!(mail("Subject: Tea\nList-Id: <x.y>", "unsubscribe"), Kind::Unknown);
    let token = told(&format!(
        "From: b@example.org\nTo: unsub+{TOKEN}@weekly.test\nSubject: Out of office\n\nI am away\n"
    ));
    assert_eq!(token.kind, Kind::AutoReply);
}

#[test]
fn a_receipt_is_no_bounce_unless_it_refuses() {
    let mail = |text: &str| {
        format!(
            "From: bob@example.org\nTo: us@weekly.test\nSubject: Read\nContent-Type: multipart/report; \
             report-type=disposition-notification; boundary=b\n\n--b\nContent-Type: text/plain\n\n{text}\n--b\n\
             Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;bob@example.org\n\
             Original-Message-ID: <m@weekly.test>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n"
        )
    };
    let found = told(&mail("Your message was read."));
    assert_eq!((found.kind, found.about.len()), (Kind::Receipt, 0));
    assert_eq!(found.keys.message_ids, ["m@weekly.test"]);
    let refused = told(&mail("Your message was automatically rejected:\nQuota exceeded"));
    assert_eq!(only(&refused).verdict.reason, Reason::MailboxFull);
}

/// A mail in a mail in a mail.
fn nested(depth: usize, header: &dyn Fn(usize) -> String) -> Vec<u8> {
    let mut mail = String::new();
    for level in 0..depth {
        write!(mail, "{}\n\n", header(level)).unwrap();
    }
    mail.push_str("end\n");
    mail.into_bytes()
}

#[test]
fn no_depth_of_nesting_breaks_it() {
    for depth in [190, 1_000, 50_000] {
        read(&nested(depth, &|_| "Content-Type: message/rfc822".to_owned()));
        read(&nested(depth, &|_| "content-type: MESSAGE/RFC822".to_owned()));
        read(&nested(depth, &|level| {
            format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}")
        }));
        read(&nested(depth, &|_| "Content-Type: multipart/digest; boundary=b\n\n--b\n".to_owned()));
    }
}

#[test]
fn only_the_first_megabytes_of_a_mail_count() {
    let mut mail = report(FAILED, RETURNED).into_bytes();
    mail.resize(100_000_000, b'x');
    assert_eq!(only(&read(&mail)).verdict.class, Class::Hard);
    assert_eq!(read(&vec![b'\n'; 2 * LONGEST]).kind, Kind::Unknown);
    assert_eq!(read(&vec![b'@'; LONGEST]).kind, Kind::Unknown);
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
        let inner = String::from_utf8_lossy(&bytes);
        told(&report(&inner, RETURNED));
        told(&report(FAILED, &inner));
        told(&format!("From: MAILER-DAEMON@x.test\nSubject: failure notice\n\n{inner}"));
    }

    /// Whatever stands in the letter that comes back, the verdict is about what the report says.
    #[test]
    fn the_returned_letter_changes_no_verdict(body in "[ -~\n]{0,200}") {
        let returned = format!("{RETURNED}\r\n{}", body.replace("--", ""));
        let found = told(&report(FAILED, &returned));
        let plain = told(&report(FAILED, RETURNED));
        prop_assert_eq!(&only(&found).verdict, &only(&plain).verdict);
    }

    /// Bounces are read alike with every end of line.
    #[test]
    fn ends_of_lines_do_not_matter(local in "[a-z]{1,10}", words in "(no such user|mailbox full|spam)") {
        let mail = format!("From: MAILER-DAEMON@x.test\nSubject: failure notice\n\nSorry.\n\n<{local}@example.org>:\n{words}\n");
        let found = told(&mail);
        let expected = format!("{local}@example.org");
        prop_assert_eq!(only(&found).address.as_deref(), Some(expected.as_str()));
        prop_assert_eq!(&told(&mail.replace('\n', "\r")), &found);
        prop_assert_eq!(&told(&mail.replace('\n', "\r\n")), &found);
    }
}
