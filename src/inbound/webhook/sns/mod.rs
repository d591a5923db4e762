//! Amazon SNS: signed messages, and the certificates that sign them.
//!
//! Nothing is fetched before the topic is known to be ours, and then only from Amazon.

mod certificate;
mod known;
mod message;
mod place;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{Posted, Refused, is_fresh};
use certificate::Certificate;
use known::Known;
pub use message::{Body, Message};

/// SNS gives up after an hour, and signs once.
const LONGEST: SignedDuration = SignedDuration::from_mins(65);
/// For one request to Amazon.
const PATIENCE: Duration = Duration::from_secs(10);
/// A certificate has about two kilobytes.
const LONGEST_ANSWER: usize = 64 * 1024;
/// The way to Amazon, and the certificates that were fetched.
#[derive(Debug, Default)]
pub struct Sns {
    client: Option<reqwest::Client>,
    known: Known,
}

impl Sns {
    /// With a client that follows no redirect and speaks https alone. Without one ([`Sns::default`]), only a
    /// certificate from a file is believed.
    pub fn new() -> Result<Sns, Refused> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .https_only(true)
            .timeout(PATIENCE)
            .tls_backend_preconfigured(certificate::tls()?);
        let client = client.build().map_err(|error| Refused::Unreachable(error.to_string()))?;
        Ok(Sns { client: Some(client), known: Known::default() })
    }

    /// The message in a request, once it is known to be Amazon's, of a topic of ours and not too old.
    pub async fn verify(
        &self,
        settings: &crate::settings::webhooks::Sns,
        posted: Posted<'_>,
        now: Timestamp,
    ) -> Result<Message, Refused> {
        let kind = Sns::look(posted)?;
        let message = Message::read(posted.body)?;
        if message.kind != kind {
            return Err(Refused::Malformed("header and body differ in what kind of message it is"));
        }
        self.authenticate(settings, &message, now).await?;
        is_fresh(message.timestamp, now, LONGEST)?;
        Ok(message)
    }

    /// The kind of message that the headers announce. Fails where nothing that is signed can follow.
    pub fn look(posted: Posted<'_>) -> Result<&str, Refused> {
        let kind = posted.header("x-amz-sns-message-type")?;
        match posted.headers.contains_key("x-amz-sns-rawdelivery") {
            true => Err(Refused::Malformed("raw message delivery is on: it takes the signature away")),
            false => Ok(kind),
        }
    }

    async fn authenticate(
        &self,
        settings: &crate::settings::webhooks::Sns,
        message: &Message,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if !settings.topics.contains(&message.topic) {
            return Err(Refused::UnknownTopic);
        }
        let place = place::certificate(&message.certificate, &message.topic)?;
        let certificate = match &settings.certificate {
            Some(path) => Arc::new(Certificate::open(path)?),
            None => self.fetched(&place).await?,
        };
        certificate.require_valid(now)?;
        certificate.require_signed(message.version, &message.signed()?, &message.signature)
    }

    async fn fetched(&self, place: &Url) -> Result<Arc<Certificate>, Refused> {
        let fetch = async { Ok(Arc::new(Certificate::read(&self.get(place).await?)?)) };
        self.known.get_or_fetch(place.as_str(), fetch).await
    }

    /// Tells Amazon that its messages are wanted. `url` is one that [`Message::body`] gave.
    pub async fn confirm(&self, url: &Url) -> Result<(), Refused> {
        place::require_amazon(url)?;
        self.get(url).await.map(drop)
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, Refused> {
        let fail = |error: reqwest::Error| Refused::Unreachable(error.without_url().to_string());
        let client = self.client.as_ref().ok_or_else(|| Refused::Unreachable("no way out".to_owned()))?;
        let mut answer = client.get(url.clone()).send().await.map_err(fail)?;
        if !answer.status().is_success() {
            return Err(Refused::Unreachable(format!("Amazon answers {}", answer.status())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(fail)? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                return Err(Refused::Certificate("it is too long".to_owned()));
            }
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests;
