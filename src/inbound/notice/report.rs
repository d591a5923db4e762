//! Delivery reports: RFC 3464, and RFC 6533 for what is beyond ASCII. Read for what they mean: fields that stand in a
//! part of another type, values without their type, words in place of codes.

use super::fields::Fields;
use super::found::Found;
use super::open::{Opened, Part};
use super::{About, Action, Read, dialect, kind_of, stage};
use crate::model::address::Address;
use crate::model::attempt::{Enhanced, Phase};
use crate::model::event::Said;
use crate::policy::bounce::{self, Reason, Verdict};

/// The report that a mail is; `None` for any other mail, and for a report that says of nobody what happened.
pub(super) fn read(mail: &Opened) -> Option<Read> {
    let text = &status_part(mail)?.text;
    let voice = Voice::of(mail);
    let mut about: Vec<About> = Vec::new();
    for group in Fields::groups(text) {
        let Some(one) = recipient(&group, &voice) else { continue };
        if !about.iter().any(|known| is_same(known, &one)) {
            about.push(one);
        }
    }
    (!about.is_empty()).then(|| Read {
        kind: kind_of(&about),
        feedback: None,
        dialect: Some("rfc3464"),
        about,
    })
}

fn is_same(one: &About, other: &About) -> bool {
    let key = |about: &About| about.address.as_ref().map(|address| address.to_lowercase());
    one.address.is_some() && key(one) == key(other)
}

/// Some servers give the part another type, but its fields are always the same.
fn status_part(mail: &Opened) -> Option<&Part> {
    let looks_like = |part: &&Part| {
        let start =
            part.text.get(..part.text.floor_char_boundary(8000)).unwrap_or_default().to_ascii_lowercase();
        let has = |name: &str| start.starts_with(name) || start.contains(&format!("\n{name}"));
        has("final-recipient:") && has("action:")
    };
    mail.part(&["message/delivery-status", "message/global-delivery-status"]).or_else(|| {
        mail.parts
            .iter()
            .filter(|part| {
                part.kind.starts_with("text/plain")
                    || part.kind.is_empty()
                    || part.kind.starts_with("multipart/report")
            })
            .find(looks_like)
    })
}

/// What stands beside the fields, in words.
struct Voice {
    text: String,
    /// What of it is told as a fact.
    facts: String,
    found: Vec<Found>,
}

impl Voice {
    fn of(mail: &Opened) -> Voice {
        let text = mail.voice_text();
        Voice { facts: dialect::facts(&text), text, found: dialect::named(mail) }
    }

    fn about(&self, address: Option<&str>) -> Option<&str> {
        let address = address?;
        self.found
            .iter()
            .find(|found| found.address.eq_ignore_ascii_case(address))
            .map(|found| found.text.as_str())
    }
}

fn recipient(group: &Fields, voice: &Voice) -> Option<About> {
    let action = action(group)?;
    let last = group.get("final-recipient").and_then(address);
    let address = group.get("original-recipient").and_then(address).or_else(|| last.clone());
    let status = group.get("status").and_then(Enhanced::parse);
    let beside = voice.about(address.as_deref());
    let said = bounce::said(group.get("diagnostic-code").map_or("", typed), status);
    let phase =
        [Some(said.text.as_str()), beside, Some(&voice.text)].into_iter().flatten().find_map(stage::stage);
    let remarks =
        REMARKS.iter().filter_map(|name| group.get(name)).chain(beside).chain([voice.facts.as_str()]);
    let (said, verdict) = judged(phase, said, remarks.map(|text| bounce::said(text, status)));
    let last = last.filter(|last| address.as_ref() != Some(last));
    Some(About {
        status: said.enhanced.or(status),
        address,
        last,
        action,
        said,
        verdict: settled(action, verdict),
    })
}

/// Fields whose words may explain what the diagnosis does not.
const REMARKS: [&str; 5] =
    ["x-supplementary-info", "x400-supplementary-info", "x-display-name", "status", "action"];

/// The diagnosis, else what stands beside it: the first that explains something.
fn judged(phase: Option<Phase>, said: Said, remarks: impl Iterator<Item = Said>) -> (Said, Verdict) {
    let verdict = bounce::judge_said(phase, &said);
    if verdict.reason != Reason::Unexplained {
        return (said, verdict);
    }
    let mut told = remarks.map(|remark| (bounce::judge_said(phase, &remark), remark));
    let told = told.find(|(verdict, _)| verdict.reason != Reason::Unexplained);
    match told {
        Some((verdict, remark)) if said.text.is_empty() => (shortened(remark), verdict),
        Some((verdict, _)) => (said, verdict),
        None => (said, verdict),
    }
}

