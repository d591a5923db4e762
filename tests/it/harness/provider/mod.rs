//! A provider's API on loopback that behaves as its documentation says, and breaks on request. What it took it
//! keeps, so that a test can hold it against the ledger.

pub mod dialects;
pub mod http;

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use http::{Call, read_call, write_answer};

/// How a provider reads calls and writes answers.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// The letters of a call; `None` for a call that is no sending.
    pub read: fn(&Call) -> Option<Vec<Letter>>,
    /// The answer for these letters, each taken under an id or refused.
    pub answer: fn(&[Judged]) -> (u16, String),
    /// Whether one bad address refuses the whole call.
    pub is_all_or_nothing: bool,
}

/// The id under which a letter was taken, or the address that was refused.
pub type Judged = Result<String, String>;

/// A letter in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub to: String,
    pub token: String,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Answered,
    /// Refused with this status, nothing taken.
    Status(u16),
    /// Taken, and the connection closed without a word.
    Cut,
}

/// A running provider. Its threads end with the process of the tests.
pub struct Provider {
    port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    dialect: Dialect,
    fate: fn(usize) -> Fate,
    is_bad: fn(&str) -> bool,
    calls: Vec<Call>,
    sendings: usize,
    taken: Vec<Letter>,
    answers: BTreeMap<String, (u16, String)>,
}

impl Provider {
    pub fn start(dialect: Dialect) -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let state = Arc::new(Mutex::new(State {
            dialect,
            fate: |_| Fate::Answered,
            is_bad: |_| false,
            calls: Vec::new(),
            sendings: 0,
            taken: Vec::new(),
            answers: BTreeMap::new(),
        }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || converse(stream, &state));
            }
        });
        Provider { port, state }
    }

    /// What happens to the calls that send, by their number from 0.
    pub fn fate(self, fate: fn(usize) -> Fate) -> Provider {
        self.state().fate = fate;
        self
    }

    /// Which addresses it refuses.
    pub fn refusing(self, is_bad: fn(&str) -> bool) -> Provider {
        self.state().is_bad = is_bad;
        self
    }

    /// What it answers to another call, `GET /v3/suppressions?x=y`; the query may be left out.
    pub fn answering(self, call: &str, status: u16, body: &str) -> Provider {
        self.answer(call, status, body);
        self
    }

    /// The same, while a test goes on.
    pub fn answer(&self, call: &str, status: u16, body: &str) {
        self.state().answers.insert(call.to_owned(), (status, body.to_owned()));
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Every letter it took, in the order of their coming.
    pub fn taken(&self) -> Vec<Letter> {
        self.state().taken.clone()
    }

    pub fn taken_so_far(&self) -> usize {
        self.state().taken.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the state")
    }
}

fn converse(mut stream: TcpStream, state: &Mutex<State>) {
    // Without a request, without an answer: the other side is gone, or is to think so.
    while let Some(call) = read_call(&mut stream) {
        let answered = state.lock().expect("no thread panics while it holds the state").take(call);
        let Some((status, body)) = answered else { return };
        if !write_answer(&mut stream, status, &body) {
            return;
        }
    }
}

impl State {
    /// `None` where the connection is to be closed without an answer.
    fn take(&mut self, call: Call) -> Option<(u16, String)> {
        let letters = (self.dialect.read)(&call);
        self.calls.push(call.clone());
        let Some(letters) = letters else { return Some(self.other(&call)) };
        let number = self.sendings;
        self.sendings += 1;
        let fate = (self.fate)(number);
        if let Fate::Status(status) = fate {
            return Some((status, r#"{"message":"not now"}"#.to_owned()));
        }
        let answer = self.judge(letters);
        (fate == Fate::Answered).then_some(answer)
    }

    fn judge(&mut self, letters: Vec<Letter>) -> (u16, String) {
        let is_spoilt =
            self.dialect.is_all_or_nothing && letters.iter().any(|letter| (self.is_bad)(&letter.to));
        let mut each = Vec::new();
        for letter in letters {
            if is_spoilt || (self.is_bad)(&letter.to) {
                each.push(Err(letter.to));
            } else {
                each.push(Ok(format!("id-{}", letter.token)));
                self.taken.push(letter);
            }
        }
        (self.dialect.answer)(&each)
    }

    fn other(&self, call: &Call) -> (u16, String) {
        let whole = format!("{} {}", call.method, call.path);
        let bare = whole.split('?').next().unwrap_or_default();
        let found = self.answers.get(&whole).or_else(|| self.answers.get(bare));
        found.cloned().unwrap_or_else(|| (404, r#"{"message":"not found"}"#.to_owned()))
    }
}

#[test]
fn a_call_that_sends_nothing_gets_the_answer_it_was_given() {
    let provider = Provider::start(dialects::SES).answering("GET /v2/email/account", 200, "{}");
    let mut stream = TcpStream::connect(("127.0.0.1", provider.port)).expect("it listens");
    std::io::Write::write_all(&mut stream, b"GET /v2/email/account?x=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("it reads");
    let mut answer = [0; 12];
    std::io::Read::read_exact(&mut stream, &mut answer).expect("it answers");
    assert_eq!(&answer, b"HTTP/1.1 200");
    assert_eq!(provider.calls()[0].path, "/v2/email/account?x=1");
}
