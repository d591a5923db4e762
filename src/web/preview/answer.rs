//! Answers as HTTP.

use axum::Json;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::ask::{Eml, Refusal, Why};

/// Of a message in its frame: no script, nothing fetched, and the page may reach in to scroll and to highlight.
const MESSAGE_POLICY: &str = "sandbox allow-same-origin; default-src 'none'; img-src 'self' data:; \
                              style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'; \
                              frame-ancestors 'self'";
/// The same with images from the web, where the reader asked for them.
const MESSAGE_POLICY_REMOTE: &str = "sandbox allow-same-origin; default-src 'none'; img-src 'self' data: https:; \
                                     style-src 'unsafe-inline'; font-src data:; base-uri 'none'; \
                                     form-action 'none'; frame-ancestors 'self'";

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: String,
            help: Option<String>,
        }
        let status = match self.why {
            Why::Wrong => StatusCode::BAD_REQUEST,
            Why::Forbidden => StatusCode::FORBIDDEN,
            Why::NotThere => StatusCode::NOT_FOUND,
            Why::CannotBe => StatusCode::UNPROCESSABLE_ENTITY,
            Why::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(Body { error: self.error, help: self.help })).into_response()
    }
}

/// A message for the frame.
pub fn message(html: String, remote: bool) -> Response {
    let policy = if remote { MESSAGE_POLICY_REMOTE } else { MESSAGE_POLICY };
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, policy)];
    (headers, html).into_response()
}

/// A letter to keep.
pub fn letter(eml: Eml) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("message/rfc822"));
    let plain: String = eml
        .name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.@".contains(c) { c } else { '-' })
        .collect();
    let disposition = format!("attachment; filename=\"{plain}\"");
    headers.extend(HeaderValue::from_str(&disposition).ok().map(|value| (CONTENT_DISPOSITION, value)));
    (headers, eml.bytes).into_response()
}
