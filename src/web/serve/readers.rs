//! The pages for readers: which there are, and what they share.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, RETRY_AFTER};
use hyper::http::request::Parts;

use super::answer::Hindered;
use super::below::Below;
use super::body::Room;
use super::desk::Door;
use super::dress::{Dress, Speech};
use super::join::{self, Joining};
use super::leave;
use super::plain::Answer;
use crate::model::path;

/// The pages of one workspace.
pub struct Readers {
    pub door: Door,
    pub dress: Arc<Dress>,
    pub below: Below,
    pub joining: Joining,
}

/// A page, and the token in its address.
pub(super) enum Place<'a> {
    /// `/u/TOKEN`: the unsubscribe link of a letter.
    Leave(&'a str),
    /// `/p/TOKEN`: what a reader gets.
    Choose(&'a str),
    /// `/subscribe`: the form.
    Join,
    /// `/confirm/TOKEN`: the link of the mail that asks to confirm.
    Confirm(&'a str),
}

impl Readers {
    /// The page at this path, if there is one.
    pub(super) fn place<'a>(&self, path: &'a str) -> Option<Place<'a>> {
        self.below.find(path, |path| self.at(path))
    }

    fn at<'a>(&self, path: &'a str) -> Option<Place<'a>> {
        match split(path)? {
            (path::LEAVE, Some(token)) => Some(Place::Leave(token)),
            (path::CHOOSE, Some(token)) => Some(Place::Choose(token)),
            (path::CONFIRM, Some(token)) => Some(Place::Confirm(token)),
            (path::JOIN, None) if self.joining.is_open() => Some(Place::Join),
            _ => None,
        }
    }

    /// A page for whoever cannot be heard now.
    pub(super) fn hindered(&self, speech: Speech<'_>, hindered: Hindered) -> Answer {
        let page = self.dress.page(speech, &speech.words.trouble, &[], "");
        let mut answer = self.dress.answer(hindered.status(), page);
        let headers = answer.headers_mut();
        if let Some(seconds) = hindered.retry_after() {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if hindered.closes() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
}

/// The first part of a path, and what stands behind it.
pub(super) fn split(path: &str) -> Option<(&str, Option<&str>)> {
    let path = path.strip_prefix('/')?;
    Some(path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest))))
}

/// Answers whoever opens or posts to a page.
pub(super) async fn answer(
    readers: &Readers,
    room: &Room,
    place: Place<'_>,
    (head, body): (&Parts, Incoming),
    peer: IpAddr,
) -> Answer {
    match place {
        Place::Leave(token) => leave::answer(readers, room, token, head, body).await,
        Place::Choose(token) => leave::choose(readers, room, token, (head, body), peer).await,
        Place::Join => join::answer(readers, room, head, body, peer).await,
        Place::Confirm(token) => join::confirm(readers, room, token, (head, body), peer).await,
    }
}
