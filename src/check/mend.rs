//! The changes that findings propose, put into the text of a file.

use crate::model::finding::Fix;
use crate::model::source::Span;

/// Which of `fixes`, all in the same file, can be made at once: of two that overlap, the first.
pub fn compatible<'a>(fixes: impl IntoIterator<Item = &'a Fix>) -> Vec<&'a Fix> {
    let mut sorted: Vec<&Fix> = fixes.into_iter().collect();
    sorted.sort_by_key(|fix| (fix.place.span.start, fix.place.span.end));
    let mut end = 0;
    sorted.retain(|fix| {
        let fits = fix.place.span.start >= end;
        if fits {
            end = fix.place.span.end;
        }
        fits
    });
    sorted
}

/// `raw`, a file as it is on the disk, with `fixes` made, which must be [`compatible`]. Everything else stays byte
/// for byte, a byte order mark and the line ends as well. `None` if the file is no longer the one that was looked
/// at.
pub fn mended(raw: &str, fixes: &[&Fix]) -> Option<String> {
    let read = Reading::of(raw);
    let mut out = String::with_capacity(raw.len());
    let mut from = 0;
    for fix in fixes {
        if fix.place.source.text() != read.text {
            return None;
        }
        let Span { start, end } = fix.place.span;
        let (start, end) = (*read.offsets.get(start)?, *read.offsets.get(end)?);
        out.push_str(raw.get(from..start)?);
        out.push_str(&fix.text);
        from = end;
    }
    out.push_str(raw.get(from..)?);
    Some(out)
}

/// A text as it is read from a file, with where each of its bytes is in the file.
struct Reading {
    text: String,
    /// One more than bytes in `text`.
    offsets: Vec<usize>,
}

impl Reading {
    /// Without a byte order mark, and with every line end as `\n`.
    fn of(raw: &str) -> Reading {
        let mut reading = Reading { text: String::with_capacity(raw.len()), offsets: Vec::new() };
        let begin = if raw.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut chars = raw[begin..].char_indices().peekable();
        while let Some((at, char)) = chars.next() {
            let char = if char == '\r' { '\n' } else { char };
            reading.push(char, begin + at);
            if raw[begin + at..].starts_with("\r\n") {
                chars.next();
            }
        }
        reading.offsets.push(raw.len());
        reading
    }

    fn push(&mut self, char: char, at: usize) {
        self.offsets.extend((0..char.len_utf8()).map(|byte| at + byte));
        self.text.push(char);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::source::Source;
    use proptest::prelude::*;

    fn fix(source: &Source, span: Span, text: &str) -> Fix {
        Fix { place: source.at(span), text: text.to_owned() }
    }

    #[test]
    fn line_ends_and_the_byte_order_mark_stay() {
        let source = Source::new("a.md", "é the the\ncat\n");
        let fixes = [fix(&source, 3..10, "the"), fix(&source, 11..14, "dog")];
        let fixes = compatible(&fixes);
        assert_eq!(
            mended("\u{feff}é the the\r\ncat\r\n", &fixes).as_deref(),
            Some("\u{feff}é the\r\ndog\r\n")
        );
        assert_eq!(mended("another text\n", &fixes), None);
    }

    #[test]
    fn of_two_changes_of_the_same_words_the_first_is_made() {
        let source = Source::new("a.md", "abcdef");
        let fixes = [fix(&source, 2..4, "X"), fix(&source, 0..3, "Y"), fix(&source, 4..4, "Z")];
        assert_eq!(mended("abcdef", &compatible(&fixes)).as_deref(), Some("YdZef"));
    }

    proptest! {
        #[test]
        fn what_no_change_touches_stays(raw in "\u{feff}?[a-zé\r\n ]{0,40}", at in 0usize..40) {
            let text = raw.strip_prefix('\u{feff}').unwrap_or(&raw).replace("\r\n", "\n").replace('\r', "\n");
            let source = Source::new("a.md", text.clone());
            let at = text.floor_char_boundary(at.min(text.len()));
            let changed = mended(&raw, &[&fix(&source, at..at, "NEW")]).unwrap();
            prop_assert_eq!(changed.replacen("NEW", "", 1), raw);
        }
    }
}
