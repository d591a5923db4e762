//! Whether an answer asks us to slow down, and whom it speaks for: the whole transport, or one receiver.
//!
//! Deferral alone asks for nothing: greylisting and full mailboxes are about one letter.

use std::time::Duration;

use super::judge::{agreeing, words};
use crate::model::attempt::{Broken, Enhanced, Fault, Phase, Reply};
use crate::settings::values::unit;

/// Whose letters are to go slower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    Transport,
    Receiver,
}

/// A wish to be written to more slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slow {
    pub whom: Whom,
    /// How long nothing is to come at all, where the answer says so.
    pub wait: Option<Duration>,
}

/// One line of the table; the first that fits decides. Each condition must hold; an empty list holds always.
struct Rule {
    phases: &'static [Phase],
    codes: &'static [u16],
    /// Subject and detail of the enhanced code; `None` as detail stands for any.
    enhanced: &'static [(u16, Option<u16>)],
    texts: &'static [&'static str],
    whom: Option<Whom>,
}

const ANY: Rule = Rule { phases: &[], codes: &[], enhanced: &[], texts: &[], whom: None };
const ENVELOPED: &[Phase] = &[Phase::Recipient, Phase::Data, Phase::Body, Phase::Answer];

static RULES: &[Rule] = &[
    // Before the sender is named it is the door that is shut, and whoever knocks waits.
    Rule { phases: &[Phase::Connect, Phase::Tls, Phase::Login], ..ANY },
    Rule { texts: &["greylist", "graylist", "grey-list", "grey list", "postgrey", "first time"], ..ANY },
    Rule {
        texts: &[
            "sending rate",
            "throttling failure",
            "too many connections",
            "concurrent connections",
            "too many concurrent",
            "too many messages",
            "message rate",
            "submission rate",
        ],
        whom: Some(Whom::Transport),
        ..ANY
    },
    // The mailbox itself, in all its ways of being busy or full.
    Rule { enhanced: &[(2, None), (1, None)], ..ANY },
    Rule { phases: ENVELOPED, enhanced: &[(7, None)], whom: Some(Whom::Receiver), ..ANY },
    Rule { enhanced: &[(4, Some(5))], whom: Some(Whom::Receiver), ..ANY },
    Rule {
        phases: ENVELOPED,
        texts: &[
            "rate limit",
            "rate-limit",
            "ratelimit",
            "too fast",
            "slow down",
            "throttl",
            "temporarily deferred",
            "reputation",
            "unusual rate",
            "[tss",
        ],
        whom: Some(Whom::Receiver),
        ..ANY
    },
    Rule { phases: &[Phase::Sender], whom: Some(Whom::Transport), ..ANY },
    Rule { codes: &[421, 432], whom: Some(Whom::Transport), ..ANY },
    Rule { enhanced: &[(3, Some(1)), (3, Some(2))], whom: Some(Whom::Transport), ..ANY },
    Rule { texts: &["system storage"], whom: Some(Whom::Transport), ..ANY },
    ANY,
];

/// What an answer that puts a letter off asks of the run; `None` if it is about this letter alone, or final.
pub fn slow(broken: &Broken) -> Option<Slow> {
    if let Some(fault) = broken.fault {
        return by_fault(fault);
    }
    let reply = broken.reply.as_ref().filter(|reply| (400..500).contains(&reply.code))?;
    let (code, text) = (agreeing(reply), words(reply));
    let rule = RULES.iter().find(|rule| rule.fits(broken.phase, reply, code, &text))?;
    rule.whom.map(|whom| Slow { whom, wait: asked_wait(&text) })
}

/// A provider that has trouble, or none of us left, is one for all receivers.
fn by_fault(fault: Fault) -> Option<Slow> {
    let slow = |wait: Option<Duration>| {
        Some(Slow { whom: Whom::Transport, wait: wait.map(|wait| wait.min(LONGEST_WAIT)) })
    };
    match fault {
        Fault::Speed { wait } => slow(wait),
        Fault::Passing => slow(None),
        Fault::Recipient | Fault::Account | Fault::Unclear => None,
    }
}

impl Rule {
    fn fits(&self, phase: Phase, reply: &Reply, code: Option<Enhanced>, text: &str) -> bool {
        let lists = |code: Enhanced| {
            self.enhanced.iter().any(|(subject, detail)| {
                *subject == code.subject && detail.is_none_or(|detail| detail == code.detail)
            })
        };
        (self.phases.is_empty() || self.phases.contains(&phase))
            && (self.codes.is_empty() || self.codes.contains(&reply.code))
            && (self.enhanced.is_empty() || code.is_some_and(lists))
            && (self.texts.is_empty() || self.texts.iter().any(|words| text.contains(words)))
    }
}

