//! Every link and image of a letter: those of the author with their places, and those of the template.

use super::{Draft, Framed, Shown};
use crate::compose::Link;
use crate::compose::html::unescaped;
use crate::compose::images::path;
use crate::compose::markdown::tree::{Block, BlockKind, Inline, InlineKind, words};
use crate::compose::markdown::{html_links, html_of_mjml};
use crate::model::image::{Image, Images};
use crate::model::letter::Context;
use crate::model::source::Span;

/// An address of the text before its tokens are turned into holes.
pub struct Found {
    pub target: String,
    seen: String,
    pub span: Span,
    pub is_image: bool,
}

pub fn all(draft: &Draft<'_>, shown: &Shown<'_>) -> Vec<Link> {
    let (marks, Framed { body, resolved }) = (&draft.marks, &shown.framed);
    let own = in_text(draft).into_iter().filter_map(|found| {
        Some(Link {
            target: marks.pieces(&leads_to(found.target, found.is_image, draft, shown.images)?, Context::Url),
            text: marks.restore(&found.seen),
            span: Some(found.span),
            is_image: found.is_image,
        })
    });
    let without = |text: String, part: &str| text.replacen(part, "", usize::from(!part.is_empty()));
    let around = without(without(resolved.mjml.clone(), &body.mjml), &body.lead);
    let template = in_template(&around).into_iter().filter_map(|(target, is_image)| {
        Some(Link {
            target: marks.pieces(&leads_to(target, is_image, draft, shown.images)?, Context::Url),
            text: String::new(),
            span: None,
            is_image,
        })
    });
    own.chain(template).collect()
}

/// Where a target leads; `None` for an image that travels in the letter, or cannot be shown.
fn leads_to(target: String, is_image: bool, draft: &Draft<'_>, images: &Images) -> Option<String> {
    let path = path(&target, &draft.marks).filter(|_| is_image);
    match path.and_then(|path| images.get(&path)) {
        Some(Ok(Image { part: None, src, .. })) => Some(src.clone()),
        Some(Ok(_) | Err(_)) => None,
        None => Some(target),
    }
}

/// Those of the author, in the order of the file.
pub fn in_text(draft: &Draft<'_>) -> Vec<Found> {
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

/// The addresses in attributes of the MJML around the body, and whether each is an image's.
fn in_template(mjml: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for name in [" href=\"", " src=\"", " background-url=\""] {
        for (at, _) in mjml.match_indices(name) {
            let value = mjml[at + name.len()..].split('"').next().unwrap_or_default();
            if !value.trim().is_empty() && !value.starts_with('#') {
                found.push((unescaped(value), name == " src=\""));
            }
        }
    }
    found
}
