//! A flat run → nested inlines: merge tokens told apart, raw tags paired, forbidden addresses taken out.

use super::footnotes::Footnotes;
use super::raw::{Cleaner, RawTag, tag_name};
use super::run::{Opened, RunItem, Words};
use super::tree::{Inline, InlineKind, words};
use super::{
    MAX_DEPTH, Reading, allowed, attributes, autolink, emoji, logic, punctuation, schemes, scripts, unclosed,
};
use crate::compose::merge::{MarkKind, Part};
use crate::model::finding::Finding;
use crate::model::source::Span;
use crate::settings::MarkdownSettings;

/// What nesting needs and what it finds.
pub struct Nest<'a, 'f> {
    pub reading: Reading<'a>,
    pub cleaner: &'f Cleaner,
    pub footnotes: &'f mut Footnotes,
    pub findings: &'f mut Vec<Finding>,
}

/// Inlines that are still open.
struct Frame {
    opened: FrameKind,
    span: Span,
    children: Vec<Inline>,
}

enum FrameKind {
    Markdown(Opened),
    Raw {
        open: String,
        tag: String,
        text: String,
    },
    /// Past the depth that is kept, or a tag that is not: the children go to the parent.
    Flat,
}

impl Nest<'_, '_> {
    /// Nests a whole run. Statements that stand directly in it are not checked: they may be about blocks.
    pub fn inlines(&mut self, run: Vec<RunItem>) -> Vec<Inline> {
        for item in &run {
            if let RunItem::Text(words) = item {
                self.findings.extend(unclosed::notes(words, &self.reading));
            }
        }
        let mut run = scripts::raise_and_lower(autolink::link_addresses(attributes::read(run)));
        let MarkdownSettings { smart_punctuation, emoji: has_emoji } = self.reading.markdown;
        if has_emoji {
            emoji::by_name(&mut run);
        }
        if let Some(quotes) = punctuation::Quotes::of(self.reading.lang).filter(|_| smart_punctuation) {
            punctuation::educate(&mut run, quotes);
        }
        let mut stack = vec![Frame { opened: FrameKind::Flat, span: 0..0, children: Vec::new() }];
        for item in run {
            self.place(item, &mut stack);
        }
        while stack.len() > 1 {
            self.close_open(&mut stack);
        }
        stack.pop().map(|frame| frame.children).unwrap_or_default()
    }

    fn place(&mut self, item: RunItem, stack: &mut Vec<Frame>) {
        match item {
            RunItem::Text(words) => self.text(words, stack),
            RunItem::Code(text, span) => {
                self.push(InlineKind::Code(self.reading.marks.restore(&text)), span, stack)
            }
            RunItem::Html(raw, span) => self.raw(&raw, span, stack),
            RunItem::Open(opened, span) => {
                let opened =
                    if stack.len() > MAX_DEPTH { FrameKind::Flat } else { FrameKind::Markdown(opened) };
                stack.push(Frame { opened, span, children: Vec::new() });
            }
            RunItem::Close => {
                while matches!(stack.last().map(|frame| &frame.opened), Some(FrameKind::Raw { .. })) {
                    self.close_open(stack);
                }
                self.close(stack);
            }
            RunItem::Note(label, span) => {
                let (number, reference) = self.footnotes.refer(&label);
                self.push(InlineKind::Note { number, reference }, span, stack);
            }
            RunItem::SoftBreak(span) => self.push(InlineKind::SoftBreak, span, stack),
            RunItem::HardBreak(span) => self.push(InlineKind::HardBreak, span, stack),
        }
    }

    fn push(&self, kind: InlineKind, span: Span, stack: &mut [Frame]) {
        if let Some(frame) = stack.last_mut() {
            frame.children.push(Inline { kind, span: self.reading.span(&span) });
        }
    }

