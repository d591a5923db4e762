//! Every link and image of a letter: those of the author with their places, and those of the template.

use super::Draft;
use crate::compose::Link;
use crate::compose::html::Body;
use crate::compose::markdown::tree::{Block, BlockKind, Inline, InlineKind, words};
use crate::compose::markdown::{html_links, html_of_mjml, scheme};
use crate::compose::merge::{Marks, Part};
use crate::model::finding::Finding;
use crate::model::letter::Context;
use crate::model::source::Span;

/// An address of the text before its tokens are turned into holes.
struct Found {
    target: String,
    seen: String,
    span: Span,
    is_image: bool,
}

pub fn all(draft: &Draft<'_>, mjml: &str, body: &Body) -> Vec<Link> {
    let marks = &draft.marks;
    let own = in_text(draft).into_iter().map(|found| Link {
        target: marks.pieces(&found.target, Context::Url),
        text: marks.restore(&found.seen),
        span: Some(found.span),
    });
    let without = |text: String, part: &str| text.replacen(part, "", usize::from(!part.is_empty()));
    let around = without(without(mjml.to_owned(), &body.mjml), &body.lead);
    let template = in_template(&around).into_iter().map(|target| Link {
        target: marks.pieces(&target, Context::Url),
        text: String::new(),
        span: None,
    });
    own.chain(template).collect()
}

/// A file of this computer means nothing to a reader.
pub fn local_images(draft: &Draft<'_>) -> Vec<Finding> {
    let is_local = |found: &&Found| {
        found.is_image && scheme(&found.target).is_none() && !begins_with_token(&found.target, &draft.marks)
    };
    in_text(draft)
        .iter()
        .filter(is_local)
        .map(|found| {
            Finding::error("image-local", format!("the image `{}` is not on the web", found.target))
                .at(draft.issue.source.at(found.span.clone()))
                .help("put it on a web server and use its https address")
        })
        .collect()
}

fn begins_with_token(target: &str, marks: &Marks) -> bool {
    matches!(marks.split(target).first(), Some(Part::Mark(_)))
}

fn in_text(draft: &Draft<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut visit = |inline: &Inline| from_inline(inline, &mut found);
    for inline in &draft.heading {
        visit(inline);
    }
    draft.document.each_inline(&mut visit);
    let notes = draft.document.notes.iter().flat_map(|note| &note.blocks);
    for block in draft.document.blocks.iter().chain(notes) {
        from_markup(block, &mut found);
    }
    found.sort_by_key(|found| found.span.start);
    found
}

fn from_inline(inline: &Inline, found: &mut Vec<Found>) {
    let span = inline.span.clone();
    match &inline.kind {
        InlineKind::Link { target, children, .. } => {
            found.push(Found { target: target.clone(), seen: words(children), span, is_image: false });
        }
        InlineKind::Image { target, alt, .. } => {
            found.push(Found { target: target.clone(), seen: alt.clone(), span, is_image: true });
        }
        InlineKind::Html(html) => push_markup(html, &span, found),
        _ => {}
    }
}

fn from_markup(block: &Block, found: &mut Vec<Found>) {
    match &block.kind {
        BlockKind::Html(html) => push_markup(html, &block.span, found),
        BlockKind::Mjml(mjml) => push_markup(&html_of_mjml(mjml), &block.span, found),
        _ => block.inner().into_iter().flatten().for_each(|inner| from_markup(inner, found)),
    }
}

fn push_markup(html: &str, span: &Span, found: &mut Vec<Found>) {
    found.extend(html_links(html).into_iter().map(|link| Found {
        target: link.target,
        seen: link.seen,
        span: span.clone(),
        is_image: link.is_image,
    }));
}

/// The addresses in attributes of the MJML around the body.
fn in_template(mjml: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in [" href=\"", " src=\"", " background-url=\""] {
        for (at, _) in mjml.match_indices(name) {
            let value = mjml[at + name.len()..].split('"').next().unwrap_or_default();
            if !value.trim().is_empty() && !value.starts_with('#') {
                found.push(
                    value
                        .replace("&quot;", "\"")
                        .replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&amp;", "&"),
                );
            }
        }
    }
    found
}
