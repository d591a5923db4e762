use super::*;
use crate::transport::http::answer::tests::answer;
use crate::transport::http::message::tests::letter;

fn postmark(url: &str) -> Postmark {
    Postmark::new(&crate::transport::http::tests::settings(url, "https://api.postmarkapp.com"))
}

fn read(status: u16, body: &str, letters: usize) -> Outcomes {
    postmark("postmark://token").outcomes(&answer(status, &[], body), letters)
}

fn fault_of_all(outcomes: Outcomes) -> Option<Fault> {
    match outcomes {
        Outcomes::All(broken) | Outcomes::Split(broken) => broken.fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_letter_of_a_call_has_its_own_outcome_in_order() {
    let body = r#"[
        {"ErrorCode":0,"Message":"OK","MessageID":"b7bc2f4a","To":"a@example.net"},
        {"ErrorCode":406,"Message":"You tried to send to recipient(s) that have been marked as inactive."},
        {"ErrorCode":300,"Message":"Invalid 'To' address: 'x@@example'."},
        {"ErrorCode":300,"Message":"Invalid 'From' address: 'to@example.org'."},
        {"ErrorCode":300,"Message":"Provide either email TextBody or HtmlBody or both."},
        {"ErrorCode":412,"Message":"While your account is pending approval, all recipients must share the domain."},
        {"ErrorCode":10,"Message":"No Account or Server API tokens were supplied."},
        {"ErrorCode":100,"Message":"Maintenance"}
    ]"#;
    let Outcomes::Each(each) = read(200, body, 8) else { panic!() };
    let faults: Vec<_> =
        each.iter().map(|one| one.as_ref().map_err(|broken| broken.fault).err().flatten()).collect();
    use Fault::{Account, Passing, Recipient};
    assert_eq!(
        faults,
        [
            None,
            Some(Recipient),
            Some(Recipient),
            Some(Account),
            Some(Account),
            Some(Account),
            Some(Account),
            Some(Passing)
        ]
    );
    assert_eq!(each[0].as_ref().unwrap().reply.to_string(), "200 b7bc2f4a");
    assert!(each[1].as_ref().unwrap_err().to_string().starts_with("200 406 You tried"));
}

#[test]
fn an_answer_that_is_cut_short_or_of_another_shape_leaves_the_letters_unclear() {
    let error_inside = r#"{"ErrorCode":500,"Message":"something"}"#;
    for body in [r#"[{"ErrorCode":0,"Mess"#, r#"[{"ErrorCode":0}]"#, error_inside, "<html>hello</html>", ""] {
        assert_eq!(fault_of_all(read(200, body, 2)), Some(Fault::Unclear), "{body}");
    }
}

#[test]
fn what_is_wrong_with_the_whole_call_marks_nobody() {
    let cases = [
        (401, r#"{"ErrorCode":10,"Message":"Bad or missing API token."}"#, Fault::Account),
        (422, r#"{"ErrorCode":402,"Message":"Invalid JSON"}"#, Fault::Account),
        (422, r#"{"ErrorCode":410,"Message":"Too many batch messages"}"#, Fault::Account),
        (429, r#"{"ErrorCode":429,"Message":"Rate limit exceeded"}"#, Fault::Speed { wait: None }),
        (500, r#"{"ErrorCode":0,"Message":"Internal server error"}"#, Fault::Passing),
        (503, "", Fault::Unclear),
        (502, "", Fault::Unclear),
    ];
    for (status, body, fault) in cases {
        assert_eq!(fault_of_all(read(status, body, 3)), Some(fault), "{status} {body}");
    }
    assert!(matches!(read(413, "", 3), Outcomes::Split(_)));
}

#[test]
fn a_page_of_a_proxy_refuses_nobody() {
    let html = &[("content-type", "text/html")];
    for (status, fault) in [(403, Fault::Account), (422, Fault::Passing), (504, Fault::Unclear)] {
        let page = answer(status, html, "<html>The recipient is invalid</html>");
        let outcomes = postmark("postmark://token").outcomes(&page, 3);
        assert_eq!(fault_of_all(outcomes), Some(fault), "{status}");
    }
}

#[test]
fn a_letter_names_its_stream_its_row_and_its_pictures() {
    let api = postmark("postmark://token?stream=weekly");
    let piece = letter(|letter| api.piece(letter)).unwrap();
    let email: serde_json::Value = serde_json::from_slice(&piece).unwrap();
    assert_eq!(email["MessageStream"], "weekly");
    assert_eq!(email["Metadata"], serde_json::json!({"courant": "token1"}));
    assert_eq!(email["To"], "\"Ada, L.\" <ada@example.net>");
    assert_eq!(email["Attachments"][0]["ContentID"], "cid:logo@courant");
    assert_eq!(email["Headers"][0]["Name"], "List-Unsubscribe");
    let request = api.request(&[&piece, &piece], None);
    let calls: Vec<serde_json::Value> = serde_json::from_slice(&request.body).unwrap();
    assert_eq!((request.path.as_str(), calls.len()), ("/email/batch", 2));
}
