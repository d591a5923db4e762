//! From a request to what the visitor is told.

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use super::desk::Door;
use super::page::Dress;
use super::{Told, Wish, form};
use crate::web::serve::answer::Verdict;
use crate::web::serve::body::Room;

/// The pages of one workspace.
pub struct Leaving {
    pub door: Door,
    pub dress: Dress,
    /// The path of `base_url`, without a slash at its end: a proxy may pass it on or not.
    pub below: String,
}

impl Leaving {
    /// What follows `/u/` in the path, if that is where it leads.
    pub(in crate::web::serve) fn token<'a>(&self, path: &'a str) -> Option<&'a str> {
        let inner = path.strip_prefix(self.below.as_str()).and_then(|path| path.strip_prefix("/u/"));
        inner.or_else(|| path.strip_prefix("/u/"))
    }
}

/// Answers whoever opens or posts to the page of this token.
pub(in crate::web::serve) async fn answer(
    leaving: &Leaving,
    room: &Room,
    token: &str,
    head: &Parts,
    body: Incoming,
) -> Response<Full<Bytes>> {
    let told = match head.method {
        Method::GET | Method::HEAD => leaving.door.ask(token, Wish::Look).await,
        Method::POST => posted(leaving, room, token, head, body).await,
        _ => return not_allowed(leaving),
    };
    dressed(leaving, told)
}

async fn posted(leaving: &Leaving, room: &Room, token: &str, head: &Parts, body: Incoming) -> Told {
    let held = match room.read(body).await {
        Ok(held) => held,
        Err(verdict) => return turned_away(&verdict),
    };
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    leaving.door.ask(token, form::wish(kind.unwrap_or_default(), &held.bytes)).await
}

fn turned_away(verdict: &Verdict) -> Told {
    match verdict {
        Verdict::TooLarge => Told::TooLarge,
        Verdict::Crowded => Told::Crowded,
        Verdict::Taken | Verdict::Refused(_) | Verdict::Replayed | Verdict::Trouble | Verdict::TooSlow => {
            Told::Trouble
        }
    }
}

fn status(told: Told) -> StatusCode {
    match told {
        Told::Asked | Told::Left { .. } | Told::Gone | Told::Stayed | Told::TooLate | Told::Proof => {
            StatusCode::OK
        }
        Told::Unknown => StatusCode::NOT_FOUND,
        Told::Unclear => StatusCode::BAD_REQUEST,
        Told::Trouble => StatusCode::SERVICE_UNAVAILABLE,
        Told::Crowded => StatusCode::TOO_MANY_REQUESTS,
        Told::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

fn dressed(leaving: &Leaving, told: Told) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from(leaving.dress.page(told))));
    *answer.status_mut() = status(told);
    let headers = answer.headers_mut();
    let policy = HeaderValue::from_str(leaving.dress.policy()).expect("a policy is of ASCII");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if matches!(told, Told::Trouble | Told::Crowded) {
        let seconds = if told == Told::Crowded { 10 } else { 60 };
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if matches!(told, Told::Trouble | Told::Crowded | Told::TooLarge) {
        // What is left of the body is not read.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

/// The address of the page is a key: it is kept nowhere and told to nobody.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

fn not_allowed(leaving: &Leaving) -> Response<Full<Bytes>> {
    let mut answer = dressed(leaving, Told::Unknown);
    *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    answer
}
