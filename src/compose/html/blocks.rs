//! Blocks → HTML within an `mj-text`.

use super::direction::direction;
use super::escape;
use super::grounds::on_panels;
use super::inlines::{Writer, note_anchor};
use super::tag::tag_length;
use crate::compose::highlight::{self, Role};
use crate::compose::markdown::tree::{
    Block, BlockKind, Callout, Container, Definition, Inline, Item, List, Note,
};

/// The space below a block, in pixels.
const BELOW: u32 = 20;

/// The space above a heading that follows prose, in pixels.
const ABOVE_HEADING: u32 = 28;

impl Writer<'_> {
    pub fn blocks(&mut self, blocks: &[Block]) {
        let mut above = Above::Nothing;
        for block in blocks {
            self.block_below(above, block);
            above = Above::of(block);
        }
    }

    /// A block with the space above it, which headings alone ask for.
    pub fn block_below(&mut self, above: Above, block: &Block) {
        let BlockKind::Heading { level, id, text } = &block.kind else { return self.block(block) };
        let start = self.out.len();
        let pixels = match above {
            Above::Nothing => 0,
            Above::Box => ABOVE_HEADING - BELOW,
            Above::Prose => ABOVE_HEADING,
        };
        self.heading(*level, id, text, pixels);
        self.trace(start, &block.span);
    }

    fn heading(&mut self, level: u8, id: &str, text: &[Inline], above: u32) {
        let level = usize::from(level);
        let (tag, way) = (level + 1, self.way(text));
        let style = &self.styles.headings[level];
        let (id, anchor) = match escape(id) {
            id if id.is_empty() => (String::new(), String::new()),
            id => (format!(" id=\"{id}\""), format!("<a name=\"{id}\"></a>")),
        };
        self.out.push_str(&format!(
            "<h{tag}{id}{} style=\"margin:{above}px 0 12px;{style}{}\">{anchor}",
            way.dir, way.align
        ));
        self.inlines(text);
        self.push(&format!("</h{tag}>"));
    }

    /// How words that run against the direction say so.
    fn way(&self, text: &[Inline]) -> Way {
        match (direction(text, self.marks), self.styles.start) {
            (Some("rtl"), "left") => Way { dir: " dir=\"rtl\"", align: ";text-align:right" },
            (Some("ltr"), "right") => Way { dir: " dir=\"ltr\"", align: ";text-align:left" },
            _ => Way { dir: "", align: "" },
        }
    }

    /// Blocks of which the last leaves no space below it.
    fn boxed_blocks(&mut self, blocks: &[Block]) {
        let Some((last, before)) = blocks.split_last() else { return };
        self.blocks(before);
        let start = self.out.len();
        self.block(last);
        let written = self.out.split_off(start);
        let tight = match &last.kind {
            BlockKind::Paragraph(_)
            | BlockKind::List(_)
            | BlockKind::Definitions(_)
            | BlockKind::Table(_) => written.replacen("margin:0 0 20px", "margin:0", 1),
            BlockKind::Quote(_) | BlockKind::Callout { .. } | BlockKind::Code { .. } => {
                let end = format!("{}</table>", spacer());
                written.strip_suffix(&end).map_or(written.clone(), |kept| format!("{kept}</table>"))
            }
            _ => written,
        };
        self.push(&tight);
    }

    pub fn block(&mut self, block: &Block) {
        let start = self.out.len();
        self.write_block(block);
        self.trace(start, &block.span);
    }

    fn write_block(&mut self, block: &Block) {
        match &block.kind {
            BlockKind::Paragraph(text) => {
                let way = self.way(text);
                self.push(&format!("<p{} style=\"{}{}\">", way.dir, self.styles.paragraph, way.align));
                self.inlines(text);
                self.push("</p>");
            }
            BlockKind::Heading { level, id, text } => self.heading(*level, id, text, ABOVE_HEADING),
            BlockKind::Quote(blocks) => self.quote(blocks),
            BlockKind::Callout { kind, title, blocks } => self.callout(*kind, title, blocks),
            BlockKind::List(list) => self.list(list),
            BlockKind::Code { language, text } => self.code(language.as_deref(), text),
            BlockKind::Table(table) => self.nested_table(table),
            BlockKind::Definitions(list) => self.definitions(list),
            BlockKind::Rule => self.rule(),
            BlockKind::Container(Container::Divider, blocks) if blocks.is_empty() => self.rule(),
            BlockKind::Container(_, blocks) => self.blocks(blocks),
            BlockKind::Mjml(mjml) => self.code(None, mjml),
            BlockKind::Html(html) => self.raw(&on_panels(html)),
            BlockKind::Wrapped { open, tag, blocks } => {
                self.markup(&on_panels(open));
                self.blocks(blocks);
                self.push(&format!("</{tag}>"));
            }
            BlockKind::Logic(token) => self.push(&format!("<!--{token}-->")),
        }
    }

    fn quote(&mut self, blocks: &[Block]) {
        let style = format!("{};{}", self.styles.quote, self.styles.cell);
        self.boxed("c-line", &style, |writer| writer.boxed_blocks(blocks));
    }

    /// The label says in words what the colour says.
    pub fn callout(&mut self, callout: Callout, title: &[Inline], blocks: &[Block]) {
        let (label, color) = (self.words.callout(callout), color(callout));
        let style = format!(
            "{};border-{}:4px solid {color};{}",
            self.styles.panel, self.styles.start, self.styles.cell
        );
        self.boxed("c-panel", &style, |writer| {
            let is_within = std::mem::replace(&mut writer.in_panel, true);
            writer.push("<p style=\"margin:0 0 4px\"><strong>");
            match title.is_empty() {
                true => writer.push(label),
                false => writer.inlines(title),
            }
            writer.push("</strong></p>");
            writer.boxed_blocks(blocks);
            writer.in_panel = is_within;
        });
    }

    pub fn code(&mut self, language: Option<&str>, text: &str) {
        let styles = self.styles;
        let panel = if self.in_panel { &styles.panel_in_panel } else { &styles.panel };
        self.boxed("c-panel", panel, |writer| {
            writer.push(&format!("<pre dir=\"ltr\" style=\"{}\">", writer.styles.pre));
            // Browsers ignore a line end directly after the tag.
            writer.push(if text.starts_with('\n') { "\n" } else { "" });
            for (role, piece) in highlight::pieces(language.unwrap_or_default(), text) {
                writer.coloured(role, piece);
            }
            writer.push("</pre>");
        });
    }

    fn coloured(&mut self, role: Option<Role>, code: &str) {
        let Some(role) = role else { return self.push_escaped(code) };
        self.push(&format!("<span class=\"{}\" style=\"color:{}\">", role.class(), role.colours().0));
        self.push_escaped(code);
        self.push("</span>");
    }

    /// Markup of the author, with the space below it that other blocks have.
    fn raw(&mut self, html: &str) {
        const SPACELESS: [&str; 6] = ["<table", "<div", "<center", "<img", "<a", "<span"];
        let html = with_margins(html, self.styles.paragraph);
        match SPACELESS.iter().any(|open| html.starts_with(open)) {
            true => {
                self.push(&format!("<div style=\"{}\">", self.styles.paragraph));
                self.markup(&html);
                self.push("</div>");
            }
            false => self.markup(&html),
        }
    }

    /// A table of one cell: the only box whose border and background Outlook keeps.
    fn boxed(&mut self, class: &str, style: &str, content: impl FnOnce(&mut Self)) {
        self.push(&format!(
            "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" width=\"100%\" \
             style=\"border-collapse:separate\"><tr><td class=\"{class}\" style=\"{style}\">"
        ));
        content(self);
        self.push(&format!("</td></tr>{}</table>", spacer()));
    }

    fn list(&mut self, list: &List) {
        let tag = if list.start.is_some() { "ol" } else { "ul" };
        let start = list.start.filter(|start| *start != 1).map(|start| format!(" start=\"{start}\""));
        let is_tasks = !list.items.is_empty() && list.items.iter().all(|item| item.task.is_some());
        let way = self.way(first_words(list));
        let style = match (is_tasks, way.dir) {
            // A box and the blank after it are as wide as this.
            (true, "") => format!("padding:{};list-style:none", self.styles.indent.replace("24", "20")),
            (true, _) => {
                format!("padding:{};list-style:none", self.styles.indent_against.replace("24", "20"))
            }
            (false, "") => format!("padding:{}", self.styles.indent),
            (false, _) => format!("padding:{}", self.styles.indent_against),
        };
        let start = start.unwrap_or_default();
        self.push(&format!("<{tag}{start}{} style=\"margin:0 0 20px;{style}{}\">", way.dir, way.align));
        for (index, item) in list.items.iter().enumerate() {
            let below = match (index + 1 == list.items.len(), list.tight) {
                (true, _) => "0",
                (false, true) => "0 0 8px",
                (false, false) => "0 0 16px",
            };
            self.item(item, list.tight, is_tasks, below);
        }
        self.push(&format!("</{tag}>"));
    }

    /// The box of a task stands where a bullet would; among items with bullets it is in the place of one.
    fn item(&mut self, item: &Item, tight: bool, is_tasks: bool, margin: &str) {
        let (is_task, start) = (item.task.is_some(), self.out.len());
        let bullet = if is_task && !is_tasks { ";list-style:none" } else { "" };
        self.push(&format!("<li style=\"margin:{margin}{bullet}\">"));
        let tick = match item.task {
            Some(true) => "\u{2611} ",
            Some(false) => "\u{2610} ",
            None => "",
        };
        let hangs =
            is_task && matches!(item.blocks.first(), Some(Block { kind: BlockKind::Paragraph(_), .. }));
        self.push(match (hangs, tight || item.blocks.len() == 1) {
            (true, true) => "<div style=\"text-indent:-20px\">",
            (true, false) => "<div style=\"margin:0 0 12px;text-indent:-20px\">",
            (false, _) => "",
        });
        self.push(tick);
        let is_words = |index: usize| matches!(item.blocks[index].kind, BlockKind::Paragraph(_));
        for (index, block) in item.blocks.iter().enumerate() {
            match &block.kind {
                BlockKind::Paragraph(text) if tight || (index == 0 && item.task.is_some()) => {
                    if index > 0 && is_words(index - 1) && !(hangs && index == 1) {
                        self.push("<br>");
                    }
                    self.inlines(text);
                    self.push(if hangs && index == 0 { "</div>" } else { "" });
                }
                BlockKind::List(list) if tight => self.inner_list(list),
                _ if index + 1 == item.blocks.len() => self.boxed_blocks(std::slice::from_ref(block)),
                _ => {
                    let start = self.out.len();
                    let above = index.checked_sub(1).map_or(Above::Nothing, |n| Above::of(&item.blocks[n]));
                    self.block_below(above, block);
                    let written = self.out.split_off(start);
                    // Closer to each other than the items are.
                    self.push(&written.replacen("margin:0 0 20px", "margin:0 0 12px", 1));
                }
            }
        }
        self.push("</li>");
        if let (Some(first), Some(last)) = (item.blocks.first(), item.blocks.last()) {
            self.trace(start, &(first.span.start..last.span.end));
        }
    }

    /// A list within a tight list keeps the rhythm of its items.
    fn inner_list(&mut self, list: &List) {
        let start = self.out.len();
        self.list(list);
        let html = self.out.split_off(start);
        self.push(&html.replacen("margin:0 0 20px", "margin:8px 0 0", 1));
    }

    fn definitions(&mut self, list: &[Definition]) {
        self.push("<dl style=\"margin:0 0 20px\">");
        for definition in list {
            match definition {
                Definition::Term(text) => {
                    self.push("<dt style=\"font-weight:700\">");
                    self.inlines(text);
                    self.push("</dt>");
                }
                Definition::Detail(blocks) => {
                    self.push(&format!("<dd style=\"margin:0 0 8px;padding:{}\">", self.styles.indent));
                    self.boxed_blocks(blocks);
                    self.push("</dd>");
                }
            }
        }
        self.push("</dl>");
    }

    fn rule(&mut self) {
        let rule = self.styles.rule.clone();
        self.push(&format!(
            "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" width=\"100%\" \
             style=\"margin:0 0 20px\"><tr><td class=\"c-line\" style=\"{rule}\">&nbsp;</td></tr></table>"
        ));
    }

    /// The notes at the end: a number each, and a way back to every place that refers to it.
    pub fn notes(&mut self, notes: &[Note]) {
        let small = self.styles.small.clone();
        self.push(&format!(
            "<ol class=\"c-muted\" style=\"margin:0 0 20px;padding:{};{small}\">",
            self.styles.indent
        ));
        for (index, note) in notes.iter().enumerate() {
            let number = index + 1;
            self.push(&format!(
                "<li id=\"note-{number}\" style=\"margin:0 0 8px\"><a name=\"note-{number}\"></a>"
            ));
            self.note_text(note, number);
            self.push("</li>");
        }
        self.push("</ol>");
    }

    /// The ways back stand on the last line of the note.
    fn note_text(&mut self, note: &Note, number: usize) {
        match note.blocks.as_slice() {
            [Block { kind: BlockKind::Paragraph(text), .. }] => self.inlines(text),
            blocks => self.boxed_blocks(blocks),
        }
        let link = &self.styles.link;
        let back: String = (1..=note.references)
            .map(|reference| {
                let anchor = note_anchor(number, reference);
                format!("\u{a0}<a href=\"#{anchor}\" style=\"{link}\">\u{21a9}\u{fe0e}</a>")
            })
            .collect();
        let end = if self.out.ends_with("</p>") { "</p>" } else { "" };
        self.out.truncate(self.out.len() - end.len());
        self.push(&(back + end));
    }
}

