//! Mailgun: one event a request. The HMAC covers a time and a token but not the body: so the token is remembered
//! with the first event it came with.

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER_PERMISSIVE;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::read::{Item, bounce, envelope, item, rejection, reply};
use super::{Posted, Received, Refused, is_fresh};
use crate::model::attempt::Enhanced;
use crate::model::event::{Kind, ProviderEvent, Rejection, Said};

/// Requests are tried again for eight hours with the time of the first.
const LONGEST: SignedDuration = SignedDuration::from_hours(9);

#[derive(Deserialize)]
struct Envelope<'a> {
    signature: Signature,
    /// Not read before the signature is good.
    #[serde(borrow, rename = "event-data")]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Signature {
    timestamp: String,
    token: String,
    signature: String,
}

pub fn receive(key: &SecretString, posted: Posted<'_>, now: Timestamp) -> Result<Received, Refused> {
    let Envelope { signature, data } = envelope(posted.body)?;
    verify(key, &signature, now)?;
    let events = vec![event(&item(data.get())?, now)?];
    Ok(Received::Once { nonce: signature.token, events })
}

fn verify(key: &SecretString, signature: &Signature, now: Timestamp) -> Result<(), Refused> {
    let Signature { timestamp, token, signature } = signature;
    let told = HEXLOWER_PERMISSIVE.decode(signature.as_bytes()).map_err(|_| Refused::Unproven)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret().as_bytes());
    hmac::verify(&key, format!("{timestamp}{token}").as_bytes(), &told).map_err(|_| Refused::Unproven)?;
    let at = timestamp.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    is_fresh(at.ok_or(Refused::Stale)?, now, LONGEST)
}

/// The object under `event-data`, which is also what the Events API lists. Its id is only the event's own within
/// a day.
pub fn event(item: &Item<'_>, now: Timestamp) -> Result<ProviderEvent, Refused> {
    let (word, id, time) = (item.text("/event"), item.text("/id"), item.written("/timestamp"));
    if id.is_empty() {
        return Err(Refused::Malformed("the event has no id"));
    }
    let code = Enhanced::parse(item.text("/delivery-status/enhanced-code"));
    let said = item.first(&["/delivery-status/message", "/delivery-status/description", "/reject/reason"]);
    Ok(ProviderEvent {
        dedupe: format!("{id}@{time}"),
        word: word.to_owned(),
        kind: kind(word, item, code),
        at: item.time("/timestamp").unwrap_or(now),
        address: item.address("/recipient"),
        token: item.token("/user-variables/courant"),
        said: Said { code: status(item), ..Said::new(reply(&said), code) },
        raw: item.raw.to_owned(),
    })
}

fn status(item: &Item<'_>) -> Option<u16> {
    item.written("/delivery-status/code").parse().ok().filter(|code| (200..600).contains(code))
}

fn kind(word: &str, item: &Item<'_>, code: Option<Enhanced>) -> Kind {
    match word {
        "accepted" => Kind::Accepted,
        "delivered" => Kind::Delivered,
        "failed" if item.text("/severity") == "temporary" => Kind::Deferred,
        "failed" => failed(item, code),
        "rejected" => Kind::Rejected(Rejection::Other),
        "complained" => Kind::Complained,
        "unsubscribed" => Kind::Unsubscribed,
        "opened" => Kind::Opened,
        "clicked" => Kind::Clicked,
        other => Kind::Unknown(other.to_owned()),
    }
}

/// Mailgun gave up, or did not begin because of what happened before.
fn failed(item: &Item<'_>, code: Option<Enhanced>) -> Kind {
    match item.text("/reason") {
        reason if reason.starts_with("suppress-") => rejection(reason),
        "bounce" if status(item).is_none_or(|code| code >= 500) => bounce(code),
        _ => Kind::BouncedSoft,
    }
}
