//! Containers → MJML: columns and bands in sections of their own, everything else in the column there is.

use super::components::{ButtonLook, Components, SIDE};
use super::grounds::with_dark_words;
use crate::compose::markdown::lone::{links_of, picture_first};
use crate::compose::markdown::tree::{Block, BlockKind, Container, Side};
use crate::model::source::Span;
use crate::model::theme::PANEL;

/// The space at both sides within columns, in pixels; with that of their section it is [`SIDE`].
const GUTTER: u32 = 12;

/// The space above what follows a band, in pixels.
const BELOW_BAND: u32 = 28;

/// MJML that brings its own section.
const SECTIONS: [&str; 3] = ["<mj-section", "<mj-wrapper", "<mj-hero"];

impl Components<'_> {
    pub(super) fn container(&mut self, container: &Container, blocks: &[Block], span: &Span) {
        match container {
            Container::Button { side, quiet } => {
                let look = ButtonLook { align: side.map(align), quiet: *quiet };
                blocks.iter().for_each(|block| self.buttons(block, look));
            }
            Container::Columns => self.columns(blocks),
            Container::Column { .. } => self.blocks(blocks),
            Container::Divider if blocks.is_empty() => self.line(span, " width=\"96px\""),
            Container::Divider => self.words_across(blocks, span),
            Container::Figure => self.figure(blocks, span),
            Container::Hero => self.hero(blocks),
            Container::Section => self.band(blocks),
        }
    }

    fn buttons(&mut self, block: &Block, look: ButtonLook) {
        let Some(links) = links_of(block) else { return self.blocks(std::slice::from_ref(block)) };
        for (target, label) in links {
            self.button(target, label, look, &block.span);
        }
    }

    fn columns(&mut self, columns: &[Block]) {
        // Columns within a column would be too narrow for any screen: they stand below each other.
        if self.side != SIDE {
            return self.blocks(columns);
        }
        self.leave_column();
        self.open_section("c-columns", &format!("0px {}px", SIDE - GUTTER));
        let widths = widths(columns);
        for (column, width) in columns.iter().zip(widths) {
            let BlockKind::Container(_, blocks) = &column.kind else { continue };
            self.body.origins.push((self.body.mjml.len(), column.span.clone()));
            self.body.mjml.push_str(&format!("<mj-column width=\"{width}%\">"));
            (self.side, self.is_outside) = (GUTTER, false);
            self.blocks(blocks);
            self.end_prose();
            self.body.mjml.push_str("</mj-column>");
        }
        self.body.mjml.push_str("</mj-section>\n");
        (self.side, self.is_outside) = (SIDE, true);
    }

    /// A band across the whole card.
    fn band(&mut self, blocks: &[Block]) {
        if self.in_band || self.side != SIDE {
            return self.blocks(blocks);
        }
        self.leave_column();
        (self.in_band, self.above) = (true, BELOW_BAND);
        self.enter_column();
        self.blocks(blocks);
        self.leave_column();
        (self.in_band, self.above) = (false, BELOW_BAND);
    }

    /// The image as wide as the card, then the rest.
    fn hero(&mut self, blocks: &[Block]) {
        let side = self.side;
        self.end_prose();
        let (first, rest) = picture_first(blocks);
        if let Some((image, link)) = first {
            self.side = if side == SIDE { 0 } else { side };
            self.image(image, link, &blocks[0].span);
            self.side = side;
        }
        self.blocks(rest);
    }

    fn figure(&mut self, blocks: &[Block], span: &Span) {
        let (first, caption) = picture_first(blocks);
        if let Some((image, link)) = first {
            self.image(image, link, &blocks[0].span);
        }
        if caption.is_empty() {
            return;
        }
        let mut writer = self.writer();
        writer.blocks(caption);
        let html = writer.out.replace("margin:0 0 20px", "margin:0 0 4px");
        let html = format!("<div class=\"c-quiet\" style=\"{}\">{html}</div>", self.styles.small);
        let text = self.text_above(&html, 20);
        self.component(span, &text);
    }

    fn words_across(&mut self, blocks: &[Block], span: &Span) {
        let mut writer = self.writer();
        writer.blocks(blocks);
        let html = format!(
            "<div class=\"c-quiet\" style=\"text-align:center;{}\">{}</div>",
            self.styles.small, writer.out
        );
        let text = self.text_above(&html, 8);
        self.component(span, &text);
    }

    /// MJML of the author, in the column or with a section of its own.
    pub(super) fn mjml(&mut self, mjml: &str, span: &Span) {
        let mjml = with_dark_words(mjml);
        if !SECTIONS.iter().any(|name| mjml.starts_with(name)) {
            return self.component(span, &format!("{mjml}\n"));
        }
        self.leave_column();
        self.body.origins.push((self.body.mjml.len(), span.clone()));
        self.push_component(&mjml, span);
        self.body.mjml.push('\n');
        self.above = BELOW_BAND;
    }

    /// Closes the column that is open, with its section.
    fn leave_column(&mut self) {
        self.end_prose();
        if !self.is_outside {
            self.body.mjml.push_str("</mj-column></mj-section>\n");
            self.is_outside = true;
        }
    }

    /// Opens a column if none is open.
    pub(super) fn enter_column(&mut self) {
        if self.is_outside {
            self.open_section("", &format!("{}px 0px 0px", self.above));
            self.body.mjml.push_str("<mj-column>");
            (self.is_outside, self.above) = (false, 0);
        }
    }

    fn open_section(&mut self, class: &str, padding: &str) {
        let (ground, color) = match self.in_band {
            true => ("c-band", PANEL.0),
            false => ("c-card", self.styles.card.as_str()),
        };
        self.body.mjml.push_str(&format!(
            "<mj-section css-class=\"{}\" background-color=\"{color}\" padding=\"{padding}\">",
            format!("{ground} {class}").trim()
        ));
    }
}

fn align(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Center => "center",
        Side::Right => "right",
    }
}

/// Per cent for each column; those that name none share what is left, and all together are 100.
fn widths(columns: &[Block]) -> Vec<f64> {
    let named = |column: &Block| match column.kind {
        BlockKind::Container(Container::Column { width }, _) => width.map(f64::from),
        _ => None,
    };
    let taken: f64 = columns.iter().filter_map(named).sum();
    let free = columns.iter().filter(|column| named(column).is_none()).count();
    #[expect(clippy::cast_precision_loss, reason = "nobody writes so many columns")]
    let share = ((100.0 - taken) / free.max(1) as f64).max(10.0);
    let widths: Vec<f64> = columns.iter().map(|column| named(column).unwrap_or(share)).collect();
    let sum: f64 = widths.iter().sum();
    widths.into_iter().map(|width| (width / sum * 10_000.0).round() / 100.0).collect()
}
