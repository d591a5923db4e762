//! What lets a notice be joined to a letter, the strongest first: tokens, the envelope id, Message-IDs, headers. They
//! are candidates: whoever joins verifies them.

use percent_encoding::percent_decode_str;

use super::fields::Fields;
use super::found;
use super::open::Opened;
use super::report::{typed, xtext};

/// Candidates, each kind without doubles, in the order in which they should be tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// Of the envelope sender of the letter (VERP): in the addresses to which the notice was sent, or in those that
    /// the returned letter was sent from. In lower case.
    pub verp: Vec<String>,
    /// What we gave as ENVID (RFC 3461), decoded.
    pub envelope_ids: Vec<String>,
    /// Without angle brackets.
    pub message_ids: Vec<String>,
    /// Headers of the returned letter that say whose it was, with their names in lower case.
    pub headers: Vec<(String, String)>,
    /// Tokens that unsubscribe: in the subject, in addresses, and in `List-Unsubscribe` of the returned letter.
    pub unsubscribe: Vec<String>,
    /// In lower case: the lists that the subject of such a mail names, where it does not mean all of them.
    pub lists: Vec<String>,
}

/// Letters and digits of a token of ours: 28 bytes in base32.
const TOKEN: usize = 45;
/// More candidates of a kind are not kept.
const MOST: usize = 20;

/// To whom the notice went.
const TARGETS: [&str; 8] = [
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "apparently-to",
    "to",
    "cc",
];
/// Whom the letter was sent from.
const SOURCES: [&str; 5] = ["return-path", "x-return-path", "x-env-sender", "errors-to", "sender"];
const HEADERS: [&str; 4] = ["feedback-id", "cfbl-feedback-id", "list-id", "x-report-abuse"];

impl Keys {
    /// The candidates of another, after these.
    pub(super) fn extend(&mut self, other: Keys) {
        keep(&mut self.verp, other.verp);
        keep(&mut self.envelope_ids, other.envelope_ids);
        keep(&mut self.message_ids, other.message_ids);
        keep(&mut self.headers, other.headers);
        keep(&mut self.unsubscribe, other.unsubscribe);
        keep(&mut self.lists, other.lists);
    }

    /// Whether there is anything by which a letter could be found.
    pub(super) fn name_somebody(&self) -> bool {
        !(self.verp.is_empty() && self.envelope_ids.is_empty() && self.unsubscribe.is_empty())
    }
}

fn keep<T: PartialEq>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for one in more {
        if all.len() < MOST && !all.contains(&one) {
            all.push(one);
        }
    }
}

pub(super) fn keys(mail: &Opened) -> Keys {
    let mut keys = Keys::default();
    let targets = TARGETS.iter().flat_map(|name| mail.head.all(name));
    let sources = mail.returned.iter().flat_map(|fields| SOURCES.iter().flat_map(|name| fields.all(name)));
    keep(&mut keys.verp, targets.chain(sources).flat_map(tokens));
    for group in machine_groups(mail) {
        keep(&mut keys.envelope_ids, group.all("original-envelope-id").map(xtext));
        let senders = ["x-postfix-sender", "original-mail-from", "x-original-sender"];
        keep(&mut keys.verp, senders.iter().flat_map(|name| group.all(name)).flat_map(tokens));
        keep(&mut keys.message_ids, group.all("original-message-id").flat_map(ids));
        keep(&mut keys.message_ids, group.all("x-original-message-id").flat_map(ids));
    }
    for fields in &mail.returned {
        keep(&mut keys.message_ids, fields.all("message-id").flat_map(ids));
        keep(&mut keys.headers, fields.each().filter(|(name, _)| is_ours(name)).map(owned));
    }
    keep(&mut keys.message_ids, told_in_words(mail));
    for name in ["x-original-message-id", "in-reply-to", "references"] {
        keep(&mut keys.message_ids, mail.head.all(name).flat_map(ids));
    }
    for fields in &mail.returned {
        keep(&mut keys.message_ids, fields.all("in-reply-to").flat_map(ids));
    }
    keep(&mut keys.unsubscribe, unsubscribing(mail));
    keep(&mut keys.lists, lists_to_leave(mail));
    let links = mail.returned.iter().flat_map(|fields| fields.all("list-unsubscribe"));
    keep(&mut keys.unsubscribe, links.flat_map(tokens));
    keys
}

/// The tokens with which a mail asks to unsubscribe: in its subject, or in the address that it was sent to.
pub(super) fn unsubscribing(mail: &Opened) -> Vec<String> {
    let subject = mail.subject.trim().to_lowercase();
    let mut found = Vec::new();
    if subject.contains("unsub") {
        keep(&mut found, tokens(&subject));
    }
    let targets = TARGETS.iter().flat_map(|name| mail.head.all(name)).flat_map(found::addresses);
    let asks = |address: &&str| address.to_ascii_lowercase().starts_with("unsub");
    keep(&mut found, targets.filter(asks).flat_map(tokens));
    found
}

/// `unsubscribe TOKEN l=weekly`, as our mailto links write it.
fn lists_to_leave(mail: &Opened) -> Vec<String> {
    let subject = mail.subject.trim().to_lowercase();
    if !subject.contains("unsub") {
        return Vec::new();
    }
    let words = subject.split_whitespace().filter_map(|word| word.strip_prefix("l="));
    words.map(|name| percent_decode_str(name).decode_utf8_lossy().to_lowercase()).take(MOST).collect()
}

/// Runs of as many base32 characters as a token has. One within a longer run is none.
fn tokens(text: &str) -> Vec<String> {
    let is_base32 = |byte: &u8| byte.is_ascii_alphabetic() || (b'2'..=b'7').contains(byte);
    let runs = text.as_bytes().split(|byte| !is_base32(byte)).filter(|run| run.len() == TOKEN);
    runs.map(|run| String::from_utf8_lossy(run).to_ascii_lowercase()).take(MOST).collect()
}

/// What stands between angle brackets, or all of it.
fn ids(value: &str) -> Vec<String> {
    let within = value.split('<').skip(1).filter_map(|rest| rest.split_once('>').map(|(id, _)| id));
    let within: Vec<&str> = within.collect();
    let all = if within.is_empty() { value.split_whitespace().collect() } else { within };
    all.into_iter()
        .map(str::trim)
        .filter(|id| id.contains('@') && id.len() < 1000)
        .map(str::to_owned)
        .take(MOST)
        .collect()
}

/// `Message-id: <…>` in the text of a report, as some write in place of a returned header.
fn told_in_words(mail: &Opened) -> Vec<String> {
    let lines = mail.voice.iter().filter_map(|line| {
        let start = line.to_ascii_lowercase().find("message-id:")?;
        line.get(start + "message-id:".len()..)
    });
    lines.flat_map(ids).take(MOST).collect()
}

fn machine_groups(mail: &Opened) -> Vec<Fields> {
    let is_machine = |kind: &str| {
        kind.starts_with("message/")
            && (kind.ends_with("delivery-status")
                || kind.ends_with("feedback-report")
                || kind.ends_with("disposition-notification"))
    };
    let parts = mail.parts.iter().filter(|part| is_machine(&part.kind));
    parts.flat_map(|part| Fields::groups(&part.text)).collect()
}

fn is_ours(name: &str) -> bool {
    HEADERS.contains(&name) || name.starts_with("x-courant-")
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), typed(value).to_owned())
}
