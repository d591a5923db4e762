//! Inlines → words, and the numbers of their links.

use std::collections::HashMap;

use super::Writer;
use super::wrap::GLUE;
use crate::compose::markdown::html_lines;
use crate::compose::markdown::tree::{Block, BlockKind, Document, Inline, InlineKind, Style, words};
use crate::compose::merge::{MarkKind, Marks, Part};
use crate::model::image::{Image, Images};

/// Addresses in the order in which the text meets them. Every address has one number.
pub struct References<'a> {
    marks: &'a Marks,
    images: &'a Images,
    first: usize,
    /// By the address as the author wrote it: each of its merge fields has a token of its own.
    numbers: HashMap<String, usize>,
    targets: Vec<String>,
    anchors: Vec<String>,
    /// How many `if` and `for` are open where the text is now.
    open: usize,
}

impl<'a> References<'a> {
    /// Numbers begin above those that the author wrote in brackets, so that `[1]` means one thing.
    pub fn new(document: &Document, marks: &'a Marks, images: &'a Images) -> References<'a> {
        let mut highest = 0;
        document.each_inline(&mut |inline| {
            if let InlineKind::Text(text) = &inline.kind {
                highest = highest.max(bracketed(text));
            }
        });
        let anchors = document.blocks.iter().filter_map(anchor).collect();
        References {
            marks,
            images,
            first: highest + 1,
            numbers: HashMap::new(),
            targets: Vec::new(),
            anchors,
            open: 0,
        }
    }

    /// Takes note of the statements in `text`, which the text part has just passed.
    pub fn pass(&mut self, text: &str) {
        for statement in statements(text, self.marks) {
            match statement.split_whitespace().next() {
                Some("if" | "for") => self.open += 1,
                Some("endif" | "endfor") => self.open = self.open.saturating_sub(1),
                _ => {}
            }
        }
    }

    /// A glued ` [7]`, or nothing where the words already are the address or it leads to a heading of this
    /// text. Where a statement decides who reads it, an address that the list does not have stands there
    /// itself: in the list everybody would see it, and may have no value for it. An image that travels in the
    /// letter is nowhere else.
    pub fn refer(&mut self, target: &str, seen: &str) -> String {
        let image = self.images.shown(&self.marks.fill_constants(target));
        let target = match image {
            Some(Image { part: Some(_), .. }) => return String::new(),
            Some(Image { part: None, src, .. }) => src.as_str(),
            None => target.trim(),
        };
        let bare = target.strip_prefix("mailto:").unwrap_or(target);
        let is_same =
            [target, bare].contains(&seen) || target.strip_prefix("http://").is_some_and(|rest| rest == seen);
        let is_anchor =
            target.strip_prefix('#').is_some_and(|id| self.anchors.iter().any(|known| known == id));
        if target.is_empty() || is_same || is_anchor {
            return String::new();
        }
        let written = self.marks.restore(target);
        if self.open > 0 && !self.numbers.contains_key(&written) {
            return format!(" <{target}>");
        }
        let next = self.first + self.targets.len();
        let number = *self.numbers.entry(written).or_insert_with(|| {
            self.targets.push(target.to_owned());
            next
        });
        format!("{GLUE}[{number}]")
    }

    /// One line per address: `[7] https://…`.
    pub fn list(&self) -> Vec<String> {
        self.targets
            .iter()
            .enumerate()
            .map(|(index, target)| format!("[{}] {target}", self.first + index))
            .collect()
    }
}

/// The merge statements in a text, without their braces.
fn statements<'t>(text: &'t str, marks: &'t Marks) -> impl Iterator<Item = &'t str> {
    marks.split(text).into_iter().filter_map(|part| match part {
        Part::Mark(mark) => match &mark.kind {
            MarkKind::Logic(statement) => Some(statement.as_str()),
            MarkKind::Constant(_) | MarkKind::Value(_) | MarkKind::Comment => None,
        },
        Part::Text(_) => None,
    })
}

/// The highest number in brackets, below a thousand.
fn bracketed(text: &str) -> usize {
    let numbers = text.match_indices('[').filter_map(|(at, _)| {
        let (number, _) = text[at + 1..].split_once(']')?;
        (number.len() < 4).then(|| number.parse().ok()).flatten()
    });
    numbers.max().unwrap_or(0)
}

fn anchor(block: &Block) -> Option<String> {
    match &block.kind {
        BlockKind::Heading { id, .. } if !id.is_empty() => Some(id.clone()),
        _ => None,
    }
}

