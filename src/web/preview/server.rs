//! The socket, and what stands between it and whoever makes the letters.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::address::{DEFAULT_PORT, reachable};
use super::ask::{Ask, Refusal, Reply, Why};
use super::event::Event;
use super::guard::{Guard, guard};
use super::routes::routes;
use super::token::Token;
use crate::model::finding::Explain;

/// So many ports after the default one are tried.
const TRIES: u16 = 20;

/// What is still being answered when the server ends may take so long.
const LAST_WORDS: Duration = Duration::from_secs(1);

#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("{address} cannot be listened on: {cause}")]
    Taken { address: SocketAddr, cause: io::Error },
    #[error("the system gives no random bytes for a token")]
    NoToken,
    #[error("the server ended: {cause}")]
    Ended { cause: io::Error },
}

impl Explain for ServerError {
    fn help(&self) -> Option<String> {
        Some(match self {
            ServerError::Taken { address, cause } if cause.kind() == io::ErrorKind::AddrInUse => {
                format!("end what is there, or take any port that is free: --listen {}", free(*address))
            }
            ServerError::Taken { .. } => format!("take another: --listen 127.0.0.1:{DEFAULT_PORT}"),
            ServerError::NoToken => "listen on this machine alone: leave out --listen and --token".to_owned(),
            ServerError::Ended { .. } => "start it again".to_owned(),
        })
    }
}

fn free(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), 0)
}

/// The way from a page to whoever answers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Door {
    asks: mpsc::Sender<Ask>,
    events: broadcast::Sender<Event>,
    closing: watch::Receiver<bool>,
}

impl Door {
    pub(super) async fn ask<T>(&self, question: impl FnOnce(Reply<T>) -> Ask) -> Result<T, Refusal> {
        let (reply, answer) = oneshot::channel();
        let gone = || Refusal::new(Why::Broken, "the preview is ending", "start it again: courant preview");
        self.asks.send(question(reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) fn listen(&self) -> (broadcast::Receiver<Event>, watch::Receiver<bool>) {
        (self.events.subscribe(), self.closing.clone())
    }
}

/// A server that listens, and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    token: Option<Token>,
    /// Whether another port had to be taken than the usual one.
    pub moved: bool,
}

impl Server {
    /// Listens there; without an address on the usual port of this machine, or on the next one that is free. Beyond
    /// this machine there is always a token, on it where `with_token`.
    pub async fn bind(wanted: Option<SocketAddr>, with_token: bool) -> Result<Server, ServerError> {
        let (listener, moved) = match wanted {
            Some(address) => (listen(address).await?, false),
            None => next_free().await?,
        };
        let address = listener.local_addr().map_err(|cause| ServerError::Ended { cause })?;
        let token = match with_token || !address.ip().is_loopback() {
            true => Some(Token::random().ok_or(ServerError::NoToken)?),
            false => None,
        };
        Ok(Server { listener, address, token, moved })
    }

    /// What to open in a browser.
    pub fn url(&self) -> String {
        let address = reachable(self.address);
        match &self.token {
            Some(token) => format!("http://{address}/t/{}/", token.reveal()),
            None => format!("http://{address}/"),
        }
    }

    /// Answers until `end` is done. Pages that listen for changes do not hold it.
    pub async fn serve(
        self,
        asks: mpsc::Sender<Ask>,
        events: broadcast::Sender<Event>,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let (close, closing) = watch::channel(false);
        let pages = routes(Door { asks, events, closing: closing.clone() });
        let guarded = Guard { address: self.address, token: self.token };
        // Around the pages, not within: the guard takes the token out of the path before a route is chosen.
        let pages = Router::new().fallback_service(pages).layer(from_fn_with_state(Arc::new(guarded), guard));
        let ending = async move {
            end.await;
            close.send_replace(true);
        };
        let served = axum::serve(self.listener, pages).with_graceful_shutdown(ending);
        tokio::select! {
            served = served.into_future() => served.map_err(|cause| ServerError::Ended { cause }),
            () = too_long(closing) => Ok(()),
        }
    }
}

async fn too_long(mut closing: watch::Receiver<bool>) {
    // An error says that whoever ends it is gone, which is the end, too.
    let _ = closing.wait_for(|closing| *closing).await;
    tokio::time::sleep(LAST_WORDS).await;
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|cause| ServerError::Taken { address, cause })
}

async fn next_free() -> Result<(TcpListener, bool), ServerError> {
    let at = |port| SocketAddr::from((IpAddr::from(Ipv4Addr::LOCALHOST), port));
    for port in DEFAULT_PORT..DEFAULT_PORT + TRIES {
        if let Ok(listener) = listen(at(port)).await {
            return Ok((listener, port != DEFAULT_PORT));
        }
    }
    listen(at(0)).await.map(|listener| (listener, true))
}
