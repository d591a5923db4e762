//! The shape of a body: blocks and inlines, each with its place in the author's file.

use crate::model::source::Span;

/// A whole body.
#[derive(Debug, Clone, Default)]
pub struct Document {
    pub blocks: Vec<Block>,
    /// Footnotes in the order of their numbers, which begin with 1.
    pub notes: Vec<Note>,
}

/// A footnote.
#[derive(Debug, Clone)]
pub struct Note {
    pub blocks: Vec<Block>,
    /// How often the text refers to it; 0 for a note nobody refers to, which is kept all the same.
    pub references: usize,
}

#[derive(Debug, Clone)]
pub struct Block {
    pub kind: BlockKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum BlockKind {
    Paragraph(Vec<Inline>),
    /// `level` is the author's until [`Document::settle_levels`]; then 1 to 5, 1 for the highest that the body
    /// has: the title stands above it. `id` is unique in the body, and empty in a loop, where it could not be.
    Heading {
        level: u8,
        id: String,
        text: Vec<Inline>,
    },
    Quote(Vec<Block>),
    Callout {
        kind: Callout,
        /// Empty for the word that names the kind.
        title: Vec<Inline>,
        blocks: Vec<Block>,
    },
    List(List),
    Code {
        /// The first word after the fence, if there is one.
        language: Option<String>,
        /// Ends without a line end; merge syntax is as the author wrote it.
        text: String,
    },
    Table(Table),
    Definitions(Vec<Definition>),
    Rule,
    /// What stands between `:::` lines.
    Container(Container, Vec<Block>),
    /// MJML of the author, well-formed by itself; tokens of values stay.
    Mjml(String),
    /// Sanitised markup, well-formed by itself.
    Html(String),
    /// Blocks between the tags of raw markup: `<div align="center">`, blank line, Markdown.
    Wrapped {
        /// Sanitised, such as `<div align="center">`.
        open: String,
        tag: String,
        blocks: Vec<Block>,
    },
    /// A merge statement that stands alone and wraps whole blocks: its token.
    Logic(String),
}

/// A part of the letter that Markdown has no words for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Container {
    /// Paragraphs that are links, each a button.
    Button {
        side: Option<Side>,
        /// With a border in place of a ground.
        quiet: bool,
    },
    /// Side by side, one below the other on phones; every block in it is a [`Container::Column`].
    Columns,
    Column {
        /// Per cent of the width.
        width: Option<u8>,
    },
    /// A short line, or words in the place of one.
    Divider,
    /// An image and its caption.
    Figure,
    /// An image as wide as the card, and what belongs to it.
    Hero,
    /// A band with a ground of its own.
    Section,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Center,
    Right,
}

/// The five kinds of alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callout {
    Note,
    Tip,
    Important,
    Warning,
    Caution,
}

#[derive(Debug, Clone)]
pub struct List {
    /// The first number; `None` for bullets.
    pub start: Option<u64>,
    /// Items are single lines: no space between them.
    pub tight: bool,
    pub items: Vec<Item>,
}

#[derive(Debug, Clone)]
pub struct Item {
    /// Of a task: whether it is done.
    pub task: Option<bool>,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    None,
    Left,
    Center,
    Right,
}

/// Cells of one row, one per column.
pub type Row = Vec<Vec<Inline>>;

#[derive(Debug, Clone)]
pub struct Table {
    pub columns: Vec<Align>,
    pub head: Row,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone)]
pub enum Definition {
    Term(Vec<Inline>),
    Detail(Vec<Block>),
}

