//! The socket, and how many may talk to it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::body::Rooms;
use super::routes::{Shared, answer};
use super::site::Site;
use crate::model::finding::Explain;

/// So many connections at a time; more wait in the queue of the system.
const CONNECTIONS: usize = 1024;
/// What a connection may hold beside the body it has sent.
const BUFFER: usize = 16 * 1024;
/// For the head of a request, and between two.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between the ends of two requests of a connection: who asks and asks, and never reads the answers, gives up a place
/// that others wait for. Longer than any body and any wait for the ledger.
const LONGEST: Duration = Duration::from_secs(90);
/// What was begun may take so long once the server ends.
const LAST_WORDS: Duration = Duration::from_secs(20);

#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("{address} cannot be listened on: {cause}")]
    Taken { address: SocketAddr, cause: io::Error },
}

impl Explain for ServerError {
    fn help(&self) -> Option<String> {
        Some("end what is there, or listen elsewhere: courant serve --listen 127.0.0.1:9000".to_owned())
    }
}

/// A server that listens, and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    pub async fn bind(address: SocketAddr) -> Result<Server, ServerError> {
        let taken = |cause| ServerError::Taken { address, cause };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Server { listener, address })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `end` is done or nothing can be written down any more, and then what was begun.
    pub async fn serve(self, site: Site, end: impl Future<Output = ()>) {
        let rooms = Rooms::of(site.hooks.hooks.keys().copied());
        let shared = Arc::new(Shared { site, rooms });
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let (close, closing) = watch::channel(false);
        let mut visitors = JoinSet::new();
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = &mut end => break,
                () = shared.site.gone() => break,
                Some(_) = visitors.join_next() => {}
                (visitor, place) = self.next(&places) => {
                    visitors.spawn(receive(visitor, place, Arc::clone(&shared), closing.clone()));
                }
            }
        }
        drop((self.listener, shared));
        close.send_replace(true);
        let all_gone = async { while visitors.join_next().await.is_some() {} };
        // Whoever is cut off comes again.
        let _ = tokio::time::timeout(LAST_WORDS, all_gone).await;
    }

    async fn next(&self, places: &Arc<Semaphore>) -> ((TcpStream, SocketAddr), OwnedSemaphorePermit) {
        let place = Arc::clone(places).acquire_owned().await.expect("nobody closes the places");
        loop {
            match self.listener.accept().await {
                Ok(visitor) => return (visitor, place),
                // Too many open files: some will be closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

async fn receive(
    (stream, peer): (TcpStream, SocketAddr),
    _place: OwnedSemaphorePermit,
    shared: Arc<Shared>,
    mut closing: watch::Receiver<bool>,
) {
    let ends = Arc::new(Mutex::new(Instant::now()));
    let ended = Arc::clone(&ends);
    let service = service_fn(move |request| {
        let (shared, ended) = (Arc::clone(&shared), Arc::clone(&ended));
        async move {
            let answered = answer(request, peer.ip(), shared).await;
            *ended.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            answered
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(BUFFER);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A visitor who goes away in the middle comes again.
        _ = &mut connection => return,
        () = standstill(&ends) => return,
        _ = closing.wait_for(|closing| *closing) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Returns when no request has ended for too long.
async fn standstill(ends: &Mutex<Instant>) {
    loop {
        let last = *ends.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= LONGEST {
            return;
        }
        tokio::time::sleep_until(last + LONGEST).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_lasts_as_long_as_requests_end_on_it() {
        let ends = Arc::new(Mutex::new(Instant::now()));
        let (begun, ended) = (Instant::now(), Arc::clone(&ends));
        let watch = tokio::spawn(async move { standstill(&ended).await });
        for _ in 0..3 {
            tokio::time::sleep(LONGEST * 2 / 3).await;
            *ends.lock().unwrap() = Instant::now();
        }
        watch.await.unwrap();
        assert_eq!(begun.elapsed().as_secs(), (LONGEST * 3).as_secs());
    }
}
