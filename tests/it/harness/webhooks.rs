//! A newsletter that providers post events about, and the events of each.

use std::collections::BTreeMap;
use std::time::Duration;

use courant::token::Secret;
use rusqlite::Connection;
use serde_json::Value;

use super::hooks::{Post, Providers};
use super::scratch::Scratch;
use super::server::Server;
use super::server::script::Script;

/// A weekly whose issue went to so many subscribers, and that takes webhooks of everybody.
pub struct Sent {
    pub scratch: Scratch,
    pub providers: Providers,
    _server: Server,
}

/// The state of each letter by address, and address, scope and reason of each suppression.
pub type End = (BTreeMap<String, String>, Vec<(String, String, String)>);

/// A subscriber and the token that went out with their letter.
pub struct Reader {
    pub address: String,
    pub token: String,
}

impl Sent {
    pub fn to(subscribers: usize) -> Sent {
        let server = Server::start(Script::default());
        let providers = Providers::new();
        let scratch = Scratch::weekly_for(subscribers).file(".env", format!("SMTP_URL={}\n", server.url()));
        let scratch = providers.configure(scratch);
        scratch.run("send 1 --yes --offline").ok();
        Sent { scratch, providers, _server: server }
    }

    pub fn ledger(&self) -> Connection {
        let ledger = Connection::open(self.scratch.path(".courant/ledger.db")).expect("there is a ledger");
        ledger.busy_timeout(Duration::from_secs(30)).expect("it can wait");
        ledger
    }

    /// In order of address.
    pub fn readers(&self) -> Vec<Reader> {
        let secret = Secret::open(&self.scratch.path(".courant/secret")).unwrap().unwrap();
        let ledger = self.ledger();
        let mut query = ledger
            .prepare("SELECT d.id, l.key FROM delivery d JOIN letter l ON l.id = d.letter ORDER BY l.key")
            .unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            Ok(Reader { token: secret.delivery_token(row.get(0)?), address: row.get(1)? })
        };
        query.query_map([], row).unwrap().map(Result::unwrap).collect()
    }

    /// The one number that a query of the ledger gives.
    pub fn number(&self, sql: &str) -> i64 {
        self.ledger().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// How many events are kept.
    pub fn kept(&self) -> i64 {
        self.number("SELECT count(*) FROM raw_event")
    }

    /// The states of all letters and all suppressions.
    pub fn end(&self) -> End {
        let ledger = self.ledger();
        let mut letters =
            ledger.prepare("SELECT l.key, d.state FROM delivery d JOIN letter l ON l.id = d.letter").unwrap();
        let mut suppressions =
            ledger.prepare("SELECT key, scope, reason FROM suppression ORDER BY key, scope").unwrap();
        let letters = letters.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let suppressed = suppressions.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        (letters.map(Result::unwrap).collect(), suppressed.unwrap().map(Result::unwrap).collect())
    }

    /// An event of a fixture about this reader, as it is posted now.
    pub fn post(&self, provider: &'static str, index: usize, reader: &Reader) -> Post {
        self.post_at(provider, index, reader, now())
    }

    /// The same as it was posted at another time.
    pub fn post_at(&self, provider: &'static str, index: usize, reader: &Reader, at: i64) -> Post {
        let (_, event) = fixture(provider, reader, at).swap_remove(index);
        self.providers.post(provider, &event, index, at)
    }
}

/// The events of a provider, each with the name of its kind.
pub fn fixture(provider: &str, reader: &Reader, at: i64) -> Vec<(String, Value)> {
    let path = format!("{}/tests/it/fixtures/webhooks/{provider}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("there is a fixture");
    let time = jiff::Timestamp::from_second(at).unwrap().to_string();
    let text = text
        .replace("@TOKEN@", &reader.token)
        .replace("@ADDRESS@", &reader.address)
        .replace("@TIME@", &time)
        .replace("\"@SECONDS@\"", &at.to_string())
        .replace("\"@MILLISECONDS@\"", &format!("{at}123"));
    let all: Vec<Value> = serde_json::from_str(&text).expect("the fixture is JSON");
    all.into_iter().map(|mut one| (one["kind"].as_str().unwrap().to_owned(), one["event"].take())).collect()
}

/// In seconds, as providers count.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
