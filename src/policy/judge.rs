//! What an answer means → [`Outcome`].
//!
//! The phase weighs more than the number, the enhanced code more than the basic one, and words only where
//! servers are known to say in words what their numbers hide. The rules are data, in `table`; the first
//! that fits decides, and each says why.

mod table;

use crate::model::attempt::{Accepted, Broken, Enhanced, Fault, Outcome, Phase, Reply, Scope};

/// What is done with a letter whose attempt broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The same letter again, later.
    Later,
    /// Final for this issue, about this subscriber.
    Refused,
    /// About us and the way out: the run stops, nobody is marked.
    BarsRun,
    /// About us and one receiver: its letters wait, nobody is marked.
    BarsDomain,
    /// Nothing that counts left us.
    NotSent,
    /// It may have arrived.
    Uncertain,
}

/// One line of the table. Each condition must hold; an empty list holds always.
struct Rule {
    phases: &'static [Phase],
    class: Class,
    /// Basic codes.
    codes: &'static [u16],
    /// Subject and detail of the enhanced code; `None` as detail stands for any.
    enhanced: &'static [(u16, Option<u16>)],
    hint: Hint,
    /// One of these is in the text, which is in lower case, without addresses and enhanced codes.
    texts: &'static [&'static str],
    verdict: Verdict,
    why: &'static str,
}

/// The kinds of replies a rule is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// 4xx.
    Passing,
    /// 5xx.
    Permanent,
    /// Both.
    Refusal,
}

/// Which enhanced codes a rule leaves to others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    /// It takes all.
    Any,
    /// It takes none that says something.
    Vague,
    /// It takes none.
    Bare,
}

/// Judges an attempt by its phase, enhanced code, basic code and text.
pub fn judge(result: Result<Accepted, Broken>) -> Outcome {
    let broken = match result {
        Ok(accepted) => return Outcome::Accepted(accepted),
        Err(broken) => broken,
    };
    match verdict(&broken).0 {
        Verdict::Later => Outcome::Deferred(broken),
        Verdict::Refused => Outcome::Refused(broken),
        Verdict::BarsRun => Outcome::Barred(Scope::Run, broken),
        Verdict::BarsDomain => Outcome::Barred(Scope::Domain, broken),
        Verdict::NotSent => Outcome::NotSent(broken),
        Verdict::Uncertain => Outcome::Uncertain(broken),
    }
}

/// The verdict, and the reason for it in a few words without a full stop.
pub fn verdict(broken: &Broken) -> (Verdict, &'static str) {
    match (broken.fault, &broken.reply) {
        (Some(fault), _) => by_fault(fault),
        (None, Some(reply)) if (400..600).contains(&reply.code) => by_table(broken.phase, reply),
        (None, _) => unanswered(broken),
    }
}

/// Providers say whom they blame; their numbers are those of HTTP, which the table does not know.
fn by_fault(fault: Fault) -> (Verdict, &'static str) {
    match fault {
        Fault::Recipient => (Verdict::Refused, "the provider does not write to this address"),
        Fault::Account => (Verdict::BarsRun, "the provider does not take our letters"),
        Fault::Speed { .. } => (Verdict::Later, "the provider wants us slower"),
        Fault::Passing => (Verdict::Later, "the provider has trouble of its own"),
        Fault::Unclear => (Verdict::Uncertain, "the answer does not say whether the letter was taken"),
    }
}

/// No reply, or one that is no answer to what was said.
fn unanswered(broken: &Broken) -> (Verdict, &'static str) {
    match (broken.phase, broken.may_pass) {
        (Phase::Answer, _) => (Verdict::Uncertain, "all bytes left and no answer came"),
        (_, true) => (Verdict::NotSent, "the connection failed before the letter's end had left"),
        (_, false) => (Verdict::BarsRun, "waiting does not mend it"),
    }
}

fn by_table(phase: Phase, reply: &Reply) -> (Verdict, &'static str) {
    let enhanced = agreeing(reply);
    let text = words(reply);
    let rule = table::RULES.iter().find(|rule| rule.fits(phase, reply, enhanced, &text));
    rule.map(|rule| (rule.verdict, rule.why)).expect("the last rules of the table fit every refusal")
}

/// The enhanced code, unless its class contradicts the basic code: then it is worth nothing (RFC 2034 4).
pub(super) fn agreeing(reply: &Reply) -> Option<Enhanced> {
    reply.enhanced().filter(|code| u16::from(code.class) == reply.code / 100)
}

/// What the reply says in words. An address in it could contain any of them, and an enhanced code is
/// repeated on every line, in the middle of sentences.
pub(super) fn words(reply: &Reply) -> String {
    let text = reply.text().to_lowercase();
    let is_word = |word: &&str| !word.contains('@') && Enhanced::parse(word).is_none();
    text.split_whitespace().filter(is_word).collect::<Vec<_>>().join(" ")
}

impl Rule {
    fn fits(&self, phase: Phase, reply: &Reply, enhanced: Option<Enhanced>, text: &str) -> bool {
        let class = match self.class {
            Class::Passing => !reply.is_permanent(),
            Class::Permanent => reply.is_permanent(),
            Class::Refusal => true,
        };
        class
            && (self.phases.is_empty() || self.phases.contains(&phase))
            && (self.codes.is_empty() || self.codes.contains(&reply.code))
            && (self.enhanced.is_empty() || enhanced.is_some_and(|code| self.lists(code)))
            && match self.hint {
                Hint::Any => true,
                Hint::Vague => !enhanced.is_some_and(says_something),
                Hint::Bare => enhanced.is_none(),
            }
            && (self.texts.is_empty() || self.texts.iter().any(|words| text.contains(words)))
    }

    fn lists(&self, code: Enhanced) -> bool {
        self.enhanced.iter().any(|(subject, detail)| {
            *subject == code.subject && detail.is_none_or(|detail| detail == code.detail)
        })
    }
}

/// x.0.0, x.3.0 and x.5.0 are what servers write when they have nothing to say (RFC 3463 3.1).
fn says_something(code: Enhanced) -> bool {
    !(code.subject == 0 || matches!((code.subject, code.detail), (3 | 5, 0)))
}

#[cfg(test)]
mod tests;
