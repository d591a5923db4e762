//! What can be asked for.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, StatusCode};
use jiff::Timestamp;

use super::answer::{Hindered, Verdict};
use super::body::{Room, Rooms};
use super::keeper::Keeper;
use super::plain::{Answer, not_allowed, plain};
use super::readers;
use super::site::Site;
use super::track::{self, Asked};
use super::{Listener, Note};
use crate::inbound::webhook::sns::Sns;
use crate::inbound::webhook::{Posted, Received, Refused, look, receive};
use crate::model::path;
use crate::model::provider::Provider;
use crate::settings::webhooks::Hook;

/// Whose webhooks are taken, and what is done with them.
pub struct Hooks {
    pub hooks: BTreeMap<Provider, Hook>,
    pub sns: Sns,
    pub keeper: Keeper,
    pub listener: Listener,
}

/// What the connections share.
pub(super) struct Shared {
    pub site: Site,
    pub rooms: Rooms,
}

/// Answers a request over a connection from `peer`.
pub(super) async fn answer(
    request: Request<Incoming>,
    peer: IpAddr,
    shared: Arc<Shared>,
) -> Result<Answer, Infallible> {
    let (head, body) = request.into_parts();
    let asked = head.uri.path();
    match readers::split(asked) {
        Some((path::HEALTH, None)) => return Ok(health(&head.method, &shared)),
        Some((path::METRICS, None)) => return Ok(metrics(&head, &shared).await),
        _ => {}
    }
    if let Some(link) = shared.site.readers.below.find(asked, Asked::of) {
        return Ok(track::answer(&shared.site.tracker, link, &head).await);
    }
    if let Some(place) = shared.site.readers.place(asked) {
        let room = &shared.rooms.readers;
        return Ok(readers::answer(&shared.site.readers, room, place, (&head, body), peer).await);
    }
    if let Some(archive) = &shared.site.archive
        && let Some(answer) = archive.answer(&head).await
    {
        return Ok(answer);
    }
    let provider = match readers::split(asked) {
        Some((path::WEBHOOKS, Some(name))) => Provider::from_name(name),
        _ => None,
    };
    let hook = provider.and_then(|provider| shared.site.hooks.hooks.get_key_value(&provider));
    let room = provider.and_then(|provider| shared.rooms.hook(provider));
    let Some(((provider, hook), room)) = hook.zip(room) else {
        return Ok(plain(StatusCode::NOT_FOUND, "there is no such webhook\n"));
    };
    if head.method != Method::POST {
        return Ok(not_allowed("POST"));
    }
    let verdict = shared.take(*provider, hook, room, &head.headers, body).await;
    Ok(told(&verdict, *provider))
}

impl Shared {
    /// Nothing of a body is read whose headers show that its signature or credential cannot be right.
    async fn take(
        &self,
        provider: Provider,
        hook: &Hook,
        room: &Room,
        headers: &HeaderMap,
        body: Incoming,
    ) -> Verdict {
        if let Err(refused) = look(hook, headers, Timestamp::now()) {
            return self.refused(provider, refused);
        }
        let held = match room.read(body).await {
            Ok(held) => held,
            Err(hindered) => return Verdict::Hindered(hindered),
        };
        let posted = Posted { headers, body: &held.bytes };
        match receive(hook, posted, &self.site.hooks.sns, Timestamp::now()).await {
            Ok(received) => self.keep(provider, received).await,
            Err(refused) => self.refused(provider, refused),
        }
    }

    fn refused(&self, provider: Provider, refused: Refused) -> Verdict {
        (self.site.hooks.listener)(Note::Refused(provider, &refused));
        Verdict::Refused(refused)
    }

    async fn keep(&self, provider: Provider, received: Received) -> Verdict {
        let (nonce, events) = match received {
            Received::Events(events) => (None, events),
            Received::Once { nonce, events } => (Some(nonce), events),
            Received::Confirm(url) => return self.confirm(provider, &url).await,
            Received::Nothing => return Verdict::Taken,
        };
        if events.is_empty() {
            return Verdict::Taken;
        }
        match self.site.hooks.keeper.keep(provider, nonce, events).await {
            Ok(taken) if taken.replayed > 0 => Verdict::Replayed,
            Ok(_) => Verdict::Taken,
            Err(hindered) => Verdict::Hindered(hindered),
        }
    }

    async fn confirm(&self, provider: Provider, url: &url::Url) -> Verdict {
        match self.site.hooks.sns.confirm(url).await {
            Ok(()) => Verdict::Taken,
            Err(refused) => self.refused(provider, refused),
        }
    }
}

/// Whoever has no token learns nothing, not even whether there is one.
async fn metrics(head: &Parts, shared: &Shared) -> Answer {
    if !shared.site.metrics.admits(&head.headers) {
        return plain(StatusCode::NOT_FOUND, "there is nothing here\n");
    }
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return not_allowed("GET, HEAD");
    }
    let mut answer = plain(StatusCode::OK, shared.site.metrics.page(shared.site.is_well()).await);
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

fn health(method: &Method, shared: &Shared) -> Answer {
    match (matches!(*method, Method::GET | Method::HEAD), shared.site.is_well()) {
        (false, _) => not_allowed("GET, HEAD"),
        (true, true) => plain(StatusCode::OK, "ok\n"),
        (true, false) => plain(StatusCode::SERVICE_UNAVAILABLE, "the ledger cannot be used\n"),
    }
}

fn told(verdict: &Verdict, provider: Provider) -> Answer {
    let status = verdict.status(provider);
    let words = match verdict {
        Verdict::Taken => "taken\n".to_owned(),
        Verdict::Refused(refused) => format!("{refused}\n"),
        Verdict::Replayed => "the token was used before\n".to_owned(),
        Verdict::Hindered(Hindered::Crowded) => "too much at once: come again\n".to_owned(),
        Verdict::Hindered(Hindered::Trouble) => "the ledger cannot be used just now: come again\n".to_owned(),
        Verdict::Hindered(Hindered::TooLarge) => "the body is larger than 1 MB\n".to_owned(),
        Verdict::Hindered(Hindered::TooSlow) => "the body did not come in time: come again\n".to_owned(),
    };
    let mut answer = plain(status, words);
    if let Some(seconds) = verdict.retry_after() {
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    if verdict.closes() {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}
