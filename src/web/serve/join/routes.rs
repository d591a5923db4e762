//! From a request to what whoever subscribes is told.

use std::net::IpAddr;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use super::form::{CONFIRM, Filled, TRAP};
use super::gate::Gate;
use super::page::page;
use super::{Asked, Problem, Told};
use crate::ledger::consent::Confirmed;
use crate::model::address::Address;
use crate::model::subscriber::ListId;
use crate::settings::subscribe::{Proxies, SubscribeSettings};
use crate::web::serve::answer::Hindered;
use crate::web::serve::body::{Held, Room};
use crate::web::serve::desk::Heard;
use crate::web::serve::dress::{Dress, Speech};
use crate::web::serve::form::{Form, content_type, named_lang};
use crate::web::serve::peer;
use crate::web::serve::plain::{Answer, allowing};
use crate::web::serve::readers::Readers;

/// What the form offers, and to whom.
#[derive(Debug)]
pub struct Joining {
    offered: Vec<ListId>,
    gate: Gate,
    proxies: Proxies,
}

impl Joining {
    /// With these lists in the form; without any, only links that confirm are answered.
    pub fn new(offered: Vec<ListId>, settings: &SubscribeSettings) -> Joining {
        Joining { offered, gate: Gate::new(settings.per_network), proxies: settings.proxies.clone() }
    }

    /// Whether there is a form.
    pub(in crate::web::serve) fn is_open(&self) -> bool {
        !self.offered.is_empty()
    }

    /// The address that a request came from.
    pub(in crate::web::serve) fn visitor(&self, peer: IpAddr, head: &Parts) -> IpAddr {
        peer::visitor(peer, &head.headers, &self.proxies)
    }
}

/// Answers whoever opens or sends the form.
pub(in crate::web::serve) async fn answer(
    readers: &Readers,
    room: &Room,
    head: &Parts,
    body: Incoming,
    peer: IpAddr,
) -> Answer {
    match head.method {
        Method::GET | Method::HEAD => {
            let lang = asked_lang(&readers.dress, head);
            let filled = Filled { email: "", lists: readers.joining.offered.clone(), stamp: "" };
            show(readers, readers.dress.speech(lang.as_deref()), Problem::None, filled).await
        }
        Method::POST => match room.read(body).await {
            Ok(held) => posted(readers, head, &held, peer).await,
            Err(hindered) => readers.hindered(readers.dress.speech(None), hindered),
        },
        _ => not_allowed(readers),
    }
}

const EMPTY: Filled<'static> = Filled { email: "", lists: Vec::new(), stamp: "" };

async fn posted(readers: &Readers, head: &Parts, held: &Held, peer: IpAddr) -> Answer {
    let form = Form::read(content_type(head), &held.bytes);
    let lang = form.get("lang").map(str::to_owned).or_else(|| asked_lang(&readers.dress, head));
    let speech = readers.dress.speech(lang.as_deref());
    // A program that fills in everything hears what people hear.
    if form.get(TRAP).is_some_and(|text| !text.is_empty()) {
        return dressed(readers, speech, &Told::Asked, &EMPTY);
    }
    let email = form.get("email").unwrap_or_default().trim();
    let filled = Filled { email, lists: wanted(&form, &readers.joining.offered), stamp: "" };
    let Ok(address) = Address::parse(email) else {
        return show(readers, speech, Problem::NoAddress, filled).await;
    };
    if filled.lists.is_empty() {
        return show(readers, speech, Problem::NoList, filled).await;
    }
    let visitor = readers.joining.visitor(peer, head);
    if !readers.joining.gate.lets_in(peer::network(visitor), Instant::now()) {
        return dressed(readers, speech, &Told::Slow, &EMPTY);
    }
    let asked = Asked {
        address,
        lists: filled.lists.clone(),
        words: readers.dress.plain(&speech.words.join_consent),
        lang: speech.lang.to_owned(),
        from: visitor.to_string(),
    };
    let stamp = form.get("t").unwrap_or_default().to_owned();
    match readers.door.request(stamp, asked).await {
        Ok(Heard::Asked) => dressed(readers, speech, &Told::Asked, &EMPTY),
        Ok(Heard::Stale) => show(readers, speech, Problem::Stale, filled).await,
        Err(hindered) => readers.hindered(speech, hindered),
    }
}

/// The lists that were ticked; the only one needs no tick.
fn wanted(form: &Form<'_>, offered: &[ListId]) -> Vec<ListId> {
    match offered {
        [only] => vec![only.clone()],
        several => {
            let is_ticked = |list: &&ListId| form.all("l").any(|ticked| ticked == list.0);
            several.iter().filter(is_ticked).cloned().collect()
        }
    }
}

