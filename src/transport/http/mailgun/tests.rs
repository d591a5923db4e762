use super::*;
use crate::model::address::Address;
use crate::transport::Envelope;
use crate::transport::http::answer::tests::answer;
use crate::transport::http::tests::settings;

fn mailgun() -> Mailgun {
    Mailgun::new(&settings("mailgun://key@mg.example.org", "https://api.mailgun.net"))
}

fn broken(status: u16, body: &str) -> Broken {
    match mailgun().outcomes(&answer(status, &[], body), 1) {
        Outcomes::All(broken) => broken,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_letter_travels_as_it_is_with_its_token_beside_it() {
    let envelope = Envelope {
        sender: Address::parse("us@example.org").unwrap(),
        recipient: Address::parse("ada@example.net").unwrap(),
        size: None,
        id: None,
        token: Some("token1".to_owned()),
    };
    let letter = Letter { envelope: &envelope, bytes: b"Subject: Hi\r\n\r\nHello\r\n" };
    let piece = mailgun().piece(&letter).unwrap();
    let mut request = mailgun().request(&[&piece], None);
    drop(mailgun().sign(&mut request));
    let text = String::from_utf8(request.body).unwrap();
    let boundary = request.headers["content-type"].to_str().unwrap().split_once("boundary=").unwrap().1;
    assert_eq!(request.path, "/v3/mg.example.org/messages.mime");
    assert_eq!(request.headers["authorization"], "Basic YXBpOmtleQ==");
    assert!(request.headers["authorization"].is_sensitive());
    let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 7, "{text}");
    assert!(parts[1].ends_with("name=\"to\"\r\n\r\nada@example.net\r\n"));
    assert!(parts[4].ends_with("name=\"v:courant\"\r\n\r\ntoken1\r\n"));
    assert!(parts[5].ends_with("message/rfc822\r\n\r\nSubject: Hi\r\n\r\nHello\r\n\r\n"));
    assert_eq!(parts[6], "--\r\n");
}

#[test]
fn what_was_taken_has_the_id_that_mailgun_gave_it() {
    let body = r#"{"id":"<1@mg.example.org>","message":"Queued. Thank you."}"#;
    let Outcomes::Each(each) = mailgun().outcomes(&answer(200, &[], body), 1) else { panic!() };
    assert_eq!(each[0].as_ref().unwrap().reply.to_string(), "200 Queued. Thank you. <1@mg.example.org>");
}

#[test]
fn each_refusal_blames_whom_it_is_about() {
    let to = r#"{"message":"'to' parameter is not a valid address. please check documentation"}"#;
    assert_eq!(broken(400, to).fault, Some(Fault::Recipient));
    let account = [
        (400, r#"{"message":"'from' parameter is not a valid address. please check documentation"}"#),
        (401, "Forbidden"),
        (403, r#"{"message":"Domain mg.example.org is not allowed to send: The domain is unverified"}"#),
        (404, r#"{"message":"Domain not found: mg.example.org"}"#),
        (402, r#"{"message":"payment required"}"#),
    ];
    for (status, body) in account {
        assert_eq!(broken(status, body).fault, Some(Fault::Account), "{body}");
    }
    assert_eq!(broken(500, r#"{"message":"oops"}"#).fault, Some(Fault::Passing));
}

#[test]
fn an_answer_that_cannot_be_read_leaves_the_letter_unclear() {
    for body in [r#"{"id":"<1@mg"#, r#"{"message":"Something went wrong"}"#, "<html>proxy</html>", ""] {
        assert_eq!(broken(200, body).fault, Some(Fault::Unclear), "{body}");
    }
}

#[test]
fn a_limit_says_in_words_until_when_and_is_believed_for_a_day() {
    let words = |date: &str| {
        format!(
            r#"{{"message":"Domain mg.example.org is not allowed to send: recipient limit exceeded, try again after {date}"}}"#
        )
    };
    let far = broken(403, &words("Wed, 01 Jan 2200 00:00:00 UTC"));
    assert_eq!(far.fault, Some(Fault::Speed { wait: Some(LONGEST_WAIT) }));
    let over = broken(429, &words("Tue, 01 Jan 2019 00:00:00 UTC"));
    assert_eq!(over.fault, Some(Fault::Speed { wait: None }));
}
