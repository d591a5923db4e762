//! Brevo: one letter a call, as JSON, since the fields of a letter hold for a whole call. A key makes a call safe to
//! be made again for half an hour: the second of two is refused as a duplicate, which says that the first was taken.
//!
//! <https://developers.brevo.com/reference/sendtransacemail>

use std::time::Duration;

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use reqwest::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::api::{Api, Letter, Outcomes, Request, TAG, secret_header};
use super::json;
use super::message::{File, Message, Person};
use crate::model::attempt::{Accepted, Broken, Fault, Phase};
use crate::model::provider::Provider;
use crate::settings::http::HttpSettings;

pub struct Brevo {
    key: HeaderValue,
}

impl Brevo {
    pub fn new(settings: &HttpSettings) -> Brevo {
        Brevo { key: secret_header("", settings) }
    }
}

/// How every piece begins: the key of its call has its place here.
const HEADERS: &[u8] = b"{\"headers\":{";
/// Comes back with every event.
const CUSTOM: &str = "X-Mailin-custom";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Email<'a> {
    /// First, so that the piece begins with [`HEADERS`].
    headers: serde_json::Map<String, serde_json::Value>,
    sender: Mailbox<'a>,
    to: [Mailbox<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<Mailbox<'a>>,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    html_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachment: Vec<Attachment<'a>>,
}

#[derive(Serialize)]
struct Mailbox<'a> {
    email: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

#[derive(Serialize)]
struct Attachment<'a> {
    name: &'a str,
    content: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    message_id: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    code: String,
    message: String,
}

impl Api for Brevo {
    fn most_octets(&self) -> usize {
        20 * 1024 * 1024
    }

    fn remembers(&self) -> Option<Duration> {
        Some(Duration::from_secs(30 * 60))
    }

    fn keeps_keys_alone(&self) -> bool {
        true
    }

    fn piece(&self, letter: &Letter<'_>) -> Result<Vec<u8>, Broken> {
        let message = Message::read(letter.bytes)?;
        if message.files.iter().any(|file| file.content_id.is_some()) {
            return Err(pictures());
        }
        let to = message.addressee(&letter.envelope.recipient);
        let mut headers = json::fields(&message);
        headers.retain(|name, _| !Provider::Brevo.drops(name));
        headers.extend(letter.token().map(|token| (CUSTOM.to_owned(), format!("{TAG}:{token}").into())));
        let email = Email {
            headers,
            sender: mailbox(&message.from),
            to: [mailbox(&to)],
            reply_to: message.reply_to.first().map(mailbox),
            subject: &message.subject,
            html_content: message.html.as_deref(),
            text_content: message.text.as_deref(),
            attachment: message.files.iter().map(attachment).collect(),
        };
        Ok(serde_json::to_vec(&email).expect("texts become JSON"))
    }

    fn request(&self, pieces: &[&[u8]], key: Option<&str>) -> Request {
        let piece = pieces.concat();
        json::post("/v3/smtp/email", key.map_or(piece.clone(), |key| with_key(&piece, key)))
    }

    fn sign<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Result<(), Broken>> {
        json::with_key(request, HeaderName::from_static("api-key"), &self.key)
    }

    fn outcomes(&self, answer: &Answer, letters: usize) -> Outcomes {
        if answer.is_success() {
            return match answer.json::<Taken>() {
                Some(taken) if letters == 1 => accepted(answer, &taken.message_id),
                _ => Outcomes::All(answer.broken("")),
            };
        }
        let Refusal { code, message } = answer.json().unwrap_or_default();
        let words = format!("{code} {message}");
        match (answer.status, code.as_str()) {
            // The key stands for this letter and attempt alone: whoever used it before was this very call.
            (400 | 409, "duplicate_parameter") => Outcomes::Used(Accepted { reply: answer.reply(&words) }),
            (400, "invalid_parameter") if is_about_recipient(&message) => {
                Outcomes::All(Broken::faulted(Fault::Recipient, answer.reply(&words)))
            }
            (_, _) => Outcomes::All(answer.broken(&words)),
        }
    }
}

fn accepted(answer: &Answer, words: &str) -> Outcomes {
    Outcomes::Each(vec![Ok(Accepted { reply: answer.reply(words) })])
}

/// `email is not valid in to`, as it names the field at the end.
fn is_about_recipient(message: &str) -> bool {
    let message = message.trim_end_matches('.').to_lowercase();
    message.ends_with(" in to") || super::answer::is_about_recipient(&message)
}

fn pictures() -> Broken {
    let words = "Brevo's API takes no images within the text: write `embed = \"link\"` under [images], or use \
                 its SMTP server";
    Broken::hopeless(Phase::Data, words)
}

/// The piece with the key of its call among its headers.
fn with_key(piece: &[u8], key: &str) -> Vec<u8> {
    let rest = piece.strip_prefix(HEADERS).expect("every piece begins with its headers");
    let comma = if rest.first() == Some(&b'}') { "" } else { "," };
    [HEADERS, format!("\"idempotencyKey\":\"{}\"{comma}", uuid(key)).as_bytes(), rest].concat()
}

/// A UUID of version 8 (RFC 9562 5.8) of the digest in hexadecimal that a key is.
fn uuid(key: &str) -> String {
    let digits = &key[..32];
    format!("{}-{}-8{}-a{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..])
}

/// Characters of a name that it takes; a longer one is refused with its letter.
const LONGEST_NAME: usize = 70;

fn mailbox(person: &Person) -> Mailbox<'_> {
    let end = person.name.char_indices().nth(LONGEST_NAME).map_or(person.name.len(), |(at, _)| at);
    Mailbox { email: &person.address, name: person.name[..end].trim_end() }
}

fn attachment(file: &File) -> Attachment<'_> {
    Attachment { name: &file.name, content: BASE64.encode(&file.bytes) }
}

#[cfg(test)]
mod tests;
