//! The lists of each provider: where they are, how a page of them looks, and where the next one is.

use jiff::Timestamp;
use serde_json::Value;

use super::{Entry, Reason};
use crate::model::provider::Provider;
use crate::settings::http::HttpSettings;
use crate::transport::http::account::escaped;
use crate::transport::http::api::TAG;

/// One list of suppressed addresses.
pub struct List {
    /// Of its first page.
    pub path: String,
    /// JSON pointers: to the items in a page, to address and time in an item.
    items: &'static str,
    address: &'static str,
    since: &'static str,
    /// `None` for an item that the provider would write to.
    reason: fn(&Value) -> Option<Reason>,
    /// The path of the next page, by this one, its items and its path.
    pub next: fn(&Value, &[Value], &str) -> Option<String>,
}

impl List {
    pub fn items(&self, page: &Value) -> Vec<Value> {
        page.pointer(self.items).and_then(Value::as_array).cloned().unwrap_or_default()
    }

    pub fn entry(&self, item: &Value) -> Option<Entry> {
        Some(Entry {
            address: item.pointer(self.address)?.as_str()?.to_owned(),
            reason: (self.reason)(item)?,
            since: item.pointer(self.since).and_then(time),
        })
    }
}

/// Seconds from 1970, RFC 3339, or a date of a mail.
fn time(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = value.as_f64() {
        return Timestamp::from_millisecond((seconds * 1000.0) as i64).ok();
    }
    let text = value.as_str()?;
    let mail = || jiff::fmt::rfc2822::parse(&text.replace("UTC", "+0000")).ok().map(|at| at.timestamp());
    text.parse().ok().or_else(mail)
}

/// All lists of the provider that suppress.
pub fn lists(settings: &HttpSettings) -> Vec<List> {
    match settings.provider {
        Provider::Ses => vec![ses()],
        Provider::Postmark => vec![postmark(&settings.stream)],
        Provider::Mailgun => mailgun(settings.domain.as_deref().unwrap_or_default()),
        Provider::Sendgrid => sendgrid(),
        Provider::Resend => vec![resend()],
        Provider::Brevo => vec![brevo()],
        Provider::Sparkpost => vec![sparkpost()],
        Provider::Mailjet => vec![mailjet()],
    }
}

fn text<'a>(item: &'a Value, key: &str) -> &'a str {
    item[key].as_str().unwrap_or_default()
}

fn ses() -> List {
    List {
        path: "/v2/email/suppression/addresses?PageSize=1000".to_owned(),
        items: "/SuppressedDestinationSummaries",
        address: "/EmailAddress",
        since: "/LastUpdateTime",
        reason: |item| match text(item, "Reason") {
            "BOUNCE" => Some(Reason::Bounced),
            "COMPLAINT" => Some(Reason::Complained),
            _ => Some(Reason::Other),
        },
        next: |page, _, _| {
            let token = escaped(page["NextToken"].as_str()?);
            Some(format!("/v2/email/suppression/addresses?NextToken={token}&PageSize=1000"))
        },
    }
}

fn postmark(stream: &str) -> List {
    List {
        path: format!("/message-streams/{}/suppressions/dump", escaped(stream)),
        items: "/Suppressions",
        address: "/EmailAddress",
        since: "/CreatedAt",
        reason: |item| match (text(item, "SuppressionReason"), text(item, "Origin")) {
            ("HardBounce", _) => Some(Reason::Bounced),
            ("SpamComplaint", _) => Some(Reason::Complained),
            ("ManualSuppression", "Recipient") => Some(Reason::Unsubscribed),
            _ => Some(Reason::Other),
        },
        next: |_, _, _| None,
    }
}

fn mailgun(domain: &str) -> Vec<List> {
    let list = |name: &str, reason| List {
        path: format!("/v3/{domain}/{name}?limit=1000"),
        items: "/items",
        address: "/address",
        since: "/created_at",
        reason,
        // Its pages are whole addresses, and the last one leads to an empty one.
        next: |page, items, _| {
            let next = url::Url::parse(page.pointer("/paging/next")?.as_str()?).ok()?;
            let query = next.query().map(|query| format!("?{query}")).unwrap_or_default();
            (!items.is_empty()).then(|| format!("{}{query}", next.path()))
        },
    };
    vec![
        list("bounces", |_| Some(Reason::Bounced)),
        list("complaints", |_| Some(Reason::Complained)),
        list("unsubscribes", |item| is_of_ours(item).then_some(Reason::Unsubscribed)),
    ]
}

