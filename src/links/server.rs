//! A web server for the tests: a few lines of HTTP/1.1 that answer as each test says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub agent: String,
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
    /// The headers, then one byte of the body now and then.
    Drip,
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

pub struct Server {
    pub port: u16,
    log: Arc<Mutex<Vec<Request>>>,
    at_once: Arc<AtomicUsize>,
    most_at_once: Arc<AtomicUsize>,
}

impl Server {
    pub async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
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
                tokio::spawn(talk(stream, answer.clone(), shared.clone()));
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

    pub fn agents(&self) -> Vec<String> {
        self.log.lock().unwrap().iter().map(|request| request.agent.clone()).collect()
    }

    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }
}

type Shared = (Arc<Mutex<Vec<Request>>>, Arc<AtomicUsize>, Arc<AtomicUsize>);

async fn talk(stream: TcpStream, answer: Arc<Answer>, (log, at_once, most): Shared) {
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

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut first = String::new();
    stream.read_line(&mut first).await.ok().filter(|read| *read > 0)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut agent = String::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        if line.trim().is_empty() {
            return Some(Request { method, path, agent, before: 0 });
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("user-agent")
        {
            agent = value.trim().to_owned();
        }
    }
}

async fn write(
    stream: &mut BufReader<TcpStream>,
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
        Reply::Drip => drip(stream).await,
        Reply::Drop | Reply::After(..) => false,
    }
}

async fn full(
    stream: &mut BufReader<TcpStream>,
    request: &Request,
    status: u16,
    headers: &[String],
    body: &str,
) -> bool {
    let mut text = format!("HTTP/1.1 {status} X\r\n");
    headers.iter().for_each(|line| text += &format!("{line}\r\n"));
    if !headers.iter().any(|line| line.starts_with("Content-Length")) && status != 204 {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    text += "\r\n";
    if request.method != "HEAD" && status != 204 {
        text += body;
    }
    stream.write_all(text.as_bytes()).await.is_ok()
}

async fn drip(stream: &mut BufReader<TcpStream>) -> bool {
    let _ = stream.write_all(b"HTTP/1.1 404 X\r\nContent-Length: 9999\r\n\r\n").await;
    while stream.write_all(b".").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}
