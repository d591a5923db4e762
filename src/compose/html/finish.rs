//! MJML → finished HTML: mrml, CSS inlined where the template asks for it, comments gone that nobody reads.

use std::borrow::Cow;
use std::{panic, thread};

use mrml::mj_head::MjHeadChild;
use mrml::mjml::Mjml;
use mrml::prelude::parser::Error as ParseError;
use mrml::prelude::render::RenderOptions;

use super::armour;
use crate::compose::merge::{Marks, Part};

/// Nesting is bounded by us, but templates nest as they like and mrml recurses.
const STACK: usize = 256 << 20;

/// Why MJML is not MJML, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MjmlError {
    pub message: String,
    /// A byte of the MJML, if it is known.
    pub offset: Option<usize>,
}

/// The HTML of a whole MJML document; merge tokens survive, as text, in attributes, and in `<!--TOKEN-->`.
pub fn finish(mjml: &str, marks: &Marks) -> Result<String, MjmlError> {
    let armoured = armour::armoured(mjml);
    let stack = Stack::for_markup(&armoured);
    let (html, css) = guarded(stack, || convert(&armoured))?;
    let html = if css.is_empty() { html } else { guarded(stack, || inline(&html, &css))? };
    Ok(without_comments(&armour::unarmoured(&html), marks))
}

/// Only parses: whether `mjml` is well-formed.
pub fn parse(mjml: &str) -> Result<(), MjmlError> {
    guarded(Stack::for_markup(mjml), || parse_document(mjml).map(|_| ()))
}

/// What recursion over markup needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stack {
    /// What any thread has.
    Usual,
    Deep,
}

impl Stack {
    /// Tags within tags; those that are never closed count as well, so that the answer may be too careful.
    fn for_markup(markup: &str) -> Stack {
        /// So many levels fit on any stack many times over.
        const SHALLOW: usize = 60;
        let (mut depth, mut deepest): (usize, usize) = (0, 0);
        for (at, _) in markup.match_indices('<') {
            match &markup[at + 1..] {
                rest if rest.starts_with('/') => depth = depth.saturating_sub(1),
                rest if rest.starts_with('!') || is_void(rest) => {}
                _ => depth += 1,
            }
            deepest = deepest.max(depth);
        }
        if deepest > SHALLOW { Stack::Deep } else { Stack::Usual }
    }
}

/// Whether a tag, without its `<`, closes itself.
fn is_void(tag: &str) -> bool {
    let end = tag.find('>').unwrap_or(tag.len());
    tag[..end].ends_with('/') || ["br>", "br ", "img ", "hr>"].iter().any(|void| tag.starts_with(void))
}

/// Runs with enough stack; a panic of the libraries underneath, which some malformed markup causes, becomes an
/// error.
fn guarded<T: Send>(
    stack: Stack,
    work: impl FnOnce() -> Result<T, MjmlError> + Send,
) -> Result<T, MjmlError> {
    let broken = |message: &str| MjmlError { message: message.to_owned(), offset: None };
    let result = match stack {
        Stack::Usual => panic::catch_unwind(panic::AssertUnwindSafe(work)),
        Stack::Deep => thread::scope(|scope| {
            let builder = thread::Builder::new().stack_size(STACK);
            match builder.spawn_scoped(scope, work) {
                Ok(worker) => worker.join(),
                Err(_) => Ok(Err(broken("no thread to render MJML on"))),
            }
        }),
    };
    result.unwrap_or_else(|_| Err(broken("the markup is so broken that it cannot be read")))
}

fn convert(mjml: &str) -> Result<(String, String), MjmlError> {
    let mut document = parse_document(mjml)?;
    let css = take_inline_styles(&mut document);
    let options = RenderOptions { fonts: std::collections::HashMap::new(), ..RenderOptions::default() };
    let html = document
        .render(&options)
        .map_err(|error| MjmlError { message: format!("MJML cannot be rendered: {error}"), offset: None })?;
    Ok((html, css))
}

fn parse_document(mjml: &str) -> Result<Mjml, MjmlError> {
    mrml::parse(mjml).map(|output| output.element).map_err(|error| explain(&error, mjml))
}

