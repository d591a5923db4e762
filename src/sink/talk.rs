//! One SMTP dialogue, from the server's side (RFC 5321), without a network: bytes in, a script out. Commands may
//! come in any packets, many at once and behind a letter (RFC 2920).

mod path;
mod envelope;

use std::sync::atomic::Ordering::Relaxed;

use jiff::Timestamp;

use super::body::Body;
use super::book::{Mark, key};
use super::floor::Floor;
use super::log::{Glimpse, Said, shortened};
use super::profile::{Kind, Step};
use super::script::{Cue, Ending, Letter, Script};
use super::weather::{Case, Met, Recipient};
use path::Path;

/// The longest command line that is listened to.
const LONGEST_LINE: usize = 4096;
/// Commands that mean nothing, after which the connection is ended.
const MOST_NONSENSE: u32 = 50;
/// As RFC 5321 4.5.3.1.8 asks for at least.
const MOST_RECIPIENTS: usize = 100;

/// One connection's dialogue.
pub struct Talk<'a> {
    floor: &'a Floor,
    connection: u64,
    stage: Stage,
    /// Envelopes begun on this connection.
    letters: u32,
    envelope: Envelope,
    body: Body,
    nonsense: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nobody said who they are.
    Unknown,
    Greeted,
    /// After 354.
    Body,
}

/// Who a letter is from and for, as far as it was said.
#[derive(Debug, Default)]
struct Envelope {
    sender: Option<String>,
    smtputf8: bool,
    taken: Vec<Named>,
    /// The last recipient that was not taken.
    refused: Option<Named>,
}

/// A recipient, in lower case.
#[derive(Debug, Clone)]
struct Named {
    address: String,
    key: u64,
    attempt: u32,
    first: super::weather::Since,
}

impl Named {
    fn recipient(&self) -> Recipient<'_> {
        Recipient { address: &self.address, hash: self.key, attempt: self.attempt, first: self.first }
    }
}

impl<'a> Talk<'a> {
    pub fn new(floor: &'a Floor, connection: u64) -> Talk<'a> {
        Talk {
            floor,
            connection,
            stage: Stage::Unknown,
            letters: 0,
            envelope: Envelope::default(),
            body: Body::default(),
            nonsense: 0,
        }
    }

    /// The greeting; `is_crowded` turns the visitor away.
    pub fn greet(&mut self, is_crowded: bool, script: &mut Script) {
        if is_crowded {
            return self.hang_up("421 4.7.0 too many connections", script);
        }
        self.reply(Step::Connect, "220 sink.example ESMTP Courant sink", script);
    }

    /// Takes what it can of `bytes` and says how many those were. More are needed for the rest.
    pub fn hear(&mut self, bytes: &[u8], script: &mut Script) -> usize {
        let mut used = 0;
        while script.ending().is_none() {
            let rest = &bytes[used..];
            let took = match self.stage {
                Stage::Body => self.hear_body(rest, script),
                Stage::Unknown | Stage::Greeted => self.hear_line(rest, script),
            };
            used += took;
            if took == 0 {
                break;
            }
        }
        used
    }

    fn hear_line(&mut self, bytes: &[u8], script: &mut Script) -> usize {
        match memchr::memchr(b'\n', bytes) {
            Some(end) => {
                let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
                self.command(line, script);
                end + 1
            }
            None if bytes.len() > LONGEST_LINE => {
                self.hang_up("500 5.5.2 the line is too long", script);
                bytes.len()
            }
            None => 0,
        }
    }

    fn command(&mut self, line: &[u8], script: &mut Script) {
        let Ok(line) = std::str::from_utf8(line) else {
            return self.no_sense("500 5.5.2 a command is UTF-8", script);
        };
        let (verb, rest) = line.split_at(line.find(' ').unwrap_or(line.len()));
        let rest = rest.trim();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.hello(rest, true, script),
            "HELO" => self.hello(rest, false, script),
            "MAIL" => self.mail(rest, script),
            "RCPT" => self.rcpt(rest, script),
            "DATA" => self.data(script),
            "RSET" => {
                self.envelope = Envelope::default();
                script.say("250 2.0.0 forgotten");
            }
            "NOOP" => script.say("250 2.0.0 ok"),
            "VRFY" => script.say("252 2.1.5 send it and see"),
            "HELP" => script.say("214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY QUIT"),
            "QUIT" => {
                script.say("221 2.0.0 goodbye");
                script.end(Ending::Polite);
            }
            "EXPN" | "STARTTLS" | "AUTH" | "BDAT" => self.no_sense("502 5.5.1 not here", script),
            _ => self.no_sense("500 5.5.2 I do not know that command", script),
        }
    }

