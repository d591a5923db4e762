//! SparkPost: lists of events in two wrappers; unsigned: known by a credential.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::Refused;
use super::read::{Item, envelope, odd, read_or_odd, reply};
use crate::model::event::{Kind, ProviderEvent, Rejection, Said};

/// The inner wrapper has one key, the class of the event; none in a ping.
#[derive(Deserialize)]
struct Wrapper<'a> {
    #[serde(borrow, default)]
    msys: BTreeMap<String, &'a RawValue>,
}

pub fn parse(body: &[u8], now: Timestamp) -> Result<Vec<ProviderEvent>, Refused> {
    let wrappers: Vec<&RawValue> = envelope(body)?;
    Ok(wrappers.into_iter().flat_map(|raw| unwrapped(raw.get(), now)).collect())
}

/// What is in a wrapper; the wrapper itself as an odd event, where it is none.
fn unwrapped(raw: &str, now: Timestamp) -> Vec<ProviderEvent> {
    let Ok(Wrapper { msys }) = serde_json::from_str(raw) else { return vec![odd(raw, now)] };
    msys.into_values().map(|raw| read_or_odd(raw.get(), now, event)).collect()
}

fn event(item: &Item<'_>, now: Timestamp) -> Result<ProviderEvent, Refused> {
    let (word, id) = (item.text("/type"), item.written("/event_id"));
    if id.is_empty() {
        return Err(Refused::Malformed("an event has no event_id"));
    }
    Ok(ProviderEvent {
        dedupe: id,
        word: word.to_owned(),
        kind: kind(word, item),
        at: item.time("/timestamp").unwrap_or(now),
        address: item.address("/raw_rcpt_to").or_else(|| item.address("/rcpt_to")),
        token: item.token("/rcpt_meta/courant"),
        said: Said::new(reply(&item.first(&["/raw_reason", "/reason"])), None),
        raw: item.raw.to_owned(),
    })
}

fn kind(word: &str, item: &Item<'_>) -> Kind {
    match word {
        "injection" => Kind::Accepted,
        "delivery" => Kind::Delivered,
        "delay" => Kind::Deferred,
        "bounce" | "out_of_band" => bounced(word, &item.written("/bounce_class")),
        "policy_rejection" | "generation_rejection" => Kind::Rejected(Rejection::Other),
        "generation_failure" => Kind::Failed,
        "spam_complaint" => Kind::Complained,
        "list_unsubscribe" | "link_unsubscribe" => Kind::Unsubscribed,
        "open" | "initial_open" | "amp_open" | "amp_initial_open" => Kind::Opened,
        "click" | "amp_click" => Kind::Clicked,
        other => Kind::Unknown(other.to_owned()),
    }
}

/// SparkPost's classes of bounces; an automatic answer is none.
fn bounced(word: &str, class: &str) -> Kind {
    match class {
        "10" | "30" => Kind::BouncedHard,
        "60" | "100" => Kind::Unknown(format!("{word} of class {class}")),
        "90" => Kind::Unsubscribed,
        _ => Kind::BouncedSoft,
    }
}
