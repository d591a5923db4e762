//! The parser's events → blocks, without recursion.

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use super::anchors::Anchors;
use super::containers::LeftOut;
use super::fences::Fences;
use super::footnotes::Footnotes;
use super::nest::{Nest, report_unbalanced};
use super::open::{Frame, Open, is_container, open};
use super::raw::Cleaner;
use super::run::{Opened, RunItem, push_text};
use super::tree::{Block, BlockKind, Definition, Document, Inline, Item, List, Row, Table, words};
use super::{MAX_DEPTH, Reading, logic, unclosed};
use crate::compose::dialect;
use crate::compose::merge::Part;
use crate::model::finding::Finding;
use crate::model::source::Span;

/// Collects blocks while events come in.
pub struct Builder<'a> {
    text: &'a str,
    pub(super) reading: Reading<'a>,
    pub(super) stack: Vec<Frame>,
    pub(super) footnotes: Footnotes,
    anchors: Anchors,
    pub(super) cleaner: Cleaner,
    pub(super) findings: Vec<Finding>,
    pub(super) fences: &'a Fences,
    /// Where lines of colons have been met.
    pub(super) met: Vec<usize>,
    pub(super) left_out: LeftOut,
}

impl<'a> Builder<'a> {
    pub fn new(
        text: &'a str,
        reading: Reading<'a>,
        fences: &'a Fences,
        findings: Vec<Finding>,
    ) -> Builder<'a> {
        let root = Frame { open: Open::Root, span: 0..text.len(), blocks: Vec::new(), run: Vec::new() };
        Builder {
            text,
            reading,
            stack: vec![root],
            footnotes: Footnotes::default(),
            anchors: Anchors::default(),
            cleaner: Cleaner::new(),
            findings,
            fences,
            met: Vec::new(),
            left_out: LeftOut::default(),
        }
    }

    /// Takes the next event, which stands for `span` of the text.
    pub fn take(&mut self, event: Event<'_>, span: Span) {
        if self.leaves_out(&event, &span) {
            return;
        }
        match event {
            Event::Start(tag) => self.start(&tag, span),
            Event::End(end) => self.end(end),
            Event::Text(text) => self.words(&text, span),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.run_item(RunItem::Code(text.into_string(), span));
            }
            Event::Html(raw) => match &mut self.top().open {
                Open::Html(collected) => collected.push_str(&raw),
                _ => self.run_item(RunItem::Html(raw.into_string(), span)),
            },
            Event::InlineHtml(raw) => self.run_item(RunItem::Html(raw.into_string(), span)),
            Event::FootnoteReference(label) => self.run_item(RunItem::Note(label.into_string(), span)),
            Event::SoftBreak => self.run_item(RunItem::SoftBreak(span)),
            Event::HardBreak => self.run_item(RunItem::HardBreak(span)),
            Event::Rule => self.rule(span),
            Event::TaskListMarker(done) => self.mark_task(done),
        }
    }

    /// The document and what was found wrong with it.
    pub fn finish(mut self) -> (Document, Vec<Finding>) {
        self.report_open_containers();
        while self.stack.len() > 1 {
            self.close_raw();
            self.close();
        }
        self.flush_run();
        let blocks = std::mem::take(&mut self.top().blocks);
        let blocks = self.checked(blocks);
        (Document { blocks, notes: self.footnotes.finish() }, self.findings)
    }

    pub(super) fn top(&mut self) -> &mut Frame {
        self.stack.last_mut().expect("the root is never closed")
    }

    pub(super) fn run_item(&mut self, item: RunItem) {
        self.top().run.push(item);
    }

    fn words(&mut self, text: &str, span: Span) {
        let escaped = span.start > 0 && self.text.as_bytes()[span.start - 1] == b'\\';
        let literal = match self.text.get(span.clone()) != Some(text) {
            true => text.len(),
            false if escaped => text.chars().next().map_or(0, char::len_utf8),
            false => 0,
        };
        match &mut self.top().open {
            Open::Code { text: code, .. } => code.push_str(text),
            _ => push_text(&mut self.top().run, text, &span, literal),
        }
    }

    fn start(&mut self, tag: &Tag<'_>, span: Span) {
        if let Some(opened) = Opened::from_tag(tag) {
            return self.run_item(RunItem::Open(opened, span));
        }
        self.flush_run();
        if matches!(tag, Tag::Paragraph) {
            self.loosen();
        }
        if matches!(tag, Tag::CodeBlock(CodeBlockKind::Fenced(_))) {
            self.findings.extend(unclosed::fence(self.text, &span, &self.reading));
        }
        let open = match self.stack.len() > MAX_DEPTH && is_container(tag) {
            true => {
                self.too_deep(&span);
                Open::Flat
            }
            false => open(tag),
        };
        self.stack.push(Frame { open, span, blocks: Vec::new(), run: Vec::new() });
    }

    pub(super) fn too_deep(&mut self, span: &Span) {
        if !self.findings.iter().any(|finding| finding.rule == "depth-limit") {
            let message = "nested too deeply: what is deeper is laid flat";
            let finding = Finding::warning("depth-limit", message).at(self.reading.place(span));
            self.findings.push(finding.help("nest less: mail clients indent every level"));
        }
    }

    /// A paragraph directly in an item makes its list a loose one.
    fn loosen(&mut self) {
        if let [.., Frame { open: Open::List { tight, .. }, .. }, Frame { open: Open::Item { .. }, .. }] =
            self.stack.as_mut_slice()
        {
            *tight = false;
        }
    }

    fn mark_task(&mut self, done: bool) {
        let item = self.stack.iter_mut().rev().find_map(|frame| match &mut frame.open {
            Open::Item { task } => Some(task),
            _ => None,
        });
        if let Some(task) = item {
            *task = Some(done);
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image => self.run_item(RunItem::Close),
            _ => {
                self.close_raw();
                self.close();
            }
        }
    }

    /// Closes the raw tags that the author left open.
    fn close_raw(&mut self) {
        while let Open::Raw { tag, .. } = &self.top().open {
            let tag = tag.clone();
            let span = self.top().span.clone();
            self.findings.extend(unclosed::tag(&tag, &span, &self.reading));
            self.close();
        }
    }

    /// Inlines that stand directly in a container, as in tight lists, become a paragraph.
    pub(super) fn flush_run(&mut self) {
        let run = std::mem::take(&mut self.top().run);
        let Some(span) = run_span(&run) else { return };
        self.paragraph(run, &span);
    }

    fn paragraph(&mut self, run: Vec<RunItem>, span: &Span) {
        let inlines = self.nest().inlines(run);
        let blocks = logic::lift(inlines, self.reading.span(span), self.reading.marks);
        for block in &blocks {
            if let BlockKind::Paragraph(text) = &block.kind {
                self.nest().check_logic(text);
            }
        }
        self.top().blocks.extend(blocks);
    }

    /// A run that is all there is in its block.
    fn inlines(&mut self, run: Vec<RunItem>) -> Vec<Inline> {
        let inlines = self.nest().inlines(run);
        self.nest().check_logic(&inlines);
        inlines
    }

    pub(super) fn nest(&mut self) -> Nest<'a, '_> {
        Nest {
            reading: self.reading,
            cleaner: &self.cleaner,
            footnotes: &mut self.footnotes,
            findings: &mut self.findings,
        }
    }

    pub(super) fn block(&mut self, kind: BlockKind, span: Span) {
        self.flush_run();
        let span = self.reading.span(&span);
        self.top().blocks.push(Block { kind, span });
    }

    fn checked(&mut self, mut blocks: Vec<Block>) -> Vec<Block> {
        logic::without_ids_in_loops(&mut blocks, self.reading.marks);
        let found = logic::unbalanced(logic::among(&blocks, self.reading.marks).into_iter());
        report_unbalanced(found, &self.reading, &mut self.findings);
        blocks
    }

    pub(super) fn close(&mut self) {
        let is_leaf = matches!(
            self.top().open,
            Open::Paragraph
                | Open::Heading { .. }
                | Open::Term
                | Open::Cell
                | Open::Code { .. }
                | Open::Html(_)
        );
        if !is_leaf {
            self.flush_run();
        }
        if self.stack.len() == 1 {
            return;
        }
        let Some(mut frame) = self.stack.pop() else { return };
        let run = std::mem::take(&mut frame.run);
        let is_flat = matches!(frame.open, Open::Flat);
        let blocks = if is_flat { frame.blocks } else { self.checked(frame.blocks) };
        self.closed(frame.open, frame.span, run, blocks);
    }

    fn closed(&mut self, open: Open, span: Span, run: Vec<RunItem>, blocks: Vec<Block>) {
        match open {
            Open::Root => {}
            Open::Flat => self.top().blocks.extend(blocks),
            Open::Paragraph => self.paragraph(run, &span),
            Open::Heading { level, id } => self.heading(level, id.as_deref(), run, span),
            Open::Quote(None) => self.block(BlockKind::Quote(blocks), span),
            Open::Quote(Some(kind)) => {
                self.block(BlockKind::Callout { kind, title: Vec::new(), blocks }, span)
            }
            Open::List { start, tight, items } => {
                self.block(BlockKind::List(List { start, tight, items }), span)
            }
            Open::Item { task } => self.item(Item { task, blocks }),
            Open::Code { language, text } => self.code(language, &text, span),
            Open::Html(raw) => self.html(&raw, span),
            Open::Raw { open, tag } => self.block(BlockKind::Wrapped { open, tag, blocks }, span),
            Open::Fenced(fence) => self.container(fence, blocks, span),
            Open::Note(label) => self.footnotes.define(&label, blocks),
            Open::Definitions(list) => self.block(BlockKind::Definitions(list), span),
            Open::Term => {
                let term = Definition::Term(self.inlines(run));
                self.definition(term);
            }
            Open::Detail => self.definition(Definition::Detail(blocks)),
            Open::Table { columns, head, rows } => {
                self.block(BlockKind::Table(Table { columns, head, rows }), span);
            }
            Open::Cells(cells) => self.row(cells),
            Open::Cell => {
                let cell = self.inlines(run);
                if let Open::Cells(cells) = &mut self.top().open {
                    cells.push(cell);
                }
            }
        }
    }

    fn heading(&mut self, level: u8, id: Option<&str>, run: Vec<RunItem>, span: Span) {
        let text = self.inlines(run);
        let plain = plain_words(&words(&text), &self.reading);
        let id = self.anchors.id(id, &plain);
        self.block(BlockKind::Heading { level, id, text }, span);
    }

    fn item(&mut self, item: Item) {
        match &mut self.top().open {
            Open::List { items, .. } => items.push(item),
            _ => self.top().blocks.extend(item.blocks),
        }
    }

    fn definition(&mut self, definition: Definition) {
        match &mut self.top().open {
            Open::Definitions(list) => list.push(definition),
            _ => self.flat_definition(definition),
        }
    }

    fn flat_definition(&mut self, definition: Definition) {
        match definition {
            Definition::Term(text) => {
                let span = text.first().map_or(0..0, |inline| inline.span.clone());
                self.top().blocks.push(Block { kind: BlockKind::Paragraph(text), span });
            }
            Definition::Detail(blocks) => self.top().blocks.extend(blocks),
        }
    }

    /// The first row of a table is its head.
    fn row(&mut self, cells: Row) {
        if let Open::Table { head, rows, .. } = &mut self.top().open {
            match head.is_empty() {
                true => *head = cells,
                false => rows.push(cells),
            }
        }
    }

    fn code(&mut self, language: Option<String>, text: &str, span: Span) {
        if language.as_deref() == Some(dialect::MJML) {
            return self.mjml(text, span);
        }
        let text = self.reading.marks.restore(text).replace("\r\n", "\n");
        let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
        self.block(BlockKind::Code { language, text }, span);
    }
}

/// `text` without tokens.
fn plain_words(text: &str, reading: &Reading<'_>) -> String {
    let parts = reading.marks.split(text).into_iter().map(|part| match part {
        Part::Text(text) => text,
        Part::Mark(_) => "",
    });
    parts.collect()
}

fn run_span(run: &[RunItem]) -> Option<Span> {
    let spans = run.iter().filter_map(|item| match item {
        RunItem::Text(words) => Some(words.span.clone()),
        RunItem::Code(_, span)
        | RunItem::Html(_, span)
        | RunItem::Open(_, span)
        | RunItem::Note(_, span)
        | RunItem::SoftBreak(span)
        | RunItem::HardBreak(span) => Some(span.clone()),
        RunItem::Close => None,
    });
    spans.reduce(|whole, span| whole.start.min(span.start)..whole.end.max(span.end))
}
