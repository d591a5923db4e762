//! What one item of each provider's search says of a letter.

use serde_json::Value;

use super::{Seen, Wanted};
use crate::model::event::Fate;

fn text<'a>(item: &'a Value, at: &str) -> &'a str {
    item.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

/// Words that it has are enough to say that it took the letter; some say more.
fn seen(words: &str, delivered: &[&str], bounced: &[&str]) -> Seen {
    let fate = match words.to_ascii_lowercase() {
        lower if bounced.contains(&lower.as_str()) => Fate::Bounced,
        lower if delivered.contains(&lower.as_str()) => Fate::Delivered,
        _ => Fate::Accepted,
    };
    Seen { fate, words: words.to_owned() }
}

fn is_ours(item: &Value, at: &str, wanted: &Wanted) -> bool {
    text(item, at).eq_ignore_ascii_case(&wanted.token)
}

/// The search is by the token, which the answer shows among the metadata.
pub fn postmark(item: &Value, wanted: &Wanted) -> Option<Seen> {
    is_ours(item, "/Metadata/courant", wanted).then(|| seen(text(item, "/Status"), &[], &[]))
}

pub fn mailgun(item: &Value, wanted: &Wanted) -> Option<Seen> {
    if !is_ours(item, "/user-variables/courant", wanted) {
        return None;
    }
    let event = text(item, "/event");
    let is_lasting = event == "failed" && text(item, "/severity") == "permanent";
    // espblock is a receiver's mood, not the end of an address; the letter did not arrive all the same.
    let words = if is_lasting { "permanently failed" } else { event };
    let delivered = ["delivered", "opened", "clicked", "unsubscribed", "complained"];
    Some(seen(words, &delivered, &["permanently failed", "rejected"]))
}

/// The search is by the token and shows none; it finds letters to this address alone.
pub fn sendgrid(item: &Value, wanted: &Wanted) -> Option<Seen> {
    let is_theirs = text(item, "/to_email").eq_ignore_ascii_case(&wanted.recipient);
    is_theirs.then(|| seen(text(item, "/status"), &["delivered"], &["not_delivered"]))
}

/// Its events name the letter by a field of ours, or not at all.
pub fn brevo(item: &Value, wanted: &Wanted) -> Option<Seen> {
    let tag = text(item, "/tag");
    let is_ours = tag.contains(&wanted.token) || text(item, "/X-Mailin-custom").contains(&wanted.token);
    let delivered = ["delivered", "opened", "clicks", "spam", "unsubscribed"];
    is_ours.then(|| seen(text(item, "/event"), &delivered, &["hardbounces", "blocked", "invalid", "error"]))
}

pub fn sparkpost(item: &Value, wanted: &Wanted) -> Option<Seen> {
    if !is_ours(item, "/rcpt_meta/courant", wanted) {
        return None;
    }
    let delivered = ["delivery", "open", "click", "spam_complaint", "list_unsubscribe"];
    let bounced = ["bounce", "policy_rejection", "generation_failure", "generation_rejection", "out_of_band"];
    Some(seen(text(item, "/type"), &delivered, &bounced))
}

pub fn mailjet(item: &Value, wanted: &Wanted) -> Option<Seen> {
    let delivered = ["sent", "opened", "clicked", "spam", "unsub"];
    is_ours(item, "/CustomID", wanted)
        .then(|| seen(text(item, "/Status"), &delivered, &["bounce", "hardbounced", "blocked"]))
}
