//! What differs from letter to letter besides the values.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::compose::escape;
use crate::model::address::{Address, AddressKey};
use crate::model::issue::IssueId;
use crate::model::letter::{ContentHash, Edition, Unsubscribe};
use crate::model::path;
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
    /// For links and the picture of letters whose readers are counted; empty in all others.
    pub track: String,
    /// Marks the subject, and says so in a header.
    pub proof: bool,
    /// Where the letter goes instead of to the subscriber, whom it shows all the same.
    pub to: Option<Address>,
}

/// Makes stamps: one for each edition.
#[derive(Clone)]
pub struct Stamper {
    pub secret: Secret,
    content: ContentHash,
    issue: IssueId,
    /// The domain of Message-IDs: that of From.
    domain: String,
    /// Whether anything is counted of readers.
    is_tracked: bool,
    purpose: Purpose,
}

impl Stamper {
    /// `content` is the hash of the edition.
    pub fn new(secret: Secret, edition: &Edition, content: ContentHash, purpose: Purpose) -> Stamper {
        Stamper {
            secret,
            content,
            issue: edition.issue.clone(),
            domain: edition.from.address.domain().to_string(),
            is_tracked: edition.tracking.is_some(),
            purpose,
        }
    }

    /// The same for the same address, `again` and date. With [`Purpose::Proof`] it is that of a proof,
    /// whose Message-ID is never that of a delivery, and differs from moment to moment.
    pub fn stamp(&self, key: &AddressKey, again: u32, date: Timestamp) -> Stamp {
        let proof = self.purpose == Purpose::Proof;
        let id = self.secret.message_token(&self.issue, &self.content, key, again);
        let message_id = match proof {
            true => format!("proof-{}-{id}@{}", date.as_millisecond(), self.domain),
            false => format!("{id}@{}", self.domain),
        };
        let person = self.secret.person(key);
        let token = self.secret.token(self.purpose, person);
        let track = match (self.is_tracked, proof) {
            (false, _) => String::new(),
            (true, true) => token.clone(),
            (true, false) => self.secret.token(Purpose::Tracking, person),
        };
        Stamp { message_id, date, token, track, proof, to: None }
    }
}

/// The ways out of an edition's lists, but for the token of whoever leaves: the same for every letter.
pub(super) struct WaysOut {
    /// What stands before and after the token in the address of the page.
    page: Option<(String, String)>,
    /// The same in the mail to write.
    mail: (String, String),
    pub(super) has_one_click: bool,
}

impl WaysOut {
    pub(super) fn of(unsubscribe: &Unsubscribe) -> WaysOut {
        let page = unsubscribe
            .base_url
            .as_ref()
            .map(|base| (format!("{base}/{}/", path::LEAVE), query(unsubscribe)));
        WaysOut { page, mail: mailto(unsubscribe), has_one_click: has_one_click(unsubscribe) }
    }

    /// Where this token's reader leaves: a page where there is a site, else a mail to write.
    pub(super) fn url(&self, token: &str) -> String {
        let (before, after) = self.page.as_ref().unwrap_or(&self.mail);
        [before, token, after].concat()
    }

    /// The URIs of List-Unsubscribe: the page first, as RFC 2369 has the reader prefer it.
    pub(super) fn uris(&self, token: &str) -> Vec<String> {
        let all = self.page.iter().chain([&self.mail]);
        all.map(|(before, after)| ["<", before, token, after, ">"].concat()).collect()
    }
}

/// The lists and the language as the page reads them: `?l=weekly&l=daily&lang=fr`, or nothing.
fn query(Unsubscribe { lists, lang, .. }: &Unsubscribe) -> String {
    let lists = lists.iter().map(|list| ("l", list.0.as_str()));
    let mut query = String::new();
    for (name, value) in lists.chain(lang.iter().map(|lang| ("lang", lang.as_str()))) {
        query.push_str(if query.is_empty() { "?" } else { "&" });
        query.push_str(name);
        query.push('=');
        escape::component(value, "", &mut query);
    }
    query
}

/// Whether mailbox providers may offer one click (RFC 8058 3.1 asks for https).
pub(super) fn has_one_click(unsubscribe: &Unsubscribe) -> bool {
    unsubscribe.base_url.as_ref().is_some_and(|base| base.starts_with("https://"))
}

/// RFC 6068: everything in the address but `@` and what an URL may hold is encoded. In the subject the token follows,
/// then ` l=weekly` for each list, whose name is encoded once more so that it is one word.
fn mailto(unsubscribe: &Unsubscribe) -> (String, String) {
    let (mut before, mut after) = (String::from("mailto:"), String::new());
    escape::component(&unsubscribe.mailto.wire(), "@+", &mut before);
    before.push_str("?subject=unsubscribe%20");
    for list in &unsubscribe.lists {
        let mut word = String::from(" l=");
        escape::component(&list.0, "", &mut word);
        escape::component(&word, "", &mut after);
    }
    (before, after)
}

/// RFC 5322 3.3, in universal time.
pub fn date(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
