//! A letter taken apart, for providers that want its parts and not its bytes.

mod plain;

use mail_parser::{Addr, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::model::address::Address;
use crate::model::attempt::{Broken, Phase};

/// The parts of a letter.
pub struct Message {
    pub from: Person,
    pub to: Person,
    pub reply_to: Vec<Person>,
    pub subject: String,
    pub text: Option<String>,
    pub html: Option<String>,
    /// The other fields in their order, unfolded, as they are on the wire.
    pub headers: Vec<(String, String)>,
    pub files: Vec<File>,
}

/// Somebody in an address field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Empty where there is none.
    pub name: String,
    pub address: String,
}

/// An attachment, or an image within the text.
pub struct File {
    pub name: String,
    pub content_type: String,
    /// Without angle brackets; only of an image within the text.
    pub content_id: Option<String>,
    pub bytes: Vec<u8>,
}

/// Those that have a place of their own, or are made by whoever sends the message.
const OTHERWISE: [&str; 10] = [
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "dkim-signature",
];

impl Person {
    /// `Name <address>`, the name in quotes (RFC 5322 3.4).
    pub fn written(&self) -> String {
        match self.name.as_str() {
            "" => self.address.clone(),
            name => format!("\"{}\" <{}>", name.replace('\\', "\\\\").replace('"', "\\\""), self.address),
        }
    }
}

impl Message {
    /// Fails for bytes that no letter of ours has.
    pub fn read(bytes: &[u8]) -> Result<Message, Broken> {
        let head = MessageParser::default().parse_headers(bytes).ok_or_else(unreadable)?;
        if let Some([text, html]) = boundary(&head).and_then(|boundary| plain::bodies(bytes, boundary)) {
            return Ok(Message { text: Some(text), html: Some(html), ..Message::of(&head)? });
        }
        let parsed = MessageParser::default().parse(bytes).ok_or_else(unreadable)?;
        Ok(Message {
            text: parsed.text_bodies().find_map(|part| text(part, false)),
            html: parsed.html_bodies().find_map(|part| text(part, true)),
            files: parsed.attachments().filter_map(file).collect(),
            ..Message::of(&parsed)?
        })
    }

    /// What its fields say.
    fn of(head: &mail_parser::Message<'_>) -> Result<Message, Broken> {
        Ok(Message {
            from: people(head.from()).into_iter().next().ok_or_else(unreadable)?,
            to: people(head.to()).into_iter().next().ok_or_else(unreadable)?,
            reply_to: people(head.reply_to()),
            subject: head.subject().unwrap_or_default().to_owned(),
            text: None,
            html: None,
            headers: others(head.headers_raw()),
            files: Vec::new(),
        })
    }

    /// Whom it goes to, as the letter names them if it is for them.
    pub fn addressee(&self, recipient: &Address) -> Person {
        let is_same = Address::parse(&self.to.address).is_ok_and(|to| to.key() == recipient.key());
        let name = if is_same { self.to.name.clone() } else { String::new() };
        Person { name, address: recipient.wire() }
    }
}

/// Between the parts of a letter that says the same in several ways and carries nothing else.
fn boundary<'a>(head: &'a mail_parser::Message<'_>) -> Option<&'a str> {
    let kind = head.content_type().filter(|kind| kind.subtype() == Some("alternative"))?;
    kind.attribute("boundary")
}

fn unreadable() -> Broken {
    Broken::hopeless(Phase::Data, "the letter cannot be taken apart")
}

fn people(field: Option<&mail_parser::Address<'_>>) -> Vec<Person> {
    let person = |addr: &Addr<'_>| {
        let address = addr.address()?.to_owned();
        Some(Person { name: addr.name().unwrap_or_default().to_owned(), address })
    };
    field.map_or_else(Vec::new, |field| field.iter().filter_map(person).collect())
}

fn text(part: &MessagePart<'_>, is_html: bool) -> Option<String> {
    match &part.body {
        PartType::Text(text) if !is_html => Some(text.to_string()),
        PartType::Html(text) if is_html => Some(text.to_string()),
        _ => None,
    }
}

fn others<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    fields
        .filter(|(name, _)| !OTHERWISE.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(name, value)| (name.to_owned(), unfolded(value)))
        .collect()
}

/// RFC 5322 2.2.3: the line ends go, the white space after them stays.
fn unfolded(value: &str) -> String {
    value.replace("\r\n", "").trim().to_owned()
}

fn file(part: &MessagePart<'_>) -> Option<File> {
    let content_id = part.content_id().map(|id| id.trim_matches(['<', '>']).to_owned());
    Some(File {
        name: part.attachment_name().unwrap_or("attachment").to_owned(),
        content_type: content_type(part),
        content_id: content_id.filter(|_| part.content_disposition().is_some_and(|it| it.is_inline())),
        bytes: part.contents().to_vec(),
    })
}

fn content_type(part: &MessagePart<'_>) -> String {
    let written = part.content_type().map(|it| match it.subtype() {
        Some(subtype) => format!("{}/{subtype}", it.ctype()),
        None => it.ctype().to_owned(),
    });
    let charset = part.content_type().and_then(|it| it.attribute("charset"));
    match (written, charset) {
        (Some(kind), Some(charset)) => format!("{kind}; charset={charset}"),
        (Some(kind), None) => kind,
        (None, _) => "application/octet-stream".to_owned(),
    }
}

#[cfg(test)]
pub mod tests;
