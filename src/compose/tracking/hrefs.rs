//! Where addresses stand in HTML that a reader may follow. What an author wrote about HTML, in text that a browser
//! shows, is never taken for it.

use std::ops::Range;

/// Reads the pieces of one HTML in their order: a tag may begin in one and end in another.
#[derive(Debug, Default)]
pub(super) struct Hrefs {
    within: Within,
}

#[derive(Debug, Default, Clone, Copy)]
enum Within {
    #[default]
    Text,
    /// A tag, and whether a reader follows what it names.
    Tag(Followed),
    /// The value of one of its attributes, in this quote.
    Value(Followed, u8),
}

type Followed = bool;

impl Hrefs {
    /// The values of `href` that stand whole in the next piece, without their quotes.
    pub(super) fn within(&mut self, text: &str) -> Vec<Range<usize>> {
        let (mut found, mut start) = (Vec::new(), None);
        for (at, byte) in text.bytes().enumerate() {
            self.within = match (self.within, byte) {
                (Within::Text, b'<') => opened(&text[at + 1..]),
                (Within::Tag(_), b'>') => Within::Text,
                (Within::Tag(followed), b'"' | b'\'') if text[..at].ends_with('=') => {
                    start = (followed && is_href(&text[..at])).then_some(at + 1);
                    Within::Value(followed, byte)
                }
                (Within::Value(followed, quote), _) if byte == quote => {
                    found.extend(start.take().map(|start| start..at));
                    Within::Tag(followed)
                }
                (within, _) => within,
            };
        }
        found
    }
}

/// After a `<`, which is a character like others unless a name follows.
fn opened(rest: &str) -> Within {
    const UNSEEN: [&str; 2] = ["link", "base"];
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
    match rest.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        true => Within::Tag(!UNSEEN.iter().any(|name| name.eq_ignore_ascii_case(&rest[..end]))),
        false => Within::Text,
    }
}

/// Whether the value that follows is that of `href`, and not of `data-href`.
fn is_href(before: &str) -> bool {
    before
        .strip_suffix("href=")
        .is_some_and(|before| before.ends_with(|letter: char| letter.is_ascii_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(pieces: &[&'a str]) -> Vec<&'a str> {
        let mut hrefs = Hrefs::default();
        pieces.iter().flat_map(|text| hrefs.within(text).into_iter().map(|range| &text[range])).collect()
    }

    #[test]
    fn what_stands_in_tags_is_found_and_what_is_written_about_them_is_not() {
        assert_eq!(found(&["<a class=\"x\" href=\"a\">one</a><area\nhref='b'>"]), ["a", "b"]);
        assert_eq!(found(&["<!--[if mso]><v:rect href=\"a\"><![endif]-->"]), ["a"]);
        for written in [
            "<div>\nWrite &lt;a href=\"a\"&gt; there.\n</div>",
            "<code>&lt;a href=\"a\"&gt;</code>",
            "1 < 2 href=\"a\"",
            "<p title=\" href='a'\">",
            "<a data-href=\"a\">",
            "<LINK rel=\"x\" href=\"a\"><base href=\"b\">",
        ] {
            assert!(found(&[written]).is_empty(), "{written}");
        }
        assert_eq!(found(&["<b title=\"x > y\" href=\"a\"><b don't><a href=\"b\">"]), ["a", "b"]);
    }

    #[test]
    fn a_tag_goes_on_after_a_hole_and_an_address_with_one_in_it_is_left_out() {
        assert_eq!(found(&["<a title=\"", "\" href=\"a\">"]), ["a"]);
        assert_eq!(found(&["<a href=\"", "\"><a href=\"b\">"]), ["b"]);
        assert!(found(&["<p>Hello ", "> href=\"a\""]).is_empty());
    }
}