#[derive(Debug, Clone)]
pub struct Inline {
    pub kind: InlineKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum InlineKind {
    /// May hold tokens of values.
    Text(String),
    /// Merge syntax is as the author wrote it.
    Code(String),
    Styled(Style, Vec<Inline>),
    Link {
        target: String,
        title: String,
        children: Vec<Inline>,
    },
    Image {
        target: String,
        title: String,
        alt: String,
        /// CSS pixels, as the author wants it shown.
        width: Option<u32>,
    },
    /// A reference to the note of this number, and which reference to it this is, both from 1.
    Note {
        number: usize,
        reference: usize,
    },
    SoftBreak,
    HardBreak,
    /// Inlines between the tags of raw markup: the sanitised opening tag and its name.
    Wrapped {
        open: String,
        tag: String,
        children: Vec<Inline>,
    },
    /// Raw markup without an end tag, such as `<img …>`: sanitised.
    Html(String),
    /// A merge statement within the run: its token.
    Logic(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Emphasis,
    Strong,
    Strike,
    Superscript,
    Subscript,
    SmallCaps,
}

/// What a reader sees of `inlines`, without any marking; breaks become spaces. Tokens stay.
pub fn words(inlines: &[Inline]) -> String {
    let mut text = String::new();
    collect_words(inlines, &mut text);
    text
}

fn collect_words(inlines: &[Inline], text: &mut String) {
    for inline in inlines {
        match &inline.kind {
            InlineKind::Text(words) | InlineKind::Code(words) => text.push_str(words),
            InlineKind::Styled(_, children)
            | InlineKind::Link { children, .. }
            | InlineKind::Wrapped { children, .. } => collect_words(children, text),
            InlineKind::Image { alt, .. } => text.push_str(alt),
            InlineKind::SoftBreak | InlineKind::HardBreak => text.push(' '),
            InlineKind::Note { .. } | InlineKind::Html(_) | InlineKind::Logic(_) => {}
        }
    }
}

impl Block {
    /// The blocks that stand in this one: those of items and details one after the other.
    pub fn inner(&self) -> Vec<&[Block]> {
        match &self.kind {
            BlockKind::Quote(inner)
            | BlockKind::Callout { blocks: inner, .. }
            | BlockKind::Container(_, inner)
            | BlockKind::Wrapped { blocks: inner, .. } => vec![inner],
            BlockKind::List(list) => list.items.iter().map(|item| item.blocks.as_slice()).collect(),
            BlockKind::Definitions(list) => list.iter().filter_map(Definition::detail).collect(),
            BlockKind::Paragraph(_)
            | BlockKind::Heading { .. }
            | BlockKind::Code { .. }
            | BlockKind::Table(_)
            | BlockKind::Rule
            | BlockKind::Html(_)
            | BlockKind::Mjml(_)
            | BlockKind::Logic(_) => Vec::new(),
        }
    }

    /// Calls `visit` with the blocks that stand in this one.
    pub fn each_inner(&mut self, visit: &mut dyn FnMut(&mut Vec<Block>)) {
        match &mut self.kind {
            BlockKind::Quote(inner)
            | BlockKind::Callout { blocks: inner, .. }
            | BlockKind::Container(_, inner)
            | BlockKind::Wrapped { blocks: inner, .. } => visit(inner),
            BlockKind::List(list) => list.items.iter_mut().for_each(|item| visit(&mut item.blocks)),
            BlockKind::Definitions(list) => {
                for definition in list {
                    if let Definition::Detail(inner) = definition {
                        visit(inner);
                    }
                }
            }
            BlockKind::Paragraph(_)
            | BlockKind::Heading { .. }
            | BlockKind::Code { .. }
            | BlockKind::Table(_)
            | BlockKind::Rule
            | BlockKind::Html(_)
            | BlockKind::Mjml(_)
            | BlockKind::Logic(_) => {}
        }
    }
}

impl Definition {
    fn detail(&self) -> Option<&[Block]> {
        match self {
            Definition::Detail(blocks) => Some(blocks),
            Definition::Term(_) => None,
        }
    }
}

impl Document {
    /// Calls `visit` for every inline, those of notes last.
    pub fn each_inline<'a>(&'a self, visit: &mut dyn FnMut(&'a Inline)) {
        inlines_of(&self.blocks, visit);
        for note in &self.notes {
            inlines_of(&note.blocks, visit);
        }
    }
}

fn inlines_of<'a>(blocks: &'a [Block], visit: &mut dyn FnMut(&'a Inline)) {
    for block in blocks {
        match &block.kind {
            BlockKind::Paragraph(text) | BlockKind::Heading { text, .. } => visit_all(text, visit),
            BlockKind::Callout { title, blocks: inner, .. } => {
                visit_all(title, visit);
                inlines_of(inner, visit);
            }
            BlockKind::Quote(inner)
            | BlockKind::Container(_, inner)
            | BlockKind::Wrapped { blocks: inner, .. } => inlines_of(inner, visit),
            BlockKind::List(list) => list.items.iter().for_each(|item| inlines_of(&item.blocks, visit)),
            BlockKind::Table(table) => {
                for cell in table.head.iter().chain(table.rows.iter().flatten()) {
                    visit_all(cell, visit);
                }
            }
            BlockKind::Definitions(list) => {
                for definition in list {
                    match definition {
                        Definition::Term(text) => visit_all(text, visit),
                        Definition::Detail(inner) => inlines_of(inner, visit),
                    }
                }
            }
            BlockKind::Code { .. }
            | BlockKind::Rule
            | BlockKind::Html(_)
            | BlockKind::Mjml(_)
            | BlockKind::Logic(_) => {}
        }
    }
}

fn visit_all<'a>(inlines: &'a [Inline], visit: &mut dyn FnMut(&'a Inline)) {
    for inline in inlines {
        visit(inline);
        match &inline.kind {
            InlineKind::Styled(_, children)
            | InlineKind::Link { children, .. }
            | InlineKind::Wrapped { children, .. } => visit_all(children, visit),
            InlineKind::Text(_)
            | InlineKind::Code(_)
            | InlineKind::Image { .. }
            | InlineKind::Note { .. }
            | InlineKind::SoftBreak
            | InlineKind::HardBreak
            | InlineKind::Html(_)
            | InlineKind::Logic(_) => {}
        }
    }
}