/// The longest wait that is believed.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// `retry-after: 120`, `try again in 5 minutes`, `retry after 30 seconds`: `text` is in lower case.
fn asked_wait(text: &str) -> Option<Duration> {
    const BEFORE: [&str; 6] =
        ["retry-after", "try again in", "try again after", "retry in", "retry after", "wait"];
    BEFORE.iter().find_map(|words| {
        let (_, after) = text.split_once(words)?;
        length(after.trim_start_matches([':', ' ', '=']))
    })
}

/// A number of seconds, or of the unit that follows it; `None` for anything else.
fn length(text: &str) -> Option<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = text.split_at(digits);
    let word = rest.trim_start();
    let letters = word.len() - word.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let unit = match &word[..letters] {
        "" if word.starts_with('.') => return None,
        "" => Duration::from_secs(1),
        name => unit(name)?,
    };
    let wait = unit.checked_mul(number.parse().ok()?)?;
    (!wait.is_zero()).then_some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(phase: Phase, code: u16, text: &str) -> Option<Whom> {
        slow(&Broken::replied(phase, Reply::new(code, text))).map(|slow| slow.whom)
    }

    /// Answers that servers gave, and whose letters are to go slower for them.
    const CASES: &[(Phase, u16, &str, Option<Whom>)] = &[
        (Phase::Answer, 454, "Throttling failure: Maximum sending rate exceeded.", Some(Whom::Transport)),
        (Phase::Recipient, 421, "4.7.28 Gmail has detected an unusual rate of mail", Some(Whom::Receiver)),
        (
            Phase::Answer,
            421,
            "4.7.0 [TSS04] Messages temporarily deferred due to user complaints",
            Some(Whom::Receiver),
        ),
        (Phase::Recipient, 451, "4.7.500 Server busy. Please try again later", Some(Whom::Receiver)),
        (
            Phase::Recipient,
            451,
            "4.7.650 temporarily rate limited due to IP reputation",
            Some(Whom::Receiver),
        ),
        (
            Phase::Recipient,
            450,
            "4.2.1 The user you are trying to contact is receiving mail too quickly",
            None,
        ),
        (
            Phase::Recipient,
            450,
            "4.2.0 Recipient address rejected: Greylisted, see http://postgrey.example",
            None,
        ),
        (Phase::Recipient, 451, "4.7.1 Greylisting in action, please come back later", None),
        (Phase::Recipient, 452, "4.2.2 Mailbox full", None),
        (Phase::Recipient, 451, "Temporary local problem", None),
        (Phase::Recipient, 421, "Service not available, closing transmission channel", Some(Whom::Transport)),
        (Phase::Sender, 450, "4.7.1 Error: too much mail from 192.0.2.1", Some(Whom::Transport)),
        (Phase::Sender, 432, "4.3.2 Concurrent connections limit exceeded", Some(Whom::Transport)),
        (Phase::Data, 452, "4.3.1 Insufficient system storage", Some(Whom::Transport)),
        (Phase::Answer, 451, "4.4.5 congestion", Some(Whom::Receiver)),
        (Phase::Connect, 421, "too many connections from your host", None),
        (Phase::Recipient, 550, "5.7.1 rate limit exceeded", None),
    ];

    #[test]
    fn what_servers_say_is_understood() {
        for (phase, code, text, whom) in CASES {
            assert_eq!(asked(*phase, *code, text), *whom, "{code} {text}");
        }
    }

    #[test]
    fn a_wait_that_is_named_is_kept() {
        let wait = |text| {
            slow(&Broken::replied(Phase::Recipient, Reply::new(451, text)))
                .and_then(|slow| slow.wait)
                .map(|wait| wait.as_secs())
        };
        assert_eq!(wait("4.7.0 slow down, retry-after: 120"), Some(120));
        assert_eq!(wait("4.7.0 Try again in 5 minutes"), Some(300));
        assert_eq!(wait("4.7.0 please retry after 2 h"), Some(7200));
        assert_eq!(wait("4.7.0 wait 99999999 s"), Some(86_400));
        assert_eq!(wait("4.7.0 try again in 1 day"), Some(86_400));
        assert_eq!(wait("4.7.0 retry after 500 ms"), Some(0));
        for none in [
            "4.7.0 try again later",
            "4.7.0 retry in 0 s",
            "4.7.0 wait 99999999999999999999 h",
            "4.7.0 try again in 2.5 minutes",
            "4.7.0 wait 3 moons",
        ] {
            assert_eq!(wait(none), None, "{none}");
        }
    }

    #[test]
    fn silence_asks_for_nothing() {
        assert_eq!(slow(&Broken::cut(Phase::Recipient, "no answer within 5 min")), None);
    }
}
