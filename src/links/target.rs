//! What an author linked to → what can be done about it: fetch it, read its syntax, or leave it.

use percent_encoding::percent_decode_str;
use url::Url;

use super::verdict::Skip;
use crate::compose::expression::{is_own, words_of};
use crate::model::address::Address;
use crate::model::finding::suggest;
use crate::model::letter::{Piece, Pieces};
use crate::settings::LinkSettings;

/// What a link is, before anybody visits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An http or https address, with its fragment.
    Fetch(Url),
    /// A `mailto:` or `tel:` that is well formed, or another scheme that a reader's device may know.
    Fine,
    Skip(Skip),
    /// Nothing that could be followed.
    Wrong(Wrong),
}

/// What is wrong with a target, before anything is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    Empty,
    /// `#`, `/`, `example.com` and other words for "later".
    Placeholder(String),
    /// Without a scheme, so that it leads nowhere from a mailbox.
    Relative(String),
    Malformed(String),
    /// `mailto:` without a usable address.
    Mail(String),
    Phone(String),
    /// A field decides which host or scheme it is.
    OpenHost(String),
}

impl Target {
    /// Reads a target. `filled` is what its holes make of it for somebody; see [`super::made::Made`].
    pub fn read(target: &Pieces, filled: Option<&str>, settings: &LinkSettings) -> Target {
        let prefix = constant_prefix(target);
        if target.holes().next().is_none() && !target.has_logic() {
            return of_text(&prefix, settings);
        }
        if is_open(&prefix) && !is_readers_own(target) {
            return Target::Wrong(Wrong::OpenHost(words(target)));
        }
        match filled {
            Some(text) => of_text(text, settings),
            None => Target::Skip(Skip::PerSubscriber),
        }
    }
}

/// The target as its author would know it: holes in double braces.
pub fn words(target: &Pieces) -> String {
    let word = |piece: &Piece| match piece {
        Piece::Literal(text) => unescape(text),
        Piece::Hole(hole) => format!("{{{{ {} }}}}", hole.expression.trim()),
        Piece::Logic { statement, .. } => format!("{{% {} %}}", statement.trim()),
    };
    target.iter().map(word).collect()
}

fn of_text(text: &str, settings: &LinkSettings) -> Target {
    let text = text.trim();
    if let Some(wrong) = placeholder(text) {
        return Target::Wrong(wrong);
    }
    if text.starts_with('#') {
        return Target::Fine;
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            return Target::Wrong(Wrong::Relative(text.to_owned()));
        }
        Err(_) => return Target::Wrong(Wrong::Malformed(text.to_owned())),
    };
    match url.scheme() {
        "http" | "https" => of_page(url, settings),
        "mailto" => of_mail(&url),
        "tel" | "sms" => of_phone(&url),
        // `example.org:8080/x` reads as a scheme with a path.
        scheme if scheme.contains('.') || scheme == "localhost" => {
            Target::Wrong(Wrong::Relative(text.to_owned()))
        }
        scheme if is_slip(scheme) => Target::Wrong(Wrong::Malformed(text.to_owned())),
        _ => Target::Fine,
    }
}

/// Whether it is `http`, `https` or `mailto` with a letter too few or too many.
fn is_slip(scheme: &str) -> bool {
    !matches!(scheme, "ftp" | "ftps" | "sftp") && suggest(scheme, ["http", "https", "mailto"]).is_some()
}

fn of_page(url: Url, settings: &LinkSettings) -> Target {
    match () {
        () if settings.skip.iter().any(|prefix| url.as_str().starts_with(prefix)) => {
            Target::Skip(Skip::Settings)
        }
        () if settings.own.as_ref().is_some_and(|own| url.as_str().starts_with(own)) => {
            Target::Skip(Skip::Own)
        }
        () if !url.username().is_empty() || url.password().is_some() => Target::Skip(Skip::Login),
        () if acts_when_fetched(&url) => Target::Skip(Skip::PerSubscriber),
        () => Target::Fetch(url),
    }
}

