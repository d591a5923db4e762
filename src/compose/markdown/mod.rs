//! Markdown → blocks that remember where they came from: CommonMark, and of GFM and its kin tables,
//! strikethrough, task lists, footnotes, alerts, bare addresses as links, definition lists, super- and
//! subscript, heading ids, and quotation marks as the language wants them.
//!
//! It never loses a word: what cannot be kept as it is (forbidden markup, nesting past [`MAX_DEPTH`]) leaves
//! its words behind and a finding.

pub mod tree;
mod allowed;
mod anchors;
mod attributes;
mod autolink;
mod blocks;
mod containers;
mod directive;
mod emoji;
mod fences;
mod footnotes;
mod html_words;
mod levels;
pub(in crate::compose) mod lone;
mod logic;
mod markup;
mod nest;
mod open;
mod punctuation;
mod raw;
mod run;
mod schemes;
mod scripts;
mod unclosed;
#[cfg(test)]
mod tests;

use crate::compose::merge::Marks;
use crate::model::finding::Finding;
use crate::model::source::{Place, Source, Span};
use crate::settings::MarkdownSettings;
use tree::Document;

pub use fences::Fences;
pub use html_words::{HtmlLink, html_lines, html_links, html_of_mjml};
pub use raw::markup_of_mjml;
pub use schemes::scheme;

/// Quotes, lists and raw markup may be nested this deep; what is deeper is laid flat.
pub const MAX_DEPTH: usize = 40;

/// Tags within one block of raw markup may be nested this deep; deeper markup leaves only its words.
const MAX_MARKUP_DEPTH: usize = 100;

/// What a body is read with.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub source: &'a Source,
    /// Where in the source the text begins.
    pub offset: usize,
    pub marks: &'a Marks,
    /// BCP 47; decides on quotation marks.
    pub lang: &'a str,
    pub medium: Medium<'a>,
    pub markdown: MarkdownSettings,
}

/// Where the text is read, which decides what of it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium<'a> {
    /// A letter, and where its web version is.
    Mail { web: Option<&'a str> },
    /// The page that the letter leads to.
    Web,
}

impl<'a> Medium<'a> {
    /// Where a letter leads to its web version; a page leads nowhere.
    pub fn web_version(self) -> Option<&'a str> {
        match self {
            Medium::Mail { web } => web,
            Medium::Web => None,
        }
    }
}

impl Reading<'_> {
    /// The author's file at a span of the text.
    pub fn span(&self, span: &Span) -> Span {
        span.start + self.offset..span.end + self.offset
    }

    fn place(&self, span: &Span) -> Place {
        self.source.at(self.span(span))
    }
}

/// Reads `text`, in which tokens stand for merge syntax and which is as long as what it stands for.
///
/// `fences` are the lines of colons that were taken out of it.
pub fn parse(text: &str, reading: Reading<'_>, fences: &Fences) -> (Document, Vec<Finding>) {
    let mut findings = Vec::new();
    let text = without_controls(text, &reading, &mut findings);
    let mut builder = blocks::Builder::new(&text, reading, fences, findings);
    for (event, span) in pulldown_cmark::Parser::new_ext(&text, options()).into_offset_iter() {
        builder.take(event, span);
    }
    builder.finish()
}

/// A short text that is not Markdown, such as a title: typographic marks and tokens are all that is read.
pub fn plain(text: &str, reading: Reading<'_>) -> Vec<tree::Inline> {
    let mut run = Vec::new();
    run::push_text(&mut run, text, &(0..0), 0);
    let mut footnotes = footnotes::Footnotes::default();
    let mut findings = Vec::new();
    let cleaner = raw::Cleaner::new();
    nest::Nest { reading, cleaner: &cleaner, footnotes: &mut footnotes, findings: &mut findings }.inlines(run)
}

fn options() -> pulldown_cmark::Options {
    use pulldown_cmark::Options;
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
        | Options::ENABLE_DEFINITION_LIST
}

/// Control characters have no business in mail and are not allowed in HTML: each becomes as many spaces as it
/// has bytes, so that every span still holds.
fn without_controls(text: &str, reading: &Reading<'_>, findings: &mut Vec<Finding>) -> String {
    let mut clean = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if !c.is_control() || matches!(c, '\n' | '\r' | '\t') {
            clean.push(c);
            continue;
        }
        if findings.is_empty() {
            let message = format!("the control character U+{:04X} is not allowed in mail", u32::from(c));
            let place = reading.place(&(at..at + c.len_utf8()));
            let finding = Finding::warning("control-character", message).at(place.clone());
            findings.push(finding.help("delete it").fix(place, ""));
        }
        clean.extend(std::iter::repeat_n(' ', c.len_utf8()));
    }
    clean
}
