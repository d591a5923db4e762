//! SendGrid: one letter a call, as JSON. It has no keys, so that a call without an answer leaves its letter uncertain.
//!
//! <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::api::{Api, Letter, Outcomes, Request, TAG, secret_header};
use super::json;
use super::message::{File, Message, Person};
use crate::model::attempt::{Accepted, Broken, Fault};
use crate::model::provider::Provider;
use crate::settings::http::HttpSettings;

pub struct Sendgrid {
    key: HeaderValue,
}

impl Sendgrid {
    pub fn new(settings: &HttpSettings) -> Sendgrid {
        Sendgrid { key: secret_header("Bearer ", settings) }
    }
}

#[derive(Serialize)]
struct Mail<'a> {
    personalizations: [Personalization<'a>; 1],
    from: Mailbox<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<Mailbox<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reply_to_list: Vec<Mailbox<'a>>,
    subject: &'a str,
    content: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
    headers: serde_json::Map<String, serde_json::Value>,
    tracking_settings: Tracking,
}

/// Links and images stay what they are, and nothing is added below: that is what was previewed. It wins over the
/// settings of the account.
#[derive(Serialize, Default)]
struct Tracking {
    click_tracking: Clicks,
    open_tracking: Off,
    subscription_tracking: Off,
    ganalytics: Off,
}

#[derive(Serialize, Default)]
struct Clicks {
    enable: bool,
    /// In the plain text.
    enable_text: bool,
}

#[derive(Serialize, Default)]
struct Off {
    enable: bool,
}

#[derive(Serialize)]
struct Personalization<'a> {
    to: [Mailbox<'a>; 1],
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    custom_args: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct Mailbox<'a> {
    email: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    value: &'a str,
}

#[derive(Serialize)]
struct Attachment<'a> {
    content: String,
    #[serde(rename = "type")]
    kind: &'a str,
    filename: &'a str,
    disposition: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_id: Option<&'a str>,
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<Error>,
}

#[derive(Deserialize)]
struct Error {
    #[serde(default)]
    message: String,
    /// What of the call it is about, `personalizations.0.to.0.email`.
    field: Option<String>,
}

impl Error {
    fn is_about_recipient(&self) -> bool {
        self.field.as_deref().is_some_and(|field| {
            field.starts_with("personalizations") && field.split('.').any(|part| part == "to")
        })
    }
}

impl Api for Sendgrid {
    fn most_octets(&self) -> usize {
        30 * 1024 * 1024
    }

    fn piece(&self, letter: &Letter<'_>) -> Result<Vec<u8>, Broken> {
        let message = Message::read(letter.bytes)?;
        let to = message.addressee(&letter.envelope.recipient);
        let custom_args = letter.token().map(|token| (TAG.to_owned(), token.into())).into_iter().collect();
        let (reply_to, reply_to_list) = replies(&message.reply_to);
        let mut headers = json::fields(&message);
        headers.retain(|name, _| !Provider::Sendgrid.drops(name));
        let mail = Mail {
            personalizations: [Personalization { to: [mailbox(&to)], custom_args }],
            from: mailbox(&message.from),
            reply_to,
            reply_to_list,
            subject: &message.subject,
            content: content(&message),
            attachments: message.files.iter().map(attachment).collect(),
            headers,
            tracking_settings: Tracking::default(),
        };
        Ok(serde_json::to_vec(&mail).expect("texts become JSON"))
    }

    fn request(&self, pieces: &[&[u8]], _key: Option<&str>) -> Request {
        json::post("/v3/mail/send", pieces.concat())
    }

    fn sign<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Result<(), Broken>> {
        json::with_key(request, AUTHORIZATION, &self.key)
    }

    fn outcomes(&self, answer: &Answer, letters: usize) -> Outcomes {
        if answer.is_success() {
            return match taken(answer) {
                Some(id) if letters == 1 => Outcomes::Each(vec![Ok(Accepted { reply: answer.reply(id) })]),
                _ => Outcomes::All(answer.broken("")),
            };
        }
        let errors = answer.json::<Errors>().map_or_else(Vec::new, |said| said.errors);
        let words = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ");
        let is_about_recipient = !errors.is_empty() && errors.iter().all(Error::is_about_recipient);
        Outcomes::All(match (answer.status, is_about_recipient) {
            (400, true) => Broken::faulted(Fault::Recipient, answer.reply(&words)),
            (_, _) => answer.broken(&words),
        })
    }
}

/// The id of a letter that was taken: it comes in a header, beside an empty body.
fn taken(answer: &Answer) -> Option<&str> {
    let is_empty = answer.body.iter().all(u8::is_ascii_whitespace);
    match (answer.status, answer.header("x-message-id")) {
        (200 | 202, Some(id)) => Some(id),
        (202, None) if is_empty => Some("Accepted"),
        (_, _) => None,
    }
}

fn mailbox(person: &Person) -> Mailbox<'_> {
    Mailbox { email: &person.address, name: &person.name }
}

/// Several have a place of their own, which may not be there beside that of one.
fn replies(people: &[Person]) -> (Option<Mailbox<'_>>, Vec<Mailbox<'_>>) {
    match people {
        [one] => (Some(mailbox(one)), Vec::new()),
        several => (None, several.iter().map(mailbox).collect()),
    }
}

/// Text before HTML, as it asks, and none that is empty.
fn content(message: &Message) -> Vec<Content<'_>> {
    let parts = [("text/plain", message.text.as_deref()), ("text/html", message.html.as_deref())];
    let parts =
        parts.into_iter().filter_map(|(kind, value)| Some((kind, value.filter(|it| !it.is_empty())?)));
    parts.map(|(kind, value)| Content { kind, value }).collect()
}

fn attachment(file: &File) -> Attachment<'_> {
    let content_id = file.content_id.as_deref();
    Attachment {
        content: BASE64.encode(&file.bytes),
        // It takes no parameters here.
        kind: file.content_type.split(';').next().unwrap_or_default().trim(),
        filename: &file.name,
        disposition: if content_id.is_some() { "inline" } else { "attachment" },
        content_id,
    }
}

#[cfg(test)]
mod tests;
