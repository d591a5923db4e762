//! Addresses in lines of text, and the words that belong to them.

use crate::model::address::Address;

/// An address that a text names as one that failed, and what it says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) address: String,
    pub(super) last: Option<String>,
    pub(super) text: String,
}

/// So many lines are read below what announces addresses, until there is one.
const PATIENCE: usize = 12;
/// So many lines of reasons are kept for an address.
const REASONS: usize = 20;

/// The addresses in a text, in order. Only what a letter could be written to counts.
pub(super) fn addresses(text: &str) -> impl Iterator<Item = &str> {
    memchr::memchr_iter(b'@', text.as_bytes()).filter_map(|at| around(text, at)).map(|(_, address)| address)
}

/// The address whose `@` stands at this byte, and where it begins.
fn around(text: &str, at: usize) -> Option<(usize, &str)> {
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let is_domain = |c: char| c.is_alphanumeric() || ".-_".contains(c);
    let left = &text[..at];
    let local = &left[left.trim_end_matches(is_local).len()..];
    let local = local.trim_start_matches(['\'', '`', '.', '*', '|', '{']);
    let local = ["SMTP=", "smtp=", "RFC822=", "rfc822="]
        .iter()
        .find_map(|kind| local.strip_prefix(kind))
        .unwrap_or(local);
    let right = &text[at + 1..];
    let domain = &right[..right.len() - right.trim_start_matches(is_domain).len()];
    let domain = domain.trim_end_matches(['.', '-', '_']);
    let start = at - local.len();
    let address = &text[start..at + 1 + domain.len()];
    (domain.contains('.') && Address::parse(address).is_ok()).then_some((start, address))
}

/// Words that stand before an address which fills its line. In lower case.
static LABELS: &[&str] = &[
    "recipient",
    "failed recipient",
    "recipient address",
    "original address",
    "undeliverable address",
    "intended recipient",
    "error-for",
    "address",
    "user",
    "to",
    "smtp",
    "e-mail",
    "email",
];

/// The address that a line begins with, after marks and labels, and what follows it.
fn leading(line: &str) -> Option<(&str, &str)> {
    let at = memchr::memchr(b'@', line.as_bytes())?;
    let (start, address) = around(line, at)?;
    let mut words = line[..start].rsplit(':').map(|word| word.trim_matches(is_mark));
    let is_led = words.next().is_none_or(str::is_empty) && words.all(is_label);
    let rest = &line[start + address.len()..];
    is_led.then(|| (address, rest.trim_start_matches(is_mark)))
}

fn is_mark(c: char) -> bool {
    c.is_whitespace() || "<>[](){}\"'*-–•|;:.,".contains(c)
}

fn is_label(word: &str) -> bool {
    word.is_empty() || LABELS.iter().any(|label| word.eq_ignore_ascii_case(label))
}

/// `(generated from ada@example.org)`: whom we wrote to, where the line above says where it went.
pub(super) fn origin(line: &str) -> Option<&str> {
    const WORDS: [&str; 4] =
        ["generated from", "expanded from", "originally addressed to", "was addressed to"];
    let lower = line.to_ascii_lowercase();
    let start = WORDS.iter().find_map(|words| lower.find(words))?;
    addresses(&line[start..]).next()
}

/// The addresses that lines begin with, each with the lines below it as its reason.
pub(super) fn listed(lines: &[String]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let (mut indent, mut waited) = (usize::MAX, 0);
    for line in lines {
        let here = line.len() - line.trim_start().len();
        if is_rule(line) && !found.is_empty() || waited > PATIENCE {
            break;
        }
        match (leading(line).filter(|_| here <= indent), origin(line), found.last_mut()) {
            (Some((address, rest)), _, _) => {
                indent = if found.is_empty() { here } else { indent };
                found.push(Found { address: address.to_owned(), last: None, text: rest.to_owned() });
            }
            (None, Some(origin), Some(last)) => last.stood_for(origin),
            (None, Some(origin), None) => {
                found.push(Found { address: origin.to_owned(), last: None, text: String::new() });
            }
            (None, None, Some(last)) => last.because(line),
            (None, None, None) => waited += usize::from(!line.trim().is_empty()),
        }
    }
    found
}

/// A line of dashes or the like ends a list.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    ["----", "====", "****", "____", "|---", "---"].iter().any(|rule| line.starts_with(rule))
}

impl Found {
    fn stood_for(&mut self, origin: &str) {
        let last = std::mem::replace(&mut self.address, origin.to_owned());
        self.last = (last != self.address).then_some(last);
    }

    fn because(&mut self, line: &str) {
        if self.text.lines().count() < REASONS {
            self.text.push('\n');
            self.text.push_str(line.trim());
        }
    }
}
