//! `[dkim]`, or several `[[dkim]]`: the keys that letters are signed with. They are named here, and opened
//! only where a letter is pressed, so that everything else works without them.

use std::path::PathBuf;

use secrecy::SecretString;

use super::environment::Variable;
use super::values::line_at;
use crate::model::address::Domain;
use crate::model::issue::At;
use crate::model::source::{Place, Span};
use crate::model::tree::{Misfit, Node, Table, Value};

/// A key, and whose letters it signs.
#[derive(Debug, Clone)]
pub struct DkimSettings {
    /// Senders of this domain, of those below it, and of the one above; where it is absent, every sender.
    pub domain: Option<Domain>,
    /// The labels before `._domainkey` in DNS.
    pub selector: String,
    pub key: KeySource,
    /// Where `courant.toml` names the key.
    pub place: Option<Place>,
}

#[derive(Debug, Clone)]
pub enum KeySource {
    /// The key itself; `named` says in words where it is from.
    Text {
        named: String,
        text: SecretString,
    },
    File(PathBuf),
    /// Only half of it is there: what is missing, and what to do.
    Missing {
        message: String,
        help: String,
    },
}

/// The keys whose domain is nearest to that of a sender: the same, else above it, else below. A signature of
/// a domain that is none of these would not count for DMARC (RFC 7489 3.1.1, relaxed alignment).
pub fn fitting<'a>(keys: &'a [DkimSettings], sender: &Domain) -> Vec<&'a DkimSettings> {
    let ranked = keys.iter().filter_map(|key| Some((distance(key.domain.as_ref(), sender)?, key)));
    let ranked: Vec<_> = ranked.collect();
    let nearest = ranked.iter().map(|(rank, _)| *rank).min();
    ranked.into_iter().filter(|(rank, _)| Some(*rank) == nearest).map(|(_, key)| key).collect()
}

/// Whether two domains are the same, or one is below the other: relaxed alignment (RFC 7489 3.1.1), for what is not a
/// public suffix.
pub fn is_aligned(one: &str, other: &str) -> bool {
    let below = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|above| above.is_empty() || above.ends_with('.'))
    };
    below(one, other) || below(other, one)
}

/// Smaller is nearer; a domain below counts as farther than any above.
fn distance(domain: Option<&Domain>, sender: &Domain) -> Option<usize> {
    let Some(domain) = domain else { return Some(0) };
    let (key, sender) = (domain.as_str(), sender.as_str());
    let more = |long: &str, short: &str| {
        let above = long.strip_suffix(short)?;
        (above.is_empty() || above.ends_with('.')).then(|| above.matches('.').count())
    };
    more(sender, key).or_else(|| more(key, sender).map(|labels| labels + 128))
}

/// The tables at the key `dkim`, one or several, and where they stand. Fails at a key in them that means
/// nothing.
pub fn tables(root: &Table) -> Result<Vec<(Span, &Table)>, Misfit> {
    let found: Vec<(Span, &Table)> = match root.get("dkim") {
        None => Vec::new(),
        Some(Node { value: Value::List(items), span }) => {
            let each = items.iter().map(|item| match &item.value {
                Value::Table(table) => Ok((item.span.clone(), table)),
                _ => Err(no_table(span.clone())),
            });
            each.collect::<Result<_, _>>()?
        }
        Some(Node { value: Value::Table(table), span }) => vec![(span.clone(), table)],
        Some(node) => return Err(no_table(node.span.clone())),
    };
    let known = ["domain", "selector", "key", "key_file"];
    found.iter().try_for_each(|(_, table)| table.only("`[dkim]`", &known))?;
    Ok(found)
}

fn no_table(span: Span) -> Misfit {
    Misfit::new("`dkim` must be a table, or several", span)
        .help("write `[dkim]` on a line of its own, or `[[dkim]]` for each of several keys")
}

/// What stands in a table besides the key.
pub struct Named {
    pub domain: Option<Domain>,
    pub selector: At<String>,
}

/// `place` is that of the table, in which no `${NAME}` is left.
pub fn named(table: &Table, place: Span) -> Result<Named, Misfit> {
    line_at(table, "selector")?;
    let selector = table.text("selector")?.ok_or_else(|| {
        Misfit::new("the key has no `selector`", place)
            .help("write the name that stands before `._domainkey` in DNS: selector = \"…\"")
    })?;
    match is_selector(&selector.value) {
        true => Ok(Named { domain: domain(table)?, selector }),
        false => Err(wrong_selector(&selector)),
    }
}

fn domain(table: &Table) -> Result<Option<Domain>, Misfit> {
    let Some(at) = table.text("domain")? else { return Ok(None) };
    Domain::parse(&at.value).map(Some).map_err(|_| {
        Misfit::new(format!("`{}` is no domain", at.value), at.span)
            .help("write that of the sender, such as \"example.org\", or leave it out")
    })
}

fn wrong_selector(at: &At<String>) -> Misfit {
    let message = match at.value.as_str() {
        "" => "the selector is empty".to_owned(),
        other => format!("`{other}` is no selector"),
    };
    Misfit::new(message, at.span.clone()).help(SELECTOR_HELP)
}

