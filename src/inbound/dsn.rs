//! Delivery reports (RFC 3464): which message they are about, and what became of it for whom. What a report means
//! for a letter is decided elsewhere.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::model::attempt::Enhanced;
use crate::model::event::Said;

/// A delivery report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of the message that it is about, without angle brackets, if its header came back.
    pub message_id: Option<String>,
    /// What we gave as ENVID (RFC 3461), decoded.
    pub envelope_id: Option<String>,
    pub recipients: Vec<Recipient>,
}

/// What became of the message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// As the reporting server knows it in the end, without its type.
    pub last: Option<String>,
    /// As we wrote it, without its type.
    pub original: Option<String>,
    pub action: Action,
    /// The diagnostic code where there is one, with the status.
    pub said: Said,
}

/// RFC 3464 2.3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Failed,
    Delayed,
    Delivered,
    /// To where nobody reports any more.
    Relayed,
    Expanded,
}

impl Action {
    /// Case does not matter; a comment may follow. `failure` and `error` are no words of the RFC, but of servers.
    fn named(text: &str) -> Option<Action> {
        let word = text.split([' ', '\t', '(', ';']).next()?;
        Some(match word.to_ascii_lowercase().as_str() {
            "failed" | "failure" | "error" => Action::Failed,
            "delayed" => Action::Delayed,
            "delivered" => Action::Delivered,
            "relayed" => Action::Relayed,
            "expanded" => Action::Expanded,
            _ => return None,
        })
    }
}

/// The report that a mail is; `None` for any other mail, and for a report that says of nobody what happened.
pub fn parse(mail: &[u8]) -> Option<Report> {
    report_in(&MessageParser::new().parse(mail)?)
}

/// A report that was forwarded stands in a message of its own.
fn report_in(mail: &Message<'_>) -> Option<Report> {
    let Some(status) = mail.parts.iter().find(|part| is_status(part)) else {
        return mail.parts.iter().find_map(|part| match &part.body {
            PartType::Message(inner) => report_in(inner),
            _ => None,
        });
    };
    let text = String::from_utf8_lossy(status.contents());
    let blocks = blocks(&text);
    let recipients: Vec<Recipient> = blocks.iter().filter_map(recipient).collect();
    let report = Report {
        message_id: mail.parts.iter().find_map(returned_id),
        envelope_id: blocks.iter().find_map(|block| block.get("original-envelope-id")).map(xtext),
        recipients,
    };
    (!report.recipients.is_empty()).then_some(report)
}

/// RFC 6533 has a form of its own for what is beyond ASCII.
fn is_status(part: &MessagePart<'_>) -> bool {
    is_type(part, "message", &["delivery-status", "global-delivery-status"])
}

fn is_type(part: &MessagePart<'_>, wanted: &str, subtypes: &[&str]) -> bool {
    part.content_type().is_some_and(|found| {
        let subtype = found.subtype().unwrap_or_default();
        found.ctype().eq_ignore_ascii_case(wanted)
            && subtypes.iter().any(|wanted| subtype.eq_ignore_ascii_case(wanted))
    })
}

/// The Message-ID of the message that came back, whole or its header alone.
fn returned_id(part: &MessagePart<'_>) -> Option<String> {
    if let PartType::Message(message) = &part.body {
        return id_of(message);
    }
    let is_header = is_type(part, "text", &["rfc822-headers", "rfc822-header"])
        || is_type(part, "message", &["rfc822", "global", "global-headers", "rfc822-headers"]);
    let header = is_header.then(|| part.contents())?;
    id_of(&MessageParser::new().parse(header.trim_ascii_start())?)
}

fn id_of(message: &Message<'_>) -> Option<String> {
    message.message_id().map(str::to_owned)
}

/// The fields of one group of a report, by their names in lower case.
struct Block(Vec<(String, String)>);

impl Block {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Groups of fields with empty lines between them; a line that begins with white space goes on with the one before.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = vec![Block(Vec::new())];
    for line in text.lines() {
        let fields = &mut blocks.last_mut().expect("there is one from the start").0;
        match (line.trim().is_empty(), line.starts_with([' ', '\t']), fields.last_mut()) {
            (true, _, _) => blocks.push(Block(Vec::new())),
            (false, true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (false, _, _) => fields.extend(field(line)),
        }
    }
    blocks
}

fn field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
}

fn recipient(block: &Block) -> Option<Recipient> {
    let status = block.get("status").and_then(Enhanced::parse);
    let diagnostic = block.get("diagnostic-code").map_or("", typed);
    let said = Said::new(diagnostic, None);
    Some(Recipient {
        last: block.get("final-recipient").map(|value| typed(value).to_owned()),
        original: block.get("original-recipient").map(|value| xtext(typed(value))),
        action: Action::named(block.get("action")?)?,
        said: Said { enhanced: said.enhanced.or(status), ..said },
    })
}

/// What follows the type in `rfc822; bob@example.org` or `smtp; 550 5.1.1 gone`.
fn typed(value: &str) -> &str {
    value.split_once(';').map_or(value, |(_, rest)| rest).trim().trim_matches(['<', '>'])
}

/// RFC 3461 4: `+2B` is a plus sign. What is no such code stays as it is.
fn xtext(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'+').and_then(hexadecimal);
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests;
