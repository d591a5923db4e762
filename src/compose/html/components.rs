//! Top-level blocks → MJML components, prose in runs.

use super::blocks::Above;
use super::inlines::Writer;
use super::style::Styles;
use super::{Body, escape, escape_url};
use crate::compose::markdown::tree::{Block, BlockKind, Document, Inline, InlineKind, Style, Table};
use crate::compose::merge::Marks;
use crate::compose::words::Words;
use crate::model::source::Span;

pub fn body(document: &Document, marks: &Marks, styles: &Styles, words: Words) -> Body {
    let mut components = Components { marks, styles, words, body: Body::default(), prose: None };
    let mut before = None;
    for block in &document.blocks {
        components.block(before, block);
        before = Some(block);
    }
    components.notes(document);
    components.end_prose();
    components.body
}

struct Components<'a> {
    marks: &'a Marks,
    styles: &'a Styles,
    words: Words,
    body: Body,
    /// The run of prose that is being written.
    prose: Option<Writer<'a>>,
}

impl<'a> Components<'a> {
    fn block(&mut self, before: Option<&Block>, block: &Block) {
        match &block.kind {
            BlockKind::Logic(token) => {
                self.component(&block.span, &format!("<mj-raw><!--{token}--></mj-raw>"))
            }
            BlockKind::Rule => {
                let line = &self.styles.line;
                let rule = format!(
                    "<mj-divider css-class=\"c-line c-pad\" border-width=\"1px\" border-color=\"{line}\" padding=\"8px 32px 28px\" />"
                );
                self.component(&block.span, &rule);
            }
            BlockKind::Table(table) => self.table(table, &block.span),
            BlockKind::Callout(..) | BlockKind::Code { .. } => {
                let mut writer = self.writer();
                writer.block(block);
                let text = self.text(&writer.out);
                self.component(&block.span, &text);
            }
            BlockKind::Paragraph(text) => match lone(text) {
                Some(Lone::Image { image, link }) => self.image(image, link, &block.span),
                Some(Lone::Button { target, label }) => self.button(target, label, &block.span),
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

    fn writer(&self) -> Writer<'a> {
        Writer {
            marks: self.marks,
            styles: self.styles,
            words: self.words,
            out: String::new(),
            in_panel: false,
        }
    }

    fn write_prose(&mut self, before: Option<&Block>, block: &Block) {
        let above = match (before, &self.prose) {
            (None, _) => Above::Nothing,
            (Some(_), None) => Above::Box,
            (Some(before), Some(_)) => Above::of(before),
        };
        if self.prose.is_none() {
            self.body.origins.push((self.body.mjml.len(), block.span.clone()));
            self.prose = Some(self.writer());
        }
        if let Some(prose) = &mut self.prose {
            prose.block_below(above, block);
        }
    }

    fn end_prose(&mut self) {
        if let Some(prose) = self.prose.take() {
            let text = self.text(&prose.out);
            self.body.mjml.push_str(&text);
        }
    }

    fn text(&self, html: &str) -> String {
        format!("<mj-text {}>{html}</mj-text>\n", self.styles.prose)
    }

    fn component(&mut self, span: &Span, mjml: &str) {
        self.end_prose();
        self.body.origins.push((self.body.mjml.len(), span.clone()));
        self.body.mjml.push_str(mjml);
    }

    fn table(&mut self, table: &Table, span: &Span) {
        let mut writer = self.writer();
        writer.table_rows(table);
        let attributes = self.styles.prose.replace("padding=\"0px 32px\"", "padding=\"0px 32px 20px\"");
        self.component(span, &format!("<mj-table {attributes}>{}</mj-table>\n", writer.out));
    }

    /// An image that is a paragraph: as wide as the column on phones, its title below it as the caption.
    fn image(&mut self, image: &Inline, link: Option<&str>, span: &Span) {
        let InlineKind::Image { target, title, alt } = &image.kind else { return };
        let src = escape_url(target, self.marks);
        let href = link.map(|link| format!(" href=\"{}\"", escape_url(link, self.marks))).unwrap_or_default();
        let below = if title.is_empty() { 20 } else { 8 };
        let mut mjml = format!(
            "<mj-image css-class=\"c-pad c-image\" src=\"{src}\" alt=\"{}\"{href} padding=\"0px 32px {below}px\" fluid-on-mobile=\"true\" />\n",
            escape(alt)
        );
        if !title.is_empty() {
            let attributes = self.styles.prose.replace("padding=\"0px 32px\"", "padding=\"0px 32px 20px\"");
            let caption = escape(&self.marks.fill_constants(title));
            mjml += &format!(
                "<mj-text {attributes}><span class=\"c-quiet\" style=\"{}\">{caption}</span></mj-text>\n",
                self.styles.small
            );
        }
        self.component(span, &mjml);
    }

    fn button(&mut self, target: &str, label: &[Inline], span: &Span) {
        let mut writer = self.writer();
        writer.inlines(label);
        let Styles { theme_link: link, card, font, start, .. } = self.styles;
        let button = format!(
            "<mj-button css-class=\"c-button\" href=\"{}\" align=\"{start}\" background-color=\"{link}\" color=\"{card}\" font-family=\"{font}\" \
             font-size=\"16px\" font-weight=\"700\" line-height=\"20px\" inner-padding=\"12px 24px\" \
             border-radius=\"4px\" padding=\"0px 32px 20px\">{}</mj-button>\n",
            escape_url(target, self.marks),
            writer.out
        );
        self.component(span, &button);
    }

    fn notes(&mut self, document: &Document) {
        if document.notes.is_empty() {
            return;
        }
        self.end_prose();
        let mut writer = self.writer();
        writer.push(&format!(
            "<h2 style=\"margin:8px 0 12px;{}\">{}</h2>",
            self.styles.headings[1], self.words.notes
        ));
        writer.notes(&document.notes);
        let text = self.text(&writer.out);
        let span = document
            .notes
            .iter()
            .flat_map(|note| &note.blocks)
            .next()
            .map_or(0..0, |block| block.span.clone());
        self.component(&span, &text);
    }
}

enum Lone<'t> {
    Image { image: &'t Inline, link: Option<&'t str> },
    Button { target: &'t str, label: &'t [Inline] },
}

/// A paragraph that is one image, linked or not, or one strong link, which is a button.
fn lone(text: &[Inline]) -> Option<Lone<'_>> {
    let [only] = text else { return None };
    match &only.kind {
        InlineKind::Image { .. } => Some(Lone::Image { image: only, link: None }),
        InlineKind::Link { target, children, .. } => match children.as_slice() {
            [image] if matches!(image.kind, InlineKind::Image { .. }) => {
                Some(Lone::Image { image, link: Some(target) })
            }
            _ => None,
        },
        InlineKind::Styled(Style::Strong, children) => match children.as_slice() {
            [Inline { kind: InlineKind::Link { target, children, .. }, .. }] if is_label(children) => {
                Some(Lone::Button { target, label: children })
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_label(children: &[Inline]) -> bool {
    !children.is_empty() && children.iter().all(|inline| matches!(inline.kind, InlineKind::Text(_)))
}
