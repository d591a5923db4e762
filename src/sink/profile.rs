//! What goes wrong, as data: a profile says which letters the server defers, refuses, or breaks off at, and where.
//!
//! Nothing here is left to chance at run time. Whether a fault meets a letter hangs on the seed, the recipient and
//! how often the letter came; only rates and waiting times hang on the clock.

mod read;

use std::path::PathBuf;
use std::time::Duration;

use crate::model::finding::Explain;
use crate::model::source::Place;
use crate::settings::transport::Rate;

/// A server's behaviour: what it offers, and what goes wrong in which order of precedence.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The built-in name, or the path of the file.
    pub name: String,
    /// One sentence for people.
    pub about: String,
    /// Chooses the letters that faults meet.
    pub seed: u64,
    pub server: Server,
    pub faults: Vec<Fault>,
}

/// What the server offers in its answer to EHLO, and its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Extensions that are not offered, in upper case.
    pub without: Vec<String>,
    /// Letters on one connection, said in EHLO as LIMITS MAILMAX (RFC 9422).
    pub mail_max: Option<u32>,
    /// Connections at a time; more are turned away with 421.
    pub connections: Option<u32>,
    /// The largest letter, in octets (RFC 1870).
    pub size: u64,
}

/// The extensions that the server knows.
pub const EXTENSIONS: [&str; 6] =
    ["PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8", "DSN"];

impl Default for Server {
    fn default() -> Server {
        Server { without: Vec::new(), mail_max: None, connections: None, size: 50 * 1024 * 1024 }
    }
}

/// One way in which things go wrong, and for whom.
#[derive(Debug, Clone)]
pub struct Fault {
    pub kind: Kind,
    pub at: Step,
    /// Of the letters (or connections) that it could meet: 0.0 to 1.0.
    pub share: f64,
    /// It meets the first so many attempts of a letter; `None` is every one.
    pub times: Option<u32>,
    /// It happens so often at most, whoever comes first.
    pub most: Option<u64>,
    /// Only these recipients; nobody named is everybody.
    pub to: Vec<Pattern>,
}

/// Where in the dialogue it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Instead of the greeting.
    Connect,
    /// At EHLO or HELO.
    Hello,
    /// At MAIL.
    Sender,
    /// At RCPT.
    Recipient,
    Data,
    /// While the letter arrives.
    Body,
    /// At the final dot.
    Answer,
}

impl Step {
    pub const ALL: [(&str, Step); 7] = [
        ("connect", Step::Connect),
        ("hello", Step::Hello),
        ("sender", Step::Sender),
        ("recipient", Step::Recipient),
        ("data", Step::Data),
        ("body", Step::Body),
        ("answer", Step::Answer),
    ];

    pub fn name(self) -> &'static str {
        Step::ALL[self as usize].0
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A passing refusal.
    Defer { reply: String },
    /// A final refusal.
    Refuse { reply: String },
    /// A domain takes nothing from us: for so long after its first letter, or for ever.
    Bar { reply: String, lasts: Option<Duration> },
    /// Nobody is taken at first contact, but so long after it.
    Greylist { reply: String, after: Duration },
    /// More than so many a second are put off.
    Throttle { reply: String, rate: Rate, per: Per },
    /// A connection takes so many letters, then it is ended with this reply.
    Limit { reply: String, letters: u32 },
    /// A reply, and the end of the connection.
    HangUp { reply: String, bytes: u64 },
    /// The connection ends without a word: in the body after so many bytes; after the dot the letter is
    /// `kept` or lost.
    Drop { kept: bool, bytes: u64 },
    /// The reply breaks off in its middle, and so does the connection.
    Cut,
    /// The reply comes late.
    Delay { by: Duration },
    /// The reply comes in small packets.
    Split,
    /// The reply has so many bytes.
    Flood { bytes: u64 },
    /// It speaks HTTP.
    Babble,
    /// 354 to DATA although no recipient was taken.
    GoOn,
}

/// What a rate is counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Each domain of recipients.
    Domain,
    /// The whole server.
    Server,
}

