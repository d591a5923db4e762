//! Resend: one event a request, signed as Standard Webhooks are.

use jiff::Timestamp;
use serde_json::Value;

use super::Refused;
use super::read::{Item, key, one, rejection, reply, token};
use crate::model::event::{Kind, ProviderEvent, Said};

/// The event in a request with the id `id` (`svix-id`). What happens to a letter once is known by the letter, so
/// that two webhooks, or a webhook and a list, tell it once.
pub fn parse(body: &[u8], id: &str, now: Timestamp) -> Result<Vec<ProviderEvent>, Refused> {
    let item = one(body)?;
    let (word, letter) = (item.text("/type"), item.text("/data/email_id"));
    let kind = kind(word, &item);
    Ok(vec![ProviderEvent {
        dedupe: dedupe(&kind, word, letter).unwrap_or_else(|| id.to_owned()),
        word: word.to_owned(),
        at: item.time("/created_at").unwrap_or(now),
        address: item.address("/data/to/0").or_else(|| item.address("/data/to")),
        token: token_of(&item),
        said: Said::new(reply(&said(&item)), None),
        raw: item.raw.to_owned(),
        kind,
    }])
}

/// The key of what happens to a letter once.
pub fn dedupe(kind: &Kind, word: &str, letter: &str) -> Option<String> {
    let is_repeated = matches!(kind, Kind::Opened | Kind::Clicked | Kind::Deferred | Kind::Unknown(_));
    (!is_repeated && !letter.is_empty()).then(|| key(&[letter, word]))
}

fn kind(word: &str, item: &Item<'_>) -> Kind {
    match word {
        "email.sent" => Kind::Accepted,
        "email.delivered" => Kind::Delivered,
        "email.delivery_delayed" => Kind::Deferred,
        "email.bounced" => bounced(item),
        "email.complained" => Kind::Complained,
        "email.suppressed" => rejection(&said(item)),
        "email.failed" => Kind::Failed,
        "email.opened" => Kind::Opened,
        "email.clicked" => Kind::Clicked,
        other => Kind::Unknown(other.to_owned()),
    }
}

fn bounced(item: &Item<'_>) -> Kind {
    match (item.text("/data/bounce/type"), item.text("/data/bounce/subType")) {
        (_, sub) if sub.contains("Suppress") => rejection(&said(item)),
        ("Permanent", _) => Kind::BouncedHard,
        _ => Kind::BouncedSoft,
    }
}

fn said(item: &Item<'_>) -> String {
    item.first(&["/data/bounce/message", "/data/failed/reason", "/data/suppressed/message"])
}

/// In events, tags are an object; as they are sent, a list of names and values.
fn token_of(item: &Item<'_>) -> Option<String> {
    let tags = item.value.pointer("/data/tags")?;
    let named = |tag: &Value| tag.get("name").and_then(Value::as_str) == Some("courant");
    let value = match tags {
        Value::Array(tags) => tags.iter().find(|tag| named(tag))?.get("value")?,
        _ => tags.get("courant")?,
    };
    token(value.as_str()?)
}
