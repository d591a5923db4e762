//! One call: how far it got where it fails.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Client, ClientBuilder, Method, Response};
use url::Url;

use super::answer::Answer;
use super::api::Request;
use crate::model::attempt::{Broken, Phase};
use crate::settings::http::HttpSettings;
use crate::transport::trust::trusting;

/// Answers to letters are lists of at most some hundred ids.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
/// A list of suppressions may come on one page: some two million of them.
const LARGEST_LIST: usize = 256 * 1024 * 1024;

/// Makes the calls of one transport, over connections that it keeps.
pub struct Caller {
    client: Client,
    endpoint: Url,
    /// Octets of an answer, at most.
    largest: usize,
}

impl Caller {
    pub fn new(settings: &HttpSettings) -> Result<Caller, Broken> {
        let client = client(settings)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(concat!("courant/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.connect)
            .timeout(settings.answer)
            .pool_idle_timeout(Duration::from_secs(50))
            .tcp_nodelay(true)
            .tls_backend_preconfigured(tls(settings.tls_ca.as_deref())?)
            .build()
            .map_err(|error| Broken::hopeless(Phase::Connect, words(&error)))?;
        Ok(Caller { client, endpoint: settings.endpoint.clone(), largest: LARGEST_ANSWER })
    }

    /// For questions, whose answers may be long lists.
    pub fn for_lists(self) -> Caller {
        Caller { largest: LARGEST_LIST, ..self }
    }

    /// Fails unless the provider's server answers, whatever it says. Nothing was handed over, however it fails.
    pub async fn knock(&self) -> Result<(), Broken> {
        let answered = self.client.request(Method::HEAD, self.endpoint.clone()).send().await;
        match answered {
            Ok(_) => Ok(()),
            // It is there; what it thinks of HEAD matters to nobody.
            Err(error) if !error.is_connect() && !error.is_timeout() => Ok(()),
            Err(error) => Err(at_the_door(broken(&error))),
        }
    }

    /// An answer, or how far the call got without one. Once a connection stands nobody can say how much of a call
    /// has left, so that every failure after it counts as one after the last byte.
    pub async fn call(&self, request: Request) -> Result<Answer, Broken> {
        let Request { method, path, headers, body } = request;
        let url = url(&self.endpoint, &path)?;
        let sent = self.client.request(method, url).headers(headers).body(body).send().await;
        read(sent.map_err(|error| broken(&error))?, self.largest).await
    }
}

/// The address of a call: what is signed and what is asked are the same.
pub fn url(endpoint: &Url, path: &str) -> Result<Url, Broken> {
    let url = format!("{}{path}", endpoint.as_str().trim_end_matches('/'));
    Url::parse(&url).map_err(|_| Broken::hopeless(Phase::Data, "the address of the call is none"))
}

/// A server on this machine is asked itself: a proxy would see key and letters in the clear.
fn client(settings: &HttpSettings) -> ClientBuilder {
    let client = Client::builder();
    if settings.is_loopback() { client.no_proxy() } else { client }
}

async fn read(response: Response, largest: usize) -> Result<Answer, Broken> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    let mut parts = response.bytes_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| broken(&error))?;
        if body.len() + part.len() > largest {
            return Err(Broken::cut(Phase::Answer, "the answer has no end"));
        }
        body.extend_from_slice(&part);
    }
    Ok(Answer { status, headers, body })
}

/// The same trust as for mail servers, and HTTP/2 where it is offered.
pub fn tls(ca: Option<&Path>) -> Result<rustls::ClientConfig, Broken> {
    let mut config = trusting(ca)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// A connection that never stood took nothing.
fn broken(error: &reqwest::Error) -> Broken {
    let words = words(error);
    match (error.is_connect(), is_certificate(&words)) {
        (true, true) => Broken::hopeless(Phase::Tls, words),
        (true, false) => Broken::cut(Phase::Connect, words),
        (false, _) if error.is_builder() => Broken::hopeless(Phase::Data, words),
        (false, _) => Broken::cut(Phase::Answer, words),
    }
}

/// No letter was with it, so that a silence leaves none in doubt.
fn at_the_door(broken: Broken) -> Broken {
    let phase = if broken.phase == Phase::Tls { Phase::Tls } else { Phase::Connect };
    Broken { phase, ..broken }
}

fn is_certificate(words: &str) -> bool {
    words.contains("certificate")
}

/// The innermost cause, without the address of the call, which may hold a key.
pub fn words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer within the time-out".to_owned();
    }
    let mut cause: &(dyn std::error::Error + 'static) = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
