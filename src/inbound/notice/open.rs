//! Takes a mail apart: its header, the parts that somebody wrote, and the header of the letter that came back.

use mail_parser::decoders::html::html_to_text;
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::fields::Fields;
use super::{split, voice};

/// So much of a mail is read: what a notice says stands before what it returns.
pub const LONGEST: usize = 4 * 1024 * 1024;

/// Mails with more types of parts are taken apart by `split`, which has no depth.
const MOST_TYPES: usize = 200;

/// A mail in its parts.
#[derive(Debug, Default)]
pub(super) struct Opened {
    pub(super) head: Fields,
    /// Decoded.
    pub(super) subject: String,
    pub(super) parts: Vec<Part>,
    /// Headers of letters that came back, whole or alone.
    pub(super) returned: Vec<Fields>,
    /// What was written for people, up to where a letter is quoted.
    pub(super) voice: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Part {
    /// `text/plain`, in lower case; empty if the part does not say.
    pub(super) kind: String,
    pub(super) text: String,
}

impl Opened {
    pub(super) fn part(&self, kinds: &[&str]) -> Option<&Part> {
        self.parts.iter().find(|part| kinds.contains(&part.kind.as_str()))
    }

    pub(super) fn voice_text(&self) -> String {
        self.voice.join("\n")
    }
}

/// The mail, and the mails within it.
pub(super) fn open(mail: &[u8]) -> (Opened, Vec<Opened>) {
    let bytes = plain_lines(&mail[..mail.len().min(LONGEST)]);
    let bytes = without_envelope(&bytes);
    let (parts, inner) = match is_tame(bytes).then(|| parsed(bytes)).flatten() {
        Some(message) => taken_apart(bytes, &message),
        None => (split::parts(bytes), Vec::new()),
    };
    (assembled(bytes, parts), inner)
}

/// One damaged mail must not end the reading of a mailbox, whatever it does to the parser.
fn parsed(bytes: &[u8]) -> Option<Message<'_>> {
    std::panic::catch_unwind(|| MessageParser::new().parse(bytes)).ok().flatten()
}

fn taken_apart(bytes: &[u8], message: &Message<'_>) -> (Vec<Part>, Vec<Opened>) {
    let mut parts = parts_of(message);
    if parts.len() <= 1 && split::is_worth_it(bytes) {
        parts = split::parts(bytes);
    }
    let inner = message.parts.iter().filter_map(|part| match &part.body {
        PartType::Message(inner) => Some(assembled(whole(inner), parts_of(inner))),
        PartType::Text(_)
        | PartType::Html(_)
        | PartType::Binary(_)
        | PartType::InlineBinary(_)
        | PartType::Multipart(_) => None,
    });
    (parts, inner.collect())
}

fn assembled(bytes: &[u8], parts: Vec<Part>) -> Opened {
    let text = String::from_utf8_lossy(bytes);
    let head = Fields::parse(text.lines());
    let subject = decoded(head.get("subject").unwrap_or_default());
    let (voice, quoted) = voice::voice(&parts);
    let is_returned = |part: &&Part| is_returned(&part.kind);
    let of_part = |part: &Part| Fields::parse(part.text.trim_start().lines());
    let returned = parts.iter().filter(is_returned).map(of_part).chain(quoted);
    let returned = returned.filter(|fields: &Fields| !fields.is_empty()).collect();
    Opened { head, subject, returned, voice, parts }
}

/// A letter that came back, or its header.
pub(super) fn is_returned(kind: &str) -> bool {
    matches!(
        kind,
        "message/rfc822"
            | "message/global"
            | "message/rfc822-headers"
            | "message/global-headers"
            | "message/partial"
            | "text/rfc822-headers"
            | "text/rfc822-header"
            | "text/rfc822"
            | "text/headers"
    )
}

fn parts_of(message: &Message<'_>) -> Vec<Part> {
    message.parts.iter().filter_map(part_of).collect()
}

fn part_of(part: &MessagePart<'_>) -> Option<Part> {
    let kind = part.content_type().map_or(String::new(), |kind| {
        format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase()
    });
    let text = match &part.body {
        PartType::Text(text) => text.clone().into_owned(),
        PartType::Html(html) => readable(html),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) if is_readable(&kind) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        PartType::Message(inner) => String::from_utf8_lossy(whole(inner)).into_owned(),
        PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Multipart(_) => return None,
    };
    Some(Part { kind, text })
}

/// Some servers say HTML and write plain text, whose lines must not be joined.
fn readable(html: &str) -> String {
    let has_markup = html.contains("</") || html.to_ascii_lowercase().contains("<br");
    if has_markup { html_to_text(html) } else { html.to_owned() }
}

/// Parts of reports are text, whatever their type says.
fn is_readable(kind: &str) -> bool {
    kind.is_empty() || kind.starts_with("message/") || kind.starts_with("text/")
}

/// The bytes of a message within another: its `raw_message` is that of the outer one.
fn whole<'a>(message: &'a Message<'_>) -> &'a [u8] {
    let start = message.parts.first().map_or(0, |part| part.offset_header as usize);
    let end = message.parts.iter().map(|part| part.offset_end as usize).max().unwrap_or(0);
    message.raw_message.get(start..end.max(start)).unwrap_or_default()
}

/// Every end of a line as one LF: old servers write CR alone.
fn plain_lines(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\r', rest) {
        plain.extend_from_slice(&rest[..at]);
        plain.push(b'\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    plain.extend_from_slice(rest);
    plain
}

/// Without the line of an mbox, and empty lines before the header.
fn without_envelope(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.trim_ascii_start();
    if !bytes.starts_with(b"From ") && !bytes.starts_with(b">From ") {
        return bytes;
    }
    memchr::memchr(b'\n', bytes).map_or(&[], |end| &bytes[end + 1..])
}

/// mail-parser keeps messages within messages as such, and lets go of them one within the other. Every second level
/// needs a type of its own (RFC 2046 5.1.5), so that the depth is bounded by their number.
fn is_tame(bytes: &[u8]) -> bool {
    let types = memchr::memmem::find_iter(&bytes.to_ascii_lowercase(), b"content-type").count();
    types <= MOST_TYPES && memchr::memmem::find_iter(bytes, b"\n--").count() <= 50 * MOST_TYPES
}

/// RFC 2047.
pub(super) fn decoded(value: &str) -> String {
    let header = format!("Subject: {value}\n\n");
    let read = MessageParser::new()
        .parse_headers(header.as_bytes())
        .and_then(|mail| mail.subject().map(str::to_owned));
    read.unwrap_or_else(|| value.to_owned())
}
