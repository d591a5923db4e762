use super::*;
use crate::transport::http::answer::tests::answer;
use crate::transport::http::tests::settings;

fn outcomes(status: u16, body: &str) -> Outcomes {
    Sparkpost::new(&settings("sparkpost://key", "https://api.sparkpost.com"))
        .outcomes(&answer(status, &[], body), 1)
}

fn fault(status: u16, body: &str) -> Option<Fault> {
    match outcomes(status, body) {
        Outcomes::All(broken) => broken.fault,
        other => panic!("{other:?}"),
    }
}

fn error(code: &str, message: &str, description: &str) -> String {
    format!(r#"{{"errors":[{{"code":"{code}","message":"{message}","description":"{description}"}}]}}"#)
}

#[test]
fn what_was_taken_has_an_id_and_a_success_that_took_nobody_is_none() {
    let taken = r#"{"results":{"total_rejected_recipients":0,"total_accepted_recipients":1,"id":"11668787484950529"}}"#;
    let Outcomes::Each(each) = outcomes(200, taken) else { panic!() };
    assert_eq!(each[0].as_ref().unwrap().reply.to_string(), "200 11668787484950529");
    let rejected = r#"{"results":{"total_rejected_recipients":1,"total_accepted_recipients":0,"id":"1"}}"#;
    assert_eq!(fault(200, rejected), Some(Fault::Recipient));
}

#[test]
fn each_code_blames_whom_it_is_about() {
    let cases = [
        (
            400,
            error(
                "1902",
                "Message generation rejected",
                "recipient address suppressed due to customer policy",
            ),
            Fault::Recipient,
        ),
        (
            400,
            error("5002", "invalid recipient", "At least one valid recipient is required"),
            Fault::Recipient,
        ),
        (400, error("7001", "Invalid domain", "Unconfigured Sending Domain <example.org>"), Fault::Account),
        (401, error("", "Unauthorized.", ""), Fault::Account),
        (403, error("", "Forbidden.", ""), Fault::Account),
        (420, error("2102", "sending limit exceeded", "hourly limit"), Fault::Speed { wait: None }),
        (420, error("2103", "sending limit exceeded", "Exceeded daily sending limit"), Fault::Account),
        (429, error("", "Too many requests", ""), Fault::Speed { wait: None }),
        (500, error("", "internal", ""), Fault::Passing),
    ];
    for (status, body, expected) in cases {
        assert_eq!(fault(status, &body), Some(expected), "{body}");
    }
}

#[test]
fn an_answer_that_cannot_be_read_leaves_the_letter_unclear() {
    for body in [r#"{"results":{"id":"1""#, r#"{"errors":[]}"#, "<html>proxy</html>"] {
        assert_eq!(fault(200, body), Some(Fault::Unclear), "{body}");
    }
}
