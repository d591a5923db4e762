//! What an author opened and never closed: fences of code, raw tags and remarks; and footnotes that are nowhere written.

use super::Reading;
use super::run::Words;
use crate::model::finding::Finding;
use crate::model::source::Span;

/// A block of code between fences of which the second is missing.
pub fn fence(text: &str, span: &Span, reading: &Reading<'_>) -> Option<Finding> {
    let code = text.get(span.clone())?;
    let first = code.lines().next()?;
    let mark = first.trim_start().chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let last = code.trim_end().lines().skip(1).last().unwrap_or_default();
    let last = last.trim_start_matches([' ', '\t', '>']).trim_end();
    let length = first.trim_start().chars().take_while(|c| *c == mark).count();
    let is_closed = last.len() >= length && last.chars().all(|c| c == mark);
    let place = span.start..span.start + first.len();
    (!is_closed).then(|| {
        Finding::warning("unclosed", "this block of code is never closed: it goes on to the end")
            .at(reading.place(&place))
            .help(format!("write {} on a line of its own where it ends", mark.to_string().repeat(length)))
    })
}

/// A remark in raw markup that does not end: nobody sees what follows it.
pub fn remark(raw: &str, span: &Span, reading: &Reading<'_>) -> Option<Finding> {
    let kinds = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
    let (at, begin, end) = kinds.into_iter().find_map(|(begin, end)| {
        let at = raw.rfind(begin)?;
        (!raw[at + begin.len()..].contains(end)).then_some((at, begin, end))
    })?;
    let start = span.start + at;
    let message = format!("`{begin}` is never closed: nobody sees what follows");
    let finding = Finding::error("unclosed", message).at(reading.place(&(start..start + begin.len())));
    Some(finding.help(format!("write `{end}` where it ends")))
}

/// A raw tag without its end, unless HTML lets it go without.
pub fn tag(name: &str, span: &Span, reading: &Reading<'_>) -> Option<Finding> {
    const MAY_BE_OPEN: [&str; 10] = ["p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot"];
    (!MAY_BE_OPEN.contains(&name)).then(|| {
        Finding::warning("unclosed", format!("`<{name}>` is never closed"))
            .at(reading.place(span))
            .help(format!("write `</{name}>` where it ends"))
    })
}

/// References to notes that there are not, which stand in the letter as they were written.
pub fn notes(words: &Words, reading: &Reading<'_>) -> Vec<Finding> {
    let found = words.text.match_indices("[^").filter(|(at, _)| !words.literal.contains(at));
    found
        .filter_map(|(at, _)| {
            let end = words.text[at..].find(']')?;
            let label = &words.text[at + 2..at + end];
            let is_label = !label.is_empty() && !label.contains(|c: char| c.is_whitespace() || c == '[');
            is_label.then(|| {
                Finding::warning("footnote", format!("there is no footnote `{label}`"))
                    .at(reading.place(&words.part(at, at + end + 1, false).span))
                    .help(format!("write it on a line of its own: `[^{label}]: the note`"))
            })
        })
        .collect()
}