pub const SELECTOR_HELP: &str =
    "write the name that stands before `._domainkey` in DNS: letters, digits and hyphens, such as \"s1\"";

/// RFC 6376 3.1: labels as in a host's name.
pub fn is_selector(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 190 && text.split('.').all(is_label)
}

/// How a table names its key.
pub enum Written {
    /// `${NAME}`, to be filled in.
    Variable(At<String>),
    File(At<String>),
}

impl Written {
    pub fn span(&self) -> Span {
        match self {
            Written::Variable(at) | Written::File(at) => at.span.clone(),
        }
    }
}

/// `key` or `key_file`. What is wrong with a key that stands in the file itself is shown at `selector`, so that
/// no message quotes it.
pub fn written(table: &Table, selector: &Span) -> Result<Written, Misfit> {
    match (table.text("key")?, table.text("key_file")?) {
        (Some(_), Some(file)) => Err(Misfit::new("the key is named twice, by `key` and by `key_file`", file.span)
            .help("keep one of the two")),
        (None, Some(file)) if file.value.trim().is_empty() => {
            Err(Misfit::new("`key_file` names no file", file.span).help(NO_KEY_HELP))
        }
        (None, Some(file)) => Ok(Written::File(file)),
        (Some(key), None) if key.value.trim().starts_with("${") => Ok(Written::Variable(key)),
        (Some(_), None) => Err(Misfit::new("courant.toml is no place for a secret key", selector.clone())
            .help("put it into .env as DKIM_KEY=\"…\" and write key = \"${DKIM_KEY}\", or name its file: key_file = \"dkim.pem\"")),
        (None, None) => Err(Misfit::new("no key is named", selector.clone()).help(NO_KEY_HELP)),
    }
}

const NO_KEY_HELP: &str =
    "write key_file = \"dkim.pem\", or key = \"${DKIM_KEY}\"; `courant dkim keygen` makes a key";

/// The two lines of `.env` that sign without a word in `courant.toml`, if one of them is there.
pub fn of_environment(key: Option<Variable>, selector: Option<Variable>) -> Option<DkimSettings> {
    let missing =
        |message: &str, help: &str| KeySource::Missing { message: message.to_owned(), help: help.to_owned() };
    let (selector, key) = match (key, selector) {
        (None, None) => return None,
        (Some(key), None) => {
            let help = format!("write a line DKIM_SELECTOR=… beside it: {SELECTOR_HELP}");
            (String::new(), missing(&format!("{} is set, and DKIM_SELECTOR is not", key.named), &help))
        }
        (None, Some(selector)) => {
            let help = "write a line DKIM_KEY=\"…\" beside it; `courant dkim keygen` makes a key";
            let message = format!("{} is set, and DKIM_KEY is not", selector.named);
            (selector.value, missing(&message, help))
        }
        (Some(key), Some(selector)) if is_selector(selector.value.trim()) => {
            (selector.value.trim().to_owned(), KeySource::Text { named: key.named, text: key.value.into() })
        }
        (Some(_), Some(selector)) => {
            let message = format!("{}: `{}` is no selector", selector.named, selector.value.trim());
            (String::new(), missing(&message, SELECTOR_HELP))
        }
    };
    Some(DkimSettings { domain: None, selector, key, place: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(domain: Option<&str>, selector: &str) -> DkimSettings {
        DkimSettings {
            domain: domain.map(|domain| Domain::parse(domain).unwrap()),
            selector: selector.to_owned(),
            key: KeySource::File("x".into()),
            place: None,
        }
    }

    fn signing(keys: &[DkimSettings], sender: &str) -> Vec<String> {
        let sender = Domain::parse(sender).unwrap();
        fitting(keys, &sender).into_iter().map(|key| key.selector.clone()).collect()
    }

    #[test]
    fn the_keys_of_the_nearest_domain_sign_and_those_of_others_do_not() {
        let keys = [
            key(Some("example.org"), "a"),
            key(Some("news.example.org"), "b"),
            key(Some("example.org"), "c"),
            key(Some("other.example"), "d"),
        ];
        assert_eq!(signing(&keys, "example.org"), ["a", "c"]);
        assert_eq!(signing(&keys, "news.example.org"), ["b"]);
        assert_eq!(signing(&keys, "shop.example.org"), ["a", "c"]);
        assert_eq!(signing(&keys, "a.news.example.org"), ["b"]);
        assert_eq!(signing(&keys[1..2], "example.org"), ["b"]);
        assert_eq!(signing(&keys, "notexample.org"), Vec::<String>::new());
        assert_eq!(signing(&[key(None, "e")], "any.example"), ["e"]);
    }

    #[test]
    fn a_selector_is_labels_of_a_name() {
        for good in ["s1", "2026-11", "a.b", "A"] {
            assert!(is_selector(good), "{good}");
        }
        for bad in ["", ".", "a.", "-a", "a_b", "é", "a b", "s1._domainkey"] {
            assert!(!is_selector(bad), "{bad}");
        }
    }
}
