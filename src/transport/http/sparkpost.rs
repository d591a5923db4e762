//! SparkPost: one letter a call, byte for byte. It has no idempotency keys.
//!
//! <https://developers.sparkpost.com/api/transmissions/>

use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::{Deserialize, Serialize};

use super::answer::{Answer, is_about_recipient};
use super::api::{Api, Letter, Outcomes, Request, secret_header};
use super::json;
use crate::model::attempt::{Accepted, Broken, Fault, Phase};
use crate::settings::http::HttpSettings;

pub struct Sparkpost {
    key: HeaderValue,
}

impl Sparkpost {
    pub fn new(settings: &HttpSettings) -> Sparkpost {
        Sparkpost { key: secret_header("", settings) }
    }
}

#[derive(Serialize)]
struct Transmission<'a> {
    options: Options,
    recipients: [Recipient<'a>; 1],
    content: Content<'a>,
}

/// Links and images stay what they are: that is what was previewed.
#[derive(Serialize)]
struct Options {
    open_tracking: bool,
    click_tracking: bool,
}

#[derive(Serialize)]
struct Recipient<'a> {
    address: Email,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
}

#[derive(Serialize)]
struct Email {
    email: String,
}

#[derive(Serialize)]
struct Metadata<'a> {
    courant: &'a str,
}

#[derive(Serialize)]
struct Content<'a> {
    email_rfc822: &'a str,
}

#[derive(Deserialize)]
struct Answered {
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    id: String,
    total_accepted_recipients: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    errors: Vec<Error>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Error {
    code: String,
    message: String,
    description: String,
}

impl Api for Sparkpost {
    fn most_octets(&self) -> usize {
        20 * 1024 * 1024
    }

    fn piece(&self, letter: &Letter<'_>) -> Result<Vec<u8>, Broken> {
        let text = std::str::from_utf8(letter.bytes)
            .map_err(|_| Broken::hopeless(Phase::Data, "the letter is no text, as JSON needs it"))?;
        let transmission = Transmission {
            options: Options { open_tracking: false, click_tracking: false },
            recipients: [Recipient {
                address: Email { email: letter.envelope.recipient.wire() },
                metadata: letter.token().map(|courant| Metadata { courant }),
            }],
            content: Content { email_rfc822: text },
        };
        Ok(serde_json::to_vec(&transmission).expect("texts become JSON"))
    }

    fn request(&self, pieces: &[&[u8]], _key: Option<&str>) -> Request {
        json::post("/api/v1/transmissions", pieces.concat())
    }

    fn sign<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Result<(), Broken>> {
        json::with_key(request, AUTHORIZATION, &self.key)
    }

    fn outcomes(&self, answer: &Answer, _letters: usize) -> Outcomes {
        match answer.json::<Answered>().filter(|_| answer.is_success()) {
            Some(Answered { results }) if results.total_accepted_recipients == 1 => {
                Outcomes::Each(vec![Ok(Accepted { reply: answer.reply(&results.id) })])
            }
            Some(_) => {
                let words = "the only recipient was rejected";
                Outcomes::All(Broken::faulted(Fault::Recipient, answer.reply(words)))
            }
            None => Outcomes::All(refused(answer)),
        }
    }
}

/// By the codes of its errors: <https://support.sparkpost.com/docs/deliverability/transmissions-api-error-codes>.
fn refused(answer: &Answer) -> Broken {
    let Refusal { errors } = answer.json().unwrap_or_default();
    let error = errors.into_iter().next().unwrap_or_default();
    let words = format!("{} {} {}", error.code, error.message, error.description);
    let fault = |fault| Broken::faulted(fault, answer.reply(&words));
    match (answer.status, error.code.as_str()) {
        // A status of its own: the hour's sending limit is reached, or that of the day.
        (420, "2102") => fault(Fault::Speed { wait: answer.wait() }),
        (420, _) => fault(Fault::Account),
        // Rejected when the message was made: the address is suppressed.
        (400 | 422, "1902") if words.to_lowercase().contains("suppress") => fault(Fault::Recipient),
        (400 | 422, "5001" | "5002") => fault(Fault::Recipient),
        (400 | 422, _) if is_about_recipient(&words) => fault(Fault::Recipient),
        (_, "") => answer.broken(""),
        (_, _) => answer.broken(&words),
    }
}

#[cfg(test)]
mod tests;
