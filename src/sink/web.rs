//! The page, over HTTP on loopback: `/` for people, `/stats.json` for scripts, and nothing else.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, X_CONTENT_TYPE_OPTIONS,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::floor::Floor;
use super::page;

/// Everything on the page is text of its own: no script, no picture, no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
/// A visitor who says nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers until it is dropped.
pub async fn serve(listener: TcpListener, floor: Arc<Floor>) {
    let mut visitors = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = visitors.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(visitors.spawn(receive(stream, Arc::clone(&floor)))),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
        }
    }
}

async fn receive(stream: TcpStream, floor: Arc<Floor>) {
    let answer = service_fn(move |request: Request<Incoming>| {
        let answer = answer(&request, &floor);
        async move { Ok::<_, Infallible>(answer) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    // A browser that went away has seen enough.
    let _ = http.serve_connection(TokioIo::new(stream), answer).await;
}

fn answer<B>(request: &Request<B>, floor: &Floor) -> Response<Full<Bytes>> {
    let plain = "text/plain; charset=utf-8";
    if !is_for_us(request) {
        return made(StatusCode::FORBIDDEN, plain, "This page is for this machine alone.\n".to_owned());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = made(StatusCode::METHOD_NOT_ALLOWED, plain, "GET only.\n".to_owned());
        refused.headers_mut().insert(ALLOW, "GET, HEAD".parse().expect("it is a header value"));
        return refused;
    }
    match request.uri().path() {
        "/" => made(StatusCode::OK, "text/html; charset=utf-8", page::html(floor)),
        "/stats.json" => made(StatusCode::OK, "application/json", page::json(floor).to_string()),
        _ => made(StatusCode::NOT_FOUND, plain, "There is / and /stats.json.\n".to_owned()),
    }
}

/// A page elsewhere whose name leads to this machine must not read this one.
fn is_for_us<B>(request: &Request<B>) -> bool {
    let Some(host) = request.headers().get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name).trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn made(status: StatusCode, kind: &str, body: String) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, kind)
        .header(CACHE_CONTROL, "no-store")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .body(Full::new(Bytes::from(body)))
        .expect("status and headers are well-formed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::profile::Profile;

    fn status(method: &str, path: &str, host: &str) -> u16 {
        let floor = Floor::new(&Profile::load("calm").unwrap(), None, true, false);
        let request = Request::builder().method(method).uri(path).header(HOST, host).body(()).unwrap();
        answer(&request, &floor).status().as_u16()
    }

    #[test]
    fn only_this_machine_reads_and_nobody_writes() {
        assert_eq!(status("GET", "/", "127.0.0.1:8025"), 200);
        assert_eq!(status("HEAD", "/stats.json", "localhost"), 200);
        assert_eq!(status("GET", "/", "[::1]:8025"), 200);
        assert_eq!(status("GET", "/", "rebound.example:8025"), 403);
        assert_eq!(status("POST", "/", "localhost:1"), 405);
        assert_eq!(status("GET", "/other", "localhost:1"), 404);
    }
}
