//! SendGrid: lists of events, signed with ECDSA (P-256, SHA-256) over the time and the raw body.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};

use super::read::{Item, bounce, one_or_many, rejection, reply};
use super::{Posted, Refused, is_fresh};
use crate::model::attempt::Enhanced;
use crate::model::event::{Kind, ProviderEvent, Said};
use crate::settings::webhooks::p256_point;

/// Requests are tried again for 24 hours, and nobody says that they are signed anew. An old one that is sent
/// again changes nothing: its events are known by their ids.
const LONGEST: SignedDuration = SignedDuration::from_mins(24 * 60 + 5);

/// Fails unless the holder of `key` (SubjectPublicKeyInfo) signed these very bytes.
pub fn verify(key: &[u8], posted: Posted<'_>, now: Timestamp) -> Result<(), Refused> {
    let Stamp { signature, time } = stamp(posted, now)?;
    let signed = [time.as_bytes(), posted.body].concat();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, p256_point(key).ok_or(Refused::NotReady)?);
    key.verify(&signed, &signature).map_err(|_| Refused::Unproven)
}

/// What the headers say, which nothing proves yet.
pub struct Stamp<'a> {
    signature: Vec<u8>,
    time: &'a str,
}

/// Fails unless there is a signature of today.
pub fn stamp(posted: Posted<'_>, now: Timestamp) -> Result<Stamp<'_>, Refused> {
    let signature = posted.header("x-twilio-email-event-webhook-signature")?;
    let time = posted.header("x-twilio-email-event-webhook-timestamp")?;
    let signature = BASE64.decode(signature.as_bytes()).map_err(|_| Refused::Unproven)?;
    let at = time.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    is_fresh(at.ok_or(Refused::Stale)?, now, LONGEST)?;
    Ok(Stamp { signature, time })
}

pub fn parse(body: &[u8], now: Timestamp) -> Result<Vec<ProviderEvent>, Refused> {
    one_or_many(body, now, event)
}

fn event(item: &Item<'_>, now: Timestamp) -> Result<ProviderEvent, Refused> {
    let (word, id) = (item.text("/event"), item.text("/sg_event_id"));
    if id.is_empty() {
        return Err(Refused::Malformed("an event has no sg_event_id"));
    }
    let code = Enhanced::parse(item.text("/status"));
    let said = item.first(&["/response", "/reason"]);
    Ok(ProviderEvent {
        dedupe: id.to_owned(),
        word: word.to_owned(),
        kind: kind(word, item, code),
        at: item.time("/timestamp").unwrap_or(now),
        address: item.address("/email"),
        token: item.token("/courant"),
        said: Said::new(reply(&said), code),
        raw: item.raw.to_owned(),
    })
}

fn kind(word: &str, item: &Item<'_>, code: Option<Enhanced>) -> Kind {
    match word {
        "processed" => Kind::Accepted,
        "delivered" => Kind::Delivered,
        "deferred" => Kind::Deferred,
        "bounce" if item.text("/type") == "blocked" => Kind::BouncedSoft,
        "bounce" => bounce(code),
        "blocked" => Kind::BouncedSoft,
        "dropped" => rejection(item.text("/reason")),
        "spamreport" => Kind::Complained,
        "unsubscribe" | "group_unsubscribe" => Kind::Unsubscribed,
        "group_resubscribe" => Kind::Resubscribed,
        "open" => Kind::Opened,
        "click" => Kind::Clicked,
        other => Kind::Unknown(other.to_owned()),
    }
}
