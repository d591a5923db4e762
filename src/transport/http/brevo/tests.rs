use super::*;
use crate::transport::http::answer::tests::answer;
use crate::transport::http::message::tests::{letter, plain_letter};

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn brevo() -> Brevo {
    Brevo::new(&crate::transport::http::tests::settings("brevo://xkeysib-1", "https://api.brevo.com"))
}

fn fault(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Option<Fault> {
    match brevo().outcomes(&answer(status, headers, body), 1) {
        Outcomes::All(broken) => broken.fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_letter_that_was_taken_is_known_by_its_id_and_a_key_that_was_used_is_told_from_it() {
    let accepted = |status, body| match brevo().outcomes(&answer(status, &[], body), 1) {
        Outcomes::Each(each) => each[0].as_ref().unwrap().reply.to_string(),
        Outcomes::Used(accepted) => format!("used: {}", accepted.reply),
        other => panic!("{other:?}"),
    };
    assert_eq!(accepted(201, r#"{"messageId":"<1@smtp-relay.example>"}"#), "201 <1@smtp-relay.example>");
    let duplicate = r#"{"code":"duplicate_parameter","message":"The idempotency key was used"}"#;
    assert_eq!(accepted(400, duplicate), "used: 400 duplicate_parameter The idempotency key was used");
}

#[test]
fn a_success_that_nobody_can_read_leaves_the_letter_unclear() {
    let html = &[("content-type", "text/html")][..];
    for (status, headers, body) in [
        (201, &[][..], r#"{"messageId":"<1@"#),
        (200, &[][..], r#"{"code":"invalid_parameter","message":"no"}"#),
        (200, html, "<html>welcome</html>"),
    ] {
        assert_eq!(fault(status, headers, body), Some(Fault::Unclear), "{status} {body}");
    }
}

#[test]
fn its_refusals_blame_whom_they_name() {
    let cases = [
        (400, "invalid_parameter", "email is not valid in to", Fault::Recipient),
        (400, "invalid_parameter", "email is not valid in sender", Fault::Account),
        (400, "invalid_parameter", "valid sender email required; recipient email address", Fault::Account),
        (400, "missing_parameter", "subject is missing", Fault::Account),
        (401, "unauthorized", "Key not found", Fault::Account),
        (402, "not_enough_credits", "You have no credits", Fault::Account),
        (403, "account_under_validation", "in to", Fault::Account),
        (429, "too_many_requests", "slow down", Fault::Speed { wait: None }),
        (500, "internal", "x", Fault::Passing),
        (502, "", "", Fault::Unclear),
    ];
    for (status, code, message, expected) in cases {
        let body = format!(r#"{{"code":"{code}","message":"{message}"}}"#);
        assert_eq!(fault(status, &[], &body), Some(expected), "{status} {message}");
    }
    let page = r#"<html>"code":"invalid_parameter" email is not valid in to</html>"#;
    assert_eq!(fault(400, &[("content-type", "text/html")], page), Some(Fault::Passing));
}

#[test]
fn the_key_of_a_call_stands_among_the_headers_as_a_uuid() {
    let piece = plain_letter(|letter| brevo().piece(letter)).unwrap();
    let request = brevo().request(&[&piece], Some(KEY));
    let email: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(email["headers"]["idempotencyKey"], "01234567-89ab-8def-a123-456789abcdef");
    assert_eq!(email["headers"]["X-Mailin-custom"], "courant:token1");
    assert_eq!(email["to"][0]["email"], "ada@example.net");
    let bare = brevo().request(&[b"{\"headers\":{}}"], Some(KEY));
    assert!(serde_json::from_slice::<serde_json::Value>(&bare.body).is_ok());
    let unkeyed = brevo().request(&[&piece], None);
    assert_eq!(unkeyed.body, piece);
}

#[test]
fn a_letter_with_pictures_in_its_text_is_not_sent_without_them() {
    let broken = letter(|letter| brevo().piece(letter)).unwrap_err();
    assert!(broken.cause.contains("no images within the text"), "{broken}");
}

#[test]
fn a_name_is_cut_where_it_is_longer_than_it_takes() {
    let named = |name: &str| {
        mailbox(&Person { name: name.to_owned(), address: "a@x.example".to_owned() }).name.to_owned()
    };
    assert_eq!(named(&"Ü".repeat(71)), "Ü".repeat(70));
    assert_eq!(named(&"Ü".repeat(70)), "Ü".repeat(70));
    assert_eq!(named(&format!("{} Countess", "a".repeat(69))), "a".repeat(69));
    assert_eq!(named(""), "");
}
