//! Resend: up to a hundred letters a call, as JSON; a key makes a call safe to be made again for a day.
//!
//! <https://resend.com/docs/api-reference>, OpenAPI 1.5.0.

use std::time::Duration;

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::{Deserialize, Serialize};

use super::answer::{Answer, is_about_recipient};
use super::api::{Api, Letter, Outcomes, Request, TAG, secret_header};
use super::json;
use super::message::{File, Message, Person};
use crate::model::attempt::{Accepted, Broken, Fault};
use crate::settings::http::HttpSettings;

pub struct Resend {
    key: HeaderValue,
}

impl Resend {
    pub fn new(settings: &HttpSettings) -> Resend {
        Resend { key: secret_header("Bearer ", settings) }
    }
}

/// How the piece of a letter with files begins: only calls of one letter take them.
const WITH_FILES: &[u8] = b"{\"attachments\":";

#[derive(Serialize)]
struct Email<'a> {
    /// First, so that the piece begins with [`WITH_FILES`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
    from: String,
    to: [String; 1],
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reply_to: Vec<String>,
    headers: serde_json::Map<String, serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag<'a>>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    content: String,
    filename: &'a str,
    content_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Tag<'a> {
    name: &'static str,
    value: &'a str,
}

#[derive(Deserialize)]
struct Batch {
    data: Vec<Taken>,
}

#[derive(Deserialize)]
struct Taken {
    id: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    name: String,
    message: String,
}

impl Api for Resend {
    fn most_octets(&self) -> usize {
        40 * 1024 * 1024
    }

    fn remembers(&self) -> Option<Duration> {
        Some(Duration::from_secs(24 * 3600))
    }

    /// The batch drops files: <https://resend.com/docs/api-reference/emails/send-batch-emails>.
    fn travels_alone(&self, piece: &[u8]) -> bool {
        piece.starts_with(WITH_FILES)
    }

    fn piece(&self, letter: &Letter<'_>) -> Result<Vec<u8>, Broken> {
        let message = Message::read(letter.bytes)?;
        let email = Email {
            attachments: message.files.iter().map(attachment).collect(),
            from: message.from.written(),
            to: [message.addressee(&letter.envelope.recipient).written()],
            subject: &message.subject,
            html: message.html.as_deref(),
            text: message.text.as_deref(),
            reply_to: message.reply_to.iter().map(Person::written).collect(),
            headers: json::fields(&message),
            tags: letter.token().map(|value| Tag { name: TAG, value }).into_iter().collect(),
        };
        Ok(serde_json::to_vec(&email).expect("texts become JSON"))
    }

    fn request(&self, pieces: &[&[u8]], key: Option<&str>) -> Request {
        let mut request = match pieces {
            [piece] if self.travels_alone(piece) => json::post("/emails", piece.to_vec()),
            many => json::post("/emails/batch", json::array(many)),
        };
        if let Some(key) = key.and_then(|key| HeaderValue::from_str(key).ok()) {
            request.headers.insert("idempotency-key", key);
        }
        request
    }

    fn sign<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Result<(), Broken>> {
        json::with_key(request, AUTHORIZATION, &self.key)
    }

    fn outcomes(&self, answer: &Answer, letters: usize) -> Outcomes {
        if answer.is_success() {
            let taken = taken(answer).filter(|taken| taken.len() == letters);
            let accepted = |taken: &Taken| Ok(Accepted { reply: answer.reply(&taken.id) });
            return match taken {
                Some(taken) => Outcomes::Each(taken.iter().map(accepted).collect()),
                None => Outcomes::All(answer.broken("")),
            };
        }
        refused(answer)
    }
}

/// Those of a batch, or the one that is a call of its own.
fn taken(answer: &Answer) -> Option<Vec<Taken>> {
    let batch = answer.json::<Batch>().map(|batch| batch.data);
    batch.or_else(|| Some(vec![answer.json::<Taken>()?]))
}

fn attachment(file: &File) -> Attachment<'_> {
    Attachment {
        content: BASE64.encode(&file.bytes),
        filename: &file.name,
        content_type: &file.content_type,
        content_id: file.content_id.as_deref(),
    }
}

/// By the names of its errors: <https://resend.com/docs/api-reference/errors>.
fn refused(answer: &Answer) -> Outcomes {
    let Refusal { name, message } = answer.json().unwrap_or_default();
    let words = format!("{name} {message}");
    let fault = |fault| Broken::faulted(fault, answer.reply(&words));
    match (answer.status, name.as_str()) {
        (409, "concurrent_idempotent_requests") => Outcomes::Again,
        // The key is known with other letters behind it: nobody can say what became of these.
        (409, _) => Outcomes::All(fault(Fault::Unclear)),
        (429, "daily_quota_exceeded" | "monthly_quota_exceeded") => Outcomes::All(fault(Fault::Account)),
        (400 | 422, "validation_error" | "invalid_parameter" | "missing_required_field")
            if is_about_recipient(&message) =>
        {
            Outcomes::Split(fault(Fault::Recipient))
        }
        (_, _) => Outcomes::All(answer.broken(&words)),
    }
}

#[cfg(test)]
mod tests;
