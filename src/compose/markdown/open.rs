//! Blocks that are still open while events come in.

use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind, Tag};

use super::fences::Fence;
use super::run::RunItem;
use super::tree::{Align, Block, Callout, Definition, Item, Row};
use crate::model::source::Span;

/// A block that is still open.
pub struct Frame {
    pub open: Open,
    pub span: Span,
    pub blocks: Vec<Block>,
    pub run: Vec<RunItem>,
}

pub enum Open {
    Root,
    Paragraph,
    Heading {
        level: u8,
        id: Option<String>,
    },
    Quote(Option<Callout>),
    List {
        start: Option<u64>,
        tight: bool,
        items: Vec<Item>,
    },
    Item {
        task: Option<bool>,
    },
    Code {
        language: Option<String>,
        text: String,
    },
    Html(String),
    /// Between raw tags that stand in blocks of their own.
    Raw {
        open: String,
        tag: String,
    },
    /// Between two lines of colons.
    Fenced(Fence),
    Note(String),
    Definitions(Vec<Definition>),
    Term,
    Detail,
    Table {
        columns: Vec<Align>,
        head: Row,
        rows: Vec<Row>,
    },
    Cells(Row),
    Cell,
    /// Past the depth that is kept: its blocks go to the parent.
    Flat,
}

/// Whether blocks stand in it, so that it may be too deep.
pub fn is_container(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::BlockQuote(_) | Tag::List(_) | Tag::Item | Tag::DefinitionList)
        || matches!(tag, Tag::DefinitionListDefinition | Tag::FootnoteDefinition(_))
}

/// What the start of a block opens.
pub fn open(tag: &Tag<'_>) -> Open {
    match tag {
        Tag::Paragraph => Open::Paragraph,
        Tag::Heading { level, id, .. } => {
            Open::Heading { level: *level as u8, id: id.as_ref().map(ToString::to_string) }
        }
        Tag::BlockQuote(kind) => Open::Quote(kind.map(callout)),
        Tag::CodeBlock(kind) => Open::Code { language: language(kind), text: String::new() },
        Tag::HtmlBlock => Open::Html(String::new()),
        Tag::List(start) => Open::List { start: *start, tight: true, items: Vec::new() },
        Tag::Item => Open::Item { task: None },
        Tag::FootnoteDefinition(label) => Open::Note(label.to_string()),
        Tag::DefinitionList => Open::Definitions(Vec::new()),
        Tag::DefinitionListTitle => Open::Term,
        Tag::DefinitionListDefinition => Open::Detail,
        Tag::Table(columns) => {
            Open::Table { columns: columns.iter().map(align).collect(), head: Vec::new(), rows: Vec::new() }
        }
        Tag::TableHead | Tag::TableRow => Open::Cells(Vec::new()),
        Tag::TableCell => Open::Cell,
        _ => Open::Flat,
    }
}

fn callout(kind: BlockQuoteKind) -> Callout {
    match kind {
        BlockQuoteKind::Note => Callout::Note,
        BlockQuoteKind::Tip => Callout::Tip,
        BlockQuoteKind::Important => Callout::Important,
        BlockQuoteKind::Warning => Callout::Warning,
        BlockQuoteKind::Caution => Callout::Caution,
    }
}

fn align(alignment: &Alignment) -> Align {
    match alignment {
        Alignment::None => Align::None,
        Alignment::Left => Align::Left,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::Right,
    }
}

fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    match kind {
        CodeBlockKind::Fenced(info) => info.split_whitespace().next().map(str::to_owned),
        CodeBlockKind::Indented => None,
    }
}
