//! The Markdown we read: the extensions that are on, the same wherever Markdown is parsed.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::model::source::Span;

/// CommonMark with GFM tables, strikethrough, task lists and alerts, footnotes, heading attributes,
/// definition lists, super- and subscript.
pub fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_SUPERSCRIPT
        | Options::ENABLE_SUBSCRIPT
}

/// Whether a block of code is MJML to be put into the letter, in which merge fields count.
pub fn is_mjml(kind: &CodeBlockKind<'_>) -> bool {
    matches!(kind, CodeBlockKind::Fenced(info) if info.trim() == MJML)
}

/// What stands after the fence of MJML that is put into the letter.
pub const MJML: &str = "mjml";

/// Where `markdown` is code, in spans and in blocks with their fences: sorted, and apart from each other.
pub fn code(markdown: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut block = None;
    for (event, span) in Parser::new_ext(markdown, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) if !is_mjml(&kind) => block = Some(span),
            Event::End(TagEnd::CodeBlock) => spans.extend(block.take()),
            Event::Code(_) => spans.push(span),
            _ => {}
        }
    }
    spans.sort_by_key(|span| span.start);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_found_in_spans_fences_and_indents() {
        let text = "a `b` c\n\n```rust\nd\n```\n\n    e\n\n> `f`\n";
        let found: Vec<&str> = code(text).into_iter().map(|span| &text[span]).collect();
        assert_eq!(found, ["`b`", "```rust\nd\n```", "e\n", "`f`"]);
    }
}
