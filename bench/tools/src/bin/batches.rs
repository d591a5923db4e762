//! `batches PORT`: answers `POST /emails/batch` as Resend does, as fast as it can, and counts letters by whom they are
//! to. It keeps nothing and refuses nobody. When its standard input ends it prints one line of JSON and stops: `span_s`
//! is the time between the first and the last call's end, `first` the letters of the first call.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use memchr::{memchr, memmem};

#[derive(Default)]
struct Counts {
    letters: usize,
    calls: usize,
    bytes: usize,
    first: usize,
    ends: Option<(Instant, Instant)>,
    /// Hashes of recipients.
    to: HashSet<u64>,
}

impl Counts {
    fn note(&mut self, to: &[u64], bytes: usize) {
        let now = Instant::now();
        if self.calls == 0 {
            self.first = to.len();
        }
        self.ends = Some((self.ends.map_or(now, |(first, _)| first), now));
        self.letters += to.len();
        self.calls += 1;
        self.bytes += bytes;
        self.to.extend(to);
    }
}

fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.ok_or_else(|| io::Error::other("batches PORT"))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let counts = Arc::new(Mutex::new(Counts::default()));
    let shared = Arc::clone(&counts);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let shared = Arc::clone(&shared);
            thread::spawn(move || serve(stream, &shared));
        }
    });
    io::stdin().read_to_end(&mut Vec::new())?;
    println!("{}", report(&counts.lock().expect("no session panics while it counts")));
    Ok(())
}

fn report(counts: &Counts) -> String {
    let Counts { letters, calls, bytes, first, .. } = counts;
    let (unique, span) = (counts.to.len(), counts.ends.map_or(0.0, |(first, last)| (last - first).as_secs_f64()));
    format!(
        r#"{{"letters": {letters}, "unique": {unique}, "calls": {calls}, "bytes": {bytes}, "first": {first}, "span_s": {span:.6}}}"#
    )
}

/// A client that leaves ends it.
fn serve(stream: TcpStream, counts: &Mutex<Counts>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::with_capacity(1 << 16, stream);
    loop {
        let body = request(&mut reader)?;
        let to = recipients(&body);
        let ids: Vec<String> = to.iter().map(|to| format!(r#"{{"id":"{to:016x}"}}"#)).collect();
        if !to.is_empty() {
            counts.lock().ok()?.note(&to, body.len());
        }
        let answer = format!(r#"{{"data":[{}]}}"#, ids.join(","));
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:";
        // The answer to HEAD, which asks whether anybody is there, has no body.
        let shown = if body.is_empty() { "" } else { &answer };
        reader.get_mut().write_all(format!("{head} {}\r\n\r\n{shown}", shown.len()).as_bytes()).ok()?;
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if line.trim().is_empty() {
            break;
        }
        let header = line.to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

/// Within a text of JSON a quotation mark has a backslash, so that this is the key alone.
fn recipients(body: &[u8]) -> Vec<u64> {
    let hash = |start: usize| {
        let rest = &body[start..];
        let mut hasher = DefaultHasher::new();
        rest[..memchr(b']', rest).unwrap_or(rest.len())].hash(&mut hasher);
        hasher.finish()
    };
    memmem::find_iter(body, b"\"to\":[").map(hash).collect()
}
