//! Notices in words alone. Each file knows one way of writing: how to tell it, and where it names addresses. The first
//! that knows a mail and finds somebody in it reads it; `plain` comes last, and knows what many have in common.

mod angles;
mod aol;
mod caiwireless;
mod domino;
mod exchange;
mod exim;
mod groupwise;
mod llnl;
mod mdaemon;
mod netscape;
mod plain;
mod postfix;
mod qmail;
mod sendmail;
mod sina;
mod smtp32;
mod text;
mod yahoo;
mod yale;

use super::found::Found;
use super::open::Opened;
use super::report::settled;
use super::{About, Action, Read, keys, kind_of, reply, sender, stage};
use crate::model::event::Said;
use crate::policy::bounce::{self, Reason};
use text::Text;

/// A way of writing.
struct Dialect {
    name: &'static str,
    /// Whether a notice is written this way.
    knows: fn(&Text<'_>) -> bool,
    /// Whom it names.
    find: fn(&Text<'_>) -> Vec<Found>,
}

static ALL: &[&Dialect] = &[
    &postfix::DIALECT,
    &exim::DIALECT,
    &sendmail::DIALECT,
    &yahoo::DIALECT,
    &sina::DIALECT,
    &qmail::DIALECT,
    &exchange::DIALECT,
    &domino::DIALECT,
    &groupwise::DIALECT,
    &netscape::DIALECT,
    &smtp32::DIALECT,
    &caiwireless::DIALECT,
    &mdaemon::DIALECT,
    &yale::DIALECT,
    &llnl::DIALECT,
    &aol::DIALECT,
    &plain::DIALECT,
];

/// The notice that a mail of words is; `None` if no mail server wrote it.
pub(super) fn read(mail: &Opened) -> Option<Read> {
    if !sender::is_machine(mail) || is_answer(mail) {
        return None;
    }
    let voice = mail.voice_text();
    let action = action(mail, &voice);
    let (dialect, found) = spoken(mail).or_else(|| unnamed(mail, &voice))?;
    let about: Vec<About> = match found.is_empty() {
        true => vec![About { address: None, ..about(nobody(), action, &voice) }],
        false => found.into_iter().map(|found| about(found, action, &voice)).collect(),
    };
    Some(Read { kind: kind_of(&about), feedback: None, dialect: Some(dialect), about })
}

/// Some who are away have a machine of their own that answers, from an address like that of a mail server.
fn is_answer(mail: &Opened) -> bool {
    reply::is_automatic(mail) && !sender::is_daemon(mail) && mail.head.has("in-reply-to")
}

/// Whom the words of a mail name, for reports whose fields say little.
pub(super) fn named(mail: &Opened) -> Vec<Found> {
    spoken(mail).map_or(Vec::new(), |(_, found)| found)
}

fn spoken(mail: &Opened) -> Option<(&'static str, Vec<Found>)> {
    let text = Text::of(mail);
    let bystanders = sender::bystanders(mail);
    let is_stranger = |found: &Found| !bystanders.contains(&found.address.to_lowercase());
    ALL.iter().filter(|dialect| (dialect.knows)(&text)).find_map(|dialect| {
        let found = (dialect.find)(&text).into_iter().filter(is_stranger);
        let found = found.fold(Vec::new(), merged);
        (!found.is_empty()).then_some((dialect.name, found))
    })
}

/// More are not kept.
const MOST: usize = 1000;

/// Each address once, with the first reason that is told.
fn merged(mut all: Vec<Found>, found: Found) -> Vec<Found> {
    let known = all.iter().position(|known| known.address.eq_ignore_ascii_case(&found.address));
    match known {
        Some(at) if all[at].text.trim().is_empty() => all[at].text = found.text,
        Some(_) => {}
        None if all.len() < MOST => all.push(found),
        None => {}
    }
    all
}

/// A notice that names nobody helps if it came back to an address that names somebody.
fn unnamed(mail: &Opened, voice: &str) -> Option<(&'static str, Vec<Found>)> {
    const FAILURES: [&str; 8] = [
        "not be delivered",
        "not delivered",
        "undeliver",
        "unable to deliver",
        "delivery failed",
        "failed to deliver",
        "returned",
        "wasn't able to deliver",
    ];
    let told = format!("{} {voice}", mail.subject).to_lowercase();
    let is_failure = FAILURES.iter().any(|words| told.contains(words));
    (is_failure && keys::keys(mail).name_somebody()).then_some(("unnamed", Vec::new()))
}

fn nobody() -> Found {
    Found { address: String::new(), last: None, text: String::new() }
}

/// In lower case.
static DELAYS: &[&str] = &[
    "has been delayed",
    "message delayed",
    "delivery delayed",
    "delayed mail",
    "(delay)",
    "message is delayed",
    "warning message only",
    "this is a warning only",
    "this is just a warning",
    "will be retried",
    "still being retried",
    "will continue trying",
    "attempts will continue",
    "continue to attempt",
    "continue to try",
    "has been postponed",
    "not yet been delivered",
    "not been delivered yet",
    "not yet received",
    "wird weiterhin versucht",
    "remise différée",
    "retrasado",
];

static ENDS: &[&str] =
    &["permanent error", "permanent fatal error", "failed permanently", "given up", "giving up"];

fn action(mail: &Opened, voice: &str) -> Action {
    let told = format!("{} {voice}", mail.subject).to_lowercase();
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let has = |words: &[&str]| words.iter().any(|words| told.contains(words));
    if has(DELAYS) && !has(ENDS) { Action::Delayed } else { Action::Failed }
}

/// Judged by what stands beside the address, else by all that is told.
pub(super) fn about(found: Found, action: Action, voice: &str) -> About {
    let phase = stage::stage(&found.text).or_else(|| stage::stage(voice));
    let said = bounce::said(&one_line(&found.text), None);
    let mut verdict = bounce::judge_said(phase, &said);
    let facts = bounce::said(&facts(voice), None);
    if verdict.reason == Reason::Unexplained {
        verdict = bounce::judge_said(phase, &facts);
    }
    let said = if said.text.is_empty() { Said { text: cut(&facts.text).to_owned(), ..facts } } else { said };
    About {
        address: Some(found.address),
        last: found.last,
        action,
        status: said.enhanced,
        said,
        verdict: settled(action, verdict),
    }
}

fn one_line(text: &str) -> String {
    cut(&text.split_whitespace().collect::<Vec<_>>().join(" ")).to_owned()
}

fn cut(text: &str) -> &str {
    const LONGEST: usize = 1000;
    &text[..text.floor_char_boundary(LONGEST)]
}

/// What is told as a fact: not what may be, nor what to do about it.
pub(super) fn facts(voice: &str) -> String {
    const DOUBTS: [&str; 16] = [
        " may ",
        " might ",
        " could be ",
        " possible ",
        " possibly ",
        "likely",
        "please check",
        "please verify",
        "make sure",
        "verify that",
        "check that",
        "for example",
        "if the ",
        "if you ",
        "usual causes",
        "for further",
    ];
    let is_fact = |sentence: &&str| {
        let sentence = sentence.to_lowercase();
        !DOUBTS.iter().any(|words| sentence.contains(words))
    };
    let paragraphs = voice.split("\n\n").map(|lines| lines.split_whitespace().collect::<Vec<_>>().join(" "));
    let facts = paragraphs.map(|text| text.split_inclusive(". ").filter(is_fact).collect::<String>());
    facts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}