/// Links that do something when they are fetched, by the words that list software puts into their paths.
fn acts_when_fetched(url: &Url) -> bool {
    let path = url.path().to_lowercase();
    ["unsubscribe", "opt-out", "optout", "one-click", "confirm-subscription"]
        .iter()
        .any(|word| path.split('/').any(|part| part == *word))
        && url.query().is_some_and(|query| !query.is_empty())
}

fn of_mail(url: &Url) -> Target {
    let path = percent_decoded(url.path());
    let to_in_query =
        url.query_pairs().any(|(key, value)| key.eq_ignore_ascii_case("to") && !value.is_empty());
    let mut addresses = path.split(',').map(str::trim).filter(|address| !address.is_empty()).peekable();
    let good = match addresses.peek() {
        None => to_in_query,
        Some(_) => addresses.all(|address| Address::parse(address).is_ok()),
    };
    if good { Target::Fine } else { Target::Wrong(Wrong::Mail(path)) }
}

/// RFC 3966: digits and visual separators, perhaps a plus in front and parameters after a semicolon.
fn of_phone(url: &Url) -> Target {
    let number = url.path().split(';').next().unwrap_or_default();
    let digits = number.strip_prefix('+').unwrap_or(number);
    let known = |c: char| c.is_ascii_digit() || "-.()*#".contains(c);
    let good = digits.chars().all(known) && digits.chars().filter(char::is_ascii_digit).count() >= 2;
    if good { Target::Fine } else { Target::Wrong(Wrong::Phone(percent_decoded(url.path()))) }
}

fn placeholder(text: &str) -> Option<Wrong> {
    if text.is_empty() {
        return Some(Wrong::Empty);
    }
    let lower = text.to_lowercase();
    let bare = lower.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    let is_word =
        matches!(bare, "#" | "" | "todo" | "tk" | "tbd" | "url" | "link" | "xxx" | "insert-link-here");
    let is_script = lower.starts_with("javascript:");
    (is_word || is_script).then(|| Wrong::Placeholder(text.to_owned()))
}

fn constant_prefix(target: &Pieces) -> String {
    let literals = target.iter().map_while(|piece| match piece {
        Piece::Literal(text) => Some(unescape(text)),
        Piece::Hole(_) | Piece::Logic { .. } => None,
    });
    literals.collect()
}

/// Whether what follows the prefix could still change the host.
fn is_open(prefix: &str) -> bool {
    let Some((scheme, rest)) = prefix.split_once(':') else { return true };
    matches!(scheme, "http" | "https") && !rest.trim_start_matches('/').contains(['/', '?', '#'])
}

fn is_readers_own(target: &Pieces) -> bool {
    target.holes().any(|hole| words_of(&hole.expression).any(is_own))
}

