//! Top-level blocks → MJML components, prose in runs.

use super::blocks::Above;
use super::inlines::Writer;
use super::style::Styles;
use super::table::is_stacked;
use super::{Body, escape, escape_url, trace};
use crate::compose::markdown::lone::{Lone, lone};
use crate::compose::markdown::tree::{Block, BlockKind, Inline, InlineKind, Note, Table};
use crate::compose::merge::Marks;
use crate::compose::words::Words;
use crate::model::source::Span;
use crate::model::theme::Buttons;

/// The space at both sides of what stands on the card, in pixels.
pub(super) const SIDE: u32 = 32;

pub fn body(blocks: &[Block], notes: &[Note], marks: &Marks, styles: &Styles, words: Words) -> Body {
    let mut components = Components::new(marks, styles, words);
    components.blocks(blocks);
    components.notes(notes);
    components.enter_column();
    components.end_prose();
    components.body
}

/// Writes components one after the other. They stand in a column that the template has opened; what needs
/// sections of its own closes that column, and whatever comes next opens another.
pub(super) struct Components<'a> {
    marks: &'a Marks,
    pub(super) styles: &'a Styles,
    words: Words,
    pub(super) body: Body,
    /// The run of prose that is being written.
    prose: Option<Writer<'a>>,
    /// The space at both sides, in pixels.
    pub(super) side: u32,
    /// No column is open.
    pub(super) is_outside: bool,
    /// The space above the next column, in pixels.
    pub(super) above: u32,
    /// Within a band that has the ground of a panel.
    pub(super) in_band: bool,
}

