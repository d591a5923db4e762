//! How each provider reads a sending and answers it, by its documentation.

use serde_json::{Value, json};

use super::http::Call;
use super::{Dialect, Judged, Letter};

pub const SES: Dialect = Dialect { read: read_ses, answer: answer_ses, is_all_or_nothing: true };
pub const MAILGUN: Dialect = Dialect { read: read_mailgun, answer: answer_mailgun, is_all_or_nothing: true };
pub const SPARKPOST: Dialect =
    Dialect { read: read_sparkpost, answer: answer_sparkpost, is_all_or_nothing: true };
pub const MAILJET: Dialect = Dialect { read: read_mailjet, answer: answer_mailjet, is_all_or_nothing: false };

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn is_post(call: &Call, path: &str) -> bool {
    call.method == "POST" && call.path == path
}

fn read_ses(call: &Call) -> Option<Vec<Letter>> {
    if !is_post(call, "/v2/email/outbound-emails") {
        return None;
    }
    let body = call.json();
    let to = text(&body["Destination"]["ToAddresses"][0]);
    Some(vec![Letter { to, token: text(&body["EmailTags"][0]["Value"]) }])
}

fn answer_ses(each: &[Judged]) -> (u16, String) {
    match &each[0] {
        Ok(id) => (200, json!({ "MessageId": id }).to_string()),
        Err(_) => (400, json!({ "__type": "BadRequestException", "message": "Illegal address" }).to_string()),
    }
}

fn read_mailgun(call: &Call) -> Option<Vec<Letter>> {
    if !is_post(call, "/v3/mg.weekly.example/messages.mime") {
        return None;
    }
    let body = call.text();
    let field = |name: &str| {
        let (_, after) = body.split_once(&format!("name=\"{name}\"\r\n\r\n"))?;
        after.split("\r\n").next().map(str::to_owned)
    };
    Some(vec![Letter { to: field("to")?, token: field("v:courant").unwrap_or_default() }])
}

fn answer_mailgun(each: &[Judged]) -> (u16, String) {
    match &each[0] {
        Ok(id) => (
            200,
            json!({ "id": format!("<{id}@mg.weekly.example>"), "message": "Queued. Thank you." }).to_string(),
        ),
        Err(_) => (
            400,
            json!({ "message": "'to' parameter is not a valid address. please check documentation" })
                .to_string(),
        ),
    }
}

fn read_sparkpost(call: &Call) -> Option<Vec<Letter>> {
    if !is_post(call, "/api/v1/transmissions") {
        return None;
    }
    let body = call.json();
    let recipient = &body["recipients"][0];
    Some(vec![Letter {
        to: text(&recipient["address"]["email"]),
        token: text(&recipient["metadata"]["courant"]),
    }])
}

fn answer_sparkpost(each: &[Judged]) -> (u16, String) {
    match &each[0] {
        Ok(id) => {
            let results = json!({ "total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": id });
            (200, json!({ "results": results }).to_string())
        }
        Err(_) => {
            let error = json!({ "code": "5002", "message": "invalid data", "description": "At least one valid recipient is required" });
            (400, json!({ "errors": [error] }).to_string())
        }
    }
}

fn read_mailjet(call: &Call) -> Option<Vec<Letter>> {
    if !is_post(call, "/v3.1/send") {
        return None;
    }
    let body = call.json();
    let letter =
        |message: &Value| Letter { to: text(&message["To"][0]["Email"]), token: text(&message["CustomID"]) };
    Some(body["Messages"].as_array()?.iter().map(letter).collect())
}

fn answer_mailjet(each: &[Judged]) -> (u16, String) {
    let one = |result: &Judged| match result {
        Ok(id) => json!({ "Status": "success", "To": [{ "MessageUUID": id, "MessageID": 1 }] }),
        Err(to) => json!({ "Status": "error", "Errors": [{
            "ErrorCode": "mj-0013", "StatusCode": 400,
            "ErrorMessage": format!("\"{to}\" is an invalid email address."),
            "ErrorRelatedTo": ["To[0].Email"],
        }] }),
    };
    let messages: Vec<Value> = each.iter().map(one).collect();
    let status = if each.iter().any(Result::is_err) { 400 } else { 200 };
    (status, json!({ "Messages": messages }).to_string())
}
