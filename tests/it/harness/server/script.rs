//! What the scripted server offers, and how it answers whom.

use std::time::Duration;

use courant::model::attempt::Phase;

/// What the server does instead of its usual answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// This line, such as `450 4.2.1 mailbox busy`; a `\n` in it makes a multi-line reply.
    Reply(String),
    /// This line, and then the connection is closed, as after a 421.
    ReplyAndCut(String),
    /// The connection is closed without an answer. At [`Phase::Body`] it is cut in the middle of the body,
    /// at [`Phase::Answer`] the message is thrown away.
    Cut,
    /// At [`Phase::Answer`]: the message is kept, but nobody is told; the connection is closed.
    KeepAndCut,
    /// Nothing more is ever said on this connection; it stays open until the other side leaves.
    Hang,
    /// The usual answer, late.
    Wait(Duration),
}

impl Act {
    pub fn reply(line: &str) -> Act {
        Act::Reply(line.to_owned())
    }

    pub fn reply_and_cut(line: &str) -> Act {
        Act::ReplyAndCut(line.to_owned())
    }
}

/// For whom a rule holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Anyone,
    /// The recipient of the letter, as it stands in RCPT.
    Recipient(String),
    /// The n-th time that any connection reaches this phase, from 1.
    Nth(usize),
}

impl From<&str> for Who {
    fn from(recipient: &str) -> Who {
        Who::Recipient(recipient.to_owned())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    phase: Phase,
    who: Who,
    act: Act,
    /// How often it still applies; `None` is always.
    left: Option<usize>,
}

/// The service extensions that the server names in its answer to EHLO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    pub pipelining: bool,
    pub eight_bit_mime: bool,
    /// RFC 1870, in octets; zero is "no limit".
    pub size: Option<u64>,
    pub smtputf8: bool,
    pub enhanced_status_codes: bool,
    /// Mechanisms, such as `PLAIN LOGIN`.
    pub auth: Option<String>,
}

impl Default for Offers {
    fn default() -> Offers {
        Offers {
            pipelining: true,
            eight_bit_mime: true,
            size: Some(0),
            smtputf8: true,
            enhanced_status_codes: true,
            auth: None,
        }
    }
}

/// When the connection is encrypted. The certificate is the server's own, for `localhost` and `127.0.0.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    Never,
    /// Offered, and demanded before MAIL and AUTH.
    StartTls,
    Implicit,
}

/// How the server behaves, from its greeting to QUIT.
#[derive(Debug, Clone)]
pub struct Script {
    pub(super) offers: Offers,
    pub(super) tls: Encryption,
    pub(super) login: Option<(String, String)>,
    pub(super) rules: Vec<Rule>,
    /// DATA is answered 354 although nobody was accepted.
    pub(super) eager: bool,
}

impl Default for Script {
    fn default() -> Script {
        Script {
            offers: Offers::default(),
            tls: Encryption::Never,
            login: None,
            rules: Vec::new(),
            eager: false,
        }
    }
}

impl Script {
    pub fn offers(mut self, offers: Offers) -> Script {
        self.offers = offers;
        self
    }

    pub fn tls(mut self, tls: Encryption) -> Script {
        self.tls = tls;
        self
    }

    /// Demands a login with these; offers PLAIN, LOGIN and XOAUTH2 unless the offers name others.
    pub fn login(mut self, user: &str, secret: &str) -> Script {
        self.offers.auth.get_or_insert_with(|| "PLAIN LOGIN XOAUTH2".to_owned());
        self.login = Some((user.to_owned(), secret.to_owned()));
        self
    }

    /// Answers DATA with 354 although every recipient was refused, as some servers do (RFC 2920 3.1).
    pub fn eager(mut self) -> Script {
        self.eager = true;
        self
    }

    /// From now on, always. Where several rules fit, the first one given decides.
    pub fn always(self, phase: Phase, who: impl Into<Who>, act: Act) -> Script {
        self.rule(phase, who.into(), act, None)
    }

    /// The next time only; given twice it holds the next two times.
    pub fn once(self, phase: Phase, who: impl Into<Who>, act: Act) -> Script {
        self.rule(phase, who.into(), act, Some(1))
    }

    fn rule(mut self, phase: Phase, who: Who, act: Act, left: Option<usize>) -> Script {
        self.rules.push(Rule { phase, who, act, left });
        self
    }
}

/// Takes the act for this phase, and spends a rule that holds once.
pub(super) fn take_act(rules: &mut [Rule], phase: Phase, recipient: Option<&str>, nth: usize) -> Option<Act> {
    let fits =
        |rule: &&mut Rule| rule.phase == phase && rule.left != Some(0) && rule.who.fits(recipient, nth);
    let rule = rules.iter_mut().find(fits)?;
    rule.left = rule.left.map(|left| left - 1);
    Some(rule.act.clone())
}

impl Who {
    fn fits(&self, recipient: Option<&str>, nth: usize) -> bool {
        match self {
            Who::Anyone => true,
            Who::Recipient(address) => recipient == Some(address.as_str()),
            Who::Nth(n) => *n == nth,
        }
    }
}
