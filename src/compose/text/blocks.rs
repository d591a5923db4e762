//! Blocks → lines.

use super::wrap::{width, wrap};
use super::{WIDTH, Writer, hang, underlined};
use crate::compose::markdown::html_of_mjml;
use crate::compose::markdown::tree::{Block, BlockKind, Container, Definition, Item, List};

/// However deep the nesting, so many columns are left for words.
const NARROWEST: usize = 20;

impl Writer<'_> {
    /// Lines of at most `columns`, with an empty line between blocks. Merge statements stand before the line
    /// that they are about, so that a block they leave out leaves no gap.
    pub fn blocks(&mut self, blocks: &[Block], columns: usize) -> Vec<String> {
        self.spaced(blocks, columns, true)
    }

    fn spaced(&mut self, blocks: &[Block], columns: usize, space: bool) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut statements = String::new();
        for block in blocks {
            if let BlockKind::Logic(token) = &block.kind {
                self.references.pass(token);
                // What was written so far ends with its space, so that the statement begins a line.
                statements.push_str(token);
                continue;
            }
            let mut written = self.block(block, columns.max(NARROWEST));
            if written.is_empty() {
                continue;
            }
            if space && !lines.is_empty() {
                lines.push(String::new());
            }
            written[0].insert_str(0, &std::mem::take(&mut statements));
            lines.extend(written);
        }
        if !statements.is_empty() {
            if space && !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(statements);
        }
        lines
    }

    fn block(&mut self, block: &Block, columns: usize) -> Vec<String> {
        match &block.kind {
            BlockKind::Paragraph(text) => wrap(&self.inlines(text), columns),
            BlockKind::Heading { level, text, .. } => {
                let rule = if *level == 1 { '-' } else { '~' };
                underlined(wrap(&self.inlines(text), columns), rule)
            }
            BlockKind::Quote(blocks) => quoted(self.blocks(blocks, columns.saturating_sub(2))),
            BlockKind::Callout { kind, title, blocks } => {
                let mut lines = match title.is_empty() {
                    true => vec![format!("{}:", self.words.callout(*kind).to_uppercase())],
                    false => wrap(&self.inlines(title), columns.saturating_sub(2)),
                };
                lines.extend(self.blocks(blocks, columns.saturating_sub(2)));
                lines.into_iter().map(|line| format!("| {line}").trim_end().to_owned()).collect()
            }
            BlockKind::List(list) => self.list(list, columns),
            BlockKind::Code { text, .. } => text.split('\n').map(indented).collect(),
            BlockKind::Table(table) => self.table(table, columns),
            BlockKind::Definitions(list) => self.definitions(list, columns),
            BlockKind::Rule => vec![centred("* * *", columns)],
            BlockKind::Container(Container::Divider, blocks) => match blocks.is_empty() {
                true => vec![centred("* * *", columns)],
                false => self.blocks(blocks, columns).iter().map(|line| centred(line, columns)).collect(),
            },
            BlockKind::Container(_, blocks) => self.blocks(blocks, columns),
            BlockKind::Mjml(mjml) => wrap(self.markup(&html_of_mjml(mjml)).trim(), columns),
            BlockKind::Html(html) => wrap(self.markup(html).trim(), columns),
            BlockKind::Wrapped { blocks, .. } => self.blocks(blocks, columns),
            BlockKind::Logic(token) => vec![token.clone()],
        }
    }

    fn list(&mut self, list: &List, columns: usize) -> Vec<String> {
        let last = list.start.unwrap_or(0).saturating_add(list.items.len() as u64);
        let room = last.to_string().len();
        let mut lines = Vec::new();
        for (index, item) in list.items.iter().enumerate() {
            let marker = match list.start {
                Some(start) => format!("{:>room$}. ", start.saturating_add(index as u64)),
                None => "- ".to_owned(),
            };
            if index > 0 && !list.tight {
                lines.push(String::new());
            }
            lines.extend(self.item(item, &marker, list.tight, columns));
        }
        lines
    }

    fn item(&mut self, item: &Item, marker: &str, tight: bool, columns: usize) -> Vec<String> {
        let marker = match item.task {
            Some(true) => format!("{marker}[x] "),
            Some(false) => format!("{marker}[ ] "),
            None => marker.to_owned(),
        };
        let inner = self.spaced(&item.blocks, columns.saturating_sub(width(&marker)), !tight);
        hang(inner, &marker)
    }

    fn definitions(&mut self, list: &[Definition], columns: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (index, definition) in list.iter().enumerate() {
            match definition {
                Definition::Term(text) => {
                    if index > 0 {
                        lines.push(String::new());
                    }
                    lines.extend(wrap(&self.inlines(text), columns));
                }
                Definition::Detail(blocks) => {
                    let inner = self.blocks(blocks, columns.saturating_sub(4));
                    lines.extend(hang(inner, "    "));
                }
            }
        }
        lines
    }
}

fn centred(line: &str, columns: usize) -> String {
    let before = columns.min(WIDTH).saturating_sub(width(line)) / 2;
    format!("{}{line}", " ".repeat(before))
}

fn quoted(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| format!("> {line}").trim_end().to_owned()).collect()
}

/// Code is never wrapped.
fn indented(line: &str) -> String {
    match line.is_empty() {
        true => String::new(),
        false => format!("    {line}"),
    }
}
