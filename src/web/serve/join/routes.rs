//! From a request to what whoever subscribes is told.

use std::net::IpAddr;
use std::time::Instant;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use super::form::{CONFIRM, Filled, TRAP};
use super::gate::Gate;
use super::page::page;
use super::{Answer, Asked, Errand, Problem, Told};
use crate::model::address::Address;
use crate::model::subscriber::ListId;
use crate::settings::subscribe::{Proxies, SubscribeSettings};
use crate::web::serve::answer::Verdict;
use crate::web::serve::body::{Held, Room};
use crate::web::serve::dress::{Dress, Speech};
use crate::web::serve::form::Form;
use crate::web::serve::peer;
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

type Page = Response<Full<Bytes>>;

/// Answers whoever opens or sends the form.
pub(in crate::web::serve) async fn answer(
    readers: &Readers,
    room: &Room,
    head: &Parts,
    body: Incoming,
    peer: IpAddr,
) -> Page {
    match head.method {
        Method::GET | Method::HEAD => {
            let lang = asked_lang(&readers.dress, head);
            let filled = Filled { email: "", lists: readers.joining.offered.clone(), stamp: "" };
            show(readers, readers.dress.speech(lang.as_deref()), Problem::None, filled).await
        }
        Method::POST => match room.read(body).await {
            Ok(held) => posted(readers, head, &held, peer).await,
            Err(verdict) => dressed(readers, readers.dress.speech(None), &turned_away(&verdict), &EMPTY),
        },
        _ => not_allowed(readers),
    }
}

const EMPTY: Filled<'static> = Filled { email: "", lists: Vec::new(), stamp: "" };

async fn posted(readers: &Readers, head: &Parts, held: &Held, peer: IpAddr) -> Page {
    let form = read(head, held);
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
    let asked = Box::new(Asked {
        address,
        lists: filled.lists.clone(),
        words: readers.dress.plain(&speech.words.join_consent),
        lang: speech.lang.to_owned(),
        from: visitor.to_string(),
    });
    let stamp = form.get("t").unwrap_or_default().to_owned();
    match readers.door.join(Errand::Ask { stamp, asked }).await {
        Answer::Asked => dressed(readers, speech, &Told::Asked, &EMPTY),
        Answer::Stale => show(readers, speech, Problem::Stale, filled).await,
        other => dressed(readers, speech, &troubled(&other), &EMPTY),
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
async fn show(readers: &Readers, speech: Speech<'_>, problem: Problem, filled: Filled<'_>) -> Page {
    match readers.door.join(Errand::Stamp).await {
        Answer::Stamp(stamp) => {
            let filled = Filled { stamp: &stamp, ..filled };
            dressed(readers, speech, &Told::Form(problem), &filled)
        }
        other => dressed(readers, speech, &troubled(&other), &EMPTY),
    }
}

/// Answers whoever opens the link that confirms, or presses its button.
pub(in crate::web::serve) async fn confirm(
    readers: &Readers,
    room: &Room,
    token: &str,
    (head, body): (&Parts, Incoming),
    peer: IpAddr,
) -> Page {
    let token = token.to_owned();
    let errand = match head.method {
        Method::GET | Method::HEAD => Errand::Look { token },
        Method::POST => match room.read(body).await {
            Ok(held) if read(head, &held).says(CONFIRM) => {
                Errand::Confirm { token, from: readers.joining.visitor(peer, head).to_string() }
            }
            Ok(_) => Errand::Look { token },
            Err(verdict) => {
                return dressed(readers, readers.dress.speech(None), &turned_away(&verdict), &EMPTY);
            }
        },
        _ => return not_allowed(readers),
    };
    let (told, lang) = match readers.door.join(errand).await {
        Answer::Open(open) if open.is_shut => (Told::Shut, Some(open.lang)),
        Answer::Confirmed(done) if done.is_shut => (Told::Shut, Some(done.lang)),
        Answer::Open(open) => (Told::ToConfirm(open.lists), Some(open.lang)),
        Answer::Confirmed(done) => (Told::Confirmed(done.lists), Some(done.lang)),
        other => (troubled(&other), None),
    };
    dressed(readers, readers.dress.speech(lang.as_deref()), &told, &EMPTY)
}

fn read<'a>(head: &Parts, held: &'a Held) -> Form<'a> {
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    Form::read(kind.unwrap_or_default(), &held.bytes)
}

/// `?lang=fr`, else what the browser likes best of what we speak.
fn asked_lang(dress: &Dress, head: &Parts) -> Option<String> {
    let query = head.uri.query().unwrap_or_default();
    let named = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang");
    let likes = || {
        let value = head.headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        liked(value).into_iter().find(|lang| dress.speaks(lang)).map(str::to_owned)
    };
    named.map(|(_, lang)| lang.into_owned()).or_else(likes)
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

fn turned_away(verdict: &Verdict) -> Told {
    match verdict {
        Verdict::TooLarge => Told::TooLarge,
        Verdict::Crowded => Told::Crowded,
        Verdict::Taken | Verdict::Refused(_) | Verdict::Replayed | Verdict::Trouble | Verdict::TooSlow => {
            Told::Trouble
        }
    }
}

fn troubled(answer: &Answer) -> Told {
    match answer {
        Answer::Old => Told::Old,
        Answer::Crowded => Told::Crowded,
        Answer::Asked | Answer::Stamp(_) | Answer::Stale => Told::Trouble,
        Answer::Open(_) | Answer::Confirmed(_) | Answer::Trouble => Told::Trouble,
    }
}

fn status(told: &Told) -> StatusCode {
    match told {
        Told::Form(Problem::None) | Told::Asked | Told::ToConfirm(_) | Told::Confirmed(_) | Told::Shut => {
            StatusCode::OK
        }
        Told::Form(_) => StatusCode::BAD_REQUEST,
        Told::Old => StatusCode::NOT_FOUND,
        Told::Slow | Told::Crowded => StatusCode::TOO_MANY_REQUESTS,
        Told::Trouble => StatusCode::SERVICE_UNAVAILABLE,
        Told::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

fn dressed(readers: &Readers, speech: Speech<'_>, told: &Told, filled: &Filled<'_>) -> Page {
    let html = page(&readers.dress, speech, told, &readers.joining.offered, filled);
    let mut answer = readers.dress.answer(status(told), html);
    let headers = answer.headers_mut();
    if matches!(told, Told::Trouble | Told::Crowded | Told::Slow) {
        let seconds = if *told == Told::Crowded { 10 } else { 60 };
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if matches!(told, Told::Trouble | Told::Crowded | Told::TooLarge) {
        // What is left of the body is not read.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

fn not_allowed(readers: &Readers) -> Page {
    let mut answer = dressed(readers, readers.dress.speech(None), &Told::Old, &EMPTY);
    *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    answer
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
