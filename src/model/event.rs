//! What becomes known of a letter after its attempt, and who said so.

use jiff::Timestamp;

use crate::model::address::Address;
use crate::model::attempt::Enhanced;
use crate::model::delivery::State;

/// What turned out to have happened to a letter that no answer came for. Ordered by how much it tells: where
/// two sources differ, the greater one is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    NotArrived,
    /// The other side took it and answers for it from there.
    Accepted,
    Delivered,
    Bounced,
}

impl Fate {
    pub const ALL: [Fate; 4] = [Fate::NotArrived, Fate::Accepted, Fate::Delivered, Fate::Bounced];

    pub fn name(self) -> &'static str {
        match self {
            Fate::NotArrived => "not arrived",
            Fate::Accepted => "accepted",
            Fate::Delivered => "delivered",
            Fate::Bounced => "bounced",
        }
    }

    /// Where the letter is from then on.
    pub fn state(self) -> State {
        match self {
            Fate::NotArrived => State::Planned,
            Fate::Accepted => State::Accepted,
            Fate::Delivered => State::Delivered,
            Fate::Bounced => State::Bounced,
        }
    }
}

/// What a provider tells of a letter that it was given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The provider has it.
    Accepted,
    /// The receiver's server has it.
    Delivered,
    /// Not yet; the provider tries again by itself.
    Deferred,
    /// The address takes no mail, and never will.
    BouncedHard,
    /// The provider gave up, for a reason that may pass.
    BouncedSoft,
    /// The provider itself would not send it.
    Rejected(Rejection),
    /// The reader called it spam.
    Complained,
    Unsubscribed,
    Resubscribed,
    Opened,
    Clicked,
    /// The provider could not send it, through no fault of the address.
    Failed,
    /// A word of the provider's that we do not know.
    Unknown(String),
}

/// Why a provider would not send to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rejection {
    /// A letter to them bounced before.
    Bounced,
    /// They called a letter spam before.
    Complained,
    Unsubscribed,
    Other,
}

impl Kind {
    /// The name under which events are counted and shown.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Accepted => "accepted",
            Kind::Delivered => "delivered",
            Kind::Deferred => "deferred",
            Kind::BouncedHard => "bounced_hard",
            Kind::BouncedSoft => "bounced_soft",
            Kind::Rejected(_) => "rejected",
            Kind::Complained => "complained",
            Kind::Unsubscribed => "unsubscribed",
            Kind::Resubscribed => "resubscribed",
            Kind::Opened => "opened",
            Kind::Clicked => "clicked",
            Kind::Failed => "failed",
            Kind::Unknown(_) => "unknown",
        }
    }
}

/// One event as a provider told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderEvent {
    /// The same whenever the provider tells the same again, and never for another event.
    pub dedupe: String,
    /// The provider's own word for what happened.
    pub word: String,
    pub kind: Kind,
    /// When it happened.
    pub at: Timestamp,
    /// Whom it is about; `None` if that is no address.
    pub address: Option<Address>,
    /// The delivery token that went out with the letter, as it came back.
    pub token: Option<String>,
    pub said: Said,
    /// The event as it came in: JSON.
    pub raw: String,
}

/// What a server said of a letter, as a log or a report passes it on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// 200 to 599.
    pub code: Option<u16>,
    pub enhanced: Option<Enhanced>,
    pub text: String,
}

impl Said {
    /// With the code that the text begins with, or that follows `said: `, as Postfix writes it; and with the
    /// enhanced code behind that, if `enhanced` is not known from elsewhere.
    pub fn new(text: &str, enhanced: Option<Enhanced>) -> Said {
        let quoted = text.split_once("said: ").map_or(text, |(_, reply)| reply);
        let code = code(quoted);
        let rest = if code.is_some() { quoted[3..].trim_start_matches(['-', ' ']) } else { quoted };
        Said { code, enhanced: enhanced.or_else(|| Enhanced::parse(rest)), text: text.to_owned() }
    }
}

/// A reply code at the start of `text`.
fn code(text: &str) -> Option<u16> {
    let (digits, rest) = (text.get(..3)?, text.get(3..)?);
    let ends = rest.is_empty() || rest.starts_with([' ', '-']);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    (ends && is_number).then(|| digits.parse().ok())?.filter(|code| (200..600).contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_taken_apart_where_it_is_a_reply() {
        let told = |text: &str| {
            let said = Said::new(text, None);
            (said.code, said.enhanced.map(|code| code.to_string()))
        };
        assert_eq!(told("250 2.0.0 Ok: queued as 4F"), (Some(250), Some("2.0.0".to_owned())));
        assert_eq!(
            told("host mx.test[127.0.0.1] said: 550-5.1.1 gone (in reply to RCPT TO command)"),
            (Some(550), Some("5.1.1".to_owned()))
        );
        assert_eq!(told("5.1.1 no such user"), (None, Some("5.1.1".to_owned())));
        for text in ["delivered to maildir", "", "99", "2500 times", "700 no", "é50"] {
            assert_eq!(told(text), (None, None), "{text}");
        }
    }

    #[test]
    fn a_bounce_outranks_an_acceptance_and_both_outrank_silence() {
        let mut all = [Fate::Bounced, Fate::NotArrived, Fate::Delivered, Fate::Accepted];
        all.sort();
        assert_eq!(all, Fate::ALL);
    }
}
