//! A running `courant preview`, and what a browser would ask it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::program::{Run, Running, start_and_hear};
use super::scratch::Scratch;

/// An event or an answer that takes longer does not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A preview on a port of its own.
pub struct Preview {
    running: Running,
    /// What it printed: `http://127.0.0.1:PORT/`, and a token where there is one.
    pub url: String,
}

/// An answer, taken apart.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Preview {
    /// `courant preview LINE`, without visits to links and on any port, unless the line says otherwise.
    pub fn start(scratch: &Scratch, line: &str) -> Preview {
        let listen = if line.contains("--listen") { "" } else { "--listen 127.0.0.1:0" };
        Preview::start_as_it_is(scratch, &format!("{line} --offline {listen}"))
    }

    pub fn start_as_it_is(scratch: &Scratch, line: &str) -> Preview {
        let (running, said) = start_and_hear(&format!("preview {line}"), &scratch.path(""), PATIENCE);
        let url = said["url"].as_str().expect("it says where it is").to_owned();
        Preview { running, url }
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        self.url.trim_start_matches("http://").split('/').next().expect("a URL has a host")
    }

    /// What stands before every path: `/`, or `/t/TOKEN/`.
    fn root(&self) -> &str {
        &self.url["http://".len() + self.host().len()..]
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", &format!("{}{path}", self.root()), &[("Host", self.host())], "")
    }

    /// A request as it stands, with these headers and no other.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = self.connect();
        let head: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\n{head}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .expect("the preview listens");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("the preview answers");
        let end = memchr::memmem::find(&bytes, b"\r\n\r\n").expect("an answer has a head");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head is text");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
        Answer { status, head, body: bytes[end + 4..].to_vec() }
    }

    /// A question whose answer nobody waits for.
    pub fn begin(&self, path: &str) -> TcpStream {
        let (mut stream, root, host) = (self.connect(), self.root(), self.host());
        write!(stream, "GET {root}{path} HTTP/1.1\r\nHost: {host}\r\n\r\n").expect("the preview listens");
        stream
    }

    /// What the page sends.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let (host, origin) = (self.host(), format!("http://{}", self.host()));
        let headers = [
            ("Host", host),
            ("Origin", origin.as_str()),
            ("X-Courant", "1"),
            ("Content-Type", "application/json"),
        ];
        self.ask("POST", &format!("{}{path}", self.root()), &headers, &body.to_string())
    }

    pub fn json(&self, path: &str) -> Value {
        self.get(path).json()
    }

    /// The issue with this id, once everything was found in it.
    pub fn issue(&self, id_and_query: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let view = self.json(&format!("api/issue/{id_and_query}"));
            if view["checking"] == false || Instant::now() > until {
                return view;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks until the answer is as `wanted`, which may take a moment after a change.
    pub fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.json(path);
            if wanted(&found) {
                return found;
            }
            assert!(Instant::now() < until, "it never came: {found:#}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Everything that is told from here on.
    pub fn events(&self) -> Events {
        let mut lines = BufReader::new(self.begin("api/events"));
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            assert!(lines.read_line(&mut line).expect("the preview answers") > 0, "no head");
        }
        Events { lines }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.host()).expect("the preview listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        stream
    }

    /// Ctrl-C.
    pub fn interrupt(self) -> Run {
        self.running.signal("INT");
        self.running.finish()
    }
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("{why}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        fields.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// The stream of a page that is open.
pub struct Events {
    lines: BufReader<TcpStream>,
}

impl Events {
    /// The next event of this name whose data is as wanted; others are passed over.
    #[track_caller]
    pub fn wait(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let (mut event, until) = (String::new(), Instant::now() + PATIENCE);
        loop {
            assert!(Instant::now() < until, "`{name}` never came");
            let mut line = String::new();
            let length = self.lines.read_line(&mut line).expect("the event came in time");
            assert!(length > 0, "the stream ended before `{name}` came");
            if let Some(found) = line.strip_prefix("event: ") {
                event = found.trim().to_owned();
            }
            if let Some(data) = line.strip_prefix("data: ").filter(|_| event == name) {
                let data: Value = serde_json::from_str(data).expect("data is JSON");
                if wanted(&data) {
                    return data;
                }
            }
        }
    }

    /// Whether the stream came to its end, and did not break off.
    pub fn ended(mut self) -> bool {
        self.lines.read_to_end(&mut Vec::new()).is_ok()
    }
}
