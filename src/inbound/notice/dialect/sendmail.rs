//! Sendmail. What was expanded from an alias names both; the reasons stand in a transcript.

use super::super::found::{self, Found};
use super::Dialect;
use super::text::Text;

pub(super) static DIALECT: Dialect = Dialect {
    name: "sendmail",
    knows: |text| {
        text.says(&[
            "the following addresses had",
            "transcript of session follows",
            "transcript of the session",
            "had permanent fatal errors",
            "have delivery notifications",
        ])
    },
    find,
};

const OPENERS: &[&str] = &[
    "had permanent fatal errors",
    "had transient non-fatal errors",
    "had delivery problems",
    "have delivery notifications",
    "transcript of session follows",
];

fn find(text: &Text<'_>) -> Vec<Found> {
    let listed = text.after(OPENERS);
    let origins: Vec<Found> = listed.iter().filter_map(alias).collect();
    let reasons = |mut found: Found| {
        found.text = format!("{}\n{}", found.text, transcript(text, &found));
        found
    };
    listed.into_iter().map(reasons).chain(origins).collect()
}

/// The address that an alias led to failed as well.
fn alias(found: &Found) -> Option<Found> {
    let address = found.last.clone()?;
    Some(Found { address, last: None, text: found.text.clone() })
}

/// The lines of the transcript that name the address: `550 <ada@example.org>... User unknown`. They say more than
/// others, such as `554 Service unavailable`.
fn transcript(text: &Text<'_>, found: &Found) -> String {
    let is_reply = |line: &&String| line.trim_start_matches(['<', ' ']).starts_with(['4', '5']);
    let names = |line: &&String| {
        let mut named = found::addresses(line);
        named.any(|address| {
            address.eq_ignore_ascii_case(&found.address) || found.last.as_deref() == Some(address)
        })
    };
    let replies: Vec<&str> =
        text.lines().iter().filter(is_reply).filter(names).map(|line| line.trim()).collect();
    replies.join("\n")
}
