//! What the providers' JSON has in common, and how it is read: what is not there is empty, never an error.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Refused;
use crate::model::address::{Address, Mailbox};
use crate::model::attempt::Enhanced;
use crate::model::event::{Kind, ProviderEvent, Rejection, Said};

/// No server says more that is worth keeping.
const LONGEST_REPLY: usize = 1000;

/// An event with the text it was read from.
pub struct Item<'a> {
    pub raw: &'a str,
    pub value: Value,
}

/// One JSON object.
pub fn one(body: &[u8]) -> Result<Item<'_>, Refused> {
    item(text_of(body)?)
}

/// The events in a JSON list of objects, or in one object. An item that `parse` cannot read costs no other its
/// place: see [`odd`].
pub fn one_or_many(
    body: &[u8],
    now: Timestamp,
    parse: impl Fn(&Item<'_>, Timestamp) -> Result<ProviderEvent, Refused>,
) -> Result<Vec<ProviderEvent>, Refused> {
    let text = text_of(body)?.trim();
    if !text.starts_with('[') {
        return Ok(vec![read_or_odd(item(text)?.raw, now, parse)]);
    }
    let items: Vec<&RawValue> =
        serde_json::from_str(text).map_err(|_| Refused::Malformed("the body is no JSON"))?;
    Ok(items.into_iter().map(|raw| read_or_odd(raw.get(), now, &parse)).collect())
}

/// The event that `parse` reads in this text, which is JSON, else one that is [`odd`].
pub fn read_or_odd(
    raw: &str,
    now: Timestamp,
    parse: impl Fn(&Item<'_>, Timestamp) -> Result<ProviderEvent, Refused>,
) -> ProviderEvent {
    item(raw).and_then(|item| parse(&item, now)).unwrap_or_else(|_| odd(raw, now))
}

/// An event that cannot be read, under a key of its text: it is kept, and whatever came beside it is not put off
/// for its sake.
pub fn odd(raw: &str, now: Timestamp) -> ProviderEvent {
    ProviderEvent {
        dedupe: key(&["odd", raw]),
        word: "odd".to_owned(),
        kind: Kind::Unknown("odd".to_owned()),
        at: now,
        address: None,
        token: None,
        said: Said::default(),
        raw: raw.to_owned(),
    }
}

pub fn item(raw: &str) -> Result<Item<'_>, Refused> {
    let value: Value = serde_json::from_str(raw).map_err(|_| Refused::Malformed("the body is no JSON"))?;
    match value.is_object() {
        true => Ok(Item { raw, value }),
        false => Err(Refused::Malformed("an event is no JSON object")),
    }
}

/// A part of the body that is read before the rest is believed.
pub fn envelope<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refused> {
    serde_json::from_str(text_of(body)?).map_err(|_| Refused::Malformed("the body lacks what is signed"))
}

fn text_of(body: &[u8]) -> Result<&str, Refused> {
    std::str::from_utf8(body).map_err(|_| Refused::Malformed("the body is not UTF-8"))
}

impl Item<'_> {
    /// The text at a JSON pointer (RFC 6901), else nothing.
    pub fn text(&self, pointer: &str) -> &str {
        self.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// A text or a number, as it is written.
    pub fn written(&self, pointer: &str) -> String {
        match self.value.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => String::new(),
        }
    }

    pub fn truth(&self, pointer: &str) -> bool {
        self.value.pointer(pointer).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The first of these that is not empty.
    pub fn first(&self, pointers: &[&str]) -> String {
        let mut all = pointers.iter().map(|pointer| self.written(pointer));
        all.find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// A moment (RFC 3339) or the seconds since 1970, as number or text.
    pub fn time(&self, pointer: &str) -> Option<Timestamp> {
        let text = self.written(pointer);
        text.parse().ok().or_else(|| seconds(&text))
    }

    pub fn address(&self, pointer: &str) -> Option<Address> {
        address(self.text(pointer))
    }

    pub fn token(&self, pointer: &str) -> Option<String> {
        token(&self.written(pointer))
    }
}

/// Seconds, or milliseconds where they would be of the year 5000 or later.
fn seconds(text: &str) -> Option<Timestamp> {
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    let milliseconds = if number.abs() > 1e11 { number } else { number * 1000.0 };
    // A number that is too great for the type becomes the greatest, which is no time.
    Timestamp::from_millisecond(milliseconds.round() as i64).ok()
}

/// With or without a name in front.
pub fn address(text: &str) -> Option<Address> {
    Address::parse(text).ok().or_else(|| Mailbox::parse(text).ok().map(|mailbox| mailbox.address))
}

/// A delivery token, alone or behind `courant:`, where the provider has no names for what travels along.
pub fn token(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("courant").map_or(text, |rest| rest.trim_start_matches([':', '=', '-']));
    (!text.is_empty()).then(|| text.to_owned())
}

/// A key that shows nothing of what it is made from.
pub fn key(parts: &[&str]) -> String {
    let text: String = parts.iter().map(|part| format!("{}:{part},", part.len())).collect();
    HEXLOWER.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..20])
}

