//! Postmark: up to five hundred letters a call, as JSON, each with an outcome of its own. It has no keys, so that a
//! call without an answer leaves its letters uncertain.
//!
//! <https://postmarkapp.com/developer/api/email-api>

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use reqwest::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::answer::{Answer, is_about_recipient};
use super::api::{Api, Letter, Outcomes, Request, TAG, secret_header};
use super::json;
use super::message::{File, Message, Person};
use crate::model::attempt::{Accepted, Broken, Fault};
use crate::settings::http::HttpSettings;

pub struct Postmark {
    token: HeaderValue,
    stream: String,
}

impl Postmark {
    pub fn new(settings: &HttpSettings) -> Postmark {
        Postmark { token: secret_header("", settings), stream: settings.stream.clone() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Email<'a> {
    from: String,
    to: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reply_to: String,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    html_body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_body: Option<&'a str>,
    headers: Vec<Field<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    metadata: serde_json::Map<String, serde_json::Value>,
    message_stream: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Field<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attachment<'a> {
    name: &'a str,
    content: String,
    content_type: &'a str,
    #[serde(rename = "ContentID", skip_serializing_if = "Option::is_none")]
    content_id: Option<String>,
}

/// What it says of one letter, or of a whole call that it does not take.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Said {
    error_code: u32,
    #[serde(default)]
    message: String,
    #[serde(rename = "MessageID", default)]
    message_id: String,
}

impl Api for Postmark {
    /// 50 MB in all; a little stays free for whoever counts in other ways.
    fn most_octets(&self) -> usize {
        48 * 1024 * 1024
    }

    fn piece(&self, letter: &Letter<'_>) -> Result<Vec<u8>, Broken> {
        let message = Message::read(letter.bytes)?;
        let email = Email {
            from: message.from.written(),
            to: message.addressee(&letter.envelope.recipient).written(),
            reply_to: message.reply_to.iter().map(Person::written).collect::<Vec<_>>().join(", "),
            subject: &message.subject,
            html_body: message.html.as_deref(),
            text_body: message.text.as_deref(),
            headers: message.headers.iter().map(|(name, value)| Field { name, value }).collect(),
            attachments: message.files.iter().map(attachment).collect(),
            metadata: letter.token().map(|token| (TAG.to_owned(), token.into())).into_iter().collect(),
            message_stream: &self.stream,
        };
        Ok(serde_json::to_vec(&email).expect("texts become JSON"))
    }

    fn request(&self, pieces: &[&[u8]], _key: Option<&str>) -> Request {
        json::post("/email/batch", json::array(pieces))
    }

    fn sign<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Result<(), Broken>> {
        json::with_key(request, HeaderName::from_static("x-postmark-server-token"), &self.token)
    }

    fn outcomes(&self, answer: &Answer, letters: usize) -> Outcomes {
        if answer.is_success() {
            return match answer.json::<Vec<Said>>() {
                Some(each) if each.len() == letters => {
                    Outcomes::Each(each.iter().map(|said| of_one(answer, said)).collect())
                }
                _ => Outcomes::All(answer.broken("")),
            };
        }
        let words = answer.json::<Said>().map_or_else(String::new, |said| words(&said));
        let broken = answer.broken(&words);
        // Too many octets, or too many letters for a server that stands in between: fewer may do.
        if answer.status == 413 { Outcomes::Split(broken) } else { Outcomes::All(broken) }
    }
}

fn attachment(file: &File) -> Attachment<'_> {
    Attachment {
        name: &file.name,
        content: BASE64.encode(&file.bytes),
        content_type: &file.content_type,
        content_id: file.content_id.as_ref().map(|id| format!("cid:{id}")),
    }
}

fn words(said: &Said) -> String {
    format!("{} {}", said.error_code, said.message)
}

/// By its error codes: <https://postmarkapp.com/developer/api/overview#error-codes>.
fn of_one(answer: &Answer, said: &Said) -> Result<Accepted, Broken> {
    let fault = match said.error_code {
        0 => return Ok(Accepted { reply: answer.reply(&said.message_id) }),
        // Under maintenance.
        100 => Fault::Passing,
        // Inactive: it bounced or complained before.
        406 => Fault::Recipient,
        300 if is_about_recipient(&said.message) => Fault::Recipient,
        // A token, a signature, a stream, credits, or a letter that it cannot read: all of them ours.
        _ => Fault::Account,
    };
    Err(Broken::faulted(fault, answer.reply(&words(said))))
}

#[cfg(test)]
mod tests;
