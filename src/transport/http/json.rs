//! What the providers that take JSON have in common.

use futures_util::future::BoxFuture;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::api::Request;
use super::message::Message;
use crate::model::attempt::Broken;

/// A call that posts JSON.
pub fn post(path: &str, body: Vec<u8>) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Request { method: Method::POST, path: path.to_owned(), headers, body }
}

/// Signs a call with a key that is at hand.
pub fn with_key<'a>(
    request: &'a mut Request,
    name: HeaderName,
    key: &HeaderValue,
) -> BoxFuture<'a, Result<(), Broken>> {
    request.headers.insert(name, key.clone());
    Box::pin(std::future::ready(Ok(())))
}

/// The fields of a letter that have no place of their own, as an object. Of two with one name the later stays.
pub fn fields(message: &Message) -> Map<String, Value> {
    message.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect()
}

/// Pieces as an array.
pub fn array(pieces: &[&[u8]]) -> Vec<u8> {
    let octets = pieces.iter().map(|piece| piece.len() + 1).sum::<usize>();
    let mut body = Vec::with_capacity(octets + 1);
    body.push(b'[');
    for (place, piece) in pieces.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        body.extend_from_slice(piece);
    }
    body.push(b']');
    body
}
