use super::signer::{signed_at, signer};
use super::*;
use crate::transport::http::answer::tests::answer;
use crate::transport::http::tests::settings;

fn ses() -> Ses {
    Ses::new(&settings("ses://AKIA:secret@eu-central-1", "https://email.eu-central-1.amazonaws.com"))
}

fn broken(status: u16, kind: &'static str, message: &str) -> Broken {
    let body = format!(r#"{{"message":"{message}"}}"#);
    match ses().outcomes(&answer(status, &[("x-amzn-errortype", kind)], &body), 1) {
        Outcomes::All(broken) => broken,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_taken_has_the_id_that_amazon_gave_it() {
    let body = r#"{"MessageId":"0107018a-1"}"#;
    let Outcomes::Each(each) = ses().outcomes(&answer(200, &[], body), 1) else { panic!() };
    assert_eq!(each[0].as_ref().unwrap().reply.to_string(), "200 0107018a-1");
}

#[test]
fn each_error_blames_whom_it_is_about() {
    let speed = Fault::Speed { wait: None };
    let cases = [
        (429, "TooManyRequestsException", "Maximum sending rate exceeded.", speed),
        (400, "ThrottlingException", "Maximum sending rate exceeded.", speed),
        (400, "ThrottlingException", "Daily message quota exceeded.", Fault::Account),
        (400, "LimitExceededException", "Maximum sending rate exceeded.", speed),
        (400, "SendingPausedException", "Email sending is paused", Fault::Account),
        (400, "AccountSuspendedException", "The account is suspended", Fault::Account),
        (400, "MailFromDomainNotVerifiedException", "MAIL FROM domain", Fault::Account),
        (400, "MessageRejected", "Sending suspended for this account.", Fault::Account),
        (400, "BadRequestException", "Illegal address", Fault::Recipient),
        (400, "BadRequestException", "Configuration set <x> does not exist", Fault::Account),
        (404, "NotFoundException", "Configuration set <x> does not exist", Fault::Account),
        (403, "AccessDeniedException", "User is not authorized to perform ses:SendEmail", Fault::Account),
        (403, "UnrecognizedClientException", "The security token is invalid", Fault::Account),
        (403, "InvalidSignatureException", "Credential should be scoped to a valid region", Fault::Account),
        (500, "InternalFailure", "", Fault::Passing),
        (503, "ServiceUnavailable", "", Fault::Passing),
    ];
    for (status, kind, message, expected) in cases {
        assert_eq!(broken(status, kind, message).fault, Some(expected), "{kind} {message}");
    }
}

#[test]
fn the_sandbox_stops_the_run_and_marks_nobody() {
    let message = "Email address is not verified. The following identities failed the check in region \
                   EU-CENTRAL-1: ada@example.net";
    let broken = broken(400, "MessageRejected", message);
    assert_eq!(broken.fault, Some(Fault::Account));
    assert!(broken.to_string().contains("EU-CENTRAL-1: ada@example.net"));
}

#[test]
fn the_name_of_an_error_is_found_where_each_of_amazons_doors_writes_it() {
    let named = |headers, body: &str| kind(&answer(400, headers, body));
    assert_eq!(named(&[("x-amzn-errortype", "Throttling:http://x/")], "{}"), "Throttling");
    assert_eq!(named(&[], r#"{"__type":"com.amazon#SendingPausedException"}"#), "SendingPausedException");
}

#[test]
fn an_answer_that_cannot_be_read_leaves_the_letter_unclear() {
    for body in [r#"{"MessageId":"01"#, r#"{"message":"odd"}"#, "<html>proxy</html>", ""] {
        let Outcomes::All(broken) = ses().outcomes(&answer(200, &[], body), 1) else { panic!() };
        assert_eq!(broken.fault, Some(Fault::Unclear), "{body}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_set_once_and_a_wrong_secret_is_no_clock() {
    let ses = ses();
    let mut request = ses.request(&[b"{}"], None);
    ses.sign(&mut request).await.unwrap();
    let skewed =
        |date| answer(403, &[("x-amzn-errortype", "InvalidSignatureException"), ("date", date)], "{}");
    let long_ago = skewed("Tue, 01 Jan 2019 00:00:00 GMT");
    assert!(ses.renews(&request.headers, &long_ago));
    ses.sign(&mut request).await.unwrap();
    let signed = signed_at(&request.headers).unwrap();
    assert_eq!(signed.strftime("%Y-%m-%d").to_string(), "2019-01-01");
    assert!(!ses.renews(&request.headers, &long_ago), "the time was right, so that the secret is wrong");
    assert_eq!(request.headers.get_all("x-amz-date").iter().count(), 1);
}

#[tokio::test]
async fn keys_that_stand_in_the_settings_are_not_renewed() {
    let ses = ses();
    let mut request = ses.request(&[b"{}"], None);
    ses.sign(&mut request).await.unwrap();
    assert_eq!(signer(&request.headers), Some("AKIA"));
    assert!(
        !ses.renews(&request.headers, &answer(403, &[("x-amzn-errortype", "ExpiredTokenException")], "{}"))
    );
}
