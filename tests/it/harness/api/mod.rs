//! Providers on loopback that behave as they document it, remember keys, and misbehave on request.

mod family;
mod wire;

use std::collections::{BTreeMap, HashMap};
use std::net::TcpListener;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

pub use family::Family;
use family::Letter;
pub use wire::Request;
use wire::{Answer, Line};

/// What goes wrong with one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// 429, and nothing is taken; with so many seconds to wait.
    TooFast(Option<u64>),
    /// 500, and nothing is taken.
    Broken,
    /// The letters are taken, and the connection breaks before a byte of the answer.
    Cut,
    /// The letters are taken, and half of the answer comes.
    Truncated,
    /// The letters are taken, and a gateway says 502 with a page.
    Page,
    /// Nothing is taken, and 200 says so inside.
    ErrorInside,
    /// This status and JSON instead of any other answer; nothing is taken.
    Says(u16, &'static str),
    /// The letters are taken, or not, and no answer comes: whoever asks is to be killed.
    Silence { taken: bool },
}

/// A running provider. Its threads end with the process of the tests.
pub struct Provider {
    family: Family,
    port: u16,
    state: Arc<State>,
}

struct State {
    family: Family,
    plan: Box<dyn Fn(u64) -> Option<Trouble> + Send + Sync>,
    /// Whether a call that was answered before has no trouble.
    is_kind_to_known: bool,
    book: Mutex<Book>,
    silent: Condvar,
}

/// What it knows.
#[derive(Default)]
struct Book {
    calls: u64,
    /// How often each address was written to, and by which tokens.
    taken: BTreeMap<String, Vec<String>>,
    /// By key: what was asked, and what was answered.
    keys: HashMap<String, (Vec<u8>, Answer)>,
    /// Calls that were not answered for good.
    silent: u64,
    requests: Vec<Request>,
}

impl Provider {
    pub fn start(family: Family, plan: impl Fn(u64) -> Option<Trouble> + Send + Sync + 'static) -> Provider {
        Provider::start_as(family, plan, false)
    }

    /// The same with no trouble for a call whose letters it has taken: that a call is cut off, asked for again, and
    /// turned away then is another story than either.
    pub fn start_kind_to_known(
        family: Family,
        plan: impl Fn(u64) -> Option<Trouble> + Send + Sync + 'static,
    ) -> Provider {
        Provider::start_as(family, plan, true)
    }

    fn start_as(
        family: Family,
        plan: impl Fn(u64) -> Option<Trouble> + Send + Sync + 'static,
        is_kind_to_known: bool,
    ) -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (book, silent) = (Mutex::default(), Condvar::new());
        let state = Arc::new(State { family, plan: Box::new(plan), is_kind_to_known, book, silent });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || {
                    let mut line = Line::over(stream);
                    while let Some(request) = line.read() {
                        match state.answer(request) {
                            Some(answer) => line.write(&answer),
                            None => return,
                        }
                    }
                });
            }
        });
        Provider { family, port, state }
    }

    /// Lines for `courant.toml` that send by it, `batch` letters a call where it takes many.
    pub fn settings(&self, batch: usize, more: &str) -> String {
        let batch = if self.family.takes_many() { format!("batch = {batch}\n") } else { String::new() };
        format!(
            "[transports.api]\nurl = \"{}\"\nendpoint = \"http://127.0.0.1:{}\"\ncalls = \"2000/s\"\n{batch}{more}",
            self.family.url(),
            self.port
        )
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.state.book()
    }

    /// Every call as it came.
    pub fn requests(&self) -> Vec<Request> {
        self.book().requests.clone()
    }

    /// How often each address was written to.
    pub fn taken(&self) -> BTreeMap<String, usize> {
        self.book().taken.iter().map(|(address, tokens)| (address.clone(), tokens.len())).collect()
    }

    /// The tokens that came with letters, once each.
    pub fn tokens(&self) -> std::collections::BTreeSet<String> {
        self.book().taken.values().flatten().cloned().collect()
    }

    /// Whether these are the words with which it took a letter to this address; that a key is known tells no id.
    pub fn said(&self, address: &str, words: &str) -> bool {
        let book = self.book();
        let tokens = book.taken.get(address).into_iter().flatten();
        let mut ids = tokens.map(|token| format!("id-{token}"));
        words.contains("duplicate_parameter") || ids.any(|id| words.contains(&id))
    }

    /// How many calls came.
    pub fn calls(&self) -> u64 {
        self.book().calls
    }

    /// Returns when a call is held in silence, or after a while.
    pub fn wait_for_silence(&self) -> bool {
        self.wait_for_silent(1)
    }

    /// The same of so many calls.
    pub fn wait_for_silent(&self, calls: u64) -> bool {
        let book = self.book();
        let patience = Duration::from_secs(60);
        let waited = self.state.silent.wait_timeout_while(book, patience, |book| book.silent < calls);
        !waited.expect("no test panics while it holds the book").1.timed_out()
    }
}

