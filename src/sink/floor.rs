//! What all connections of one server share.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::book::Book;
use super::log::Log;
use super::profile::{EXTENSIONS, Profile, Server};
use super::weather::Weather;

/// One server's memory and rules.
#[derive(Debug)]
pub struct Floor {
    pub profile: String,
    pub server: Server,
    pub weather: Weather,
    pub book: Book,
    pub log: Log,
    /// Whether letters are kept whole.
    pub keeps: bool,
    offers: String,
    started: Instant,
    open: AtomicU32,
    taken: watch::Sender<u64>,
}

impl Floor {
    /// `seed` instead of the profile's own; `shows` keeps the last letters for a page.
    pub fn new(profile: &Profile, seed: Option<u64>, shows: bool, keeps: bool) -> Floor {
        Floor {
            profile: profile.name.clone(),
            server: profile.server.clone(),
            weather: Weather::new(profile, seed),
            book: Book::default(),
            log: Log::new(shows),
            keeps,
            offers: offers(&profile.server),
            started: Instant::now(),
            open: AtomicU32::new(0),
            taken: watch::Sender::new(0),
        }
    }

    /// The answer to EHLO, without the last line end.
    pub fn offers(&self) -> &str {
        &self.offers
    }

    /// Time since the start.
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// One more letter was taken.
    pub fn took(&self) {
        self.taken.send_if_modified(|taken| {
            *taken += 1;
            true
        });
    }

    /// Tells of every letter that is taken.
    pub fn taken(&self) -> watch::Receiver<u64> {
        self.taken.subscribe()
    }

    /// A visitor comes in; whether there is room.
    pub fn enter(&self) -> bool {
        let others = self.open.fetch_add(1, Ordering::Relaxed);
        self.log.connections.fetch_add(1, Ordering::Relaxed);
        self.server.connections.is_none_or(|most| others < most)
    }

    /// Whether nobody is here.
    pub fn is_empty(&self) -> bool {
        self.open.load(Ordering::Relaxed) == 0
    }

    /// A visitor has gone.
    pub fn leave(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

fn offers(server: &Server) -> String {
    let offered = EXTENSIONS.iter().filter(|name| !server.without.iter().any(|hidden| hidden == *name));
    let mut lines: Vec<String> = vec!["sink.example".to_owned()];
    lines.extend(offered.map(|name| match *name {
        "SIZE" => format!("SIZE {}", server.size),
        name => name.to_owned(),
    }));
    lines.extend(server.mail_max.map(|most| format!("LIMITS MAILMAX={most}")));
    let last = lines.len() - 1;
    let line =
        |(place, line): (usize, &String)| format!("250{}{line}", if place == last { ' ' } else { '-' });
    lines.iter().enumerate().map(line).collect::<Vec<_>>().join("\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offers_end_with_a_line_that_says_so() {
        let server = Server {
            without: vec!["DSN".into(), "PIPELINING".into()],
            mail_max: Some(20),
            size: 100,
            ..Server::default()
        };
        let expected = "250-sink.example\r\n250-SIZE 100\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n\
                        250-SMTPUTF8\r\n250 LIMITS MAILMAX=20";
        assert_eq!(offers(&server), expected);
        assert_eq!(
            offers(&Server { without: EXTENSIONS.map(str::to_owned).to_vec(), ..Server::default() }),
            "250 sink.example"
        );
    }
}
