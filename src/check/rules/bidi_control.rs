//! Invisible characters that turn text around.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::model::source::Span;

pub struct BidiControl;

const ABOUT: About = About {
    id: "bidi-control",
    what: "an invisible character turns the text around: an override, or one that is never closed",
    why: "What readers see is then not what is written; filters take it for a fake, and whole paragraphs may be turned.",
    source: "Unicode UAX #9, UTR #36",
    fix: "delete the character; a right-to-left language needs only `lang`, and single words turn by themselves",
};

impl Rule for BidiControl {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let source = &draft.facts.issue.source;
        found.extend(suspicious(source.text()).map(|(c, span)| {
            let message = format!("the invisible character U+{:04X} turns the text around", u32::from(c));
            let place = source.at(span);
            Finding::warning(self.id(), message).at(place.clone()).help(ABOUT.fix).fix(place, "")
        }));
    }
}

/// The first character of each line that overrides the direction, or sets one that the line never ends.
fn suspicious(text: &str) -> impl Iterator<Item = (char, Span)> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let found = first_in(line).map(|(at, c)| (c, start + at..start + at + c.len_utf8()));
        start += line.len();
        found
    })
}

fn first_in(line: &str) -> Option<(usize, char)> {
    let mut open = Vec::new();
    for (at, c) in line.char_indices() {
        match c {
            '\u{202d}' | '\u{202e}' => return Some((at, c)),
            '\u{202a}' | '\u{202b}' | '\u{2066}'..='\u{2068}' => open.push((at, c)),
            '\u{202c}' | '\u{2069}' => drop(open.pop()),
            _ => {}
        }
    }
    open.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_and_what_is_never_closed_are_found_and_isolates_are_not() {
        let found =
            |text: &str| suspicious(text).map(|(c, span)| (u32::from(c), span.start)).collect::<Vec<_>>();
        assert_eq!(found("ok\nno\u{202e}gpj.exe\u{202c}"), [(0x202e, 5)]);
        assert_eq!(found("a\u{2066}b\nc\u{2067}d\u{2069}"), [(0x2066, 1)]);
        assert_eq!(found("\u{2067}a\u{2069} \u{200f}b"), []);
    }
}