    fn no_sense(&mut self, reply: &str, script: &mut Script) {
        self.nonsense += 1;
        match self.nonsense > MOST_NONSENSE {
            true => self.hang_up("421 4.7.0 you make no sense", script),
            false => script.say(reply),
        }
    }

    fn hello(&mut self, name: &str, is_extended: bool, script: &mut Script) {
        if name.is_empty() {
            return self.no_sense("501 5.5.4 who are you?", script);
        }
        let before = self.stage;
        (self.stage, self.envelope) = (Stage::Greeted, Envelope::default());
        let floor = self.floor;
        let answer = if is_extended { floor.offers() } else { "250 sink.example" };
        if !self.reply(Step::Hello, answer, script) {
            self.stage = before;
        }
    }

    fn hang_up(&mut self, reply: &str, script: &mut Script) {
        script.say(reply);
        self.leave(Ending::Polite, script);
    }

    fn leave(&mut self, ending: Ending, script: &mut Script) {
        self.floor.log.broken_off.fetch_add(1, Relaxed);
        script.end(ending);
    }

    fn case<'c>(&self, to: Option<&'c Named>) -> Case<'c> {
        Case {
            connection: self.connection,
            letter: self.letters,
            to: to.map(Named::recipient),
            now: self.floor.now(),
            bytes: self.body.length,
            is_for_nobody: false,
        }
    }

    /// Says `usual`, or what a fault says instead; whether it was the usual.
    fn reply(&mut self, step: Step, usual: &str, script: &mut Script) -> bool {
        let floor = self.floor;
        if floor.weather.is_fair(step) {
            script.say(usual);
            return true;
        }
        let met = floor.weather.meets(step, &self.case(None));
        self.answer(&met, usual, script)
    }

    /// Gives a reply in the manner that was met; whether it was the usual one.
    fn answer(&mut self, met: &Met<'_>, usual: &str, script: &mut Script) -> bool {
        if !met.delay.is_zero() {
            script.cue(Cue::Wait(met.delay));
        }
        if met.split {
            script.cue(Cue::Trickle(true));
        }
        let is_usual = self.say_or_fail(met.trouble, usual, script);
        if met.split {
            script.cue(Cue::Trickle(false));
        }
        is_usual
    }

    fn say_or_fail(&mut self, trouble: Option<&Kind>, usual: &str, script: &mut Script) -> bool {
        match trouble {
            None => {
                script.say(usual);
                return true;
            }
            Some(
                Kind::Defer { reply }
                | Kind::Refuse { reply }
                | Kind::Bar { reply, .. }
                | Kind::Greylist { reply, .. }
                | Kind::Throttle { reply, .. },
            ) => {
                script.say(reply);
                // A server that announces its end keeps its word (RFC 5321 3.8).
                if reply.starts_with("421") {
                    self.leave(Ending::Polite, script);
                }
            }
            Some(Kind::Limit { reply, .. } | Kind::HangUp { reply, .. }) => self.hang_up(reply, script),
            Some(Kind::Drop { .. }) => self.leave(Ending::Abrupt, script),
            Some(Kind::Cut) => {
                script.bytes.extend_from_slice(&usual.as_bytes()[..usual.len() / 2]);
                self.leave(Ending::Abrupt, script);
            }
            Some(Kind::Flood { bytes }) => flood(*bytes, usual, script),
            Some(Kind::Babble) => {
                script.say("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n");
                self.leave(Ending::Polite, script);
            }
            Some(Kind::Delay { .. } | Kind::Split | Kind::GoOn) => {
                script.say(usual);
                return true;
            }
        }
        false
    }
}

/// One line without an end in sight, of the same code as the usual reply.
fn flood(bytes: u64, usual: &str, script: &mut Script) {
    let length = usize::try_from(bytes).unwrap_or(usize::MAX);
    script.bytes.extend_from_slice(usual.get(..4).unwrap_or("250 ").as_bytes());
    script.bytes.resize(script.bytes.len() + length, b'x');
    script.say("");
}

#[cfg(test)]
mod tests;
