//! Blocks of raw markup.

use super::blocks::Builder;
use super::open::{Frame, Open};
use super::raw::{RawTag, without_comments};
use super::run::{RunItem, Words};
use super::tree::BlockKind;
use super::{MAX_DEPTH, MAX_MARKUP_DEPTH, Reading, allowed, unclosed};
use crate::compose::merge::{MarkKind, Part};
use crate::model::source::Span;

impl Builder<'_> {
    /// A lone opening tag wraps the blocks up to its end tag; any other markup is a block by itself.
    pub(super) fn html(&mut self, raw: &str, span: Span) {
        self.findings.extend(unclosed::remark(raw, &span, &self.reading));
        let visible = without_comments(raw);
        let visible = visible.trim();
        if allowed::is_words(visible) {
            self.nest().report_words(visible, &span);
            self.run_item(RunItem::Text(Words { text: visible.to_owned(), span, ..Words::default() }));
            return self.flush_run();
        }
        self.nest().report_forbidden(raw, &span);
        let is_single = visible.starts_with('<') && visible.find('>') == Some(visible.len().wrapping_sub(1));
        match is_single.then(|| self.cleaner.tag(visible)) {
            Some(RawTag::Open { open, tag }) if self.stack.len() <= MAX_DEPTH => {
                self.stack.push(Frame {
                    open: Open::Raw { open, tag },
                    span,
                    blocks: Vec::new(),
                    run: Vec::new(),
                });
            }
            Some(RawTag::Open { .. }) => self.too_deep(&span),
            Some(RawTag::Close(name)) => {
                if matches!(&self.top().open, Open::Raw { tag, .. } if *tag == name) {
                    self.close();
                }
            }
            _ => self.html_block(visible, span),
        }
    }

    /// MJML between fences: whether it is well-formed is found out where the letter is put together.
    pub(super) fn mjml(&mut self, text: &str, span: Span) {
        self.nest().report_harmful(text, &span);
        let mjml = tokens_in_comments(&without_comments(text), &self.reading);
        self.block(BlockKind::Mjml(mjml.trim().to_owned()), span);
    }

    fn html_block(&mut self, visible: &str, span: Span) {
        if allowed::depth(visible) > MAX_MARKUP_DEPTH {
            self.too_deep(&span);
            self.run_item(RunItem::Text(Words {
                text: allowed::without_tags(visible),
                span,
                ..Words::default()
            }));
            return self.flush_run();
        }
        let html = self.cleaner.clean(&tokens_in_comments(visible, &self.reading));
        if !html.trim().is_empty() {
            self.block(BlockKind::Html(html.trim().to_owned()), span);
        }
    }
}

/// Constants are filled in; statements travel in comments, so that a table does not throw them out.
fn tokens_in_comments(raw: &str, reading: &Reading<'_>) -> String {
    let parts = reading.marks.split(raw).into_iter().map(|part| match part {
        Part::Text(text) => text.to_owned(),
        Part::Mark(mark) => match &mark.kind {
            MarkKind::Constant(value) => crate::compose::html::escape(value),
            MarkKind::Value(_) => mark.token.clone(),
            MarkKind::Logic(_) => format!("<!--{}-->", mark.token),
            MarkKind::Comment => String::new(),
        },
    });
    let html: String = parts.collect();
    if html.contains("<!--") { with_table_body(&html) } else { html }
}

/// A statement around rows must stand in the same element as the rows, and HTML puts these into a `<tbody>`
/// whether it is written or not.
fn with_table_body(html: &str) -> String {
    let table = html.find("<table").and_then(|start| html[start..].find('>').map(|end| start + end + 1));
    match table {
        Some(inside) if !html.contains("<tbody") && !html.contains("<thead") => {
            format!("{}<tbody>{}", &html[..inside], &html[inside..])
        }
        _ => html.to_owned(),
    }
}