/// Whether a reader of Mailgun's left all mail, or that with our tag, and not only some other.
fn is_of_ours(item: &Value) -> bool {
    let Some(tags) = item["tags"].as_array() else { return true };
    tags.is_empty() || tags.iter().any(|tag| tag == "*" || tag == TAG)
}

/// Its fifth list, blocks, holds letters that were refused for a while: it goes on writing to those addresses.
fn sendgrid() -> Vec<List> {
    let list = |name: &str, reason| List {
        path: format!("/v3/suppression/{name}?limit=500&offset=0"),
        items: "",
        address: "/email",
        since: "/created",
        reason,
        next: |_, items, path| next_offset(items.len(), 500, path),
    };
    vec![
        list("bounces", |_| Some(Reason::Bounced)),
        list("invalid_emails", |_| Some(Reason::Bounced)),
        list("spam_reports", |_| Some(Reason::Complained)),
        list("unsubscribes", |_| Some(Reason::Unsubscribed)),
    ]
}

/// A page that is not full is the last.
fn next_offset(items: usize, full: usize, path: &str) -> Option<String> {
    let (before, offset) = path.rsplit_once('=')?;
    let offset: usize = offset.parse().ok()?;
    (items >= full).then(|| format!("{before}={}", offset + items))
}

fn resend() -> List {
    List {
        path: "/suppressions?limit=100".to_owned(),
        items: "/data",
        address: "/email",
        since: "/created_at",
        reason: |item| match text(item, "origin") {
            "bounce" => Some(Reason::Bounced),
            "complaint" => Some(Reason::Complained),
            _ => Some(Reason::Other),
        },
        next: |page, items, _| {
            let last = items.last().filter(|_| page["has_more"] == true)?;
            Some(format!("/suppressions?limit=100&after={}", escaped(last["id"].as_str()?)))
        },
    }
}

fn brevo() -> List {
    List {
        path: "/v3/smtp/blockedContacts?limit=100&offset=0".to_owned(),
        items: "/contacts",
        address: "/email",
        since: "/blockedAt",
        reason: |item| match item.pointer("/reason/code").and_then(Value::as_str).unwrap_or_default() {
            "hardBounce" => Some(Reason::Bounced),
            "contactFlaggedAsSpam" => Some(Reason::Complained),
            code if code.starts_with("unsubscribed") => Some(Reason::Unsubscribed),
            _ => Some(Reason::Other),
        },
        next: |_, items, path| next_offset(items.len(), 100, path),
    }
}

fn sparkpost() -> List {
    List {
        path: "/api/v1/suppression-list?per_page=1000&cursor=initial".to_owned(),
        items: "/results",
        address: "/recipient",
        since: "/created",
        reason: |item| match text(item, "source") {
            "Spam Complaint" => Some(Reason::Complained),
            "Bounce Rule" => Some(Reason::Bounced),
            "List Unsubscribe" | "Unsubscribe Link" => Some(Reason::Unsubscribed),
            _ => Some(Reason::Other),
        },
        next: |page, _, _| {
            let links = page["links"].as_array()?;
            let next = links.iter().find(|link| link["rel"] == "next")?;
            next["href"].as_str().filter(|path| path.starts_with('/')).map(str::to_owned)
        },
    }
}

/// It has a list of contacts that campaigns leave out; bounces it blocks by itself and lists nowhere.
fn mailjet() -> List {
    List {
        path: "/v3/REST/contact?IsExcludedFromCampaigns=true&Limit=1000&Offset=0".to_owned(),
        items: "/Data",
        address: "/Email",
        since: "/ExclusionFromCampaignsUpdatedAt",
        reason: |_| Some(Reason::Other),
        next: |_, items, path| next_offset(items.len(), 1000, path),
    }
}
