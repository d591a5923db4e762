//! Events that providers post: first whether they come from the provider, then what they say. One provider, one
//! file. Nothing here writes to the ledger or decides what a letter is because of an event.
//!
//! Where a scheme signs the raw body, nothing of the body is read before the signature is good.

pub mod read;
pub mod credential;
mod standard;
pub mod ses;
pub mod postmark;
pub mod mailgun;
pub mod sendgrid;
pub mod resend;
pub mod brevo;
pub mod sparkpost;
pub mod mailjet;
pub mod sns;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;

use crate::model::event::ProviderEvent;
use crate::settings::webhooks::Hook;
use sns::Sns;

/// A request as it came.
#[derive(Clone, Copy)]
pub struct Posted<'a> {
    pub headers: &'a HeaderMap,
    /// Not yet read by anybody.
    pub body: &'a [u8],
}

impl<'a> Posted<'a> {
    /// A header that stands there once, as text.
    fn header(&self, name: &str) -> Result<&'a str, Refused> {
        let mut all = self.headers.get_all(name).iter();
        match (all.next().and_then(|value| value.to_str().ok()), all.next()) {
            (Some(value), None) => Ok(value),
            _ => Err(Refused::Unproven),
        }
    }
}

/// What a request turned out to be.
#[derive(Debug, PartialEq)]
pub enum Received {
    Events(Vec<ProviderEvent>),
    /// Events under a number that is used only once.
    Once {
        nonce: String,
        events: Vec<ProviderEvent>,
    },
    /// The provider asks whether this endpoint wants its messages; the address says yes.
    Confirm(url::Url),
    /// Something that carries no event.
    Nothing,
}

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No signature or credential, or a wrong one.
    #[error("the signature or credential is missing or wrong")]
    Unproven,
    #[error("the signature is too old, or of the future")]
    Stale,
    #[error("the body is not what the provider sends: {0}")]
    Malformed(&'static str),
    #[error("the topic is not one of `[webhooks.ses] topics`")]
    UnknownTopic,
    #[error("the certificate cannot be believed: {0}")]
    Certificate(String),
    /// The certificate could not be fetched just now.
    #[error("the certificate cannot be fetched: {0}")]
    Unreachable(String),
    /// What the settings have to prove it with cannot be used.
    #[error("the settings of this webhook are not complete")]
    NotReady,
}

/// How old a signature may be that is made anew for each try, and how far ahead a clock may be.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// Whether a signature of `at` may still be used at `now`.
fn is_fresh(at: Timestamp, now: Timestamp, longest: SignedDuration) -> Result<(), Refused> {
    let age = now.duration_since(at);
    if age > longest || age < -FRESH { Err(Refused::Stale) } else { Ok(()) }
}

/// Whether the headers alone let a request be one of the provider's: what is left to prove needs its body.
pub fn look(hook: &Hook, headers: &HeaderMap, now: Timestamp) -> Result<(), Refused> {
    let posted = Posted { headers, body: &[] };
    match hook {
        Hook::Ses(_) => Sns::look(posted).map(drop),
        // It signs within the body.
        Hook::Mailgun(_) => Ok(()),
        Hook::Sendgrid(_) => sendgrid::stamp(posted, now).map(drop),
        Hook::Resend(_) => standard::stamp(posted, now).map(drop),
        Hook::Postmark(own) | Hook::Brevo(own) | Hook::Sparkpost(own) | Hook::Mailjet(own) => {
            credential::verify(own, posted)
        }
    }
}

/// Takes what was posted to a hook. Waits only where a certificate has to be fetched.
pub async fn receive(
    hook: &Hook,
    posted: Posted<'_>,
    sns: &Sns,
    now: Timestamp,
) -> Result<Received, Refused> {
    match hook {
        Hook::Ses(settings) => ses::receive(settings, posted, sns, now).await,
        Hook::Mailgun(key) => mailgun::receive(key, posted, now),
        Hook::Sendgrid(key) => {
            sendgrid::verify(key, posted, now)?;
            sendgrid::parse(posted.body, now).map(Received::Events)
        }
        Hook::Resend(keys) => {
            let id = standard::verify(keys, posted, now)?;
            resend::parse(posted.body, id, now).map(Received::Events)
        }
        Hook::Postmark(own) => proven(own, posted, |body| postmark::parse(body, now)),
        Hook::Brevo(own) => proven(own, posted, |body| brevo::parse(body, now)),
        Hook::Sparkpost(own) => proven(own, posted, |body| sparkpost::parse(body, now)),
        Hook::Mailjet(own) => proven(own, posted, |body| mailjet::parse(body, now)),
    }
}

fn proven(
    own: &crate::settings::webhooks::Credential,
    posted: Posted<'_>,
    parse: impl FnOnce(&[u8]) -> Result<Vec<ProviderEvent>, Refused>,
) -> Result<Received, Refused> {
    credential::verify(own, posted)?;
    parse(posted.body).map(Received::Events)
}

#[cfg(test)]
mod tests;
