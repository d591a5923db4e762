//! Amazon SES: one letter a call, as it is but for Message-ID and Date, which it replaces. It has no idempotency
//! keys, so that a call without an answer leaves its letter uncertain.
//!
//! <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>

pub mod keys;
mod profile;
pub mod signer;
pub mod sigv4;

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::api::{Api, Letter, Outcomes, Request, TAG};
use super::json;
use crate::model::attempt::{Accepted, Broken, Fault};
use crate::settings::http::HttpSettings;
use signer::Signer;

pub struct Ses {
    configuration_set: Option<String>,
    signer: Signer,
}

impl Ses {
    pub fn new(settings: &HttpSettings) -> Ses {
        Ses { configuration_set: settings.configuration_set.clone(), signer: Signer::new(settings, "ses") }
    }
}

/// A secret as the value of a header, not to be shown in any log.
fn header_of(secret: &SecretString) -> HeaderValue {
    let value = HeaderValue::from_str(secret.expose_secret());
    let mut value = value.unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Email<'a> {
    from_email_address: String,
    destination: Destination,
    content: Content,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    email_tags: Vec<Tag<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration_set_name: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    to_addresses: [String; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    raw: Raw,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    data: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tag<'a> {
    name: &'static str,
    value: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Taken {
    message_id: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    #[serde(rename = "__type", alias = "code")]
    kind: String,
    #[serde(alias = "Message")]
    message: String,
}

impl Api for Ses {
    /// 40 MB, and the letter is a third longer in base64.
    fn most_octets(&self) -> usize {
        40 * 1024 * 1024
    }

    fn piece(&self, letter: &Letter<'_>) -> Result<Vec<u8>, Broken> {
        let email = Email {
            from_email_address: letter.envelope.sender.wire(),
            destination: Destination { to_addresses: [letter.envelope.recipient.wire()] },
            content: Content { raw: Raw { data: BASE64.encode(letter.bytes) } },
            email_tags: letter.token().map(|value| Tag { name: TAG, value }).into_iter().collect(),
            configuration_set_name: self.configuration_set.as_deref(),
        };
        Ok(serde_json::to_vec(&email).expect("texts become JSON"))
    }

    fn request(&self, pieces: &[&[u8]], _key: Option<&str>) -> Request {
        json::post("/v2/email/outbound-emails", pieces.concat())
    }

    fn sign<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Result<(), Broken>> {
        Box::pin(self.signer.sign(request))
    }

    fn renews(&self, signed: &HeaderMap, answer: &Answer) -> bool {
        self.signer.renews(signed, answer)
    }

    fn outcomes(&self, answer: &Answer, _letters: usize) -> Outcomes {
        match answer.json::<Taken>().filter(|_| answer.is_success()) {
            Some(taken) => Outcomes::Each(vec![Ok(Accepted { reply: answer.reply(&taken.message_id) })]),
            None if answer.is_success() => Outcomes::All(answer.broken("")),
            None => Outcomes::All(refused(answer)),
        }
    }
}

/// The name of an error stands in a header, or in the body; a namespace may go before it, and a link follow.
pub fn kind(answer: &Answer) -> String {
    let Refusal { kind, .. } = answer.json().unwrap_or_default();
    let kind = answer.header("x-amzn-errortype").map_or(kind, str::to_owned);
    let kind = kind.split(':').next().unwrap_or_default();
    kind.rsplit('#').next().unwrap_or_default().to_owned()
}

/// What an error says of itself, for people; empty where Amazon did not write it.
pub fn message(answer: &Answer) -> String {
    answer.json::<Refusal>().unwrap_or_default().message
}

/// By the names of its errors; those of its doormen come with any service of Amazon's.
fn refused(answer: &Answer) -> Broken {
    let Refusal { message, .. } = answer.json().unwrap_or_default();
    let kind = kind(answer);
    let words = format!("{kind} {message}");
    let fault = |fault| Broken::faulted(fault, answer.reply(&words));
    let lower = message.to_ascii_lowercase();
    match kind.as_str() {
        "TooManyRequestsException" | "LimitExceededException" | "ThrottlingException" | "Throttling" => {
            let is_used_up = lower.contains("daily") || lower.contains("quota exceeded");
            let fault_of = if is_used_up { Fault::Account } else { Fault::Speed { wait: answer.wait() } };
            fault(fault_of)
        }
        "MessageRejected" | "MessageRejectedException" => fault(rejected(&lower)),
        "BadRequestException" | "ValidationException" if is_about_destination(&lower) => {
            fault(Fault::Recipient)
        }
        "InternalFailure" | "InternalServiceErrorException" | "ServiceUnavailable" => fault(Fault::Passing),
        "" => answer.broken(&message),
        _ => answer.broken(&words),
    }
}

/// In the sandbox Amazon writes to verified addresses alone, and names those that are not: whether it is the
/// sender's or a subscriber's, our account is what has to change. A virus is in the issue, not in an address.
fn rejected(message: &str) -> Fault {
    match is_about_destination(message) && !message.contains("not verified") {
        true => Fault::Recipient,
        false => Fault::Account,
    }
}

fn is_about_destination(message: &str) -> bool {
    const THEM: [&str; 6] = [
        "illegal address",
        "domain contains illegal",
        "local address contains",
        "local part",
        "invalid to address",
        "suppression list",
    ];
    !message.contains("fromemailaddress") && THEM.iter().any(|them| message.contains(them))
}

#[cfg(test)]
mod tests;