/// `mj-style inline="inline"` is for us to inline: mrml would print it as it is.
fn take_inline_styles(document: &mut Mjml) -> String {
    let Some(head) = &mut document.children.head else { return String::new() };
    let mut css = String::new();
    head.children.retain(|child| match child {
        MjHeadChild::MjStyle(style) if style.attributes.inline.as_deref() == Some("inline") => {
            css.push_str(&style.children);
            css.push('\n');
            false
        }
        _ => true,
    });
    css
}

fn inline(html: &str, css: &str) -> Result<String, MjmlError> {
    css_inline::CSSInliner::options()
        .inline_style_tags(false)
        .keep_style_tags(true)
        .load_remote_stylesheets(false)
        .extra_css(Some(Cow::Borrowed(css)))
        .build()
        .inline(html)
        .map_err(|error| MjmlError {
            message: format!("the inline styles cannot be read: {error}"),
            offset: None,
        })
}

fn explain(error: &ParseError, mjml: &str) -> MjmlError {
    let (message, offset) = match error {
        ParseError::UnexpectedElement { position, .. } => {
            ("this element may not stand here", Some(position.start))
        }
        ParseError::UnexpectedToken { position, .. } => ("this may not stand here", Some(position.start)),
        ParseError::InvalidAttribute { position, .. } => {
            ("this attribute cannot be read", Some(position.start))
        }
        ParseError::InvalidFormat { position, .. } => ("this cannot be read", Some(position.start)),
        ParseError::MissingAttribute { name, position, .. } => {
            return MjmlError {
                message: format!("the attribute `{name}` is missing here"),
                offset: Some(position.start),
            };
        }
        ParseError::EndOfStream { .. } => {
            ("the MJML ends too early: an element is not closed", Some(mjml.len()))
        }
        ParseError::ParserError { source, .. } => {
            let position = source.pos();
            ("this is not well-formed", Some(offset_of(mjml, position.row as usize, position.col as usize)))
        }
        ParseError::NoRootNode => ("there is no `<mjml>` element", Some(0)),
        ParseError::SizeLimit { .. } => ("the MJML is larger than 4 GiB", None),
        ParseError::IncludeLoaderError { position, .. } => {
            ("`mj-include` does not work here: use `{% include %}`", Some(position.start))
        }
    };
    MjmlError { message: message.to_owned(), offset }
}

/// The byte at a row and column that count characters from 1.
fn offset_of(text: &str, row: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(row.saturating_sub(1)).map(str::len).sum();
    let line = text[before.min(text.len())..].split('\n').next().unwrap_or_default();
    let within: usize = line.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
    (before + within).min(text.len())
}

/// Drops comments that neither Outlook nor the merge reads, and joins neighbouring Outlook blocks.
fn without_comments(html: &str, marks: &Marks) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<!--") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find("-->").map_or(rest.len(), |end| at + end + 3);
        let comment = &rest[at..end];
        let is_outlook = comment.starts_with("<!--[if") || comment.starts_with("<!--<![endif]");
        if is_outlook || marks.split(comment).iter().any(|part| matches!(part, Part::Mark(_))) {
            out.push_str(comment);
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    join_outlook(&out)
}

fn join_outlook(html: &str) -> String {
    const END: &str = "<![endif]-->";
    const START: &str = "<!--[if mso | IE]>";
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(END) {
        let after = &rest[at + END.len()..];
        match after.trim_start().strip_prefix(START) {
            // `<!--<![endif]-->` ends what others see, not what Outlook sees.
            Some(joined) if !rest[..at].ends_with("<!--") => {
                out.push_str(&rest[..at]);
                rest = joined;
            }
            _ => {
                out.push_str(&rest[..at + END.len()]);
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_markup_that_is_nested_deeply_gets_a_deep_stack() {
        let nested = |levels: usize| format!("{}x{}", "<b>".repeat(levels), "</b>".repeat(levels));
        assert_eq!(Stack::for_markup(&nested(60)), Stack::Usual);
        assert_eq!(Stack::for_markup(&nested(61)), Stack::Deep);
        assert_eq!(Stack::for_markup(&"<p>a<br>b<img src=\"x\" /></p><!-- c -->".repeat(100)), Stack::Usual);
        assert_eq!(Stack::for_markup(&"<p>".repeat(100)), Stack::Deep);
    }
}
