use super::*;
use crate::transport::http::answer::tests::answer;
use crate::transport::http::message::tests::{letter, plain_letter};

fn read(status: u16, body: &str, letters: usize) -> Outcomes {
    let settings = crate::transport::http::tests::settings("resend://re_key", "https://api.resend.com");
    Resend::new(&settings).outcomes(&answer(status, &[], body), letters)
}

fn fault_of_all(outcomes: Outcomes) -> Option<Fault> {
    match outcomes {
        Outcomes::All(broken) => broken.fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_batch_that_was_taken_names_each_letter() {
    let Outcomes::Each(each) = read(200, r#"{"data":[{"id":"a"},{"id":"b"}]}"#, 2) else { panic!() };
    let ids: Vec<String> = each.into_iter().map(|taken| taken.unwrap().reply.to_string()).collect();
    assert_eq!(ids, ["200 a", "200 b"]);
}

#[test]
fn an_answer_that_is_cut_or_too_short_leaves_the_letters_unclear() {
    for (body, letters) in [(r#"{"data":[{"id":"a"}"#, 1), (r#"{"data":[{"id":"a"}]}"#, 2), ("", 1)] {
        assert_eq!(fault_of_all(read(200, body, letters)), Some(Fault::Unclear), "{body}");
    }
}

#[test]
fn a_bad_address_spoils_the_batch_and_is_looked_for() {
    let body = r#"{"statusCode":422,"name":"validation_error","message":"Invalid `to` field. x"}"#;
    let Outcomes::Split(broken) = read(422, body, 100) else { panic!() };
    assert_eq!(broken.fault, Some(Fault::Recipient));
}

#[test]
fn what_is_wrong_with_us_blames_nobody_else() {
    let body = |name: &str, message: &str| format!(r#"{{"name":"{name}","message":"{message}"}}"#);
    let cases = [
        (401, "missing_api_key", "Missing API key", Fault::Account),
        (403, "validation_error", "The example.org domain is not verified", Fault::Account),
        (422, "validation_error", "Invalid `from` field", Fault::Account),
        (429, "daily_quota_exceeded", "You have reached your daily email quota", Fault::Account),
        (429, "rate_limit_exceeded", "Too many requests", Fault::Speed { wait: None }),
        (409, "invalid_idempotent_request", "Same key, other body", Fault::Unclear),
        (500, "application_error", "Internal error", Fault::Passing),
    ];
    for (status, name, message, fault) in cases {
        assert_eq!(fault_of_all(read(status, &body(name, message), 3)), Some(fault), "{name}");
    }
    let busy = body("concurrent_idempotent_requests", "wait");
    assert!(matches!(read(409, &busy, 3), Outcomes::Again));
}

#[test]
fn a_letter_with_files_is_a_call_of_its_own_since_a_batch_drops_them() {
    let settings = crate::transport::http::tests::settings("resend://re_key", "https://api.resend.com");
    let api = Resend::new(&settings);
    let with_files = letter(|letter| api.piece(letter)).unwrap();
    let plain = plain_letter(|letter| api.piece(letter)).unwrap();
    assert!(api.travels_alone(&with_files) && !api.travels_alone(&plain));
    let alone = api.request(&[&with_files], Some("k"));
    let email: serde_json::Value = serde_json::from_slice(&alone.body).unwrap();
    assert_eq!((alone.path.as_str(), &alone.headers["idempotency-key"]), ("/emails", &"k".parse().unwrap()));
    assert_eq!(email["attachments"].as_array().map(Vec::len), Some(2));
    assert_eq!(api.request(&[&plain], None).path, "/emails/batch");
    let Outcomes::Each(each) = read(200, r#"{"id":"a"}"#, 1) else { panic!() };
    assert_eq!(each[0].as_ref().unwrap().reply.to_string(), "200 a");
}
