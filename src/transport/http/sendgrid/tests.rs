use super::*;
use crate::transport::http::answer::tests::answer;
use crate::transport::http::message::tests::{letter, letter_with};

fn sendgrid() -> Sendgrid {
    Sendgrid::new(&crate::transport::http::tests::settings("sendgrid://SG.key", "https://api.sendgrid.com"))
}

fn fault(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Option<Fault> {
    match sendgrid().outcomes(&answer(status, headers, body), 1) {
        Outcomes::All(broken) => broken.fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_letter_that_was_taken_is_known_by_its_id() {
    let outcomes = sendgrid().outcomes(&answer(202, &[("x-message-id", "abc")], ""), 1);
    let Outcomes::Each(each) = outcomes else { panic!("{outcomes:?}") };
    assert_eq!(each[0].as_ref().unwrap().reply.to_string(), "202 abc");
}

#[test]
fn a_success_that_is_none_of_its_own_leaves_the_letter_unclear() {
    let html = &[("content-type", "text/html")][..];
    let error = r#"{"errors":[{"message":"no","field":null}]}"#;
    for (status, headers, body) in [
        (200, html, "<html>welcome</html>"),
        (202, html, "<html>wait</html>"),
        (200, &[], error),
        (202, &[], error),
    ] {
        assert_eq!(fault(status, headers, body), Some(Fault::Unclear), "{status} {body}");
    }
}

#[test]
fn only_an_error_in_the_field_of_the_recipient_is_about_them() {
    let error = |field: &str| {
        format!(r#"{{"errors":[{{"message":"Does not contain a valid address.","field":{field}}}]}}"#)
    };
    assert_eq!(fault(400, &[], &error("\"personalizations.0.to.0.email\"")), Some(Fault::Recipient));
    for field in ["\"from.email\"", "\"personalizations.0.custom_args\"", "null", "\"reply_to.email\""] {
        assert_eq!(fault(400, &[], &error(field)), Some(Fault::Account), "{field}");
    }
    let both = r#"{"errors":[{"message":"a","field":"personalizations.0.to.0.email"},{"message":"b","field":"from"}]}"#;
    assert_eq!(fault(400, &[], both), Some(Fault::Account));
    assert_eq!(
        fault(400, &[], r#"{"errors":[{"message":"a","field":"personalizations.0.to"#),
        Some(Fault::Passing)
    );
}

#[test]
fn what_is_wrong_with_us_or_with_it_marks_nobody() {
    let error =
        |message: &str| format!(r#"{{"errors":[{{"message":"{message}","field":null,"help":null}}]}}"#);
    let cases = [
        (401, "The provided authorization grant is invalid, expired, or revoked", Fault::Account),
        (401, "Maximum credits exceeded", Fault::Account),
        (403, "The from address does not match a verified Sender Identity", Fault::Account),
        (413, "The message is too large", Fault::Account),
        (429, "too many requests", Fault::Speed { wait: None }),
        (500, "internal", Fault::Passing),
        (504, "timeout", Fault::Unclear),
    ];
    for (status, message, expected) in cases {
        assert_eq!(fault(status, &[], &error(message)), Some(expected), "{status} {message}");
    }
    let page = "<html>personalizations.0.to</html>";
    assert_eq!(fault(400, &[("content-type", "text/html")], page), Some(Fault::Passing));
}

#[test]
fn a_letter_keeps_its_parts_and_loses_only_the_fields_that_are_refused() {
    let piece = letter(|letter| sendgrid().piece(letter)).unwrap();
    let mail: serde_json::Value = serde_json::from_slice(&piece).unwrap();
    assert_eq!(mail["personalizations"][0]["to"][0]["name"], "Ada, L.");
    assert_eq!(mail["personalizations"][0]["custom_args"]["courant"], "token1");
    assert_eq!(mail["content"][0]["type"], "text/plain");
    assert_eq!(mail["content"][1]["value"], "<p>Grüße</p>");
    assert_eq!(mail["attachments"][0]["disposition"], "inline");
    assert_eq!(mail["attachments"][1]["type"], "text/plain");
    assert_eq!(mail["reply_to"]["email"], "answers@example.org");

    let piece =
        letter_with("Received: by us\r\nX-Sg-Eid: 1\r\nX-Own: 1\r\n", |letter| sendgrid().piece(letter));
    let mail: serde_json::Value = serde_json::from_slice(&piece.unwrap()).unwrap();
    let names: Vec<&String> = mail["headers"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["List-Unsubscribe", "List-Unsubscribe-Post", "X-Own"]);
}

#[test]
fn links_and_footer_stay_what_was_previewed_whatever_the_account_says() {
    let piece = letter(|letter| sendgrid().piece(letter)).unwrap();
    let mail: serde_json::Value = serde_json::from_slice(&piece).unwrap();
    let tracking = &mail["tracking_settings"];
    assert_eq!(tracking["click_tracking"], serde_json::json!({"enable": false, "enable_text": false}));
    for what in ["open_tracking", "subscription_tracking", "ganalytics"] {
        assert_eq!(tracking[what]["enable"], false, "{what}");
    }
}