    /// Constants become text, comments nothing, statements inlines of their own; values stay as tokens.
    fn text(&self, words: Words, stack: &mut [Frame]) {
        let mut text = String::with_capacity(words.text.len());
        for part in self.reading.marks.split(&words.text) {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Mark(mark) => match &mark.kind {
                    MarkKind::Constant(value) => text.push_str(value),
                    MarkKind::Value(_) => text.push_str(&mark.token),
                    MarkKind::Comment => {}
                    MarkKind::Logic(_) => {
                        self.push_words(std::mem::take(&mut text), &words.span, stack);
                        if let Some(frame) = stack.last_mut() {
                            let kind = InlineKind::Logic(mark.token.clone());
                            frame.children.push(Inline { kind, span: mark.span.clone() });
                        }
                    }
                },
            }
        }
        self.push_words(text, &words.span, stack);
    }

    fn push_words(&self, text: String, span: &Span, stack: &mut [Frame]) {
        if !text.is_empty() {
            self.push(InlineKind::Text(text), span.clone(), stack);
        }
    }

    fn raw(&mut self, raw: &str, span: Span, stack: &mut Vec<Frame>) {
        if allowed::is_words(raw) {
            self.report_words(raw, &span);
            return self.push_words(raw.to_owned(), &span, stack);
        }
        self.report_forbidden(raw, &span);
        match self.cleaner.tag(raw) {
            RawTag::Nothing => {}
            RawTag::Void { tag, .. } if tag == "br" => self.push(InlineKind::HardBreak, span, stack),
            RawTag::Void { html, .. } => self.push(InlineKind::Html(html), span, stack),
            RawTag::Open { open, tag } if allowed::is_phrase(&tag) && stack.len() <= MAX_DEPTH => {
                stack.push(Frame {
                    opened: FrameKind::Raw { open, tag, text: raw.to_owned() },
                    span,
                    children: Vec::new(),
                });
            }
            RawTag::Open { .. } => {}
            RawTag::Close(tag) => self.close_raw(&tag, stack),
        }
    }

    /// Closes the nearest raw tag of this name that no Markdown construct separates from here.
    fn close_raw(&mut self, tag: &str, stack: &mut Vec<Frame>) {
        let reach = stack.iter().rev().take_while(|frame| matches!(frame.opened, FrameKind::Raw { .. }));
        let is_same =
            |frame: &Frame| matches!(&frame.opened, FrameKind::Raw { tag: open, .. } if open == tag);
        let Some(depth) = reach.into_iter().position(is_same) else { return };
        for _ in 0..=depth {
            self.close(stack);
        }
    }

    /// Closes what the author left open.
    fn close_open(&mut self, stack: &mut Vec<Frame>) {
        if let Some(Frame { opened: FrameKind::Raw { tag, .. }, span, .. }) = stack.last() {
            self.findings.extend(unclosed::tag(tag, span, &self.reading));
        }
        self.close(stack);
    }

    fn close(&mut self, stack: &mut Vec<Frame>) {
        let Some(frame) = (stack.len() > 1).then(|| stack.pop()).flatten() else { return };
        self.check_logic(&frame.children);
        let kind = match frame.opened {
            FrameKind::Flat => return self.lay_flat(frame.children, stack),
            FrameKind::Markdown(Opened::Styled(style)) => InlineKind::Styled(style, frame.children),
            FrameKind::Markdown(Opened::Link { target, title }) => match self.allow(&target, &frame.span) {
                Some(target) => InlineKind::Link { target, title, children: frame.children },
                None => return self.lay_flat(frame.children, stack),
            },
            FrameKind::Markdown(Opened::Image { target, title, width }) => {
                match self.allow(&target, &frame.span) {
                    Some(target) => InlineKind::Image { target, title, alt: words(&frame.children), width },
                    None => return self.lay_flat(frame.children, stack),
                }
            }
            FrameKind::Raw { open, tag, text } => raw_inline(open, tag, &text, frame.children),
        };
        self.push(kind, frame.span, stack);
    }

    fn lay_flat(&self, children: Vec<Inline>, stack: &mut [Frame]) {
        if let Some(parent) = stack.last_mut() {
            parent.children.extend(children);
        }
    }

    /// The address with constants filled in, if a letter may hold it.
    fn allow(&mut self, target: &str, span: &Span) -> Option<String> {
        let target = self.reading.marks.fill_constants(target);
        if schemes::may_link(&target) {
            return Some(target);
        }
        let scheme = schemes::scheme(&target).unwrap_or_default();
        let finding = Finding::error(
            "html-forbidden",
            format!("an address that begins with `{scheme}:` was taken out"),
        )
        .at(self.reading.place(span))
        .help("link to a page on the web, or delete the link");
        self.findings.push(finding);
        None
    }

    pub fn report_words(&mut self, tag: &str, span: &Span) {
        let message = format!("`{tag}` is not HTML: it is shown as it is written");
        let finding = Finding::warning("html-forbidden", message)
            .at(self.reading.place(span))
            .help(format!("write it as code: `` `{tag}` ``"));
        self.findings.push(finding);
    }

    pub fn report_forbidden(&mut self, raw: &str, span: &Span) {
        self.report_parts(raw, span, allowed::forbidden(raw));
    }

    /// The same for MJML, whose own elements are no HTML.
    pub fn report_harmful(&mut self, mjml: &str, span: &Span) {
        let harmful = allowed::forbidden(mjml).into_iter().filter(|part| part.harmful).collect();
        self.report_parts(mjml, span, harmful);
    }

    fn report_parts(&mut self, raw: &str, span: &Span, parts: Vec<allowed::Forbidden>) {
        for part in parts {
            let message = format!("{} was taken out of the markup", part.what);
            let finding = match part.harmful {
                true => Finding::error("html-forbidden", message)
                    .help("mail clients block it: use Markdown, a link or an image"),
                false => Finding::warning("html-forbidden", message)
                    .help("mail clients do not know it; if it is meant as text, write it as code"),
            };
            let exact = span.len() == raw.len();
            let at = if exact { span.start + part.start..span.start + part.end } else { span.clone() };
            self.findings.push(finding.at(self.reading.place(&at)));
        }
    }

    pub fn check_logic(&mut self, inlines: &[Inline]) {
        let found = logic::unbalanced(logic::in_run(inlines, self.reading.marks).into_iter());
        report_unbalanced(found, &self.reading, self.findings);
    }
}

pub fn report_unbalanced(found: Vec<logic::Unbalanced>, reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    for logic::Unbalanced { statement, span } in found {
        let message = format!("`{{% {statement} %}}` has no partner here");
        let help = "a statement wraps whole blocks (put blank lines around it) or stays within one paragraph, \
                    heading, cell or emphasis";
        findings.push(Finding::error("merge-structure", message).at(reading.source.at(span)).help(help));
    }
}

/// `<a href>` is a link like any other; everything else keeps its tag.
fn raw_inline(open: String, tag: String, raw: &str, children: Vec<Inline>) -> InlineKind {
    let target = (tag == "a" && tag_name(raw).is_some())
        .then(|| super::html_links(&open).into_iter().next().map(|link| link.target))
        .flatten();
    match target {
        Some(target) => InlineKind::Link { target, title: String::new(), children },
        None => InlineKind::Wrapped { open, tag, children },
    }
}
