//! HTTP/1.1 in as many lines as a provider of a test needs.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A call as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// By their names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    pub fn json(status: u16, body: &str) -> Answer {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Answer { status, headers, body: body.as_bytes().to_vec() }
    }

    pub fn page(status: u16) -> Answer {
        let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
        let body = b"<html><body>Bad gateway: the recipient is invalid</body></html>".to_vec();
        Answer { status, headers, body }
    }

    pub fn with(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Half of what it says; where that is nothing, half of something.
    pub fn halved(mut self) -> Answer {
        match self.body.len() {
            0 => Answer::json(200, "{\"mess"),
            octets => {
                self.body.truncate(octets / 2);
                self
            }
        }
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A connection that asks for one thing after the other.
pub struct Line {
    reader: BufReader<TcpStream>,
}

impl Line {
    pub fn over(stream: TcpStream) -> Line {
        stream.set_nodelay(true).expect("a socket takes its options");
        Line { reader: BufReader::new(stream) }
    }

    /// `None` at the end of the connection.
    pub fn read(&mut self) -> Option<Request> {
        let first = self.line()?;
        let mut words = first.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':')?;
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let octets = headers.get("content-length").map_or(Some(0), |text| text.parse().ok())?;
        let mut body = vec![0; octets];
        self.reader.read_exact(&mut body).ok()?;
        Some(Request { method, path, headers, body })
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let octets = self.reader.read_line(&mut line).ok()?;
        (octets > 0).then(|| line.trim_end().to_owned())
    }

    pub fn write(&mut self, answer: &Answer) {
        let mut head =
            format!("HTTP/1.1 {} Said\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
        for (name, value) in &answer.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let whole = [head.as_bytes(), &answer.body].concat();
        // Whoever asked may be gone by now.
        let _ = self.reader.get_mut().write_all(&whole);
    }
}
