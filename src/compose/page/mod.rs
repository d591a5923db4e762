//! Blocks → the HTML of a page on the web: headings, figures, tables and notes as what they are, and classes for
//! how they look. It holds no style, no script, and every word and link that the letter holds.

mod blocks;
mod inlines;
#[cfg(test)]
mod tests;

use crate::compose::markdown::tree::{Block, BlockKind, Document, Inline, InlineKind};
use crate::compose::masthead::Masthead;
use crate::compose::merge::Marks;
use crate::compose::words::Words;
use crate::model::finding::Finding;
use crate::model::letter::Pieces;
use crate::model::theme::Theme;

/// An issue as a page, what differs for every subscriber still open.
#[derive(Debug, Clone)]
pub struct Page {
    pub masthead: Masthead,
    /// Plain text.
    pub title: Pieces,
    /// The title as HTML.
    pub heading: Pieces,
    /// Plain text.
    pub preheader: Option<Pieces>,
    /// HTML. The `src` of each of `pictures` is [`PICTURE`] and its name.
    pub body: Pieces,
    pub pictures: Vec<Picture>,
    pub theme: Theme,
    /// `issue`, `theme`, `site` and `vars`, which expressions may name.
    pub roots: serde_json::Value,
    pub findings: Vec<Finding>,
}

/// What the `src` of a picture begins with: whoever puts the page somewhere knows where pictures are from there.
pub const PICTURE: &str = "courant-picture:";

/// An image that the page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// From the hash of its bytes, with an ending.
    pub name: String,
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// The body: merge tokens stay, everything else is escaped.
pub fn body(document: &Document, marks: &Marks, words: Words, dir: &str) -> String {
    let mut writer = Writer { dir, notes: free_prefix(document), ..Writer::new(marks, words) };
    writer.blocks(&document.blocks);
    writer.notes(&document.notes);
    writer.out
}

/// A run of inlines as HTML.
pub fn fragment(inlines: &[Inline], marks: &Marks) -> String {
    let mut writer = Writer::new(marks, Words::of("en"));
    writer.inlines(inlines);
    writer.out
}

/// Writes HTML.
struct Writer<'a> {
    marks: &'a Marks,
    words: Words,
    dir: &'a str,
    out: String,
    /// What the ids of notes begin with.
    notes: String,
}

impl<'a> Writer<'a> {
    fn new(marks: &'a Marks, words: Words) -> Writer<'a> {
        Writer { marks, words, dir: "ltr", out: String::new(), notes: "note".to_owned() }
    }

    fn push(&mut self, html: &str) {
        self.out.push_str(html);
    }

    fn line(&mut self, html: &str) {
        self.push(html);
        self.push("\n");
    }
}

/// `note`, unless the author's headings or HTML have ids that would be taken for those of notes.
fn free_prefix(document: &Document) -> String {
    let (mut ids, mut html) = (Vec::new(), Vec::new());
    for blocks in document.notes.iter().map(|note| &note.blocks).chain([&document.blocks]) {
        ids_in(blocks, &mut ids, &mut html);
    }
    document.each_inline(&mut |inline| {
        if let InlineKind::Html(tag) | InlineKind::Wrapped { open: tag, .. } = &inline.kind {
            html.push(tag);
        }
    });
    let mut prefix = "note".to_owned();
    let is_in = |html: &str, prefix: &str| html.contains("id=") && html.contains(&format!("{prefix}-"));
    while ids.iter().any(|id| id.starts_with(&prefix)) || html.iter().any(|html| is_in(html, &prefix)) {
        prefix.insert_str(0, "foot");
    }
    prefix
}

/// The ids of headings, and the HTML that may have some.
fn ids_in<'d>(blocks: &'d [Block], ids: &mut Vec<&'d str>, html: &mut Vec<&'d str>) {
    for block in blocks {
        match &block.kind {
            BlockKind::Heading { id, .. } => ids.push(id),
            BlockKind::Html(text) | BlockKind::Wrapped { open: text, .. } => html.push(text),
            BlockKind::Paragraph(_)
            | BlockKind::Quote(_)
            | BlockKind::Callout { .. }
            | BlockKind::Container(..)
            | BlockKind::List(_)
            | BlockKind::Definitions(_)
            | BlockKind::Code { .. }
            | BlockKind::Table(_)
            | BlockKind::Rule
            | BlockKind::Mjml(_)
            | BlockKind::Logic(_) => {}
        }
        block.inner().into_iter().for_each(|inner| ids_in(inner, ids, html));
    }
}
