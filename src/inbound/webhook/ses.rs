//! Amazon SES, which tells by messages of Amazon SNS.

use jiff::Timestamp;
use serde_json::Value;

use super::read::{Item, item, key, rejection, reply};
use super::sns::{self, Body};
use super::{Posted, Received, Refused};
use crate::model::attempt::Enhanced;
use crate::model::event::{Kind, ProviderEvent, Said};

pub async fn receive(
    settings: &crate::settings::webhooks::Sns,
    posted: Posted<'_>,
    sns: &sns::Sns,
    now: Timestamp,
) -> Result<Received, Refused> {
    let message = sns.verify(settings, posted, now).await?;
    match message.body() {
        Body::Notification(text) => events(&text, now).map(Received::Events),
        Body::Confirmation(url) => Ok(Received::Confirm(url)),
        Body::Farewell => Ok(Received::Nothing),
    }
}

/// The events in the text of a message, one for each recipient. SNS says in plain words that it was set up.
///
/// The text itself is the key: a queue may hold it without the number that SNS gave its message.
pub fn events(text: &str, now: Timestamp) -> Result<Vec<ProviderEvent>, Refused> {
    if !text.trim_start().starts_with('{') {
        return Ok(Vec::new());
    }
    let item = item(text)?;
    let id = key(&[text]);
    let word = item.first(&["/eventType", "/notificationType"]);
    let part = part(&word);
    let about = recipients(&item, part);
    let event = |(number, told): (usize, Told)| ProviderEvent {
        dedupe: format!("{id} {number}"),
        word: word.clone(),
        kind: kind(&word, &item),
        at: item.time(&format!("/{part}/timestamp")).or(item.time("/mail/timestamp")).unwrap_or(now),
        address: super::read::address(&told.address),
        token: item.token("/mail/tags/courant/0"),
        said: Said::new(reply(&told.said), Enhanced::parse(&told.status)),
        raw: item.raw.to_owned(),
    };
    Ok(about.into_iter().enumerate().map(event).collect())
}

/// The object that holds what is special to an event.
fn part(word: &str) -> &'static str {
    match word {
        "Bounce" => "bounce",
        "Complaint" => "complaint",
        "Delivery" => "delivery",
        "DeliveryDelay" => "deliveryDelay",
        "Reject" => "reject",
        "Rendering Failure" => "failure",
        "Open" => "open",
        "Click" => "click",
        "Subscription" => "subscription",
        _ => "send",
    }
}

/// One recipient, and what their server said.
struct Told {
    address: String,
    status: String,
    said: String,
}

/// Those whom the event is about: a letter of several readers may bounce for one.
fn recipients(item: &Item<'_>, part: &str) -> Vec<Told> {
    let said = item.first(&["/delivery/smtpResponse", "/reject/reason", "/failure/errorMessage"]);
    let plain = |value: &Value| Told {
        address: value.as_str().unwrap_or_default().to_owned(),
        status: String::new(),
        said: said.clone(),
    };
    let list = |pointer: &str| item.value.pointer(pointer).and_then(Value::as_array);
    let detailed = match part {
        "bounce" => list("/bounce/bouncedRecipients"),
        "complaint" => list("/complaint/complainedRecipients"),
        "deliveryDelay" => list("/deliveryDelay/delayedRecipients"),
        _ => None,
    };
    match (detailed, list(&format!("/{part}/recipients")).or(list("/mail/destination"))) {
        (Some(each), _) => each.iter().map(detailed_recipient).collect(),
        (None, Some(each)) => each.iter().map(plain).collect(),
        (None, None) => vec![plain(&Value::Null)],
    }
}

fn detailed_recipient(value: &Value) -> Told {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let said = text("diagnosticCode");
    let said = said.strip_prefix("smtp;").map(|said| said.trim().to_owned()).unwrap_or(said);
    Told { address: text("emailAddress"), status: text("status"), said }
}

fn kind(word: &str, item: &Item<'_>) -> Kind {
    match word {
        "Send" => Kind::Accepted,
        "Delivery" => Kind::Delivered,
        "DeliveryDelay" => Kind::Deferred,
        "Bounce" => bounced(item),
        "Complaint" => complained(item),
        "Reject" => rejection(item.text("/reject/reason")),
        "Rendering Failure" => Kind::Failed,
        "Open" => Kind::Opened,
        "Click" => Kind::Clicked,
        "Subscription" => Kind::Unsubscribed,
        other => Kind::Unknown(other.to_owned()),
    }
}

/// SES has tried for long enough by then, even where it calls the cause passing.
fn bounced(item: &Item<'_>) -> Kind {
    match (item.text("/bounce/bounceType"), item.text("/bounce/bounceSubType")) {
        (_, "Suppressed" | "OnAccountSuppressionList") => rejection("bounce"),
        ("Permanent", _) => Kind::BouncedHard,
        _ => Kind::BouncedSoft,
    }
}

fn complained(item: &Item<'_>) -> Kind {
    match (item.text("/complaint/complaintSubType"), item.text("/complaint/complaintFeedbackType")) {
        ("OnAccountSuppressionList", _) => rejection("complaint"),
        (_, "not-spam") => Kind::Unknown("Complaint not-spam".to_owned()),
        _ => Kind::Complained,
    }
}
