//! The pages for readers: which there are, and what they share.

use std::net::IpAddr;
use std::sync::Arc;

use http_body_util::Full;
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;

use super::body::Room;
use super::desk::Door;
use super::dress::Dress;
use super::join::{self, Joining};
use super::leave;

/// The pages of one workspace.
pub struct Readers {
    pub door: Door,
    pub dress: Arc<Dress>,
    /// The path of `base_url`, without a slash at its end: a proxy may pass it on or not.
    pub below: String,
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
        let inner = path.strip_prefix(self.below.as_str()).and_then(|path| self.inner(path));
        inner.or_else(|| self.inner(path))
    }

    fn inner<'a>(&self, path: &'a str) -> Option<Place<'a>> {
        let after = |prefix: &str| path.strip_prefix(prefix);
        let confirm = after("/confirm/").map(Place::Confirm);
        let of_token = after("/u/").map(Place::Leave).or_else(|| after("/p/").map(Place::Choose)).or(confirm);
        of_token.or_else(|| (path == "/subscribe" && self.joining.is_open()).then_some(Place::Join))
    }
}

/// Answers whoever opens or posts to a page.
pub(super) async fn answer(
    readers: &Readers,
    room: &Room,
    place: Place<'_>,
    (head, body): (&Parts, Incoming),
    peer: IpAddr,
) -> Response<Full<Bytes>> {
    match place {
        Place::Leave(token) => leave::answer(readers, room, token, head, body).await,
        Place::Choose(token) => leave::choose(readers, room, token, (head, body), peer).await,
        Place::Join => join::answer(readers, room, head, body, peer).await,
        Place::Confirm(token) => join::confirm(readers, room, token, (head, body), peer).await,
    }
}
