//! Who is let in, and what every answer says of how it may be used.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::ask::{Refusal, Why};
use super::token::Token;

/// Of the page itself: nothing from elsewhere, no script or style but its own files.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                               connect-src 'self'; frame-src 'self'; font-src 'self'; base-uri 'none'; \
                               form-action 'none'; frame-ancestors 'none'";

/// The header that a page of another origin cannot send without being asked for it first.
const OURS: HeaderName = HeaderName::from_static("x-courant");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Whom to let in.
#[derive(Debug, Clone)]
pub struct Guard {
    pub address: SocketAddr,
    /// What a URL has to begin with, as `/t/TOKEN/`.
    pub token: Option<Token>,
}

/// Turns away whoever does not belong here, and takes the token out of the path.
pub async fn guard(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let answer = match guard.admit(request) {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    sealed(answer)
}

impl Guard {
    fn admit(&self, request: Request) -> Result<Request, Refusal> {
        let host = self.host(request.headers())?.to_owned();
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            is_our_page(request.headers(), &host)?;
        }
        self.without_token(request)
    }

    /// The request as if the page stood at the root.
    fn without_token(&self, mut request: Request) -> Result<Request, Refusal> {
        let Some(token) = &self.token else { return Ok(request) };
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let below = path.strip_prefix("/t/").and_then(|rest| rest.split_once('/'));
        let Some((_, rest)) = below.filter(|(word, _)| token.is(word)) else {
            return Err(Refusal::new(
                Why::Forbidden,
                "this preview is only for those who have its address with the token in it",
                "open the address that `courant preview` printed, with the slash at its end",
            ));
        };
        let uri = format!("/{rest}").parse::<Uri>();
        *request.uri_mut() = uri.map_err(|_| Refusal::new(Why::Wrong, "this is no path", "use the page"))?;
        Ok(request)
    }

    /// A page elsewhere whose name leads to this machine (DNS rebinding) must not read this one. Where there is a
    /// token, which such a page does not have, any name of this machine will do.
    fn host<'h>(&self, headers: &'h HeaderMap) -> Result<&'h str, Refusal> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let (name, port) = split(host);
        let is_port = port.unwrap_or(80) == self.address.port();
        let is_name = self.token.is_some() || is_ours(name, self.address.ip());
        match is_port && is_name {
            true => Ok(host),
            false => Err(Refusal::new(
                Why::Forbidden,
                format!("there is no `{}` here", host.escape_default()),
                "open the address that `courant preview` printed",
            )),
        }
    }
}

/// Name and port of a Host header.
fn split(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())) {
        Some((name, port)) => (name, port.parse().ok()),
        None => (host, None),
    }
}

fn is_ours(name: &str, listening: IpAddr) -> bool {
    let ip = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    match ip {
        Some(ip) => ip == listening || (listening.is_loopback() && ip.is_loopback()),
        None => listening.is_loopback() && name.eq_ignore_ascii_case("localhost"),
    }
}

/// A request that changes something comes from our page: from its origin, with a header that no form can send.
fn is_our_page(headers: &HeaderMap, host: &str) -> Result<(), Refusal> {
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let is_same = origin.is_some_and(|origin| origin.strip_prefix("http://") == Some(host));
    let is_marked = headers.get(OURS).is_some_and(|value| value == "1");
    match is_same && is_marked {
        true => Ok(()),
        false => Err(Refusal::new(
            Why::Forbidden,
            "this request is not from the page of the preview",
            "use the page",
        )),
    }
}

/// The answer with what holds for all of them; a policy of its own stays.
fn sealed(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (RESOURCE_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(PAGE_POLICY));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(guard: &Guard, method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = axum::http::Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        guard.admit(request.body(axum::body::Body::empty()).unwrap()).is_ok()
    }

    fn guard(address: &str, token: Option<Token>) -> Guard {
        Guard { address: address.parse().unwrap(), token }
    }

    #[test]
    fn on_loopback_only_names_of_loopback_are_answered() {
        let loopback = guard("127.0.0.1:8026", None);
        for host in ["127.0.0.1:8026", "localhost:8026", "LOCALHOST:8026", "[::1]:8026"] {
            assert!(admits(&loopback, "GET", &[("host", host)]), "{host}");
        }
        for host in
            ["rebound.example:8026", "127.0.0.1:80", "127.0.0.1", "192.168.1.4:8026", "", "localhost.a:8026"]
        {
            assert!(!admits(&loopback, "GET", &[("host", host)]), "{host}");
        }
    }

    #[test]
    fn with_a_token_any_name_of_the_machine_will_do() {
        let open = guard("0.0.0.0:8026", Token::random());
        let host = |name: &str| open.host(&HeaderMap::from_iter([(HOST, name.parse().unwrap())])).is_ok();
        assert!(host("laptop.local:8026") && !host("laptop.local:1"));
    }

    #[test]
    fn the_token_is_asked_for_and_taken_out_of_the_path() {
        let open = guard("0.0.0.0:8026", Token::random());
        let word = open.token.as_ref().unwrap().reveal();
        let path = |uri: String| {
            let request = axum::http::Request::builder().uri(uri).header("host", "laptop:8026");
            let admitted = open.admit(request.body(axum::body::Body::empty()).unwrap());
            admitted.map(|request| request.uri().to_string()).ok()
        };
        assert_eq!(path(format!("/t/{word}/api/issue/1?as=a")).as_deref(), Some("/api/issue/1?as=a"));
        assert_eq!(path(format!("/t/{word}/")).as_deref(), Some("/"));
        for wrong in ["/".to_owned(), format!("/t/{word}"), format!("/t/{word}x/"), "/t//".to_owned()] {
            assert_eq!(path(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn only_our_page_changes_anything() {
        let loopback = guard("127.0.0.1:8026", None);
        let host = ("host", "127.0.0.1:8026");
        let (origin, ours) = (("origin", "http://127.0.0.1:8026"), ("x-courant", "1"));
        assert!(admits(&loopback, "POST", &[host, origin, ours]));
        assert!(!admits(&loopback, "POST", &[host, origin]));
        assert!(!admits(&loopback, "POST", &[host, ours]));
        assert!(!admits(&loopback, "POST", &[host, ours, ("origin", "http://evil.example")]));
        assert!(!admits(&loopback, "POST", &[host, ours, ("origin", "null")]));
        assert!(!admits(&loopback, "DELETE", &[host]));
    }
}