/// What `%20` and its like stand for; a plus is a plus (RFC 6068, section 5).
pub(super) fn percent_decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Literals of a target may be escaped for the attribute they stand in.
pub(super) fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::letter::{Context, Hole};

    fn settings() -> LinkSettings {
        LinkSettings {
            skip: vec!["https://skipped.example/".to_owned()],
            own: Some("https://own.example/archive/".to_owned()),
            ..LinkSettings::default()
        }
    }

    fn read(text: &str) -> Target {
        Target::read(&Pieces::literal(text), None, &settings())
    }

    fn with_hole(before: &str, expression: &str) -> Pieces {
        let hole = Hole { expression: expression.to_owned(), context: Context::Url, span: 0..0 };
        Pieces::new([Piece::Literal(before.to_owned()), Piece::Hole(hole)])
    }

    #[test]
    fn pages_are_fetched() {
        let url = Url::parse("https://a.example/x?y=1&z=2#part").unwrap();
        assert_eq!(read("https://a.example/x?y=1&amp;z=2#part"), Target::Fetch(url));
    }

    #[test]
    fn what_leads_nowhere_is_named() {
        assert_eq!(read(""), Target::Wrong(Wrong::Empty));
        for text in ["#", "/", "TODO", "https://", "javascript:void(0)"] {
            assert_eq!(read(text), Target::Wrong(Wrong::Placeholder(text.into())), "{text}");
        }
        for text in ["/about", "page.html", "www.example.org", "//cdn.example/x"] {
            assert_eq!(read(text), Target::Wrong(Wrong::Relative(text.into())), "{text}");
        }
        assert_eq!(
            read("https://exa mple.org/"),
            Target::Wrong(Wrong::Malformed("https://exa mple.org/".into()))
        );
    }

    #[test]
    fn a_slip_in_the_scheme_is_told_from_a_scheme_that_devices_may_know() {
        for text in ["htp://a.example", "htttps://a.example", "ttps://a.example", "mail:ada@example.org"] {
            assert_eq!(read(text), Target::Wrong(Wrong::Malformed(text.into())), "{text}");
        }
        for text in ["example.org:8080/x", "localhost:3000/draft"] {
            assert_eq!(read(text), Target::Wrong(Wrong::Relative(text.into())), "{text}");
        }
        for text in
            ["ftp://a.example/x", "whatsapp://send", "matrix:u/ada", "webcal://a.example/x", "geo:1,2"]
        {
            assert_eq!(read(text), Target::Fine, "{text}");
        }
    }

    #[test]
    fn an_anchor_within_the_letter_is_fine() {
        assert_eq!(read("#fn-1"), Target::Fine);
    }

    #[test]
    fn mail_and_phone_links_are_read_and_not_fetched() {
        for text in [
            "mailto:ada@example.org",
            "mailto:ada@example.org,bob@example.org?subject=Hi%20there",
            "mailto:ada%2Bnews@example.org",
            "mailto:ada+news@example.org",
            "mailto:bread&butter@example.org",
            "mailto:?to=ada@example.org",
            "tel:+44-20-7946-0000",
            "tel:+442079460000;ext=12",
            "sms:+442079460000",
            "signal:x",
        ] {
            assert_eq!(read(text), Target::Fine, "{text}");
        }
        for text in ["mailto:", "mailto:ada", "mailto:ada@", "mailto:a@example.org,b"] {
            assert!(matches!(read(text), Target::Wrong(Wrong::Mail(_))), "{text}");
        }
        for text in ["tel:", "tel:call-me", "tel:+"] {
            assert!(matches!(read(text), Target::Wrong(Wrong::Phone(_))), "{text}");
        }
    }

    #[test]
    fn some_pages_are_left_alone() {
        assert_eq!(read("https://skipped.example/a"), Target::Skip(Skip::Settings));
        assert_eq!(read("https://own.example/archive/1/"), Target::Skip(Skip::Own));
        assert_eq!(read("https://user:word@a.example/"), Target::Skip(Skip::Login));
        assert_eq!(read("https://a.example/unsubscribe?id=7"), Target::Skip(Skip::PerSubscriber));
        assert!(matches!(read("https://a.example/how-to-unsubscribe"), Target::Fetch(_)));
    }

    #[test]
    fn a_target_with_fields_is_read_as_it_is_for_somebody() {
        let link = with_hole("https://a.example/?city=", "city");
        let filled = "https://a.example/?city=Minsk";
        let read = Target::read(&link, Some(filled), &settings());
        assert_eq!(read, Target::Fetch(Url::parse(filled).unwrap()));
        assert_eq!(Target::read(&link, None, &settings()), Target::Skip(Skip::PerSubscriber));
    }

    #[test]
    fn a_field_may_not_choose_the_host() {
        for before in ["", "https://", "https://shop-"] {
            let link = with_hole(before, "city");
            let wrong = Target::read(&link, Some("https://minsk/"), &settings());
            assert!(matches!(wrong, Target::Wrong(Wrong::OpenHost(_))), "{before}: {wrong:?}");
        }
        for own in ["unsubscribe_url", "reader_token"] {
            let link = with_hole("", own);
            assert_eq!(Target::read(&link, None, &settings()), Target::Skip(Skip::PerSubscriber), "{own}");
        }
    }
}
