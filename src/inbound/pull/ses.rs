//! Amazon SES, whose events wait in a queue of Amazon SQS, be it as messages of SNS or as SNS passes them on raw.
//!
//! Signatures of SNS are not asked for here: Amazon lets nobody read the queue without our key and nobody write to it
//! whom the queue's own policy does not name, and whoever may write may write raw events, which have no signature.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>

use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{Listed, Lists, Page, PullError, Unreadable};
use crate::inbound::webhook::Refused;
use crate::inbound::webhook::read::{Item, item};
use crate::inbound::webhook::ses::events;
use crate::settings::http::HttpSettings;
use crate::transport::http::answer::Answer;
use crate::transport::http::api::Request;
use crate::transport::http::ses::{kind, message};

/// The most that SQS gives at once.
const LIMIT: u64 = 10;
/// Seconds; with any at all, SQS asks each of its servers instead of some.
const WAIT: u64 = 1;
/// Seconds until a message that is not deleted may be read again.
const HIDDEN: u64 = 60;
/// A queue that fills faster than it is read must not hold a run for ever.
const MOST_CALLS: u64 = 10_000;

/// The settings by which the queue is asked instead of SES: it may be in another region.
pub fn of_queue(settings: &HttpSettings) -> Result<HttpSettings, PullError> {
    let queue = settings.queue.as_ref().ok_or(PullError::NoQueue)?;
    let mut endpoint = queue.clone();
    endpoint.set_path("/");
    let region = region(queue).or_else(|| settings.region.clone());
    Ok(HttpSettings { endpoint, region, ..settings.clone() })
}

/// `sqs.eu-central-1.amazonaws.com`.
fn region(queue: &Url) -> Option<String> {
    let (region, rest) = queue.host_str()?.strip_prefix("sqs.")?.split_once('.')?;
    rest.starts_with("amazonaws.com").then(|| region.to_owned())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Received {
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    message_id: String,
    receipt_handle: String,
    body: String,
}

pub async fn page(lists: &Lists, next: Option<&str>, now: Timestamp) -> Result<Page, PullError> {
    let wish = json!({"MaxNumberOfMessages": LIMIT, "WaitTimeSeconds": WAIT, "VisibilityTimeout": HIDDEN});
    let body = lists.answered(&call(lists, "ReceiveMessage", wish)).await?;
    let received: Received = serde_json::from_slice(&body).map_err(|_| lists.no_list())?;
    let calls = 1 + next.and_then(|calls| calls.parse::<u64>().ok()).unwrap_or_default();
    let is_over = received.messages.is_empty() || calls >= MOST_CALLS;
    let mut page = Page { next: (!is_over).then(|| calls.to_string()), ..Page::default() };
    for message in received.messages {
        add(&mut page, message, now);
    }
    Ok(page)
}

fn add(page: &mut Page, message: Message, now: Timestamp) {
    match read(&message.body, now) {
        Ok(events) => {
            page.events.extend(events);
            page.receipts.push(message.receipt_handle);
        }
        Err(refused) => {
            page.unreadable.push(Unreadable { name: message.message_id, cause: refused.to_string() });
        }
    }
}

/// Deletes the messages of these receipts, of which there are no more than came at once.
pub async fn delete(lists: &Lists, receipts: &[String]) -> Result<(), PullError> {
    let entry =
        |(number, receipt): (usize, &String)| json!({"Id": number.to_string(), "ReceiptHandle": receipt});
    let entries: Vec<Value> = receipts.iter().enumerate().map(entry).collect();
    let body = lists.answered(&call(lists, "DeleteMessageBatch", json!({"Entries": entries}))).await?;
    let answer: Value = serde_json::from_slice(&body).map_err(|_| lists.no_list())?;
    match answer.pointer("/Failed/0") {
        None => Ok(()),
        Some(failed) => {
            Err(PullError::Kept { cause: failed["Code"].as_str().unwrap_or_default().to_owned() })
        }
    }
}

fn call(lists: &Lists, action: &str, mut wish: Value) -> Request {
    wish["QueueUrl"] = lists.settings.queue.as_ref().map(Url::as_str).into();
    let target = HeaderValue::from_str(&format!("AmazonSQS.{action}")).expect("actions are words");
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0")),
        (HeaderName::from_static("x-amz-target"), target),
    ]);
    Request { method: Method::POST, path: "/".to_owned(), headers, body: wish.to_string().into_bytes() }
}

