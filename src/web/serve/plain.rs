//! Answers in plain text, and the headers that answers share.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

pub(super) type Answer = Response<Full<Bytes>>;

/// Of an answer whose address may be a key: it is kept nowhere and told to nobody.
pub(super) const PRIVATE: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// Words that nobody keeps.
pub(super) fn plain(status: StatusCode, words: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(words.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// The same at an address that may be a key.
pub(super) fn private(mut answer: Answer) -> Answer {
    for (name, value) in PRIVATE {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// For whoever asks by another method than these.
pub(super) fn not_allowed(allowed: &'static str) -> Answer {
    allowing(allowed, plain(StatusCode::METHOD_NOT_ALLOWED, format!("{allowed} only\n")))
}

/// Says with another page than that of words which methods there are.
pub(super) fn allowing(allowed: &'static str, mut answer: Answer) -> Answer {
    *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    answer
}

/// For whoever may come again after so many seconds.
pub(super) fn later(words: &'static str, seconds: u32) -> Answer {
    let mut answer = plain(StatusCode::SERVICE_UNAVAILABLE, words);
    answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    answer
}
