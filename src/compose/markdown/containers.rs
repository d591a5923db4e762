//! Containers: what stands between two lines of colons.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::blocks::Builder;
use super::directive::Directive;
use super::fences::Fence;
use super::lone::{links_of, picture_first};
use super::open::{Frame, Open};
use super::run::{RunItem, push_text};
use super::tree::{Block, BlockKind, Container, Inline, InlineKind};
use super::{MAX_DEPTH, Medium};
use crate::compose::words;
use crate::model::finding::Finding;
use crate::model::source::Span;

/// More stand side by side in no letter.
const MOST_COLUMNS: usize = 4;

/// What is being left out because it is for another medium.
#[derive(Debug, Default)]
pub struct LeftOut {
    /// How many containers are open since.
    depth: usize,
    /// Within a note, which is kept: something else may refer to it.
    in_note: bool,
}

impl Builder<'_> {
    /// Whether the event is part of what this medium leaves out.
    pub(super) fn leaves_out(&mut self, event: &Event<'_>, span: &Span) -> bool {
        if self.left_out.depth == 0 {
            return false;
        }
        match event {
            Event::Start(Tag::FootnoteDefinition(_)) => self.left_out.in_note = true,
            Event::End(TagEnd::FootnoteDefinition) => {
                self.left_out.in_note = false;
                return false;
            }
            Event::FootnoteReference(label) if !self.left_out.in_note => self.footnotes.leave_out(label),
            _ => {}
        }
        let is_fence = matches!(event, Event::Rule) && self.fences.at(span.start).is_some();
        !self.left_out.in_note && !is_fence
    }

    /// A rule, or the line of colons that it stands for.
    pub(super) fn rule(&mut self, span: Span) {
        let Some((fence, _)) = self.fences.at(span.start) else {
            return self.block(BlockKind::Rule, span);
        };
        self.met.push(span.start);
        self.flush_run();
        match (fence.clone(), self.left_out.depth) {
            (Fence::Close, 0) => self.close_container(&span),
            (Fence::Close, depth) => self.left_out.depth = depth - 1,
            (Fence::Whole(directive), 0) => {
                let depth = self.stack.len();
                self.open_container(directive, &span);
                self.left_out.depth = 0;
                if self.stack.len() > depth {
                    self.close();
                }
            }
            (Fence::Whole(_), _) => {}
            (Fence::Open(directive), 0) => self.open_container(directive, &span),
            (fence @ (Fence::Segment(_) | Fence::Broken), 0) => self.push_fence(fence, &span),
            (Fence::Open(_) | Fence::Segment(_) | Fence::Broken, depth) => self.left_out.depth = depth + 1,
        }
    }

    fn push_fence(&mut self, fence: Fence, span: &Span) {
        self.stack.push(Frame {
            open: Open::Fenced(fence),
            span: span.clone(),
            blocks: Vec::new(),
            run: Vec::new(),
        });
    }

    fn open_container(&mut self, directive: Directive, span: &Span) {
        match (directive, self.reading.medium) {
            (Directive::Web, Medium::Mail { .. }) | (Directive::Mail, Medium::Web) => self.left_out.depth = 1,
            (Directive::Fold { label }, Medium::Mail { web }) => {
                self.left_out.depth = 1;
                self.fold(&label, web.map(str::to_owned), span);
            }
            (Directive::Column { .. }, _) if !self.is_in_columns() => {
                self.report(
                    span,
                    "a column stands outside of any columns",
                    "put it between `::: columns` and `:::`",
                );
                self.push_fence(Fence::Broken, span);
            }
            (directive, _) if self.stack.len() <= MAX_DEPTH => self.push_fence(Fence::Open(directive), span),
            _ => {
                self.too_deep(span);
                self.push_fence(Fence::Broken, span);
            }
        }
    }

    fn is_in_columns(&self) -> bool {
        matches!(
            self.stack.last().map(|frame| &frame.open),
            Some(Open::Fenced(Fence::Open(Directive::Columns)))
        )
    }

    /// The way to the rest of the text, in its place.
    fn fold(&mut self, label: &str, web: Option<String>, span: &Span) {
        let Some(target) = web else {
            let help =
                "say where the web version is: `web_version = \"https://example.org/{id}\"` in courant.toml";
            return self.report(span, "the fold leads nowhere: this issue has no web version", help);
        };
        let label = if label.is_empty() { words::read_on(self.reading.lang) } else { label };
        let children = self.words_of(label, span);
        let place = self.reading.span(span);
        let link =
            Inline { kind: InlineKind::Link { target, title: String::new(), children }, span: place.clone() };
        let paragraph = Block { kind: BlockKind::Paragraph(vec![link]), span: place };
        self.block(
            BlockKind::Container(Container::Button { side: None, quiet: false }, vec![paragraph]),
            span.clone(),
        );
    }

    /// A title or a label: words with tokens, no Markdown.
    fn words_of(&mut self, text: &str, span: &Span) -> Vec<Inline> {
        let mut run: Vec<RunItem> = Vec::new();
        push_text(&mut run, text, span, 0);
        self.nest().inlines(run)
    }

    fn close_container(&mut self, span: &Span) {
        let is_raw = |frame: &Frame| matches!(frame.open, Open::Raw { .. });
        let inner = self.stack.iter().rev().take_while(|frame| is_raw(frame)).count();
        let container = self.stack.len() - 1 - inner;
        if !matches!(self.stack[container].open, Open::Fenced(_)) {
            return self.report(
                span,
                "this `:::` ends nothing",
                "delete it, or begin a container before it: `::: section`",
            );
        }
        for _ in 0..=inner {
            self.close();
        }
    }

    /// What a container is once its blocks are known.
    pub(super) fn container(&mut self, fence: Fence, blocks: Vec<Block>, span: Span) {
        let directive = match fence {
            Fence::Open(directive) | Fence::Whole(directive) => directive,
            Fence::Segment([open, close]) => {
                self.block(BlockKind::Logic(open), span.clone());
                self.top().blocks.extend(blocks);
                return self.block(BlockKind::Logic(close), span);
            }
            Fence::Broken | Fence::Close => return self.top().blocks.extend(blocks),
        };
        let container = match directive {
            Directive::Callout { kind, title } => {
                let title = if title.is_empty() { Vec::new() } else { self.words_of(&title, &span) };
                return self.block(BlockKind::Callout { kind, title, blocks }, span);
            }
            Directive::Columns => return self.columns(blocks, span),
            Directive::Fold { .. } | Directive::Mail | Directive::Segment(_) | Directive::Web => {
                return self.top().blocks.extend(blocks);
            }
            Directive::Button { side, quiet } => Container::Button { side, quiet },
            Directive::Column { width } => Container::Column { width },
            Directive::Divider => Container::Divider,
            Directive::Figure => Container::Figure,
            Directive::Hero => Container::Hero,
            Directive::Section => Container::Section,
        };
        self.check_container(&container, &blocks, &span);
        self.block(BlockKind::Container(container, blocks), span);
    }

    /// What stands beside the columns is a column, too.
    fn columns(&mut self, blocks: Vec<Block>, span: Span) {
        let is_column =
            |block: &Block| matches!(block.kind, BlockKind::Container(Container::Column { .. }, _));
        let mut columns: Vec<Block> = Vec::new();
        for block in blocks {
            if is_column(&block) {
                columns.push(block);
                continue;
            }
            let span = block.span.clone();
            columns.push(Block {
                kind: BlockKind::Container(Container::Column { width: None }, vec![block]),
                span,
            });
        }
        if columns.len() > MOST_COLUMNS {
            let message = format!("{} columns: nobody can read so many side by side", columns.len());
            self.report(&span, &message, "make them 2 to 4, each between `::: column` and `:::`");
        }
        self.block(BlockKind::Container(Container::Columns, columns), span);
    }

    fn check_container(&mut self, container: &Container, blocks: &[Block], span: &Span) {
        let is_picture = picture_first(blocks).0.is_some();
        match container {
            Container::Button { .. } if blocks.is_empty() || !blocks.iter().all(is_link) => {
                self.report(
                    span,
                    "a button holds a link and nothing else",
                    "write `[Read on](https://example.org)` in it",
                );
            }
            Container::Hero | Container::Figure if !is_picture => {
                self.report(
                    span,
                    "there is no image in it",
                    "begin it with an image in a paragraph of its own: `![What it shows](picture.jpg)`",
                );
            }
            _ => {}
        }
    }

    fn report(&mut self, span: &Span, message: &str, help: &str) {
        let place = match self.fences.at(span.start) {
            Some((_, place)) => self.reading.source.at(place.clone()),
            None => self.reading.source.at(self.reading.span(span)),
        };
        self.findings.push(Finding::error("container", message).at(place).help(help));
    }

    /// Containers that the text ends in, and lines of colons that the parser took for something else.
    pub(super) fn report_open_containers(&mut self) {
        let open: Vec<(Span, String)> = self.stack.iter().filter_map(unclosed).collect();
        for (span, name) in open {
            let message = format!("`::: {name}` is never closed");
            self.report(&span, &message, "write `:::` on a line of its own where it ends");
        }
        let fences = self.fences;
        for (start, _) in fences.iter().filter(|(start, _)| !self.met.contains(start)).collect::<Vec<_>>() {
            let help = "put an empty line before it";
            self.report(&(start..start), "this `:::` stands within raw markup", help);
        }
    }
}

fn unclosed(frame: &Frame) -> Option<(Span, String)> {
    match &frame.open {
        Open::Fenced(Fence::Open(directive)) => Some((frame.span.clone(), directive.name().to_owned())),
        Open::Fenced(Fence::Segment(_)) => Some((frame.span.clone(), "segment".to_owned())),
        _ => None,
    }
}

/// Whether a paragraph is links alone, strong or not.
fn is_link(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Logic(_)) || links_of(block).is_some()
}

#[cfg(test)]
mod tests;
