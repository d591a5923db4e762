//! Mailjet: up to fifty letters a call, as JSON, each with an answer of its own. It has no idempotency keys.
//!
//! <https://dev.mailjet.com/email/reference/send-emails/>

use std::collections::BTreeMap;

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::{Deserialize, Deserializer, Serialize};

use super::answer::Answer;
use super::api::{Api, Letter, Outcomes, Request, secret_header};
use super::json;
use super::message::{File, Message, Person};
use crate::model::attempt::{Accepted, Broken, Fault, Reply};
use crate::model::provider::Provider;
use crate::settings::http::HttpSettings;

pub struct Mailjet {
    authorization: HeaderValue,
}

impl Mailjet {
    pub fn new(settings: &HttpSettings) -> Mailjet {
        Mailjet { authorization: secret_header("", settings) }
    }
}

#[derive(Serialize)]
struct Email<'a> {
    #[serde(rename = "From")]
    from: Contact<'a>,
    #[serde(rename = "To")]
    to: [Contact<'a>; 1],
    #[serde(rename = "ReplyTo", skip_serializing_if = "Option::is_none")]
    reply_to: Option<Contact<'a>>,
    #[serde(rename = "Subject")]
    subject: &'a str,
    #[serde(rename = "TextPart", skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(rename = "HTMLPart", skip_serializing_if = "Option::is_none")]
    html: Option<&'a str>,
    #[serde(rename = "Headers", skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'a str, &'a str>,
    #[serde(rename = "Attachments", skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attached<'a>>,
    #[serde(rename = "InlinedAttachments", skip_serializing_if = "Vec::is_empty")]
    inlined: Vec<Attached<'a>>,
    #[serde(rename = "CustomID", skip_serializing_if = "Option::is_none")]
    custom_id: Option<&'a str>,
    #[serde(rename = "EventPayload", skip_serializing_if = "Option::is_none")]
    payload: Option<&'a str>,
    /// Links and images stay what they are: that is what was previewed.
    #[serde(rename = "TrackOpens")]
    opens: &'static str,
    #[serde(rename = "TrackClicks")]
    clicks: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Contact<'a> {
    email: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

#[derive(Serialize)]
struct Attached<'a> {
    #[serde(rename = "ContentType")]
    content_type: &'a str,
    #[serde(rename = "Filename")]
    name: &'a str,
    #[serde(rename = "Base64Content")]
    content: String,
    #[serde(rename = "ContentID", skip_serializing_if = "Option::is_none")]
    content_id: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answered {
    messages: Vec<One>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct One {
    status: String,
    #[serde(default, deserialize_with = "or_nothing")]
    to: Vec<Taken>,
    #[serde(default, deserialize_with = "or_nothing")]
    errors: Vec<Refusal>,
}

#[derive(Deserialize)]
struct Taken {
    #[serde(rename = "MessageUUID", default, deserialize_with = "or_nothing")]
    uuid: String,
    #[serde(rename = "MessageID", default)]
    id: serde_json::Value,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Refusal {
    #[serde(deserialize_with = "or_nothing")]
    error_code: String,
    #[serde(deserialize_with = "or_nothing")]
    status_code: u16,
    #[serde(deserialize_with = "or_nothing")]
    error_message: String,
    #[serde(deserialize_with = "or_nothing")]
    error_related_to: Vec<String>,
}

/// What is null is as good as not there.
fn or_nothing<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(value: D) -> Result<T, D::Error> {
    Option::deserialize(value).map(Option::unwrap_or_default)
}

impl Api for Mailjet {
    fn most_octets(&self) -> usize {
        15 * 1024 * 1024
    }

    fn piece(&self, letter: &Letter<'_>) -> Result<Vec<u8>, Broken> {
        let message = Message::read(letter.bytes)?;
        let to = message.addressee(&letter.envelope.recipient);
        let (inlined, attachments): (Vec<&File>, Vec<&File>) =
            message.files.iter().partition(|file| file.content_id.is_some());
        let email = Email {
            from: contact(&message.from),
            to: [contact(&to)],
            reply_to: message.reply_to.first().map(contact),
            subject: &message.subject,
            text: message.text.as_deref(),
            html: message.html.as_deref(),
            headers: headers(&message),
            attachments: attachments.into_iter().map(attached).collect(),
            inlined: inlined.into_iter().map(attached).collect(),
            custom_id: letter.token(),
            payload: letter.token(),
            opens: "disabled",
            clicks: "disabled",
        };
        Ok(serde_json::to_vec(&email).expect("texts become JSON"))
    }

    fn request(&self, pieces: &[&[u8]], _key: Option<&str>) -> Request {
        let body = [b"{\"Messages\":", json::array(pieces).as_slice(), b"}"].concat();
        json::post("/v3.1/send", body)
    }

    fn sign<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Result<(), Broken>> {
        json::with_key(request, AUTHORIZATION, &self.authorization)
    }

    /// A call in which some letters are refused has the status of a refusal, and took the others.
    fn outcomes(&self, answer: &Answer, letters: usize) -> Outcomes {
        match answer.json::<Answered>() {
            Some(answered) if answered.messages.len() == letters => {
                Outcomes::Each(answered.messages.iter().map(|one| outcome(one, answer)).collect())
            }
            // Of which letters it speaks nobody can say.
            Some(answered) if answered.messages.iter().any(is_taken) => unclear(answer),
            // It speaks of letters, of which it may have taken some.
            None if names_letters(answer) => unclear(answer),
            Some(_) | None => Outcomes::All(refused(answer)),
        }
    }
}

fn contact(person: &Person) -> Contact<'_> {
    Contact { email: &person.address, name: &person.name }
}

fn headers(message: &Message) -> BTreeMap<&str, &str> {
    let all = message.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    all.filter(|(name, _)| !Provider::Mailjet.drops(name)).collect()
}

fn attached(file: &File) -> Attached<'_> {
    Attached {
        content_type: &file.content_type,
        name: &file.name,
        content: BASE64.encode(&file.bytes),
        content_id: file.content_id.as_deref(),
    }
}

fn unclear(answer: &Answer) -> Outcomes {
    Outcomes::All(Broken::faulted(Fault::Unclear, answer.reply("")))
}

/// Whether an answer that has another shape than ours, or no end, begins to say what became of each letter.
fn names_letters(answer: &Answer) -> bool {
    match answer.json::<serde_json::Value>() {
        Some(whole) => whole.get("Messages").is_some(),
        None => String::from_utf8_lossy(&answer.body).contains("\"Messages\""),
    }
}

fn is_taken(one: &One) -> bool {
    one.status.eq_ignore_ascii_case("success")
}

fn outcome(one: &One, answer: &Answer) -> Result<Accepted, Broken> {
    if is_taken(one) {
        let words = one.to.first().map(|taken| format!("{} {}", taken.id, taken.uuid)).unwrap_or_default();
        return Ok(Accepted { reply: Reply::new(200, words.trim()) });
    }
    let error = one.errors.first().ok_or_else(|| Broken::faulted(Fault::Unclear, answer.reply("")))?;
    let words = format!("{} {}", error.error_code, error.error_message);
    let code = if error.status_code == 0 { answer.status } else { error.status_code };
    Err(Broken::faulted(fault(error, code), Reply::new(code, words.trim())))
}

/// What is related to `To` is about the address; all else about us, who wrote the rest.
fn fault(error: &Refusal, status: u16) -> Fault {
    let is_to = error.error_related_to.iter().any(|part| part.starts_with("To"));
    match status {
        429 => Fault::Speed { wait: None },
        500..600 => Fault::Passing,
        _ if is_to => Fault::Recipient,
        _ => Fault::Account,
    }
}

/// The whole call was refused.
fn refused(answer: &Answer) -> Broken {
    let Refusal { error_code, error_message, .. } = answer.json().unwrap_or_default();
    answer.broken(&format!("{error_code} {error_message}"))
}

#[cfg(test)]
mod tests;
