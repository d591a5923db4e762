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
