//! Inlines → HTML.

use super::Writer;
use crate::compose::html::{escape, escape_url};
use crate::compose::markdown::tree::{Inline, InlineKind, Style};

impl Writer<'_> {
    pub(super) fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            self.inline(inline);
        }
    }

    fn inline(&mut self, inline: &Inline) {
        match &inline.kind {
            InlineKind::Text(text) => self.push(&escape(text)),
            InlineKind::Code(text) => self.push(&format!("<code>{}</code>", escape(text))),
            InlineKind::Styled(style, children) => {
                let (open, close) = tags(*style);
                self.push(open);
                self.inlines(children);
                self.push(close);
            }
            InlineKind::Link { target, title, children } => {
                let (href, title) = (escape_url(target, self.marks), self.title(title));
                self.push(&format!("<a href=\"{href}\"{title}>"));
                self.inlines(children);
                self.push("</a>");
            }
            InlineKind::Image { target, title, alt, width } => self.image(target, title, alt, *width),
            InlineKind::Note { number, reference } => {
                let (id, notes) = (self.reference_id(*number, *reference), &self.notes);
                let reference = format!("<sup><a id=\"{id}\" href=\"#{notes}-{number}\">{number}</a></sup>");
                self.push(&reference);
            }
            InlineKind::SoftBreak => self.push("\n"),
            InlineKind::HardBreak => self.push("<br>\n"),
            InlineKind::Wrapped { open, tag, children } => {
                self.push(open);
                self.inlines(children);
                self.push(&format!("</{tag}>"));
            }
            InlineKind::Html(html) => self.push(html),
            InlineKind::Logic(token) => self.push(token),
        }
    }

    pub(super) fn image(&mut self, target: &str, title: &str, alt: &str, width: Option<u32>) {
        let (src, title) = (escape_url(target, self.marks), self.title(title));
        let width = width.map(|width| format!(" width=\"{width}\"")).unwrap_or_default();
        self.push(&format!("<img src=\"{src}\" alt=\"{}\"{title}{width}>", escape(alt)));
    }

    fn title(&self, title: &str) -> String {
        match title.is_empty() {
            true => String::new(),
            false => format!(" title=\"{}\"", escape(&self.marks.fill_constants(title))),
        }
    }

    pub(super) fn reference_id(&self, number: usize, reference: usize) -> String {
        format!("{}-{number}-at-{reference}", self.notes)
    }
}

fn tags(style: Style) -> (&'static str, &'static str) {
    match style {
        Style::Emphasis => ("<em>", "</em>"),
        Style::Strong => ("<strong>", "</strong>"),
        Style::Strike => ("<s>", "</s>"),
        Style::Superscript => ("<sup>", "</sup>"),
        Style::Subscript => ("<sub>", "</sub>"),
        Style::SmallCaps => ("<span class=\"smallcaps\">", "</span>"),
    }
}
