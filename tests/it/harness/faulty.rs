//! `courant sink`: a mail server that misbehaves as a profile says, and tells what it got.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::program::{Run, Running};
use super::scratch::Scratch;
use super::tools::{free_port, wait_until_listening};

/// A running sink with its page.
pub struct FaultySink {
    port: u16,
    page: u16,
    running: Running,
}

impl FaultySink {
    /// With the faults of this profile, in TOML, and more flags.
    pub fn start(scratch: &Scratch, profile: &str, flags: &[&str]) -> FaultySink {
        let (port, page) = (free_port(), free_port());
        scratch.write("faults.toml", profile);
        let (listen, shown) = (port.to_string(), page.to_string());
        let args = ["sink", "--listen", &listen, "--page", &shown, "--faults", "./faults.toml"];
        let mut running = scratch.courant(args.into_iter().chain(flags.iter().copied())).start();
        wait_until_listening(page, || if running.is_over() { Err("it ended".to_owned()) } else { Ok(()) });
        FaultySink { port, page, running }
    }

    /// One connection at a time, so that letters come one after the other.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?connections=1", self.port)
    }

    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).expect("the sink listens")
    }

    /// What the page answers to this path, head and all, asked for under this name.
    pub fn get(&self, path: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.page)).expect("the page is served");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("the page listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the answer is text");
        answer
    }

    pub fn stats(&self) -> Value {
        let answer = self.get("/stats.json", "localhost");
        let body = answer.split_once("\r\n\r\n").expect("an answer has a body").1;
        serde_json::from_str(body).unwrap_or_else(|why| panic!("{why}\n{answer}"))
    }

    /// Letters that it took, by recipient.
    pub fn taken(&self) -> Vec<String> {
        let stats = self.stats();
        let last = stats["last"].as_array().expect("the last letters are a list");
        let mut taken: Vec<String> = last
            .iter()
            .map(|letter| letter["to"].as_str().expect("a letter is to somebody").to_owned())
            .collect();
        taken.sort();
        taken
    }

    /// Waits until it ends by itself.
    pub fn finish(self) -> Run {
        self.running.finish()
    }

    /// Ctrl-C.
    pub fn stop(self) -> Run {
        self.running.signal("INT");
        self.running.finish()
    }
}