/// What the queue's refusal is, if it is about our rights.
pub fn is_forbidden(answer: &Answer) -> bool {
    let kind = kind(answer);
    ["AccessDenied", "UnrecognizedClient", "InvalidClientTokenId", "InvalidSecurity", "InvalidAccessKeyId"]
        .iter()
        .any(|known| kind.contains(known))
}

/// An error in Amazon's own words, or next to nothing where none of its errors came.
pub fn words(answer: &Answer) -> String {
    format!("{} {}", kind(answer), message(answer))
}

/// The events of a message.
fn read(body: &str, now: Timestamp) -> Result<Vec<Listed>, Refused> {
    if is_greeting(body) {
        return Ok(Vec::new());
    }
    let outer = item(body)?;
    match outer.text("/Type") {
        "Notification" if is_greeting(outer.text("/Message")) => Ok(Vec::new()),
        "Notification" => listed(&item(outer.text("/Message"))?, now),
        _ => listed(&outer, now),
    }
}

/// SES says so once when a topic is set up.
fn is_greeting(text: &str) -> bool {
    text.trim_start().starts_with("Successfully validated SNS topic")
}

fn listed(item: &Item<'_>, now: Timestamp) -> Result<Vec<Listed>, Refused> {
    if item.first(&["/eventType", "/notificationType"]).is_empty() {
        return Err(Refused::Malformed("it is no event of SES"));
    }
    let letter = item.text("/mail/messageId");
    let named = |event| Listed { event, letter: letter.to_owned() };
    Ok(events(item.raw, now)?.into_iter().map(named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"eventType":"Delivery","mail":{"messageId":"0107","destination":["a@x.example"]},
        "delivery":{"recipients":["a@x.example"],"smtpResponse":"250 ok"}}"#;

    fn at() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn enveloped(text: &str) -> String {
        json!({"Type": "Notification", "MessageId": "m", "Message": text}).to_string()
    }

    #[test]
    fn an_event_is_the_same_raw_in_an_envelope_and_as_a_webhook() {
        let raw = read(EVENT, at()).unwrap();
        assert_eq!(raw, read(&enveloped(EVENT), at()).unwrap());
        assert_eq!((raw[0].letter.as_str(), raw.len()), ("0107", 1));
        assert_eq!(vec![raw[0].event.clone()], events(EVENT, at()).unwrap());
    }

    #[test]
    fn the_greeting_of_a_topic_is_read_and_what_is_no_event_is_not() {
        let greeting = "Successfully validated SNS topic for Amazon SES event publishing.";
        assert_eq!((read(greeting, at()), read(&enveloped(greeting), at())), (Ok(vec![]), Ok(vec![])));
        let confirmation = r#"{"Type":"SubscriptionConfirmation","Message":"You have chosen to subscribe"}"#;
        for other in ["", "hello", "{}", "[]", confirmation, &enveloped("hello"), &enveloped("{}")] {
            assert!(read(other, at()).is_err(), "{other}");
        }
    }

    #[test]
    fn the_region_of_a_queue_is_that_of_its_address() {
        let of = |text: &str| region(&Url::parse(text).unwrap());
        assert_eq!(of("https://sqs.eu-west-1.amazonaws.com/1/mail").as_deref(), Some("eu-west-1"));
        assert_eq!(of("https://sqs.cn-north-1.amazonaws.com.cn/1/mail").as_deref(), Some("cn-north-1"));
        assert_eq!(of("http://127.0.0.1:4566/1/mail"), None);
    }
}
