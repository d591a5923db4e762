//! Brevo: one event a request, or a list; unsigned: known by a credential. Events have no id.

use jiff::Timestamp;
use serde_json::Value;

use super::Refused;
use super::read::{Item, key, one_or_many, rejection, reply, token};
use crate::model::event::{Kind, ProviderEvent, Said};

pub fn parse(body: &[u8], now: Timestamp) -> Result<Vec<ProviderEvent>, Refused> {
    one_or_many(body, now, event)
}

fn event(item: &Item<'_>, now: Timestamp) -> Result<ProviderEvent, Refused> {
    let (word, letter) = (item.text("/event"), item.text("/message-id"));
    if word.is_empty() {
        return Err(Refused::Malformed("an event has no name"));
    }
    let time = item.first(&["/ts_epoch", "/ts_event", "/ts"]);
    let at = ["/ts_event", "/ts_epoch", "/ts"].into_iter().find_map(|pointer| item.time(pointer));
    Ok(ProviderEvent {
        dedupe: key(&[letter, item.text("/email"), word, &time]),
        word: word.to_owned(),
        kind: kind(word, item),
        at: at.unwrap_or(now),
        address: item.address("/email"),
        token: item.token("/X-Mailin-custom").or_else(|| tagged(item)),
        said: Said::new(reply(item.text("/reason")), None),
        raw: item.raw.to_owned(),
    })
}

/// A token among the tags, behind `courant`.
fn tagged(item: &Item<'_>) -> Option<String> {
    let tags = item.value.pointer("/tags").and_then(Value::as_array)?;
    tags.iter().filter_map(Value::as_str).find(|tag| tag.starts_with("courant")).and_then(token)
}

fn kind(word: &str, item: &Item<'_>) -> Kind {
    match word {
        "request" | "sent" => Kind::Accepted,
        "delivered" => Kind::Delivered,
        "deferred" => Kind::Deferred,
        "soft_bounce" => Kind::BouncedSoft,
        "hard_bounce" | "invalid_email" => Kind::BouncedHard,
        "blocked" => rejection(item.text("/reason")),
        "spam" | "complaint" => Kind::Complained,
        "unsubscribe" | "unsubscribed" => Kind::Unsubscribed,
        "opened" | "unique_opened" | "first_opening" | "proxy_open" | "unique_proxy_open"
        | "loadedByProxy" => Kind::Opened,
        "click" => Kind::Clicked,
        "error" => Kind::Failed,
        other => Kind::Unknown(other.to_owned()),
    }
}
