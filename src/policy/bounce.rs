//! Why somebody was not reached, and what that says of their address.
//!
//! [`judge`] reads a refusal: the stage at which it was said, its code, its enhanced code, its words. It is one
//! judgement for two readers. A notice that comes back by mail is judged by it alone (`inbound`). A reply on
//! the wire has been acted upon by then: `policy::judge` decides what is done with the letter, which is
//! final or not whatever the address is worth; a reply that was refused for good is read here afterwards, by
//! [`judge_reply`], when somebody asks whether the address should be kept. Neither changes the other.
//!
//! Words weigh more than numbers, for numbers are often vague (5.0.0) or wrong (5.7.1 for an unknown user); the
//! stage weighs more than both: what is said before a subscriber was named is not about them, and what is said
//! after the body is about the letter, whatever the words. In doubt an address is good: a false hard bounce loses
//! somebody, a missed one costs a letter.
//!
//! Nothing here suppresses anybody: how many of what is too many is decided elsewhere.

mod codes;
mod reason;
mod scan;
mod texts;
#[cfg(test)]
mod tests;

use crate::model::attempt::{Enhanced, Phase, Reply};
use crate::model::event::Said;
pub use reason::{Class, Reason};
pub use scan::said;

/// What a server said, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// `None` if it is not known.
    pub phase: Option<Phase>,
    /// 200 to 599.
    pub code: Option<u16>,
    pub enhanced: Option<Enhanced>,
    pub text: &'a str,
}

/// What a refusal says of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub class: Class,
    pub reason: Reason,
    /// The words or the code that led to it; empty if there were none.
    pub words: String,
}

/// So much of a text is read: what matters stands in the first lines.
const LONGEST: usize = 4000;

/// Judges a refusal. The same input always gives the same verdict.
pub fn judge(refusal: &Refusal<'_>) -> Verdict {
    let enhanced = agreeing(refusal);
    if is_success(refusal, enhanced) {
        return Verdict { class: Class::NotABounce, reason: Reason::Delivered, words: String::new() };
    }
    let (reason, words) = reason_for(refusal, enhanced);
    let is_vague = refusal.phase != Some(Phase::Recipient) && texts::is_vague(&words, enhanced);
    let reason = if is_vague { Reason::Filtered } else { at_stage(reason, refusal.phase) };
    Verdict { class: reason.class(is_passing(refusal, enhanced)), reason, words }
}

/// Judges a reply on the wire.
pub fn judge_reply(phase: Phase, reply: &Reply) -> Verdict {
    let text = reply.text();
    judge(&Refusal { phase: Some(phase), code: Some(reply.code), enhanced: reply.enhanced(), text: &text })
}

/// Judges what a log or a report passes on.
pub fn judge_said(phase: Option<Phase>, said: &Said) -> Verdict {
    judge(&Refusal { phase, code: said.code, enhanced: said.enhanced, text: &said.text })
}

/// The enhanced code, unless its class contradicts the basic code: then it is worth nothing (RFC 2034 4).
fn agreeing(refusal: &Refusal<'_>) -> Option<Enhanced> {
    let agrees = |code: &Enhanced| refusal.code.is_none_or(|basic| basic / 100 == u16::from(code.class));
    refusal.enhanced.filter(agrees)
}

fn is_success(refusal: &Refusal<'_>, enhanced: Option<Enhanced>) -> bool {
    match (refusal.code, enhanced) {
        (Some(code), _) => code < 400,
        (None, Some(code)) => code.class == 2,
        (None, None) => false,
    }
}

/// Whether the other side says that the same letter may pass later.
fn is_passing(refusal: &Refusal<'_>, enhanced: Option<Enhanced>) -> bool {
    match (refusal.code, enhanced) {
        (Some(code), _) => code < 500,
        (None, Some(code)) => code.class == 4,
        (None, None) => false,
    }
}

/// By the words that name the reason beyond doubt; else by the code, if it says something; else by the words that
/// only hint.
fn reason_for(refusal: &Refusal<'_>, enhanced: Option<Enhanced>) -> (Reason, String) {
    let text = scan::words(scan::cut(refusal.text, LONGEST));
    let basic = || refusal.code.and_then(|code| Some((codes::basic(code)?, code.to_string())));
    texts::certain(&text, enhanced)
        .or_else(|| texts::weaker(&text, enhanced))
        .or_else(|| by_code(enhanced, &text))
        .or_else(basic)
        .unwrap_or((Reason::Unexplained, String::new()))
}

/// A code that condemns an address is not believed where the words speak of a network that failed.
fn by_code(enhanced: Option<Enhanced>, text: &str) -> Option<(Reason, String)> {
    let found = enhanced.and_then(|code| Some((codes::reason(code)?, code.to_string())));
    let hint = || texts::hint(text);
    match &found {
        Some((reason, _)) if !reason.is_of_hard() => found,
        Some(_) => hint().filter(|(reason, _)| *reason != Reason::Protocol).or(found),
        None => hint(),
    }
}

/// Before RCPT nobody has been named; after the body, "no such user" is what filters say, of those who exist.
fn at_stage(reason: Reason, phase: Option<Phase>) -> Reason {
    match phase {
        None | Some(Phase::Recipient) => reason,
        Some(Phase::Connect | Phase::Tls) => match reason {
            Reason::Blocked | Reason::Authentication | Reason::TooFast | Reason::SystemFull => reason,
            _ if reason.is_about_address() => Reason::Network,
            Reason::Unexplained => Reason::Network,
            other => other,
        },
        Some(Phase::Login | Phase::Sender) if reason.is_about_address() || reason == Reason::Unexplained => {
            Reason::SenderRefused
        }
        Some(Phase::Data | Phase::Body | Phase::Answer) if reason.is_of_hard() => Reason::Filtered,
        Some(Phase::Login | Phase::Sender | Phase::Data | Phase::Body | Phase::Answer) => reason,
    }
}
