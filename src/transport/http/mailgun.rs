//! Mailgun: one letter a call, byte for byte. It has no idempotency keys.
//!
//! <https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages/post-v3--domain-name--messages.mime>

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use futures_util::future::BoxFuture;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::answer::{Answer, LONGEST_WAIT, is_about_recipient, until};
use super::api::{Api, Letter, Outcomes, Request, TAG, basic};
use super::json;
use crate::model::attempt::{Accepted, Broken, Fault};
use crate::settings::http::{Credentials, HttpSettings};

pub struct Mailgun {
    authorization: HeaderValue,
    domain: String,
}

impl Mailgun {
    pub fn new(settings: &HttpSettings) -> Mailgun {
        let key = match &settings.credentials {
            Credentials::Key(key) => key.clone(),
            Credentials::Pair { secret, .. } => secret.clone(),
            Credentials::Ambient { .. } => SecretString::default(),
        };
        let domain = settings.domain.clone().unwrap_or_default();
        Mailgun { authorization: basic("api", key.expose_secret()), domain }
    }
}

#[derive(Deserialize)]
struct Taken {
    id: String,
    message: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    message: String,
}

/// What goes before the digest that no letter holds of itself.
const BOUNDARY: &str = "courant-";

impl Api for Mailgun {
    fn most_octets(&self) -> usize {
        25 * 1024 * 1024
    }

    /// A form of several parts (RFC 7578). Links and images stay what they are: that is what was previewed.
    fn piece(&self, letter: &Letter<'_>) -> Result<Vec<u8>, Broken> {
        let boundary = format!("{BOUNDARY}{}", HEXLOWER.encode(digest(&SHA256, letter.bytes).as_ref()));
        let mut body = Vec::with_capacity(letter.bytes.len() + 1024);
        let to = letter.envelope.recipient.wire();
        let mut field = |name: &str, value: &str| {
            let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
        };
        field("to", &to);
        field("o:tag", TAG);
        field("o:tracking", "no");
        if let Some(token) = letter.token() {
            field(&format!("v:{TAG}"), token);
        }
        let file = "Content-Disposition: form-data; name=\"message\"; filename=\"letter.eml\"\r\n\
                    Content-Type: message/rfc822\r\n\r\n";
        body.extend_from_slice(format!("--{boundary}\r\n{file}").as_bytes());
        body.extend_from_slice(letter.bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        Ok(body)
    }

    fn request(&self, pieces: &[&[u8]], _key: Option<&str>) -> Request {
        let body = pieces.concat();
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_str(&format!("multipart/form-data; boundary={}", boundary_of(&body)));
        headers.insert(CONTENT_TYPE, kind.expect("a boundary is letters and digits"));
        let path = format!("/v3/{}/messages.mime", self.domain);
        Request { method: Method::POST, path, headers, body }
    }

    fn sign<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Result<(), Broken>> {
        json::with_key(request, AUTHORIZATION, &self.authorization)
    }

    fn outcomes(&self, answer: &Answer, _letters: usize) -> Outcomes {
        match answer.json::<Taken>().filter(|_| answer.is_success()) {
            Some(taken) => {
                let words = format!("{} {}", taken.message, taken.id);
                Outcomes::Each(vec![Ok(Accepted { reply: answer.reply(&words) })])
            }
            None => Outcomes::All(refused(answer)),
        }
    }
}

/// The first line of a form is its boundary.
fn boundary_of(body: &[u8]) -> String {
    let line = body.split(|byte| *byte == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(line.strip_prefix(b"--").unwrap_or_default()).into_owned()
}

/// Its errors are one sentence each.
fn refused(answer: &Answer) -> Broken {
    let Refusal { message } = answer.json().unwrap_or_default();
    let fault = |fault| Broken::faulted(fault, answer.reply(&message));
    match answer.status {
        // Which limit it is only the words say, and until when.
        403 | 420 | 429 if message.to_lowercase().contains("try again after") => {
            fault(Fault::Speed { wait: wait_in(&message).or_else(|| answer.wait()) })
        }
        400 if is_about_recipient(&message) => fault(Fault::Recipient),
        _ => answer.broken(&message),
    }
}

/// `… try again after Tue, 01 Dec 2026 00:00:00 UTC`; at most a day.
fn wait_in(message: &str) -> Option<Duration> {
    let (_, date) = message.split_once("try again after ")?;
    let date = date.trim().trim_end_matches('.').replace("UTC", "+0000").replace("GMT", "+0000");
    until(&date).map(|wait| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests;