/// Words that were searched may be long; what is kept as said is not.
fn shortened(said: Said) -> Said {
    const LONGEST: usize = 500;
    let text = said.text.split_whitespace().collect::<Vec<_>>().join(" ");
    Said { text: text[..text.floor_char_boundary(LONGEST)].to_owned(), ..said }
}

/// What the report itself says outranks what is quoted in it.
pub(super) fn settled(action: Action, verdict: Verdict) -> Verdict {
    use bounce::Class::{Hard, NotABounce, Soft, Unknown};
    match action {
        Action::Delivered | Action::Relayed | Action::Expanded => {
            Verdict { class: NotABounce, reason: Reason::Delivered, words: verdict.words }
        }
        Action::Complained => Verdict { class: NotABounce, reason: Reason::Complaint, words: verdict.words },
        Action::Delayed if matches!(verdict.class, Hard | Unknown | NotABounce) => {
            Verdict { class: Soft, ..of_delay(verdict) }
        }
        Action::Failed if verdict.class == NotABounce => {
            Verdict { class: Unknown, reason: Reason::Unexplained, words: verdict.words }
        }
        Action::Delayed | Action::Failed => verdict,
    }
}

fn of_delay(verdict: Verdict) -> Verdict {
    let reason = if verdict.reason == Reason::Delivered { Reason::Unexplained } else { verdict.reason };
    Verdict { reason, ..verdict }
}

/// Case does not matter; a comment may follow. `failure` and `error` are no words of the RFC, but of servers; some
/// leave the action out and give a status alone.
fn action(group: &Fields) -> Option<Action> {
    let Some(text) = group.get("action") else {
        let status =
            group.has("final-recipient").then(|| group.get("status").and_then(Enhanced::parse))??;
        return Some(if status.class == 5 {
            Action::Failed
        } else if status.class == 4 {
            Action::Delayed
        } else {
            Action::Delivered
        });
    };
    let word = text.split([' ', '\t', '(', ';']).next()?;
    Some(match word.to_ascii_lowercase().as_str() {
        "failed" | "failure" | "error" | "fail" => Action::Failed,
        "delayed" => Action::Delayed,
        "delivered" | "deliverable" => Action::Delivered,
        "relayed" => Action::Relayed,
        "expanded" => Action::Expanded,
        _ => return None,
    })
}

/// What a letter could be written to; X.400 and the like is none.
fn address(value: &str) -> Option<String> {
    let text = xtext(typed(value));
    let text = text.trim().trim_matches(['<', '>', '"', '\'']);
    Address::parse(text).is_ok().then(|| text.to_owned())
}

/// What follows the type in `rfc822; bob@example.org` or `smtp; 550 5.1.1 gone`.
pub(super) fn typed(value: &str) -> &str {
    let is_type = |kind: &str| {
        kind.len() <= 20
            && kind.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._+/".contains(&byte))
    };
    let rest = value.split_once(';').filter(|(kind, _)| is_type(kind)).map_or(value, |(_, rest)| rest);
    rest.trim()
}

/// RFC 3461 4: `+2B` is a plus sign; RFC 6533 3: `\x{2B}` is one, too. What is no such code stays as it is.
pub(super) fn xtext(text: &str) -> String {
    let text = text.trim().trim_matches(['<', '>']);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let short = after.get(..2).filter(|_| *first == b'+').and_then(hexadecimal);
        let long = after.strip_prefix(b"x{").filter(|_| *first == b'\\').and_then(unicode);
        if let Some((character, used)) = long {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            rest = &after[2 + used..];
        } else {
            bytes.push(short.unwrap_or(*first));
            rest = if short.is_some() { &after[2..] } else { after };
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(text, 16).ok()
}

/// The character whose number stands up to the brace, and how many bytes that took.
fn unicode(rest: &[u8]) -> Option<(char, usize)> {
    let end = rest.iter().take(7).position(|byte| *byte == b'}')?;
    let digits = std::str::from_utf8(&rest[..end]).ok()?;
    Some((char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, end + 1))
}
