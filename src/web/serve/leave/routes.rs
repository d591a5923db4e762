//! From a request to what the visitor is told.

use std::net::IpAddr;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use super::form::Chosen;
use super::page::page;
use super::{Told, Wish, form};
use crate::ledger::consent::Terms;
use crate::model::subscriber::ListId;
use crate::web::serve::answer::Hindered;
use crate::web::serve::body::Room;
use crate::web::serve::form::{content_type, named_lang};
use crate::web::serve::plain::{Answer, allowing};
use crate::web::serve::readers::Readers;

/// Answers whoever opens or posts to the page of this token.
pub(in crate::web::serve) async fn answer(
    readers: &Readers,
    room: &Room,
    token: &str,
    head: &Parts,
    body: Incoming,
) -> Answer {
    let lists = form::lists(head.uri.query().unwrap_or_default());
    let told = match head.method {
        Method::GET | Method::HEAD => readers.door.ask(token, lists, Wish::Look).await,
        Method::POST => posted(readers, room, (token, lists), head, body).await,
        _ => return not_allowed(readers, head),
    };
    shown(readers, (token, head), told)
}

/// Answers whoever opens or posts to the preferences of this token.
pub(in crate::web::serve) async fn choose(
    readers: &Readers,
    room: &Room,
    token: &str,
    (head, body): (&Parts, Incoming),
    peer: IpAddr,
) -> Answer {
    let wish = match head.method {
        Method::GET | Method::HEAD => Ok(Wish::Choices { public: readers.dress.public() }),
        Method::POST => match room.read(body).await {
            Ok(held) => Ok(wish(readers, form::chosen(content_type(head), &held.bytes), head, peer)),
            Err(hindered) => Err(hindered),
        },
        _ => return not_allowed(readers, head),
    };
    let told = match wish {
        Ok(wish) => readers.door.ask(token, Vec::new(), wish).await,
        Err(hindered) => Err(hindered),
    };
    shown(readers, (token, head), told)
}

fn wish(readers: &Readers, chosen: Option<Chosen>, head: &Parts, peer: IpAddr) -> Wish {
    let public = readers.dress.public();
    match chosen {
        Some(Chosen::These(ticks)) => {
            let lang = named_lang(&head.uri);
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

async fn posted(
    readers: &Readers,
    room: &Room,
    (token, lists): (&str, Vec<ListId>),
    head: &Parts,
    body: Incoming,
) -> Result<Told, Hindered> {
    let held = room.read(body).await?;
    readers.door.ask(token, lists, form::wish(content_type(head), &held.bytes)).await
}

fn status(told: &Told) -> StatusCode {
    match told {
        Told::Asked(_) | Told::Left { .. } | Told::Stayed(_) => StatusCode::OK,
        Told::Gone | Told::TooLate | Told::Proof | Told::Choices { .. } | Told::Shut => StatusCode::OK,
        Told::Unknown => StatusCode::NOT_FOUND,
        Told::Unclear(_) => StatusCode::BAD_REQUEST,
    }
}

fn shown(readers: &Readers, (token, head): (&str, &Parts), told: Result<Told, Hindered>) -> Answer {
    let lang = named_lang(&head.uri);
    match told {
        Ok(told) => readers.dress.answer(status(&told), page(&readers.dress, token, lang.as_deref(), &told)),
        Err(hindered) => readers.hindered(readers.dress.speech(lang.as_deref()), hindered),
    }
}

fn not_allowed(readers: &Readers, head: &Parts) -> Answer {
    allowing("GET, HEAD, POST", shown(readers, ("", head), Ok(Told::Unknown)))
}
