//! Every link and image of a letter: those of the author with their places, and those of the template.

use super::Draft;
use crate::compose::Link;
use crate::compose::html::{Body, unescaped};
use crate::compose::images::path;
use crate::compose::markdown::tree::{Block, BlockKind, Inline, InlineKind, words};
use crate::compose::markdown::{html_links, html_of_mjml, scheme};
use crate::compose::merge::{Marks, Part};
use crate::model::finding::Finding;
use crate::model::image::Image;
use crate::model::letter::Context;
use crate::model::source::{Place, Span};

/// An address of the text before its tokens are turned into holes.
struct Found {
    target: String,
    seen: String,
    span: Span,
    is_image: bool,
}

pub fn all(draft: &Draft<'_>, mjml: &str, body: &Body) -> Vec<Link> {
    let marks = &draft.marks;
    let own = in_text(draft).into_iter().filter_map(|found| {
        Some(Link {
            target: marks.pieces(&leads_to(found.target, found.is_image, draft)?, Context::Url),
            text: marks.restore(&found.seen),
            span: Some(found.span),
        })
    });
    let without = |text: String, part: &str| text.replacen(part, "", usize::from(!part.is_empty()));
    let around = without(without(mjml.to_owned(), &body.mjml), &body.lead);
    let template = in_template(&around).into_iter().filter_map(|(target, is_image)| {
        Some(Link {
            target: marks.pieces(&leads_to(target, is_image, draft)?, Context::Url),
            text: String::new(),
            span: None,
        })
    });
    own.chain(template).collect()
}

/// Where a target leads; `None` for an image that travels in the letter, or cannot be shown.
fn leads_to(target: String, is_image: bool, draft: &Draft<'_>) -> Option<String> {
    let path = path(&target, &draft.marks).filter(|_| is_image);
    match path.and_then(|path| draft.look.images.get(&path)) {
        Some(Ok(Image { part: None, src, .. })) => Some(src.clone()),
        Some(Ok(_) | Err(_)) => None,
        None => Some(target),
    }
}

/// Image files that cannot be shown, with the places that name them; those of the template have none.
pub fn local_images(draft: &Draft<'_>) -> Vec<Finding> {
    let mut findings = unknown_images(draft);
    for (path, fault) in draft.look.images.faults() {
        let finding = Finding::error(fault.rule, fault.message.clone()).help(fault.help.clone());
        let places = places_of(path, draft);
        match places.is_empty() {
            true => findings.push(finding),
            false => findings.extend(places.into_iter().map(|place| finding.clone().at(place))),
        }
    }
    findings.sort_by_key(|finding| finding.place.as_ref().map_or(usize::MAX, |place| place.span.start));
    findings
}

fn places_of(wanted: &str, draft: &Draft<'_>) -> Vec<Place> {
    let is_it = |found: &Found| {
        let path = path(&found.target, &draft.marks).filter(|_| found.is_image);
        path.is_some_and(|path| draft.look.images.is_same(&path, wanted))
    };
    let found = in_text(draft).into_iter().filter(is_it);
    found.map(|found| draft.issue.source.at(found.span)).collect()
}

/// A file of this computer means nothing to a reader.
fn unknown_images(draft: &Draft<'_>) -> Vec<Finding> {
    let is_known = |found: &Found| {
        path(&found.target, &draft.marks).is_some_and(|path| draft.look.images.get(&path).is_some())
    };
    let is_local = |found: &&Found| {
        found.is_image && scheme(&found.target).is_none() && !begins_with_token(&found.target, &draft.marks)
    };
    in_text(draft)
        .iter()
        .filter(is_local)
        .filter(|found| !is_known(found))
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
