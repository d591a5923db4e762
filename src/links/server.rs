//! A web server for the tests: a few lines of HTTP/1.1 that answer as each test says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub agent: String,
    pub from: String,
    /// How often this method and path was asked before.
    pub before: usize,
}

pub enum Reply {
    /// Status, header lines, body.
    Full(u16, Vec<String>, String),
    /// The connection is closed without a byte.
    Drop,
    /// Half a status line, then the end.
    Half,
    /// Nothing, for as long as the client waits.
    Hang,
    /// The headers with this status, then one byte of the body now and then.
    Drip(u16),
    /// One byte of the headers now and then.
    DripHeaders,
    /// These bytes, then the end.
    Raw(Vec<u8>),
    /// After this while, as the other says.
    After(Duration, Box<Reply>),
}

impl Reply {
    pub fn status(status: u16) -> Reply {
        Reply::Full(status, vec![], "page".into())
    }

    pub fn to(status: u16, location: &str) -> Reply {
        Reply::status(status).header("Location", location)
    }

    pub fn header(self, name: &str, value: &str) -> Reply {
        match self {
            Reply::Full(status, mut headers, body) => {
                headers.push(format!("{name}: {value}"));
                Reply::Full(status, headers, body)
            }
            other => other,
        }
    }

    pub fn body(self, body: impl Into<String>) -> Reply {
        match self {
            Reply::Full(status, headers, _) => Reply::Full(status, headers, body.into()),
            other => other,
        }
    }
}

type Answer = dyn Fn(&Request) -> Reply + Send + Sync;

/// Speaks http, and https on the same port where it has a certificate. The log has the requests of both.
pub struct Server {
    pub port: u16,
    log: Arc<Mutex<Vec<Request>>>,
    at_once: Arc<AtomicUsize>,
    most_at_once: Arc<AtomicUsize>,
}

impl Server {
    pub async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
        Server::at("127.0.0.1:0", None, answer).await
    }

    /// At this address of this machine.
    pub async fn at(
        address: &str,
        tls: Option<ServerConfig>,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind(address).await.unwrap();
        let tls = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        let server = Server {
            port: listener.local_addr().unwrap().port(),
            log: Arc::default(),
            at_once: Arc::default(),
            most_at_once: Arc::default(),
        };
        let answer: Arc<Answer> = Arc::new(answer);
        let shared = (server.log.clone(), server.at_once.clone(), server.most_at_once.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(welcome(stream, tls.clone(), answer.clone(), shared.clone()));
            }
        });
        server
    }

    pub fn url(&self, path: &str) -> url::Url {
        url::Url::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
    }

    /// `HEAD /a`, in the order of arrival.
    pub fn asked(&self) -> Vec<String> {
        let log = self.log.lock().unwrap();
        log.iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }

    /// What each request said of us: User-Agent and From.
    pub fn visitors(&self) -> Vec<(String, String)> {
        let log = self.log.lock().unwrap();
        log.iter().map(|request| (request.agent.clone(), request.from.clone())).collect()
    }

    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

type Shared = (Arc<Mutex<Vec<Request>>>, Arc<AtomicUsize>, Arc<AtomicUsize>);

async fn welcome(stream: TcpStream, tls: Option<TlsAcceptor>, answer: Arc<Answer>, shared: Shared) {
    const HANDSHAKE: u8 = 22;
    let mut first = [0];
    let is_tls = stream.peek(&mut first).await.is_ok_and(|read| read == 1) && first[0] == HANDSHAKE;
    match tls.filter(|_| is_tls) {
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                talk(stream, answer, shared).await;
            }
        }
        None => talk(stream, answer, shared).await,
    }
}

async fn talk<S: Stream>(stream: S, answer: Arc<Answer>, (log, at_once, most): Shared) {
    let mut stream = BufReader::new(stream);
    while let Some(mut request) = read(&mut stream).await {
        let now = at_once.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(now, Ordering::SeqCst);
        {
            let mut log = log.lock().unwrap();
            let same = |old: &&Request| old.method == request.method && old.path == request.path;
            request.before = log.iter().filter(same).count();
            log.push(request.clone());
        }
        let reply = answer(&request);
        let goes_on = write(&mut stream, &request, reply, &at_once).await;
        if !goes_on {
            return;
        }
    }
}

async fn read<S: Stream>(stream: &mut BufReader<S>) -> Option<Request> {
    let mut first = String::new();
    stream.read_line(&mut first).await.ok().filter(|read| *read > 0)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut request = Request { method, path, agent: String::new(), from: String::new(), before: 0 };
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        if line.trim().is_empty() {
            return Some(request);
        }
        if let Some((name, value)) = line.split_once(':') {
            match name.to_lowercase().as_str() {
                "user-agent" => value.trim().clone_into(&mut request.agent),
                "from" => value.trim().clone_into(&mut request.from),
                _ => {}
            }
        }
    }
}

async fn write<S: Stream>(
    stream: &mut BufReader<S>,
    request: &Request,
    reply: Reply,
    at_once: &AtomicUsize,
) -> bool {
    let reply = match reply {
        Reply::After(wait, then) => {
            tokio::time::sleep(wait).await;
            *then
        }
        reply => reply,
    };
    at_once.fetch_sub(1, Ordering::SeqCst);
    match reply {
        Reply::Full(status, headers, body) => full(stream, request, status, &headers, &body).await,
        Reply::Half => {
            let _ = stream.write_all(b"HTTP/1.1 20").await;
            false
        }
        Reply::Hang => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            false
        }
        Reply::Drip(status) => {
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 9999\r\n\r\n");
            drip(stream, &head).await
        }
        Reply::DripHeaders => drip(stream, "HTTP/1.1 200 X\r\nX-Slow: ").await,
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            false
        }
        Reply::Drop | Reply::After(..) => false,
    }
}

async fn full<S: Stream>(
    stream: &mut BufReader<S>,
    request: &Request,
    status: u16,
    headers: &[String],
    body: &str,
) -> bool {
    let mut text = format!("HTTP/1.1 {status} X\r\n");
    headers.iter().for_each(|line| text += &format!("{line}\r\n"));
    let has = |name: &str| headers.iter().any(|line| line.starts_with(name));
    if !has("Content-Type") {
        text += "Content-Type: text/html\r\n";
    }
    if !has("Content-Length") && status != 204 {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    text += "\r\n";
    if request.method != "HEAD" && status != 204 {
        text += body;
    }
    stream.write_all(text.as_bytes()).await.is_ok()
}

async fn drip<S: Stream>(stream: &mut BufReader<S>, head: &str) -> bool {
    let _ = stream.write_all(head.as_bytes()).await;
    while stream.write_all(b".").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}