impl Writer<'_> {
    /// Words with their marks; a line end stands where the author broke the line.
    pub fn inlines(&mut self, inlines: &[Inline]) -> String {
        let mut out = String::new();
        self.write(inlines, &mut out, ' ');
        out
    }

    /// `after` is the character that follows the run.
    fn write(&mut self, inlines: &[Inline], out: &mut String, after: char) {
        for (index, inline) in inlines.iter().enumerate() {
            let next = inlines.get(index + 1).map_or(after, first_character);
            self.inline(inline, out, next);
        }
    }

    fn inline(&mut self, inline: &Inline, out: &mut String, next: char) {
        match &inline.kind {
            InlineKind::Text(text) => out.push_str(&text.replace('\n', " ")),
            InlineKind::Code(text) => out.push_str(&format!("`{}`", text.replace('\n', " "))),
            InlineKind::Styled(style, children) => self.styled(*style, children, out, next),
            InlineKind::Link { target, title, children } => {
                let mut label = String::new();
                self.write(children, &mut label, next);
                let reference = self.references.refer(target, label.trim());
                match label.trim().is_empty() {
                    true => out.push_str(reference.trim_start_matches([GLUE, ' '])),
                    false => out.push_str(&(label + &reference)),
                }
                let title = self.marks.fill_constants(title);
                if !title.is_empty() {
                    out.push_str(&format!(" ({title})"));
                }
            }
            InlineKind::Image { target, alt, title, .. } => {
                let title = self.marks.fill_constants(title);
                self.image(target, alt, &title, out);
            }
            InlineKind::Note { number, .. } => out.push_str(&format!("[^{number}]")),
            InlineKind::SoftBreak => out.push(' '),
            InlineKind::HardBreak => out.push('\n'),
            InlineKind::Wrapped { children, .. } => self.write(children, out, next),
            InlineKind::Html(html) => out.push_str(&self.markup(html)),
            InlineKind::Logic(token) => {
                self.references.pass(token);
                out.push_str(token);
            }
        }
    }

    /// The words of raw markup. Where statements stand in it, none of its links is listed.
    pub fn markup(&mut self, html: &str) -> String {
        let references = &mut self.references;
        let has_logic = usize::from(statements(html, self.marks).next().is_some());
        references.open += has_logic;
        let words = html_lines(html, &mut |target, seen| references.refer(target, seen));
        references.open -= has_logic;
        references.pass(html);
        words
    }

    /// `*strong*` and `_emphasis_`, but only around whole words.
    fn styled(&mut self, style: Style, children: &[Inline], out: &mut String, next: char) {
        if matches!(style, Style::Superscript | Style::Subscript) {
            return self.script(style, children, out, next);
        }
        let mark = match style {
            Style::Strong => "*",
            Style::Emphasis => "_",
            Style::Strike => "~",
            Style::Superscript | Style::Subscript | Style::SmallCaps => "",
        };
        let within_word =
            out.chars().next_back().is_some_and(char::is_alphanumeric) || next.is_alphanumeric();
        let mark = if within_word || words(children).trim().is_empty() { "" } else { mark };
        out.push_str(mark);
        self.write(children, out, mark.chars().next().unwrap_or(next));
        out.push_str(mark);
    }

    /// Figures have characters of their own; anything else stays as it is.
    fn script(&mut self, style: Style, children: &[Inline], out: &mut String, next: char) {
        let mut inner = String::new();
        self.write(children, &mut inner, next);
        let figures = match style {
            Style::Superscript => "⁰¹²³⁴⁵⁶⁷⁸⁹",
            _ => "₀₁₂₃₄₅₆₇₈₉",
        };
        let small = |c: char| c.to_digit(10).and_then(|digit| figures.chars().nth(digit as usize));
        let all: Option<String> = inner.chars().map(small).collect();
        out.push_str(&all.unwrap_or(inner));
    }

    fn image(&mut self, target: &str, alt: &str, title: &str, out: &mut String) {
        let label = match (alt.is_empty(), title.is_empty()) {
            (true, true) => self.words.image.to_owned(),
            (true, false) => format!("{}: {title}", self.words.image),
            (false, true) => format!("{}: {alt}", self.words.image),
            (false, false) => format!("{}: {alt} — {title}", self.words.image),
        };
        out.push_str(&format!("[{label}]{}", self.references.refer(target, "")));
    }
}

fn first_character(inline: &Inline) -> char {
    match &inline.kind {
        InlineKind::Text(text) | InlineKind::Code(text) => text.chars().next().unwrap_or(' '),
        InlineKind::Styled(_, children) | InlineKind::Link { children, .. } => {
            children.first().map_or(' ', first_character)
        }
        _ => ' ',
    }
}