/// The form, with a new stamp.
async fn show(readers: &Readers, speech: Speech<'_>, problem: Problem, filled: Filled<'_>) -> Answer {
    match readers.door.stamp().await {
        Ok(stamp) => {
            let filled = Filled { stamp: &stamp, ..filled };
            dressed(readers, speech, &Told::Form(problem), &filled)
        }
        Err(hindered) => readers.hindered(speech, hindered),
    }
}

/// Answers whoever opens the link that confirms, or presses its button.
pub(in crate::web::serve) async fn confirm(
    readers: &Readers,
    room: &Room,
    token: &str,
    (head, body): (&Parts, Incoming),
    peer: IpAddr,
) -> Answer {
    let told = match head.method {
        Method::GET | Method::HEAD => looked(readers, token).await,
        Method::POST => pressed(readers, room, token, (head, body), peer).await,
        _ => return not_allowed(readers),
    };
    match told {
        Ok((told, lang)) => dressed(readers, readers.dress.speech(lang.as_deref()), &told, &EMPTY),
        Err(hindered) => readers.hindered(readers.dress.speech(None), hindered),
    }
}

/// What is told, and in which language.
type Words = (Told, Option<String>);

async fn looked(readers: &Readers, token: &str) -> Result<Words, Hindered> {
    Ok(said(readers.door.look(token.to_owned()).await?, Told::ToConfirm))
}

async fn pressed(
    readers: &Readers,
    room: &Room,
    token: &str,
    (head, body): (&Parts, Incoming),
    peer: IpAddr,
) -> Result<Words, Hindered> {
    let held = room.read(body).await?;
    if !Form::read(content_type(head), &held.bytes).says(CONFIRM) {
        return looked(readers, token).await;
    }
    let from = readers.joining.visitor(peer, head).to_string();
    Ok(said(readers.door.confirm(token.to_owned(), from).await?, Told::Confirmed))
}

fn said(found: Option<Confirmed>, told: impl FnOnce(Vec<ListId>) -> Told) -> Words {
    match found {
        None => (Told::Old, None),
        Some(Confirmed { is_shut: true, lang, .. }) => (Told::Shut, Some(lang)),
        Some(Confirmed { lists, lang, .. }) => (told(lists), Some(lang)),
    }
}

/// `?lang=fr`, else what the browser likes best of what we speak.
fn asked_lang(dress: &Dress, head: &Parts) -> Option<String> {
    let likes = || {
        let value = head.headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        liked(value).into_iter().find(|lang| dress.speaks(lang)).map(str::to_owned)
    };
    named_lang(&head.uri).or_else(likes)
}

/// The languages of `Accept-Language`, the best liked first (RFC 9110 12.5.4).
fn liked(value: &str) -> Vec<&str> {
    let mut all: Vec<(&str, f32)> =
        value.split(',').map(weighed).filter(|(_, weight)| *weight > 0.0).collect();
    all.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    all.into_iter().map(|(lang, _)| lang).collect()
}

/// A weight that is none is that of whoever names none.
fn weighed(range: &str) -> (&str, f32) {
    let (lang, parameters) = range.split_once(';').unwrap_or((range, ""));
    let weight = parameters.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse().ok());
    (lang.trim(), weight.unwrap_or(1.0))
}

fn status(told: &Told) -> StatusCode {
    match told {
        Told::Form(Problem::None) | Told::Asked | Told::ToConfirm(_) | Told::Confirmed(_) | Told::Shut => {
            StatusCode::OK
        }
        Told::Form(_) => StatusCode::BAD_REQUEST,
        Told::Old => StatusCode::NOT_FOUND,
        Told::Slow => StatusCode::TOO_MANY_REQUESTS,
    }
}

fn dressed(readers: &Readers, speech: Speech<'_>, told: &Told, filled: &Filled<'_>) -> Answer {
    let html = page(&readers.dress, speech, told, &readers.joining.offered, filled);
    let mut answer = readers.dress.answer(status(told), html);
    if *told == Told::Slow {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    answer
}

fn not_allowed(readers: &Readers) -> Answer {
    allowing("GET, HEAD, POST", dressed(readers, readers.dress.speech(None), &Told::Old, &EMPTY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_likes_best_comes_first() {
        assert_eq!(liked("nl,de;q=0.8"), ["nl", "de"]);
        assert_eq!(liked("fr;q=0.1, de , en;q=0.5,it;q=0"), ["de", "en", "fr"]);
        assert_eq!(liked("fr;q=x"), ["fr"]);
    }
}