impl<'a> Components<'a> {
    fn new(marks: &'a Marks, styles: &'a Styles, words: Words) -> Components<'a> {
        Components {
            marks,
            styles,
            words,
            body: Body::default(),
            prose: None,
            side: SIDE,
            is_outside: false,
            above: 0,
            in_band: false,
        }
    }

    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        let mut before = None;
        for block in blocks {
            self.block(before, block);
            before = Some(block);
        }
    }

    fn block(&mut self, before: Option<&Block>, block: &Block) {
        match &block.kind {
            BlockKind::Logic(token) => {
                self.component(&block.span, &format!("<mj-raw><!--{token}--></mj-raw>"))
            }
            BlockKind::Rule => self.line(&block.span, ""),
            BlockKind::Table(table) => self.table(table, &block.span),
            BlockKind::Container(container, blocks) => self.container(container, blocks, &block.span),
            BlockKind::Mjml(mjml) => self.mjml(mjml, &block.span),
            BlockKind::Callout { .. } | BlockKind::Code { .. } => {
                let mut writer = self.writer();
                writer.block(block);
                let text = self.text(&writer.out);
                self.component(&block.span, &text);
            }
            BlockKind::Paragraph(text) => match lone(text) {
                Some(Lone::Image { image, link }) => self.image(image, link, &block.span),
                Some(Lone::Button { target, label }) => {
                    self.button(target, label, ButtonLook::default(), &block.span)
                }
                None => self.write_prose(before, block),
            },
            BlockKind::Heading { .. }
            | BlockKind::Quote(_)
            | BlockKind::List(_)
            | BlockKind::Definitions(_)
            | BlockKind::Html(_)
            | BlockKind::Wrapped { .. } => self.write_prose(before, block),
        }
    }

    pub(super) fn writer(&self) -> Writer<'a> {
        Writer {
            marks: self.marks,
            styles: self.styles,
            words: self.words,
            out: String::new(),
            in_panel: self.in_band,
        }
    }

    fn write_prose(&mut self, before: Option<&Block>, block: &Block) {
        let above = match (before, &self.prose) {
            (None, _) => Above::Nothing,
            (Some(_), None) => Above::Box,
            (Some(before), Some(_)) => Above::of(before),
        };
        if self.prose.is_none() {
            self.enter_column();
            self.body.origins.push((self.body.mjml.len(), block.span.clone()));
            self.prose = Some(self.writer());
        }
        if let Some(prose) = &mut self.prose {
            prose.block_below(above, block);
        }
    }

    pub(super) fn end_prose(&mut self) {
        if let Some(prose) = self.prose.take() {
            let text = self.text(&prose.out);
            self.body.mjml.push_str(&text);
        }
    }

    fn text(&self, html: &str) -> String {
        self.text_above(html, 0)
    }

    /// The same with so many pixels below it.
    pub(super) fn text_above(&self, html: &str, below: u32) -> String {
        format!("<mj-text {}>{html}</mj-text>\n", self.prose_attributes(below))
    }

    fn prose_attributes(&self, below: u32) -> String {
        let padding = format!("padding=\"0px {}px {below}px\"", self.side);
        self.styles.prose.replace("padding=\"0px 32px\"", &padding)
    }

    pub(super) fn component(&mut self, span: &Span, mjml: &str) {
        self.end_prose();
        self.enter_column();
        self.body.origins.push((self.body.mjml.len(), span.clone()));
        self.push_component(mjml, span);
    }

    /// Where it is asked for, the component says which block it is.
    pub(super) fn push_component(&mut self, mjml: &str, span: &Span) {
        match self.styles.traced {
            true => self.body.mjml.push_str(&trace::classed(mjml, span)),
            false => self.body.mjml.push_str(mjml),
        }
    }

    /// A line across; a `width` such as ` width="96px"` makes it shorter.
    pub(super) fn line(&mut self, span: &Span, width: &str) {
        let rule = format!(
            "<mj-divider css-class=\"c-line c-pad\" border-width=\"1px\" border-color=\"{}\"{width} padding=\"8px {}px 28px\" />",
            self.styles.line, self.side
        );
        self.component(span, &rule);
    }

    fn table(&mut self, table: &Table, span: &Span) {
        let mut writer = self.writer();
        let is_stacked = is_stacked(table, self.marks);
        writer.table_rows(table, is_stacked);
        let mut attributes = self.prose_attributes(20);
        if is_stacked {
            attributes = attributes.replacen("c-text", "c-text c-stack", 1);
        }
        self.component(span, &format!("<mj-table {attributes}>{}</mj-table>\n", writer.out));
    }

    /// An image that is a paragraph: as wide as the column on phones, its title below it as the caption.
    pub(super) fn image(&mut self, image: &Inline, link: Option<&str>, span: &Span) {
        let InlineKind::Image { target, title, alt, width } = &image.kind else { return };
        let width = width.map(|width| format!(" width=\"{width}px\"")).unwrap_or_default();
        let src = escape_url(target, self.marks);
        let href = link.map(|link| format!(" href=\"{}\"", escape_url(link, self.marks))).unwrap_or_default();
        let below = if title.is_empty() { 20 } else { 8 };
        let (class, align) = match self.side {
            0 => ("c-hero", "center"),
            _ => ("c-pad c-image", self.styles.start),
        };
        let mut mjml = format!(
            "<mj-image css-class=\"{}\" src=\"{src}\" alt=\"{}\"{href}{width} align=\"{align}\" padding=\"0px {}px {below}px\" fluid-on-mobile=\"true\" />\n",
            class,
            escape(alt),
            self.side
        );
        if !title.is_empty() {
            let caption = escape(&self.marks.fill_constants(title));
            mjml += &self.caption(&caption);
        }
        self.component(span, &mjml);
    }

    /// HTML below an image.
    pub(super) fn caption(&self, html: &str) -> String {
        let caption = format!("<span class=\"c-quiet\" style=\"{}\">{html}</span>", self.styles.small);
        self.text_above(&caption, 20)
    }

    pub(super) fn button(&mut self, target: &str, label: &[Inline], look: ButtonLook, span: &Span) {
        let mut writer = self.writer();
        writer.inlines(label);
        let Styles { theme_link: link, card, font, start, buttons, .. } = self.styles;
        let align = look.align.unwrap_or(match buttons {
            Buttons::Center => "center",
            Buttons::Start | Buttons::Wide => start,
        });
        let width = if *buttons == Buttons::Wide { " width=\"100%\"" } else { "" };
        let (class, ground, color, border) = match look.quiet {
            true => ("c-button c-quiet-button", card, link, format!(" border=\"2px solid {link}\"")),
            false => ("c-button", link, card, String::new()),
        };
        let inner = if look.quiet { "10px 22px" } else { "12px 24px" };
        let button = format!(
            "<mj-button css-class=\"{class}\" href=\"{}\" align=\"{align}\" background-color=\"{ground}\" color=\"{color}\"{border}{width} font-family=\"{font}\" \
             font-size=\"16px\" font-weight=\"700\" line-height=\"20px\" inner-padding=\"{inner}\" \
             border-radius=\"4px\" padding=\"0px {}px 20px\">{}</mj-button>\n",
            escape_url(target, self.marks),
            self.side,
            writer.out
        );
        self.component(span, &button);
    }

    fn notes(&mut self, notes: &[Note]) {
        if notes.is_empty() {
            return;
        }
        self.end_prose();
        let mut writer = self.writer();
        writer.push(&format!(
            "<h2 style=\"margin:8px 0 12px;{}\">{}</h2>",
            self.styles.headings[1], self.words.notes
        ));
        writer.notes(notes);
        let text = self.text(&writer.out);
        let first = notes.iter().flat_map(|note| &note.blocks).next();
        let span = first.map_or(0..0, |block| block.span.clone());
        self.component(&span, &text);
    }
}

/// How a button stands and looks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ButtonLook {
    /// Where lines begin, if `None`.
    pub(super) align: Option<&'static str>,
    pub(super) quiet: bool,
}
