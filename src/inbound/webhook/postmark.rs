//! Postmark: one event a request, unsigned: known by a credential.

use jiff::Timestamp;

use super::Refused;
use super::read::{Item, key, one, reply};
use crate::model::event::{Kind, ProviderEvent, Rejection, Said};

pub fn parse(body: &[u8], now: Timestamp) -> Result<Vec<ProviderEvent>, Refused> {
    Ok(vec![event(&one(body)?, now)?])
}

fn event(item: &Item<'_>, now: Timestamp) -> Result<ProviderEvent, Refused> {
    let word = item.text("/RecordType");
    if word.is_empty() {
        return Err(Refused::Malformed("the event has no RecordType"));
    }
    let time = ["/DeliveredAt", "/BouncedAt", "/ReceivedAt", "/ChangedAt"].into_iter();
    let time = time.map(|pointer| item.written(pointer)).find(|time| !time.is_empty()).unwrap_or_default();
    Ok(ProviderEvent {
        dedupe: dedupe(item, word, &time),
        word: [word, item.text("/Type")].join(" ").trim_end().to_owned(),
        kind: kind(word, item),
        at: time.parse().unwrap_or(now),
        address: item.address("/Recipient").or_else(|| item.address("/Email")),
        token: item.token("/Metadata/courant"),
        said: Said::new(reply(&item.first(&["/Details", "/Description"])), None),
        raw: item.raw.to_owned(),
    })
}

/// Bounces and complaints have numbers; the rest is known by letter, kind and time.
fn dedupe(item: &Item<'_>, word: &str, time: &str) -> String {
    match item.written("/ID") {
        id if id.is_empty() => key(&[word, item.text("/MessageID"), time]),
        id => format!("bounce {id}"),
    }
}

fn kind(word: &str, item: &Item<'_>) -> Kind {
    match word {
        "Delivery" => Kind::Delivered,
        "Bounce" => bounced(item.text("/Type")),
        "SpamComplaint" => Kind::Complained,
        "SubscriptionChange" => subscription(item),
        "Open" => Kind::Opened,
        "Click" => Kind::Clicked,
        other => Kind::Unknown(other.to_owned()),
    }
}

/// What Postmark's types of bounces mean. Automatic answers are none.
pub fn bounced(kind: &str) -> Kind {
    match kind {
        "HardBounce" | "BadEmailAddress" => Kind::BouncedHard,
        "Transient" | "DnsError" => Kind::Deferred,
        "SoftBounce" | "Unknown" => Kind::BouncedSoft,
        "SpamNotification" | "SpamComplaint" => Kind::Complained,
        "Blocked" | "DMARCPolicy" | "ManuallyDeactivated" | "VirusNotification" => {
            Kind::Rejected(Rejection::Other)
        }
        "Unsubscribe" => Kind::Unsubscribed,
        "Subscribe" => Kind::Resubscribed,
        "SMTPApiError" | "TemplateRenderingFailed" => Kind::Failed,
        other => Kind::Unknown(other.to_owned()),
    }
}

fn subscription(item: &Item<'_>) -> Kind {
    match (item.truth("/SuppressSending"), item.text("/SuppressionReason")) {
        (false, _) => Kind::Resubscribed,
        (true, "HardBounce") => Kind::Rejected(Rejection::Bounced),
        (true, "SpamComplaint") => Kind::Complained,
        (true, _) => Kind::Unsubscribed,
    }
}
