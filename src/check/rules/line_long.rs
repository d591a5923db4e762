//! A word that no phone can break.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::model::source::Span;

pub struct LineLong;

const ABOUT: About = About {
    id: "line-long",
    what: "a word has more than 40 characters and no place where it may be broken",
    why: "On a phone it widens the whole letter, which then has to be read sideways.",
    source: "widths of phones",
    fix: "put spaces or hyphens into it; a long address reads better as a link with words",
};

const MOST: usize = 40;

impl Rule for LineLong {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let source = &draft.facts.issue.source;
        for passage in &draft.prose.passages {
            found.extend(unbroken(&passage.text).map(|span| {
                let length = passage.text[span.clone()].chars().count();
                let message =
                    format!("this word has {length} characters and no place where it may be broken");
                let place = source.at(passage.start + span.start..passage.start + span.end);
                Finding::warning(self.id(), message).at(place).help(ABOUT.fix)
            }));
        }
    }
}

/// Words that are too long; addresses are a matter of `link-long-url`.
fn unbroken(text: &str) -> impl Iterator<Item = Span> {
    let is_address = |word: &str| word.contains("://") || word.contains("www.") || word.contains('@');
    let words = text.split(char::is_whitespace).filter(move |word| word.len() > MOST && !is_address(word));
    words.flat_map(|word| word.split(may_break)).filter(|part| part.chars().count() > MOST).map(|part| {
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        start..start + part.len()
    })
}

/// Where a line may end: after hyphens and slashes, and anywhere in scripts that write no spaces.
fn may_break(c: char) -> bool {
    let without_spaces = matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{fffc}')
        || c >= '\u{1f000}';
    without_spaces || c.is_control() || matches!(c, '-' | '–' | '—' | '/' | '\u{ad}' | '\u{200b}' | '?' | '|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_broken_is_too_long() {
        let long = "a".repeat(41);
        assert_eq!(unbroken(&format!("so {long} é")).next(), Some(3..44));
        let fine = [
            "a".repeat(40),
            "well-known-and-long-words-of-forty-and-more-letters".to_owned(),
            "https://example.org/a/very/long/address/that/goes/on/and/on".to_owned(),
            "船".repeat(60),
        ];
        for text in fine {
            assert_eq!(unbroken(&text).count(), 0, "{text}");
        }
    }
}