impl State {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` if the connection is to be cut.
    fn answer(&self, request: Request) -> Option<Answer> {
        if request.method != "POST" {
            return Some(Answer::json(404, "{}"));
        }
        let mut book = self.book();
        book.calls += 1;
        book.requests.push(request.clone());
        let is_spared = self.is_kind_to_known && self.is_known(&book, &request);
        let trouble = (self.plan)(book.calls).filter(|_| !is_spared);
        if !self.family.is_signed(&request) {
            return Some(self.family.unauthorized());
        }
        match trouble {
            None => Some(self.take(&mut book, &request)),
            Some(Trouble::TooFast(wait)) => Some(too_fast(wait)),
            Some(Trouble::Broken) => Some(Answer::json(500, r#"{"message":"Internal error"}"#)),
            Some(Trouble::ErrorInside) => Some(Answer::json(200, r#"{"error":"try again"}"#)),
            Some(Trouble::Says(status, body)) => Some(Answer::json(status, body)),
            Some(Trouble::Cut) => {
                self.take(&mut book, &request);
                None
            }
            Some(Trouble::Truncated) => {
                let answer = self.take(&mut book, &request);
                Some(answer.halved())
            }
            Some(Trouble::Page) => {
                self.take(&mut book, &request);
                Some(Answer::page(502))
            }
            Some(Trouble::Silence { taken }) => {
                if taken {
                    self.take(&mut book, &request);
                }
                book.silent += 1;
                self.silent.notify_all();
                drop(book);
                thread::sleep(Duration::from_secs(90));
                None
            }
        }
    }

    fn is_known(&self, book: &Book, request: &Request) -> bool {
        let body = serde_json::from_slice(&request.body).ok();
        let key = body.and_then(|body: Value| self.family.key(request, &body));
        key.is_some_and(|key| book.keys.contains_key(&key))
    }

    /// Takes the letters of a call as the provider documents it.
    fn take(&self, book: &mut Book, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).expect("a call is JSON");
        let key = self.family.key(request, &body);
        if let Some((before, answer)) = key.as_ref().and_then(|key| book.keys.get(key)) {
            return self.family.repeated(*before == request.body, answer);
        }
        let letters = self.family.letters(&body);
        let (taken, answer) = self.family.judge(&letters);
        for Letter { to, token } in taken {
            book.taken.entry(to.clone()).or_default().push(token.clone());
        }
        if let (Some(key), true) = (key, answer.is_success()) {
            book.keys.insert(key, (request.body.clone(), answer.clone()));
        }
        answer
    }
}

fn too_fast(wait: Option<u64>) -> Answer {
    let answer = Answer::json(429, r#"{"name":"rate_limit_exceeded","message":"Too many requests"}"#);
    match wait {
        Some(seconds) => answer.with("retry-after", &seconds.to_string()),
        None => answer,
    }
}
