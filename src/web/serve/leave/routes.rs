//! From a request to what the visitor is told.

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use super::{Told, Wish, form, page};
use crate::model::subscriber::ListId;
use crate::web::serve::answer::Verdict;
use crate::web::serve::body::Room;
use crate::web::serve::desk::Door;
use crate::web::serve::dress::Dress;

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
    let lists = form::lists(head.uri.query().unwrap_or_default());
    let told = match head.method {
        Method::GET | Method::HEAD => leaving.door.ask(token, lists, Wish::Look).await,
        Method::POST => posted(leaving, room, (token, lists), head, body).await,
        _ => return not_allowed(leaving),
    };
    dressed(leaving, &told)
}

async fn posted(
    leaving: &Leaving,
    room: &Room,
    (token, lists): (&str, Vec<ListId>),
    head: &Parts,
    body: Incoming,
) -> Told {
    let held = match room.read(body).await {
        Ok(held) => held,
        Err(verdict) => return turned_away(&verdict),
    };
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    leaving.door.ask(token, lists, form::wish(kind.unwrap_or_default(), &held.bytes)).await
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

fn status(told: &Told) -> StatusCode {
    match told {
        Told::Asked(_) | Told::Left { .. } | Told::Stayed(_) => StatusCode::OK,
        Told::Gone | Told::TooLate | Told::Proof => StatusCode::OK,
        Told::Unknown => StatusCode::NOT_FOUND,
        Told::Unclear(_) => StatusCode::BAD_REQUEST,
        Told::Trouble => StatusCode::SERVICE_UNAVAILABLE,
        Told::Crowded => StatusCode::TOO_MANY_REQUESTS,
        Told::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

fn dressed(leaving: &Leaving, told: &Told) -> Response<Full<Bytes>> {
    let mut answer = leaving.dress.answer(status(told), page::page(&leaving.dress, told));
    let headers = answer.headers_mut();
    if matches!(told, Told::Trouble | Told::Crowded) {
        let seconds = if *told == Told::Crowded { 10 } else { 60 };
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if matches!(told, Told::Trouble | Told::Crowded | Told::TooLarge) {
        // What is left of the body is not read.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

fn not_allowed(leaving: &Leaving) -> Response<Full<Bytes>> {
    let mut answer = dressed(leaving, &Told::Unknown);
    *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    answer
}
