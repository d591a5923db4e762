//! `sink PORT [FILE]`: takes mail as fast as it can, and counts it. With FILE, the Message-ID of every letter is a line
//! of it, written before the letter is answered.
//!
//! It offers PIPELINING and 8BITMIME, accepts everybody, and keeps nothing. When its standard input ends it
//! prints one line of JSON and stops. `span_s` is the time between the first and the last message's end, so
//! that the start of the sender is not counted.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use memchr::memmem;

#[derive(Default)]
struct Counts {
    messages: u64,
    bytes: u64,
    reads: u64,
    connections: u64,
    first: Option<Instant>,
    last: Option<Instant>,
    /// Hashes of Message-IDs: fewer than messages means that somebody got a letter twice.
    ids: HashSet<u64>,
}

fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(0);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let journal = std::env::args_os().nth(2);
    let journal = journal.map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
    let journal = journal.map(Arc::new);
    let counts = Arc::new(Mutex::new(Counts::default()));
    let shared = counts.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (shared, journal) = (shared.clone(), journal.clone());
            thread::spawn(move || Session::new(stream, journal).talk(&shared));
        }
    });
    io::stdin().read_to_end(&mut Vec::new())?;
    println!("{}", report(&counts.lock().expect("no session panics while it counts")));
    Ok(())
}

fn report(counts: &Counts) -> String {
    let span = match (counts.first, counts.last) {
        (Some(first), Some(last)) => last - first,
        _ => Duration::ZERO,
    };
    format!(
        r#"{{"messages": {}, "unique": {}, "bytes": {}, "reads": {}, "connections": {}, "span_s": {:.6}}}"#,
        counts.messages,
        counts.ids.len(),
        counts.bytes,
        counts.reads,
        counts.connections,
        span.as_secs_f64()
    )
}

/// One connection; its counts are added to the common ones after each read.
struct Session {
    stream: TcpStream,
    ahead: Vec<u8>,
    replies: Vec<u8>,
    in_body: bool,
    /// Bytes of the body that were seen.
    body: usize,
    id: Option<u64>,
    /// Gets the Message-IDs.
    journal: Option<Arc<File>>,
    /// That of this letter, and those that ended and are not written down.
    name: Vec<u8>,
    ended: Vec<u8>,
}

impl Session {
    fn new(stream: TcpStream, journal: Option<Arc<File>>) -> Session {
        Session {
            stream,
            ahead: Vec::new(),
            replies: Vec::new(),
            in_body: false,
            body: 0,
            id: None,
            journal,
            name: Vec::new(),
            ended: Vec::new(),
        }
    }

    /// Appends in one write, so that the lines of two connections do not mix.
    fn write_down(&mut self) -> Option<()> {
        let journal = self.journal.as_ref().filter(|_| !self.ended.is_empty());
        if let Some(journal) = journal {
            (&**journal).write_all(&self.ended).ok()?;
            self.ended.clear();
        }
        Some(())
    }

    /// A connection that breaks is over; the numbers say what is missing.
    fn talk(&mut self, counts: &Mutex<Counts>) -> Option<()> {
        self.stream.set_nodelay(true).ok()?;
        self.stream.write_all(b"220 sink.test ESMTP\r\n").ok()?;
        counts.lock().ok()?.connections += 1;
        let mut block = vec![0; 256 * 1024];
        loop {
            let read = self.stream.read(&mut block).ok().filter(|read| *read > 0)?;
            self.ahead.extend_from_slice(&block[..read]);
            let done = self.take_all();
            let mut counts = counts.lock().ok()?;
            counts.reads += 1;
            counts.bytes += read as u64;
            for id in done {
                let now = Instant::now();
                counts.messages += 1;
                counts.first.get_or_insert(now);
                counts.last = Some(now);
                counts.ids.extend(id);
            }
            drop(counts);
            self.write_down()?;
            self.stream.write_all(&self.replies).ok()?;
            self.replies.clear();
        }
    }

    /// Works off what has arrived; the ids of the messages that ended.
    fn take_all(&mut self) -> Vec<Option<u64>> {
        let ahead = std::mem::take(&mut self.ahead);
        let (mut rest, mut done) = (&ahead[..], Vec::new());
        loop {
            let taken = if self.in_body { self.take_body(rest, &mut done) } else { self.take_command(rest) };
            let Some(taken) = taken else { break };
            rest = &rest[taken..];
        }
        self.ahead = rest.to_vec();
        done
    }

    fn take_command(&mut self, rest: &[u8]) -> Option<usize> {
        let end = memchr::memchr(b'\n', rest)? + 1;
        let verb = rest[..end].get(..4).unwrap_or_default().to_ascii_uppercase();
        let reply: &[u8] = match &verb[..] {
            b"EHLO" => b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            b"DATA" => {
                (self.in_body, self.body, self.id) = (true, 0, None);
                b"354 go on\r\n"
            }
            b"QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        self.replies.extend_from_slice(reply);
        Some(end)
    }

    /// Up to the end of the body, or all but the few bytes that may be the beginning of its end.
    fn take_body(&mut self, rest: &[u8], done: &mut Vec<Option<u64>>) -> Option<usize> {
        if self.body == 0 && self.id.is_none() {
            let name = message_id(rest);
            self.id = name.map(hash);
            if self.journal.is_some() {
                self.name = name.unwrap_or_default().to_vec();
            }
        }
        if let Some(end) = memmem::find(rest, b"\r\n.\r\n") {
            self.in_body = false;
            self.replies.extend_from_slice(b"250 taken\r\n");
            done.push(self.id.take());
            if self.journal.is_some() {
                self.ended.append(&mut self.name);
                self.ended.push(b'\n');
            }
            return Some(end + 5);
        }
        let safe = rest.len().saturating_sub(4);
        // The head of a message is looked at in one piece.
        if self.id.is_none() || safe == 0 {
            return None;
        }
        self.body += safe;
        Some(safe)
    }
}

/// Without its angle brackets.
fn message_id(head: &[u8]) -> Option<&[u8]> {
    let lower = head[..head.len().min(16 * 1024)].to_ascii_lowercase();
    // At the start of a line: a signature lists the name of the field, too.
    let name = b"message-id:";
    let start = if lower.starts_with(name) { 0 } else { memmem::find(&lower, b"\nmessage-id:")? };
    let start = start + memmem::find(&lower[start..], b"<")? + 1;
    let end = start + memmem::find(&lower[start..], b">")?;
    Some(&head[start..end])
}

fn hash(id: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
