//! One run of inlines as it comes from the parser: flat, before it is nested.

use pulldown_cmark::{CowStr, LinkType, Tag};

use super::tree::Style;
use crate::model::source::Span;

/// A piece of a run; what [`RunItem::Open`] opens, the matching `Close` ends.
#[derive(Debug, Clone)]
pub enum RunItem {
    Text(Words),
    Code(String, Span),
    Html(String, Span),
    Open(Opened, Span),
    Close,
    Note(String, Span),
    SoftBreak(Span),
    HardBreak(Span),
}

/// Neighbouring words, joined.
#[derive(Debug, Clone, Default)]
pub struct Words {
    pub text: String,
    pub span: Span,
    /// Where in `text` characters stand that the author escaped or wrote as entities: they stay as they are.
    pub literal: Vec<usize>,
    /// Nothing in it is changed, because it is an address.
    pub verbatim: bool,
}

#[derive(Debug, Clone)]
pub enum Opened {
    Styled(Style),
    Link { target: String, title: String },
    Image { target: String, title: String, width: Option<u32> },
}

impl Opened {
    /// What an inline tag of the parser opens; `None` for block tags.
    pub fn from_tag(tag: &Tag<'_>) -> Option<Opened> {
        match tag {
            Tag::Emphasis => Some(Opened::Styled(Style::Emphasis)),
            Tag::Strong => Some(Opened::Styled(Style::Strong)),
            Tag::Strikethrough => Some(Opened::Styled(Style::Strike)),
            Tag::Superscript => Some(Opened::Styled(Style::Superscript)),
            Tag::Subscript => Some(Opened::Styled(Style::Subscript)),
            Tag::Link { link_type, dest_url, title, .. } => {
                Some(Opened::Link { target: link_target(*link_type, dest_url), title: title.to_string() })
            }
            Tag::Image { dest_url, title, .. } => {
                Some(Opened::Image { target: dest_url.to_string(), title: title.to_string(), width: None })
            }
            _ => None,
        }
    }
}

fn link_target(link_type: LinkType, url: &CowStr<'_>) -> String {
    match link_type {
        LinkType::Email => format!("mailto:{url}"),
        _ => url.to_string(),
    }
}

impl Words {
    /// Adds what the parser gave as one text, of which the first `literal` bytes were escaped.
    pub fn push(&mut self, text: &str, span: &Span, literal: usize) {
        if self.text.is_empty() {
            self.span = span.clone();
        }
        self.literal.extend(text[..literal].char_indices().map(|(at, _)| self.text.len() + at));
        self.text.push_str(text);
        self.span.end = self.span.end.max(span.end);
    }

    /// The part `from..to` of these words. Its span is exact where every byte is as the author wrote it, and
    /// that of the whole words otherwise.
    pub fn part(&self, from: usize, to: usize, verbatim: bool) -> Words {
        let exact = self.span.len() == self.text.len();
        let span = match exact {
            true => self.span.start + from..self.span.start + to,
            false => self.span.clone(),
        };
        let literal = self.literal.iter().filter(|at| (from..to).contains(*at)).map(|at| at - from).collect();
        Words { text: self.text[from..to].to_owned(), span, literal, verbatim }
    }
}

/// Appends a text to the run, joined with the text before it.
pub fn push_text(run: &mut Vec<RunItem>, text: &str, span: &Span, literal: usize) {
    if let Some(RunItem::Text(words)) = run.last_mut() {
        return words.push(text, span, literal);
    }
    let mut words = Words::default();
    words.push(text, span, literal);
    run.push(RunItem::Text(words));
}
