//! Super- and subscript within words: `x^2^`, `H~2~O`. The parser knows both only between words, where a single
//! tilde is a strikethrough by the rules of GFM, so that they are read here.

use super::run::{Opened, RunItem, Words};
use super::tree::Style;

/// Longer ones are taken for text.
const LONGEST: usize = 40;

/// Finds them in the texts of a run.
pub fn raise_and_lower(run: Vec<RunItem>) -> Vec<RunItem> {
    let mut out = Vec::with_capacity(run.len());
    for item in run {
        match item {
            RunItem::Text(words) if !words.verbatim && words.text.contains(['^', '~']) => {
                split(words, &mut out)
            }
            other => out.push(other),
        }
    }
    out
}

fn split(words: Words, out: &mut Vec<RunItem>) {
    let mut done = 0;
    let mut from = 0;
    while let Some(step) = words.text[from..].find(['^', '~']) {
        let start = from + step;
        match length(&words, start) {
            None => from = start + 1,
            Some(length) => {
                let inner = words.part(start + 1, start + 1 + length, false);
                if start > done {
                    out.push(RunItem::Text(words.part(done, start, false)));
                }
                let style =
                    if words.text[start..].starts_with('^') { Style::Superscript } else { Style::Subscript };
                out.push(RunItem::Open(Opened::Styled(style), inner.span.clone()));
                out.push(RunItem::Text(inner));
                out.push(RunItem::Close);
                done = start + length + 2;
                from = done;
            }
        }
    }
    if done < words.text.len() {
        out.push(RunItem::Text(words.part(done, words.text.len(), false)));
    }
}

/// How many bytes the mark at `start` raises or lowers, if it does.
fn length(words: &Words, start: usize) -> Option<usize> {
    let text = &words.text;
    let mark = &text[start..start + 1];
    let before = text[..start].chars().next_back()?;
    let rest = &text[start + 1..];
    let stretch = &rest[..rest.char_indices().nth(LONGEST).map_or(rest.len(), |(at, _)| at)];
    let length = stretch.find(mark)?;
    let is_script = (before.is_alphanumeric() || (mark == "^" && ")]".contains(before)))
        && length > 0
        && !stretch[..length].contains(char::is_whitespace)
        && !rest[length + 1..].starts_with(mark)
        && !words.literal.iter().any(|at| *at == start || *at == start + 1 + length);
    is_script.then_some(length)
}
