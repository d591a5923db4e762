//! What a provider's API has to be able to do; one file each.

use std::time::Duration;

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::ExposeSecret;

use super::answer::Answer;
use crate::model::attempt::{Accepted, Broken};
use crate::settings::http::{Credentials, HttpSettings};
use crate::transport::Envelope;

/// The language of one provider. It puts letters into calls and reads answers, and does no I/O but for keys that
/// have to be fetched.
pub trait Api: Send + Sync + 'static {
    /// Octets that a call may have, at most.
    fn most_octets(&self) -> usize;

    /// For how long it answers a call that it has had before as it did then, instead of doing it again; `None`
    /// where it has no idempotency keys.
    fn remembers(&self) -> Option<Duration> {
        None
    }

    /// Whether all that it keeps of a call is its key, so that the same call is answered with [`Outcomes::Used`].
    fn keeps_keys_alone(&self) -> bool {
        false
    }

    /// Whether this piece has to be a call of its own.
    fn travels_alone(&self, _piece: &[u8]) -> bool {
        false
    }

    /// A letter as a part of a call. Fails for a letter that it cannot carry.
    fn piece(&self, letter: &Letter<'_>) -> Result<Vec<u8>, Broken>;

    /// The call that hands these letters over. The same pieces and key make the same bytes.
    fn request(&self, pieces: &[&[u8]], key: Option<&str>) -> Request;

    /// Adds what proves to the provider who we are, at this very moment.
    fn sign<'a>(&'a self, request: &'a mut Request) -> BoxFuture<'a, Result<(), Broken>>;

    /// Whether the answer refuses nothing but the proof of who we are that the call was `signed` with, and a better
    /// one can be made now. The call is made once more then.
    fn renews(&self, _signed: &HeaderMap, _answer: &Answer) -> bool {
        false
    }

    /// What became of each of the call's `letters`.
    fn outcomes(&self, answer: &Answer, letters: usize) -> Outcomes;
}

/// A letter on its way into a call.
pub struct Letter<'a> {
    pub envelope: &'a Envelope,
    /// As SMTP would send it.
    pub bytes: &'a [u8],
}

impl Letter<'_> {
    /// The token that any event about this letter brings back; empty for a proof, which has no row.
    pub fn token(&self) -> Option<&str> {
        self.envelope.token.as_deref()
    }
}

/// The name of the tag, or of the key in the metadata, that holds the token.
pub const TAG: &str = "courant";

/// A header that holds a key, which is not shown in any log; the settings admit only keys that a header can hold.
pub fn secret_header(before: &str, settings: &HttpSettings) -> HeaderValue {
    let text = match &settings.credentials {
        Credentials::Key(key) => format!("{before}{}", key.expose_secret()),
        Credentials::Pair { user, secret } => return basic(user, secret.expose_secret()),
        Credentials::Ambient { .. } => String::new(),
    };
    hidden(&text)
}

/// User and password (RFC 7617), not to be shown in any log.
pub fn basic(user: &str, secret: &str) -> HeaderValue {
    hidden(&format!("Basic {}", BASE64.encode(format!("{user}:{secret}").as_bytes())))
}

fn hidden(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).expect("the settings admit visible ASCII as keys");
    value.set_sensitive(true);
    value
}

/// One call, but for the endpoint.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    /// Path and query, from its slash.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// What an answer says of the letters of its call.
#[derive(Debug)]
pub enum Outcomes {
    /// Of each, in their order.
    Each(Vec<Result<Accepted, Broken>>),
    /// Its key is known, and so the one letter of an earlier call with it was taken, if that call was.
    Used(Accepted),
    /// Of all the same.
    All(Broken),
    /// One of them spoils the call, which took none of them: halves of it tell which.
    Split(Broken),
    /// The same call with the same key is still being worked on.
    Again,
}
