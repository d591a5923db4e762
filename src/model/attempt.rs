//! One try to hand a letter to a transport: how far it got, what was answered, what it ended as.

use std::fmt;
use std::time::Duration;

/// How far an attempt got before it ended. Ordered: a later phase is a greater value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Name resolution, the TCP connection, the greeting, EHLO.
    Connect,
    Tls,
    Login,
    /// MAIL FROM: who we are.
    Sender,
    /// RCPT TO: this subscriber.
    Recipient,
    /// DATA, before its 354.
    Data,
    /// The body is being written; its end has not left us.
    Body,
    /// All bytes left us; the answer decides.
    Answer,
}

impl Phase {
    pub const ALL: [Phase; 8] = [
        Phase::Connect,
        Phase::Tls,
        Phase::Login,
        Phase::Sender,
        Phase::Recipient,
        Phase::Data,
        Phase::Body,
        Phase::Answer,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Phase::Connect => "connect",
            Phase::Tls => "tls",
            Phase::Login => "login",
            Phase::Sender => "sender",
            Phase::Recipient => "recipient",
            Phase::Data => "data",
            Phase::Body => "body",
            Phase::Answer => "answer",
        }
    }

    pub fn from_name(name: &str) -> Option<Phase> {
        Phase::ALL.into_iter().find(|phase| phase.name() == name)
    }
}

/// An enhanced status code, such as 5.1.1 (RFC 3463).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Enhanced {
    pub class: u8,
    pub subject: u16,
    pub detail: u16,
}

impl Enhanced {
    /// Reads a code at the start of `text`: `5.1.1 no such user`.
    pub fn parse(text: &str) -> Option<Enhanced> {
        let word = text.split([' ', '\t']).next()?;
        let mut numbers = word.split('.');
        let code = Enhanced {
            class: numbers.next()?.parse().ok().filter(|class| [2, 4, 5].contains(class))?,
            subject: digits(numbers.next()?)?,
            detail: digits(numbers.next()?)?,
        };
        numbers.next().is_none().then_some(code)
    }
}

fn digits(text: &str) -> Option<u16> {
    (text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// What the other side answered, whole: every line as it was sent, without the code in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// 200 to 599.
    pub code: u16,
    pub lines: Vec<String>,
}

impl Reply {
    pub fn new(code: u16, text: impl Into<String>) -> Reply {
        Reply { code, lines: text.into().lines().map(str::to_owned).collect() }
    }

    /// The enhanced code of whichever line has one first.
    pub fn enhanced(&self) -> Option<Enhanced> {
        self.lines.iter().find_map(|line| Enhanced::parse(line))
    }

    pub fn is_permanent(&self) -> bool {
        self.code >= 500
    }

    /// The lines joined by one space.
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text())
    }
}

/// The other side took the letter and answers for it from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub reply: Reply,
}

/// An attempt that did not end in acceptance: how far it got and what is known of why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub phase: Phase,
    /// What the other side said, if it said anything.
    pub reply: Option<Reply>,
    /// What went wrong on our side of the wire, in words: a time-out, a reset, a bad certificate.
    /// Empty when the reply says it all.
    pub cause: String,
    /// Whether trying the same again later can help where there is no reply to tell:
    /// true for time-outs and cut connections, false for a bad certificate or an unknown host.
    pub may_pass: bool,
    /// What a provider's answer is about, where it is no SMTP reply: then it decides, and the numbers do not.
    pub fault: Option<Fault>,
}

/// What the answer of a provider's API is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// This subscriber: an address it knows to be wrong, or does not write to.
    Recipient,
    /// Us: the key, the domain, a suspended account, a quota that is used up, a letter it cannot read.
    Account,
    /// Our speed; for how long nothing is to come, if it says so.
    Speed { wait: Option<Duration> },
    /// Its own trouble: it took nothing.
    Passing,
    /// Something between us and it answered, or it says that it does not know: it may have taken the letter.
    Unclear,
}

impl Broken {
    pub fn replied(phase: Phase, reply: Reply) -> Broken {
        let may_pass = !reply.is_permanent();
        Broken { phase, reply: Some(reply), cause: String::new(), may_pass, fault: None }
    }

    /// A provider's API answered with something else than that it took the letter; `reply` is what it said, and
    /// its code that of HTTP.
    pub fn faulted(fault: Fault, reply: Reply) -> Broken {
        let may_pass = !matches!(fault, Fault::Account | Fault::Recipient);
        Broken {
            phase: Phase::Answer,
            reply: Some(reply),
            cause: String::new(),
            may_pass,
            fault: Some(fault),
        }
    }

    /// The wire failed without an answer; the same may well work later.
    pub fn cut(phase: Phase, cause: impl Into<String>) -> Broken {
        Broken { phase, reply: None, cause: cause.into(), may_pass: true, fault: None }
    }

    /// It failed for a reason that waiting does not mend.
    pub fn hopeless(phase: Phase, cause: impl Into<String>) -> Broken {
        Broken { phase, reply: None, cause: cause.into(), may_pass: false, fault: None }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reply {
            Some(reply) => write!(f, "{reply}"),
            None => f.write_str(&self.cause),
        }
    }
}

/// Whom a bar stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    Run,
    Domain,
}

/// What an attempt ended as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Accepted(Accepted),
    /// Not now; the same letter is tried again later.
    Deferred(Broken),
    /// About this subscriber; final for this issue.
    Refused(Broken),
    /// About us: nobody is marked, the run or the domain waits.
    Barred(Scope, Broken),
    /// All bytes left and no answer came.
    Uncertain(Broken),
    /// Nothing that counts left us; the letter is where it was.
    NotSent(Broken),
}

impl Outcome {
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Accepted(_) => "accepted",
            Outcome::Deferred(_) => "deferred",
            Outcome::Refused(_) => "refused",
            Outcome::Barred(..) => "barred",
            Outcome::Uncertain(_) => "uncertain",
            Outcome::NotSent(_) => "not sent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enhanced_code_is_read_from_any_line() {
        let reply = Reply::new(550, "sorry\n5.1.1 no such user");
        assert_eq!(reply.enhanced().unwrap().to_string(), "5.1.1");
        for text in ["5.1", "7.1.1 x", "5.1.1.1 x", "250.1.1", ""] {
            assert_eq!(Enhanced::parse(text), None, "{text}");
        }
    }

    #[test]
    fn phases_round_trip_through_their_names() {
        for phase in Phase::ALL {
            assert_eq!(Phase::from_name(phase.name()), Some(phase));
        }
    }
}
