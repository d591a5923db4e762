//! A wire to a server of lines that is cut after so many commands of the client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// A running proxy.
pub struct Cutter {
    port: u16,
    left: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl Cutter {
    /// In front of the server at this port. It lets everything pass until it is told to cut.
    pub fn to(server: u16) -> Cutter {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let cutter = Cutter { port, left: Arc::new(AtomicUsize::new(usize::MAX)), is_over: Arc::default() };
        let (left, is_over) = (Arc::clone(&cutter.left), Arc::clone(&cutter.is_over));
        thread::spawn(move || {
            for client in listener.incoming().flatten().take_while(|_| !is_over.load(Ordering::SeqCst)) {
                let left = Arc::clone(&left);
                thread::spawn(move || carry(&client, server, &left));
            }
        });
        cutter
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// After so many more commands the connection ends: the server hears the last one, and its answer does not come
    /// through. None are left after that, so that a new connection ends with its first.
    pub fn cut_after(&self, commands: usize) {
        self.left.store(commands, Ordering::SeqCst);
    }

    /// Everything passes from now on.
    pub fn mend(&self) {
        self.left.store(usize::MAX, Ordering::SeqCst);
    }

    /// Whether it came to the cut.
    pub fn has_cut(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // The acceptor waits for a connection; this is its last one.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn carry(client: &TcpStream, server: u16, left: &AtomicUsize) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else { return };
    let (Ok(from), Ok(back)) = (server.try_clone(), client.try_clone()) else { return };
    let answers = thread::spawn(move || pass(from, back));
    let mut lines = BufReader::new(client);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let before = left.load(Ordering::SeqCst);
        let is_last = before <= 1;
        if before != usize::MAX {
            left.store(before.saturating_sub(1), Ordering::SeqCst);
        }
        if is_last {
            // Whoever is gone already needs no closing.
            let _ = client.shutdown(Shutdown::Both);
        }
        let sent = (&server).write_all(&line);
        if is_last || sent.is_err() {
            break;
        }
        line.clear();
    }
    let _ = server.shutdown(Shutdown::Write);
    drop(answers.join());
}

pub(super) fn pass(mut from: TcpStream, mut back: TcpStream) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if back.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = back.shutdown(Shutdown::Both);
}
