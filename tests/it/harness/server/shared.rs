//! What all connections of one scripted server share.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use courant::model::attempt::Phase;
use rustls::ServerConfig;

use super::script::{Act, Rule, Script, take_act};
use crate::harness::mail::Received;

pub(super) struct Shared {
    pub script: Script,
    pub tls: Option<Arc<ServerConfig>>,
    pub over: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    /// How often each phase was reached.
    reached: HashMap<Phase, usize>,
    streams: Vec<TcpStream>,
    received: Vec<Received>,
    commands: Vec<(usize, String)>,
    complaints: Vec<String>,
}

impl Shared {
    pub fn new(script: Script, tls: Option<Arc<ServerConfig>>) -> Shared {
        let state = State { rules: script.rules.clone(), ..State::default() };
        Shared { script, tls, over: AtomicBool::new(false), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no connection panics while it holds the state")
    }

    /// Counts that a phase was reached, and says what the script wants to happen in it.
    pub fn take_act(&self, phase: Phase, recipient: Option<&str>) -> Option<Act> {
        let mut state = self.state();
        let reached = state.reached.entry(phase).or_default();
        *reached += 1;
        let nth = *reached;
        take_act(&mut state.rules, phase, recipient, nth)
    }

    pub fn keep(&self, message: Received) {
        self.state().received.push(message);
    }

    pub fn taken(&self) -> usize {
        self.state().received.len()
    }

    pub fn note(&self, connection: usize, command: &str) {
        self.state().commands.push((connection, command.to_owned()));
    }

    pub fn complain(&self, connection: usize, what: &str) {
        self.state().complaints.push(format!("connection {connection}: {what}"));
    }

    /// Takes note of a new connection; its number, from 1.
    pub fn welcome(&self, stream: TcpStream) -> usize {
        let mut state = self.state();
        state.streams.push(stream);
        state.streams.len()
    }

    pub fn connections(&self) -> usize {
        self.state().streams.len()
    }

    pub fn received(&self) -> Vec<Received> {
        self.state().received.clone()
    }

    pub fn commands(&self) -> Vec<(usize, String)> {
        self.state().commands.clone()
    }

    pub fn complaints(&self) -> Vec<String> {
        self.state().complaints.clone()
    }

    /// Ends every connection at once.
    pub fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
        for stream in &self.state().streams {
            // One that is closed already needs no end.
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Reads nothing more until the server ends.
    pub fn wait_for_the_end(&self) -> io::Error {
        while !self.over.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(20));
        }
        ErrorKind::ConnectionAborted.into()
    }
}
