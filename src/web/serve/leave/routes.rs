//! From a request to what the visitor is told.

use std::net::IpAddr;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use super::form::Chosen;
use super::{Told, Wish, form, page};
use crate::ledger::consent::Terms;
use crate::model::subscriber::ListId;
use crate::web::serve::answer::Verdict;
use crate::web::serve::body::Room;
use crate::web::serve::readers::Readers;

/// Answers whoever opens or posts to the page of this token.
pub(in crate::web::serve) async fn answer(
    readers: &Readers,
    room: &Room,
    token: &str,
    head: &Parts,
    body: Incoming,
) -> Response<Full<Bytes>> {
    let lists = form::lists(head.uri.query().unwrap_or_default());
    let told = match head.method {
        Method::GET | Method::HEAD => readers.door.ask(token, lists, Wish::Look).await,
        Method::POST => posted(readers, room, (token, lists), head, body).await,
        _ => return not_allowed(readers, head),
    };
    dressed(readers, (token, head), &told)
}

/// Answers whoever opens or posts to the preferences of this token.
pub(in crate::web::serve) async fn choose(
    readers: &Readers,
    room: &Room,
    token: &str,
    (head, body): (&Parts, Incoming),
    peer: IpAddr,
) -> Response<Full<Bytes>> {
    let wish = match head.method {
        Method::GET | Method::HEAD => Ok(Wish::Choices { public: readers.dress.public() }),
        Method::POST => match room.read(body).await {
            Ok(held) => Ok(wish(readers, form::chosen(kind(head), &held.bytes), head, peer)),
            Err(verdict) => Err(turned_away(&verdict)),
        },
        _ => return not_allowed(readers, head),
    };
    let told = match wish {
        Ok(wish) => readers.door.ask(token, Vec::new(), wish).await,
        Err(told) => told,
    };
    dressed(readers, (token, head), &told)
}

fn wish(readers: &Readers, chosen: Option<Chosen>, head: &Parts, peer: IpAddr) -> Wish {
    let public = readers.dress.public();
    match chosen {
        Some(Chosen::These(ticks)) => {
            let lang = form::lang(head.uri.query().unwrap_or_default());
            let speech = readers.dress.speech(lang.as_deref());
            let terms = Terms {
                form: VERSION.to_owned(),
                words: readers.dress.plain(&speech.words.preferences.text),
                lang: speech.lang.to_owned(),
                from: readers.joining.visitor(peer, head).to_string(),
            };
            Wish::Choose { public, ticks, terms }
        }
        Some(Chosen::Nothing) => Wish::LeaveAll,
        Some(Chosen::Back) => Wish::StayAll,
        None => Wish::Choices { public },
    }
}

/// The name and version of the form, kept with what was chosen on it.
const VERSION: &str = "preferences 1";

fn kind(head: &Parts) -> &str {
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.unwrap_or_default()
}

async fn posted(
    readers: &Readers,
    room: &Room,
    (token, lists): (&str, Vec<ListId>),
    head: &Parts,
    body: Incoming,
) -> Told {
    let held = match room.read(body).await {
        Ok(held) => held,
        Err(verdict) => return turned_away(&verdict),
    };
    readers.door.ask(token, lists, form::wish(kind(head), &held.bytes)).await
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
        Told::Gone | Told::TooLate | Told::Proof | Told::Choices { .. } | Told::Shut => StatusCode::OK,
        Told::Unknown => StatusCode::NOT_FOUND,
        Told::Unclear(_) => StatusCode::BAD_REQUEST,
        Told::Trouble => StatusCode::SERVICE_UNAVAILABLE,
        Told::Crowded => StatusCode::TOO_MANY_REQUESTS,
        Told::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

fn dressed(readers: &Readers, (token, head): (&str, &Parts), told: &Told) -> Response<Full<Bytes>> {
    let lang = form::lang(head.uri.query().unwrap_or_default());
    let mut answer =
        readers.dress.answer(status(told), page::page(&readers.dress, token, lang.as_deref(), told));
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

fn not_allowed(readers: &Readers, head: &Parts) -> Response<Full<Bytes>> {
    let mut answer = dressed(readers, ("", head), &Told::Unknown);
    *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    answer
}
