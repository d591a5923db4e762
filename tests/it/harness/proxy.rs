//! A wire that breaks for one subscriber: it stands between the program and a real server, follows the dialogue, and
//! lets everybody else's letter pass.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// What happens to the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The server gets all of it; its answer does not come through, and the connection is gone.
    AfterTheBody,
    /// The server gets nothing of the body, though all of it was written; then the connection is gone.
    BeforeTheBody,
    /// The server gets all of it; its answer does not come through, and the connection stays open, half dead.
    HalfOpen,
}

/// A running proxy. Connections that are open when it is dropped end with their other sides.
pub struct Proxy {
    port: u16,
    is_over: Arc<AtomicBool>,
}

#[derive(Debug, Clone)]
struct Fault {
    recipient: String,
    what: Break,
    server: u16,
}

impl Proxy {
    /// In front of the server at this port.
    pub fn to(server: u16, recipient: &str, what: Break) -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let is_over = Arc::new(AtomicBool::new(false));
        let fault = Fault { recipient: recipient.to_owned(), what, server };
        let ends = Arc::clone(&is_over);
        thread::spawn(move || {
            for client in listener.incoming().flatten().take_while(|_| !ends.load(Ordering::SeqCst)) {
                let fault = fault.clone();
                thread::spawn(move || carry(client, &fault));
            }
        });
        Proxy { port, is_over }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // The acceptor waits for a connection; this is its last one.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

/// One connection, until one side is gone.
fn carry(client: TcpStream, fault: &Fault) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, fault.server)) else { return };
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("a socket takes its options");
    }
    let is_muted = Arc::new(AtomicBool::new(false));
    let copies = (client.try_clone(), server.try_clone(), Arc::clone(&is_muted));
    let (Ok(back), Ok(from), muted) = copies else { return };
    let keeps_open = fault.what == Break::HalfOpen;
    let answers = thread::spawn(move || pass_answers(from, back, &muted, keeps_open));
    let talk = pass_commands(BufReader::new(&client), &server, fault, &is_muted);
    match talk {
        // The server answers what it has, and the client does not hear it.
        Ok(Ended::Muted) => drop(answers.join()),
        Ok(Ended::Cut | Ended::Closed) | Err(_) => close(&client, &server),
    }
}

enum Ended {
    /// The client said all it had to say.
    Closed,
    Cut,
    Muted,
}

fn close(one: &TcpStream, other: &TcpStream) {
    // Whoever is gone already needs no closing.
    let _ = one.shutdown(Shutdown::Both);
    let _ = other.shutdown(Shutdown::Both);
}

fn pass_answers(mut from: TcpStream, mut back: TcpStream, muted: &AtomicBool, keeps_open: bool) {
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if muted.load(Ordering::SeqCst) {
            if keeps_open {
                thread::sleep(Duration::from_secs(3600));
            }
            return close(&from, &back);
        }
        if back.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    close(&from, &back);
}

/// Follows the client's side: which letter is whose, and where bodies begin and end.
fn pass_commands(
    mut client: impl BufRead,
    mut server: &TcpStream,
    fault: &Fault,
    muted: &AtomicBool,
) -> std::io::Result<Ended> {
    let (mut line, mut is_body, mut is_meant) = (Vec::new(), false, false);
    loop {
        line.clear();
        if client.read_until(b'\n', &mut line)? == 0 {
            return Ok(Ended::Closed);
        }
        let ends = is_body && line == b".\r\n";
        if is_body && is_meant && fault.what == Break::BeforeTheBody {
            if ends {
                return Ok(Ended::Cut);
            }
            continue;
        }
        if ends && is_meant {
            muted.store(true, Ordering::SeqCst);
            server.write_all(&line)?;
            return Ok(Ended::Muted);
        }
        server.write_all(&line)?;
        if !is_body {
            let command = String::from_utf8_lossy(&line).to_ascii_uppercase();
            is_body = command.starts_with("DATA");
            if command.starts_with("RCPT") {
                is_meant = command.contains(&fault.recipient.to_ascii_uppercase());
            }
        } else if ends {
            (is_body, is_meant) = (false, false);
        }
    }
}
