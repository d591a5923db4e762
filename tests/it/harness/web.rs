//! A web server on loopback that answers each path in its own way, for links that are visited.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A running server. Its thread ends with the process of the tests.
pub struct Web {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    /// `answer` gets `GET /path` and gives the head of the answer, a status line and headers; what follows an empty
    /// line is the body, else there is one of four bytes. `None` lets the visitor wait.
    pub fn start(answer: fn(&str) -> Option<String>) -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                thread::spawn(move || converse(stream, answer, &log));
            }
        });
        Web { port, asked }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Every request so far, as `GET /path`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panics while it holds the log").clone()
    }
}

/// One request for one connection.
fn converse(mut stream: TcpStream, answer: fn(&str) -> Option<String>, log: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().expect("a socket can be shared")).lines();
    let Some(Ok(first)) = lines.next() else { return };
    // The headers say nothing that matters here; the empty line ends them.
    for line in lines.by_ref() {
        if line.is_ok_and(|line| line.is_empty()) {
            break;
        }
    }
    let request = first.rsplit_once(' ').map_or(first.as_str(), |(request, _)| request).to_owned();
    log.lock().expect("no test panics while it holds the log").push(request.clone());
    match answer(&request) {
        Some(answer) => {
            let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, "page"));
            let length = body.len();
            let body = if request.starts_with("HEAD") { "" } else { body };
            // A visitor who has seen enough goes away early.
            let _ = write!(
                stream,
                "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
        None => thread::sleep(Duration::from_secs(30)),
    }
}
