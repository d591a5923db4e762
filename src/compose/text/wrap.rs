//! Lines of at most so many display columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A blank at which no line breaks. Control characters cannot come from an author.
pub const GLUE: char = '\u{1f}';

/// Display columns of `text`: wide characters fill two, combining ones none.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Breaks `text` at blanks, and between wide characters, which are written without any. A word that is longer
/// than a line stays whole: it may be an address. A line end in `text` stays.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        wrap_line(paragraph, columns, &mut lines);
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn wrap_line(text: &str, columns: usize, lines: &mut Vec<String>) {
    let mut line = String::new();
    let mut filled = 0;
    for (piece, blank_before) in pieces(text) {
        let wide = width(piece);
        let gap = usize::from(blank_before && !line.is_empty());
        if filled > 0 && filled + gap + wide > columns {
            lines.push(std::mem::take(&mut line).replace(GLUE, " "));
            filled = 0;
        }
        if blank_before && !line.is_empty() {
            line.push(' ');
            filled += 1;
        }
        line.push_str(piece);
        filled += wide;
    }
    lines.push(line.replace(GLUE, " "));
}

/// What may not be broken, and whether a blank stands before it.
fn pieces(text: &str) -> impl Iterator<Item = (&str, bool)> {
    text.split([' ', '\t']).filter(|word| !word.is_empty()).flat_map(|word| {
        let mut start = 0;
        let mut cut: Vec<(&str, bool)> = Vec::new();
        let mut before: Option<char> = None;
        for (at, c) in word.char_indices() {
            if before.is_some_and(|before| may_break(before, c)) {
                cut.push((&word[start..at], start == 0));
                start = at;
            }
            before = Some(c);
        }
        cut.push((&word[start..], start == 0));
        cut
    })
}

/// Between wide characters, but no line begins with a closing mark or ends with an opening one.
fn may_break(before: char, after: char) -> bool {
    let is_wide = |c: char| c.width() == Some(2);
    let closes = "、。，．：；？！）」』】》〉〕…・ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ”’";
    let opens = "（「『【《〈〔“‘";
    (is_wide(before) || is_wide(after))
        && !closes.contains(after)
        && !opens.contains(before)
        && (is_wide(before) || !before.is_ascii_punctuation())
        && (is_wide(after) || !after.is_ascii_punctuation())
}
