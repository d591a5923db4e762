//! What differs from letter to letter besides the values.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::compose::escape;
use crate::model::address::{Address, AddressKey};
use crate::model::issue::IssueId;
use crate::model::letter::{ContentHash, Unsubscribe};
use crate::token::{Purpose, Secret};

/// What differs from letter to letter besides the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Without angle brackets.
    pub message_id: String,
    /// Of the delivery's first begin; the same on every retry.
    pub date: Timestamp,
    /// For `List-Unsubscribe` and `unsubscribe_url`.
    pub token: String,
    /// Marks the subject, and says so in a header.
    pub proof: bool,
    /// Where the letter goes instead of to the subscriber, whom it shows all the same.
    pub to: Option<Address>,
}

/// Makes stamps: one for each edition.
#[derive(Clone)]
pub struct Stamper {
    pub secret: Secret,
    pub edition: ContentHash,
    pub issue: IssueId,
    /// The domain of Message-IDs: that of From.
    pub domain: String,
    pub purpose: Purpose,
}

impl Stamper {
    /// The same for the same address, `again` and date. With [`Purpose::Proof`] it is that of a proof,
    /// whose Message-ID is never that of a delivery, and differs from moment to moment.
    pub fn stamp(&self, key: &AddressKey, again: u32, date: Timestamp) -> Stamp {
        let proof = self.purpose == Purpose::Proof;
        let id = self.secret.message_token(&self.issue, &self.edition, key, again);
        let message_id = match proof {
            true => format!("proof-{}-{id}@{}", date.as_millisecond(), self.domain),
            false => format!("{id}@{}", self.domain),
        };
        let token = self.secret.token(self.purpose, self.secret.person(key));
        Stamp { message_id, date, token, proof, to: None }
    }
}

/// Where this token's reader leaves the list: a page where there is a site, else a mail to write.
pub(super) fn unsubscribe_url(unsubscribe: &Unsubscribe, token: &str) -> String {
    match &unsubscribe.base_url {
        Some(base) => format!("{base}/u/{token}"),
        None => mailto(unsubscribe, token),
    }
}

/// The URIs of List-Unsubscribe: the page first, as RFC 2369 has the reader prefer it.
pub(super) fn unsubscribe_uris(unsubscribe: &Unsubscribe, token: &str) -> Vec<String> {
    let page = unsubscribe.base_url.is_some().then(|| format!("<{}>", unsubscribe_url(unsubscribe, token)));
    page.into_iter().chain([format!("<{}>", mailto(unsubscribe, token))]).collect()
}

/// Whether mailbox providers may offer one click (RFC 8058 3.1 asks for https).
pub(super) fn has_one_click(unsubscribe: &Unsubscribe) -> bool {
    unsubscribe.base_url.as_ref().is_some_and(|base| base.starts_with("https://"))
}

/// RFC 6068: everything in the address but `@` and what an URL may hold is encoded.
fn mailto(unsubscribe: &Unsubscribe, token: &str) -> String {
    let mut uri = String::from("mailto:");
    escape::component(&unsubscribe.mailto.wire(), "@+", &mut uri);
    uri.push_str("?subject=unsubscribe%20");
    escape::component(token, "", &mut uri);
    uri
}

/// RFC 5322 3.3, in universal time.
pub(super) fn date(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
