//! Inlines → HTML.

use super::style::Styles;
use super::tag::tag_length;
use super::{escape, escape_url, trace};
use crate::compose::markdown::tree::{Inline, InlineKind, Style};
use crate::compose::merge::Marks;
use crate::compose::words::Words;
use crate::model::source::Span;

/// Writes HTML fragments.
pub struct Writer<'a> {
    pub marks: &'a Marks,
    pub styles: &'a Styles,
    pub words: Words,
    pub out: String,
    /// Within a panel, whose tint is that of code.
    pub in_panel: bool,
}

impl Writer<'_> {
    pub fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            self.inline(inline);
        }
    }

    fn inline(&mut self, inline: &Inline) {
        match &inline.kind {
            InlineKind::Text(text) => self.push_escaped(text),
            InlineKind::Code(text) => {
                let whole = if breaks_badly(text) { ";white-space:nowrap" } else { "" };
                let style = if self.in_panel { &self.styles.code_in_panel } else { &self.styles.code };
                self.push(&format!("<code class=\"c-code\" style=\"{style}{whole}\">"));
                self.push_escaped(text);
                self.push("</code>");
            }
            InlineKind::Styled(style, children) => self.styled(*style, children),
            InlineKind::Link { target, title, children } => {
                self.open_link(target, title);
                self.inlines(children);
                self.push("</a>");
            }
            InlineKind::Image { target, title, alt, width } => self.image(target, title, alt, *width),
            InlineKind::Note { number, reference } => self.note(*number, *reference),
            // mrml drops a line end between two elements, and with it the space between two words.
            InlineKind::SoftBreak => self.push(" "),
            InlineKind::HardBreak => self.push("<br>\n"),
            InlineKind::Wrapped { open, tag, children } => {
                self.markup(open);
                self.inlines(children);
                self.push(&format!("</{tag}>"));
            }
            InlineKind::Html(html) => self.markup(html),
            InlineKind::Logic(token) => self.push(token),
        }
    }

    fn styled(&mut self, style: Style, children: &[Inline]) {
        let (open, close) = match style {
            Style::Emphasis => ("<em>", "</em>"),
            Style::Strong => ("<strong>", "</strong>"),
            Style::Strike => ("<del>", "</del>"),
            Style::Superscript => ("<sup style=\"font-size:12px;line-height:0\">", "</sup>"),
            Style::SmallCaps => ("<span style=\"font-variant:small-caps\">", "</span>"),
            Style::Subscript => ("<sub style=\"font-size:12px;line-height:0\">", "</sub>"),
        };
        self.push(open);
        self.inlines(children);
        self.push(close);
    }

    fn open_link(&mut self, target: &str, title: &str) {
        let href = escape_url(target, self.marks);
        let title = self.title(title);
        self.push(&format!("<a href=\"{href}\"{title} style=\"{}\">", self.styles.link));
    }

    fn image(&mut self, target: &str, title: &str, alt: &str, width: Option<u32>) {
        let src = escape_url(target, self.marks);
        let title = self.title(title);
        let alt = escape(alt);
        let width = width.map(|width| format!(" width=\"{width}\"")).unwrap_or_default();
        self.push(&format!(
            "<img src=\"{src}\" alt=\"{alt}\"{title}{width} style=\"border:0;max-width:100%\">"
        ));
    }

    pub fn title(&self, title: &str) -> String {
        match title.is_empty() {
            true => String::new(),
            false => format!(" title=\"{}\"", escape(&self.marks.fill_constants(title))),
        }
    }

    fn note(&mut self, number: usize, reference: usize) {
        let link = &self.styles.link;
        let anchor = note_anchor(number, reference);
        self.push(&format!(
            "<sup style=\"font-size:12px;line-height:0\"><a id=\"{anchor}\" name=\"{anchor}\" href=\"#note-{number}\" \
             style=\"{link}\">{number}</a></sup>"
        ));
    }

    /// Sanitised markup of the author. A line end between elements gets a blank before it, or mrml drops it;
    /// a link that has no style looks like the others.
    pub fn markup(&mut self, html: &str) {
        let html = html.replace(">\n", "> \n");
        let mut rest = html.as_str();
        while let Some(at) = rest.find("<a ") {
            let (before, tag) = rest.split_at(at);
            let length = tag_length(tag);
            self.push(before);
            match tag[..length].contains(" href=") && !tag[..length].contains(" style=") {
                true => self.out.push_str(&format!("<a style=\"{}\" {}", self.styles.link, &tag[3..length])),
                false => self.push(&tag[..length]),
            }
            rest = &tag[length..];
        }
        self.push(rest);
    }

    pub fn push(&mut self, html: &str) {
        self.out.push_str(html);
    }

    /// Where it is asked for, what was written from `start` on says which block it is.
    pub fn trace(&mut self, start: usize, span: &Span) {
        if self.styles.traced {
            let written = self.out.split_off(start);
            self.push(&trace::marked(&written, span));
        }
    }

    pub fn push_escaped(&mut self, text: &str) {
        self.out.push_str(&escape(text));
    }
}

/// A short word of code that a browser would break after a dash.
fn breaks_badly(code: &str) -> bool {
    /// So many characters stand in a list on a phone.
    const MOST: usize = 28;
    code.contains('-') && !code.contains(char::is_whitespace) && code.chars().count() <= MOST
}

/// The id of a reference to a note.
pub fn note_anchor(number: usize, reference: usize) -> String {
    match reference {
        1 => format!("ref-{number}"),
        _ => format!("ref-{number}-{reference}"),
    }
}
