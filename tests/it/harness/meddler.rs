//! A wire to a server of lines on which somebody else answers some of the commands.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::cutter::pass;

/// What is said in place of the server, which does not hear this command; the client's tag stands for `TAG`. The
/// connection ends behind a goodbye.
type Answer = dyn Fn(&str) -> Option<String> + Send + Sync;

/// A running proxy.
pub struct Meddler {
    port: u16,
    is_quiet: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
}

impl Meddler {
    /// In front of the server at this port.
    pub fn to(server: u16, answer: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Meddler {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let (is_quiet, is_over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (quiet, over) = (Arc::clone(&is_quiet), Arc::clone(&is_over));
        let answer: Arc<Answer> =
            Arc::new(move |line| answer(line).filter(|_| !quiet.load(Ordering::SeqCst)));
        thread::spawn(move || {
            for client in listener.incoming().flatten().take_while(|_| !over.load(Ordering::SeqCst)) {
                let answer = Arc::clone(&answer);
                thread::spawn(move || carry(&client, server, &*answer));
            }
        });
        Meddler { port, is_quiet, is_over }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Everything passes from now on.
    pub fn stop(&self) {
        self.is_quiet.store(true, Ordering::SeqCst);
    }
}

impl Drop for Meddler {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // The acceptor waits for a connection; this is its last one.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn carry(client: &TcpStream, server: u16, answer: &Answer) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else { return };
    let (Ok(from), Ok(back)) = (server.try_clone(), client.try_clone()) else { return };
    let answers = thread::spawn(move || pass(from, back));
    let mut lines = BufReader::new(client);
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
        let said = answer(line.trim_end());
        let tag = line.split(' ').next().unwrap_or_default();
        let went = match &said {
            None => (&server).write_all(line.as_bytes()),
            Some(said) => (&mut &*client).write_all(said.replace("TAG", tag).as_bytes()),
        };
        if went.is_err() || said.is_some_and(|said| said.starts_with("* BYE")) {
            break;
        }
        line.clear();
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
    drop(answers.join());
}