/// What a server said, at most 1000 bytes of it.
pub fn reply(text: &str) -> &str {
    let end = (0..=LONGEST_REPLY.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text[..end.unwrap_or(0)].trim()
}

/// A bounce that the provider calls final: hard only where the code is about the address (RFC 3463), or where
/// there is none.
pub fn bounce(code: Option<Enhanced>) -> Kind {
    match code {
        None => Kind::BouncedHard,
        Some(Enhanced { class: 5, subject: 0 | 1, .. }) => Kind::BouncedHard,
        Some(Enhanced { class: 5, subject: 2, detail: 0 | 1 }) => Kind::BouncedHard,
        Some(Enhanced { class: 5, subject: 7, detail: 13 | 17 }) => Kind::BouncedHard,
        Some(_) => Kind::BouncedSoft,
    }
}

/// Why a provider would not send, by its words.
pub fn rejection(words: &str) -> Kind {
    let words = words.to_ascii_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    Kind::Rejected(match () {
        () if says(&["bounce", "invalid", "user unknown"]) => Rejection::Bounced,
        () if says(&["complain", "spam report"]) => Rejection::Complained,
        () if says(&["unsubscri"]) => Rejection::Unsubscribed,
        () => Rejection::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form_that_a_provider_writes() {
        let item = item(
            r#"{"a": 1764072000, "b": "1764072000", "c": "2025-11-25T12:00:00.5Z", "d": 1764072000123,
                "e": "2025-11-25 13:00:00+01:00", "f": "soon", "g": 1764072000.25}"#,
        );
        let item = item.unwrap();
        let time = |pointer| item.time(pointer).map(|time| time.as_millisecond() - 1_764_072_000_000);
        let all = ["/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h"].map(time);
        assert_eq!(all, [Some(0), Some(0), Some(500), Some(123), Some(0), None, Some(250), None]);
    }

    #[test]
    fn a_bounce_is_hard_only_where_the_code_is_about_the_address() {
        let hard = |code: &str| bounce(Enhanced::parse(code)) == Kind::BouncedHard;
        assert!(["", "5.1.1", "5.1.10", "5.0.0", "5.2.1", "5.7.13"].iter().all(|code| hard(code)));
        assert!(["5.2.2", "4.1.1", "5.7.1", "5.4.4", "5.3.4", "5.7.26"].iter().all(|code| !hard(code)));
    }

    #[test]
    fn a_token_is_found_alone_and_behind_its_name() {
        for text in ["abc", "courant:abc", "courant=abc", "courant-abc", " abc "] {
            assert_eq!(token(text).as_deref(), Some("abc"));
        }
        assert_eq!(token(""), None);
    }

    #[test]
    fn a_key_depends_on_where_one_part_ends() {
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_eq!(key(&["ab"]).len(), 40);
    }

    #[test]
    fn a_reply_is_cut_between_characters() {
        assert_eq!(reply(&"é".repeat(800)).len(), 1000);
        assert_eq!(reply(&format!("a{}", "é".repeat(800))).len(), 999);
    }
}