/// What a block stands below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    Nothing,
    /// Its margin falls together with that of a heading.
    Prose,
    /// Another component or a box, whose space below adds to that of a heading.
    Box,
}

impl Above {
    pub fn of(block: &Block) -> Above {
        match &block.kind {
            BlockKind::Quote(_)
            | BlockKind::Callout { .. }
            | BlockKind::Container(..)
            | BlockKind::Mjml(_)
            | BlockKind::Code { .. }
            | BlockKind::Table(_)
            | BlockKind::Rule => Above::Box,
            BlockKind::Paragraph(_)
            | BlockKind::Heading { .. }
            | BlockKind::List(_)
            | BlockKind::Definitions(_)
            | BlockKind::Html(_)
            | BlockKind::Wrapped { .. }
            | BlockKind::Logic(_) => Above::Prose,
        }
    }
}

/// Attribute and style of words that run against the direction; empty for all others.
struct Way {
    dir: &'static str,
    align: &'static str,
}

/// The words that say which way a list is written.
fn first_words(list: &List) -> &[Inline] {
    match list.items.first().and_then(|item| item.blocks.first()).map(|block| &block.kind) {
        Some(BlockKind::Paragraph(text)) => text,
        _ => &[],
    }
}

/// The last row of a box: the space below it, which Outlook would not leave for a margin.
fn spacer() -> String {
    format!("<tr><td height=\"{BELOW}\" style=\"font-size:1px;line-height:{BELOW}px\">&nbsp;</td></tr>")
}

/// The colour of a callout's border.
fn color(callout: Callout) -> &'static str {
    match callout {
        Callout::Note => "#1f6feb",
        Callout::Tip => "#1a7f37",
        Callout::Important => "#8250df",
        Callout::Warning => "#9a6700",
        Callout::Caution => "#cf222e",
    }
}

/// Paragraphs that say nothing of their looks get the margin that all have.
fn with_margins(html: &str, margin: &str) -> String {
    let mut out = String::with_capacity(html.len() + 32);
    let mut rest = html;
    while let Some(at) = rest.find("<p") {
        let (before, tag) = rest.split_at(at);
        let open = &tag[..tag_length(tag)];
        out.push_str(before);
        match tag[2..].starts_with(['>', ' ']) && !open.contains(" style=") {
            true => out.push_str(&format!("<p style=\"{margin}\"{}", &open[2..])),
            false => out.push_str(open),
        }
        rest = &tag[open.len()..];
    }
    out + rest
}
