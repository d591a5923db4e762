//! What can be told of a web address by looking at it.

use url::{Host, Url};

use crate::links::site::site_of_host;

/// Whether two hosts belong to the same owner as far as their names say: `www.a.example` and `shop.a.example`.
pub fn is_same_site(one: &str, other: &str) -> bool {
    site_of_host(one) == site_of_host(other)
}

/// The host that a text shows a reader: of `https://a.example/x`, `www.a.example`, `a.example/x`, or of a bare
/// `a.example` in small letters. `None` for any other text, such as `Node.js` or `Booking.com`.
pub fn shown_host(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(['.', ',', ';', ':', '!', '?', '…']);
    if text.contains(char::is_whitespace) || text.contains('@') {
        return None;
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_plain = rest.is_some() || text.starts_with("www.");
    let bare = rest.unwrap_or(text);
    let host = bare.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let (_, last) = host.rsplit_once('.')?;
    let is_host = host
        .split('.')
        .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'));
    let is_known = COMMON.contains(&last) && !host.chars().any(char::is_uppercase);
    (is_host && (is_plain || is_known)).then(|| to_ascii(host))
}

/// The last labels that make a bare name an address to most readers; names of files and of tools end otherwise.
const COMMON: &[&str] = &[
    "com", "org", "net", "edu", "gov", "info", "biz", "eu", "de", "fr", "uk", "ch", "at", "nl", "be", "es",
    "it", "pl", "se", "no", "dk", "fi", "cz", "by", "ru", "ua", "us", "ca", "au", "jp", "cn", "br", "in",
    "example",
];

fn to_ascii(host: &str) -> String {
    idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_lowercase())
}

/// The host of an address in the letters of its language.
pub fn readable_host(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(domain) => Some(idna::domain_to_unicode(domain).0),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

/// Why a host can be mistaken for another: a part of it mixes scripts, or is all letters that look Latin.
pub fn disguise(host: &str) -> Option<String> {
    let ends_in_latin = host.rsplit('.').next().is_some_and(|last| last.is_ascii());
    let is_odd = |label: &&str| mixes(label) || (ends_in_latin && looks_latin(label));
    host.split('.').find(is_odd).map(str::to_owned)
}

/// Scripts whose letters are alike. Others may stand beside Latin, as in Japanese.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
}

fn script(c: char) -> Option<Script> {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Some(Script::Latin),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Script::Greek),
        '\u{400}'..='\u{52f}' => Some(Script::Cyrillic),
        '\u{531}'..='\u{58f}' => Some(Script::Armenian),
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Some(Script::Cherokee),
        _ => None,
    }
}

fn mixes(label: &str) -> bool {
    let mut scripts = label.chars().filter_map(script);
    scripts.next().is_some_and(|first| scripts.any(|script| script != first))
}

/// Whether every letter is a Cyrillic or Greek one that looks like a Latin one.
fn looks_latin(label: &str) -> bool {
    let letters: Vec<char> = label.chars().filter(|c| c.is_alphabetic()).collect();
    letters.len() > 1 && letters.iter().all(|c| "асеіјорԛѕԝхуһԁӏαορνικυ".contains(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_owner_are_told_from_strangers() {
        assert!(is_same_site("www.a.example", "a.example"));
        assert!(is_same_site("shop.a.co.uk", "a.co.uk"));
        assert!(!is_same_site("a.co.uk", "b.co.uk"));
        assert!(!is_same_site("a.example", "a.example.evil.test"));
        assert!(!is_same_site("ada.github.io", "bob.github.io"));
        assert!(!is_same_site("1.2.3.4", "9.9.3.4"));
    }

    #[test]
    fn a_text_shows_a_host_only_if_a_reader_would_say_so() {
        for text in
            ["https://a.example/x", "www.a.example", "a.example/x?y", "a.example", "http://a.example."]
        {
            assert!(shown_host(text).is_some_and(|host| host.ends_with("a.example")), "{text}");
        }
        for text in [
            "Node.js",
            "Booking.com",
            "main.rs",
            "README.md",
            "the a.example page",
            "ada@a.example",
            "1.2",
            "e.g.",
        ] {
            assert_eq!(shown_host(text), None, "{text}");
        }
    }

    #[test]
    fn a_host_in_disguise_is_known() {
        assert!(disguise("pаypal.com").is_some(), "a Cyrillic а");
        assert!(disguise("аррӏе.com").is_some(), "all Cyrillic");
        for host in
            ["paypal.com", "bücher.example", "беларусь.бел", "минск.example", "日本go.example", "ελλάδα.gr"]
        {
            assert_eq!(disguise(host), None, "{host}");
        }
    }
}
