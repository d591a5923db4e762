use super::*;

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

#[test]
fn a_report_says_which_message_failed_for_whom_and_why() {
    let found = parse(report(FAILED, RETURNED).as_bytes()).unwrap();
    assert_eq!(found.message_id.as_deref(), Some("one@weekly.test"));
    assert_eq!(found.envelope_id.as_deref(), Some("a+b"));
    let [bob] = found.recipients.as_slice() else { panic!("{found:?}") };
    assert_eq!(bob.last.as_deref(), Some("bob@example.org"));
    assert_eq!(bob.original.as_deref(), Some("bob+x@example.org"));
    assert_eq!(bob.action, Action::Failed);
    assert_eq!(bob.said.text, "550 5.1.1 <bob@example.org>: no such user");
    assert_eq!((bob.said.code, bob.said.enhanced.unwrap().to_string()), (Some(550), "5.1.1".to_owned()));
}

#[test]
fn the_message_may_come_back_as_its_header_alone() {
    for kind in ["text/rfc822-headers", "message/rfc822", "message/global-headers", "TEXT/RFC822-Headers"] {
        let returned = format!("Content-Type: {kind}\r\n\r\nMessage-ID: <one@weekly.test>\r\nSubject: x\r\n");
        let found = parse(report(FAILED, &returned).as_bytes()).unwrap();
        assert_eq!(found.message_id.as_deref(), Some("one@weekly.test"), "{kind}");
    }
    let nothing = parse(report(FAILED, "Content-Type: text/plain\r\n\r\nMessage-ID: <one@x>\r\n").as_bytes());
    assert_eq!(nothing.unwrap().message_id, None);
}

#[test]
fn every_action_is_told_apart_and_the_status_counts_where_no_diagnosis_is() {
    let of = |action: &str| {
        let fields = format!("Reporting-MTA: dns; x\r\n\r\nAction: {action}\r\nStatus: 4.4.1 (later)\r\n");
        parse(report(&fields, RETURNED).as_bytes()).map(|report| report.recipients[0].clone())
    };
    for (word, action) in [
        ("failed", Action::Failed),
        ("Delayed", Action::Delayed),
        ("DELIVERED (to mailbox)", Action::Delivered),
        ("relayed", Action::Relayed),
        ("expanded", Action::Expanded),
        ("error", Action::Failed),
    ] {
        assert_eq!(of(word).unwrap().action, action, "{word}");
    }
    assert_eq!(of("delayed").unwrap().said.enhanced.unwrap().to_string(), "4.4.1");
    assert_eq!(of("vanished"), None);
}

#[test]
fn a_report_about_several_tells_each() {
    let two = format!(
        "{FAILED}\r\nFinal-Recipient: rfc822; eve@example.org\r\nAction: delivered\r\nStatus: 2.0.0\r\n"
    );
    let found = parse(report(&two, RETURNED).as_bytes()).unwrap();
    let actions: Vec<Action> = found.recipients.iter().map(|recipient| recipient.action).collect();
    assert_eq!(actions, [Action::Failed, Action::Delivered]);
}

#[test]
fn a_report_that_was_forwarded_is_found() {
    let inner = report(FAILED, RETURNED);
    let outer = format!(
        "Subject: Fwd\r\nContent-Type: multipart/mixed; boundary=\"out\"\r\n\r\n--out\r\nContent-Type: \
         message/rfc822\r\n\r\n{inner}\r\n--out--\r\n"
    );
    assert_eq!(parse(outer.as_bytes()), parse(inner.as_bytes()));
    assert!(parse(inner.as_bytes()).is_some());
}

#[test]
fn other_mail_is_no_report() {
    for mail in [
        "",
        "hello",
        "Subject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b--\r\n",
    ] {
        assert_eq!(parse(mail.as_bytes()), None, "{mail}");
    }
    assert_eq!(parse(report("Reporting-MTA: dns; x\r\n", RETURNED).as_bytes()), None, "it speaks of nobody");
}

proptest::proptest! {
    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        parse(&bytes);
        let inner = String::from_utf8_lossy(&bytes);
        parse(report(&inner, RETURNED).as_bytes());
        parse(report(FAILED, &inner).as_bytes());
    }
}
