use super::*;
use crate::transport::http::answer::tests::answer;
use crate::transport::http::tests::settings;

fn outcomes(status: u16, body: &str, letters: usize) -> Outcomes {
    Mailjet::new(&settings("mailjet://key:secret", "https://api.mailjet.com"))
        .outcomes(&answer(status, &[], body), letters)
}

fn fault(status: u16, body: &str, letters: usize) -> Option<Fault> {
    match outcomes(status, body, letters) {
        Outcomes::All(broken) => broken.fault,
        other => panic!("{other:?}"),
    }
}

const TAKEN: &str =
    r#"{"Status":"success","To":[{"Email":"ada@example.net","MessageUUID":"u-1","MessageID":456}]}"#;

fn refused(status: u16, related: &str, message: &str) -> String {
    format!(
        r#"{{"Status":"error","Errors":[{{"ErrorCode":"mj-0013","StatusCode":{status},"ErrorMessage":"{message}","ErrorRelatedTo":["{related}"]}}]}}"#
    )
}

#[test]
fn each_letter_has_an_outcome_of_its_own_whatever_the_call_says() {
    let bad = refused(400, "To[0].Email", "is an invalid email address");
    let ours = refused(400, "From.Email", "the sender is not active");
    let fast = refused(429, "", "slow down");
    let body = format!(r#"{{"Messages":[{TAKEN},{bad},{ours},{fast}]}}"#);
    let Outcomes::Each(each) = outcomes(400, &body, 4) else { panic!() };
    let told: Vec<String> = each
        .iter()
        .map(|one| match one {
            Ok(accepted) => accepted.reply.to_string(),
            Err(broken) => format!("{:?}", broken.fault.unwrap()),
        })
        .collect();
    assert_eq!(told, ["200 456 u-1", "Recipient", "Account", "Speed { wait: None }"]);
}

#[test]
fn a_call_that_was_refused_whole_is_about_us() {
    let body = r#"{"ErrorIdentifier":"x","ErrorCode":"mj-0001","StatusCode":401,"ErrorMessage":"API key authentication/authorization failure"}"#;
    assert_eq!(fault(401, body, 3), Some(Fault::Account));
    assert_eq!(fault(429, "{}", 3), Some(Fault::Speed { wait: None }));
    assert_eq!(fault(500, "{}", 3), Some(Fault::Passing));
}

#[test]
fn an_answer_that_does_not_fit_its_letters_leaves_them_unclear() {
    let short = format!(r#"{{"Messages":[{TAKEN}]}}"#);
    for (status, body) in
        [(200, short.as_str()), (400, &short), (200, r#"{"Messages":[{"Sta"#), (200, "<html></html>")]
    {
        assert_eq!(fault(status, body, 2), Some(Fault::Unclear), "{status} {body}");
    }
}

#[test]
fn what_is_null_in_an_answer_hides_no_letter_that_was_taken() {
    let taken = r#"{"Status":"success","Errors":null,"To":[{"MessageUUID":null,"MessageID":456}]}"#;
    let bad = r#"{"Status":"error","To":null,"Errors":[{"ErrorCode":"mj-0013","StatusCode":400,
        "ErrorMessage":null,"ErrorRelatedTo":["To[0].Email"]}]}"#;
    let Outcomes::Each(each) = outcomes(400, &format!(r#"{{"Messages":[{taken},{bad}]}}"#), 2) else {
        panic!()
    };
    assert_eq!(each[0].as_ref().unwrap().reply.to_string(), "200 456");
    assert_eq!(each[1].as_ref().unwrap_err().fault, Some(Fault::Recipient));
}

#[test]
fn a_refusal_that_nobody_can_read_and_that_names_letters_leaves_them_unclear() {
    for body in [r#"{"Messages":[{"Status":7}]}"#, r#"{"Messages":null}"#, r#"{"Messages":[{"Status":"succ"#]
    {
        assert_eq!(fault(400, body, 2), Some(Fault::Unclear), "{body}");
    }
    let whole = r#"{"ErrorCode":"mj-0004","ErrorRelatedTo":["Messages"],"ErrorMessage":"is missing"}"#;
    assert_eq!(fault(400, whole, 2), Some(Fault::Account));
}
