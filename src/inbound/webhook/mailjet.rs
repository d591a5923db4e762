//! Mailjet: a list of events or one; unsigned: known by the user and password in the URL. Events have no id.

use jiff::Timestamp;
use serde_json::Value;

use super::Refused;
use super::read::{Item, key, one_or_many, rejection, reply, token};
use crate::model::event::{Kind, ProviderEvent, Said};

pub fn parse(body: &[u8], now: Timestamp) -> Result<Vec<ProviderEvent>, Refused> {
    one_or_many(body, now, event)
}

fn event(item: &Item<'_>, now: Timestamp) -> Result<ProviderEvent, Refused> {
    let word = item.text("/event");
    if word.is_empty() {
        return Err(Refused::Malformed("an event has no name"));
    }
    let letter = item.first(&["/Message_GUID", "/MessageID"]);
    let link = item.text("/url");
    Ok(ProviderEvent {
        dedupe: key(&[word, &letter, item.text("/email"), &item.written("/time"), link]),
        word: word.to_owned(),
        kind: kind(word, item),
        at: item.time("/time").unwrap_or(now),
        address: item.address("/email"),
        token: item.token("/CustomID").or_else(|| payload(item.text("/Payload"))),
        said: Said::new(reply(&said(item)), None),
        raw: item.raw.to_owned(),
    })
}

/// The token alone, or as `{"courant": "TOKEN"}`.
fn payload(text: &str) -> Option<String> {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => token(value.get("courant")?.as_str()?),
        Err(_) => token(text),
    }
}

fn said(item: &Item<'_>) -> String {
    let words = [item.text("/smtp_reply"), item.text("/error"), item.text("/comment")];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ")
}

fn kind(word: &str, item: &Item<'_>) -> Kind {
    match word {
        _ if item.text("/error") == "greylisted" => Kind::Deferred,
        "sent" => Kind::Delivered,
        "bounce" if item.truth("/blocked") => rejection(&said(item)),
        "bounce" if item.truth("/hard_bounce") => Kind::BouncedHard,
        "bounce" => Kind::BouncedSoft,
        "blocked" => rejection(&said(item)),
        "spam" => Kind::Complained,
        "unsub" => Kind::Unsubscribed,
        "open" => Kind::Opened,
        "click" => Kind::Clicked,
        other => Kind::Unknown(other.to_owned()),
    }
}