impl Kind {
    /// The word for it in a profile.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Defer { .. } => "defer",
            Kind::Refuse { .. } => "refuse",
            Kind::Bar { .. } => "bar",
            Kind::Greylist { .. } => "greylist",
            Kind::Throttle { .. } => "throttle",
            Kind::Limit { .. } => "limit",
            Kind::HangUp { .. } => "hang-up",
            Kind::Drop { .. } => "drop",
            Kind::Cut => "cut",
            Kind::Delay { .. } => "delay",
            Kind::Split => "split",
            Kind::Flood { .. } => "flood",
            Kind::Babble => "babble",
            Kind::GoOn => "go-on",
        }
    }

    /// Whether it changes only how a reply comes, not which.
    pub fn is_manner(&self) -> bool {
        matches!(self, Kind::Delay { .. } | Kind::Split)
    }
}

/// Recipients by a pattern with `*`: of the whole address if there is an `@` in it, else of the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    pub fn new(text: &str) -> Pattern {
        Pattern(text.to_ascii_lowercase())
    }

    /// `address` in lower case.
    pub fn fits(&self, address: &str) -> bool {
        let text = match self.0.contains('@') {
            true => address,
            false => address.rsplit_once('@').map_or("", |(_, domain)| domain),
        };
        glob(self.0.as_bytes(), text.as_bytes())
    }
}

/// Goes back to the last `*` only, which is enough: an earlier one could not take less.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(byte) if *byte == text[seen] => (at, seen) = (at + 1, seen + 1),
            _ => match star {
                Some((place, from)) => {
                    star = Some((place, from + 1));
                    (at, seen) = (place + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// The profiles that need no file: name and text.
pub const BUILT_IN: [(&str, &str); 6] = [
    ("calm", include_str!("profiles/calm.toml")),
    ("busy", include_str!("profiles/busy.toml")),
    ("greylist", include_str!("profiles/greylist.toml")),
    ("refusals", include_str!("profiles/refusals.toml")),
    ("flaky", include_str!("profiles/flaky.toml")),
    ("hostile", include_str!("profiles/hostile.toml")),
];

#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("there is no profile `{name}`")]
    Unknown { name: String },
    #[error("the profile {} cannot be read: {why}", path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error("{message}")]
    Invalid { message: String, place: Box<Place>, help: Option<String> },
}

impl Explain for ProfileError {
    fn place(&self) -> Option<Place> {
        match self {
            ProfileError::Invalid { place, .. } => Some((**place).clone()),
            ProfileError::Unknown { .. } | ProfileError::Unreadable { .. } => None,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            ProfileError::Unknown { name } => {
                let near = crate::model::tree::nearest(name, &BUILT_IN.map(|(name, _)| name));
                Some(format!("{near}; a file of your own is named by its path, such as `./mine.toml`"))
            }
            ProfileError::Unreadable { .. } => Some("name another file, or mend this one".to_owned()),
            ProfileError::Invalid { help, .. } => help.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_without_an_at_is_about_the_domain() {
        for (pattern, fits, misses) in [
            ("gmail.com", "ada@gmail.com", "gmail.com@x.example"),
            ("*.example", "a@b.c.example", "a@example"),
            ("bounce-*@*", "bounce-7@x.example", "ada@bounce-7.example"),
            ("*@*.Example", "ada@x.example", "ada@x.org"),
            ("a*b*c@x.org", "aXbYbZc@x.org", "aXbY@x.org"),
        ] {
            let pattern = Pattern::new(pattern);
            assert!(pattern.fits(&fits.to_lowercase()), "{pattern:?} {fits}");
            assert!(!pattern.fits(misses), "{pattern:?} {misses}");
        }
    }

    #[test]
    fn every_built_in_profile_can_be_read_and_says_what_it_is() {
        for (name, _) in BUILT_IN {
            let profile = Profile::load(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!((profile.name.as_str(), profile.about.is_empty()), (name, false));
        }
    }

    #[test]
    fn steps_are_named_in_their_order() {
        assert!(Step::ALL.iter().all(|(name, step)| step.name() == *name));
    }
}
