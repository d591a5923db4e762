//! The title of an issue, printed once: it may be the first heading of the text, too.

use crate::compose::ComposeError;
use crate::compose::markdown::tree::{Block, BlockKind, Document, Inline, words};
use crate::compose::markdown::{self, Medium, Reading};
use crate::compose::merge::Marks;
use crate::model::issue::Issue;
use crate::settings::MarkdownSettings;

/// The title as inlines. A heading that begins the text and says the same is taken out of `document`, so that
/// nothing is printed twice; its emphasis and links stay.
pub fn heading(
    issue: &Issue,
    document: &mut Document,
    marks: &mut Marks,
    roots: &serde_json::Value,
    lang: &str,
    markdown: MarkdownSettings,
) -> Result<Vec<Inline>, ComposeError> {
    let title = issue.title();
    let is_title = |first: &[Inline]| same_words(&marks.restore(&words(first)), title);
    if first_heading(document).is_some_and(is_title) {
        return Ok(take_first(document));
    }
    let span = issue.front.title.as_ref().map_or(0..0, |title| title.span.clone());
    let text = marks.take_more(&issue.source, span, title, roots)?;
    let reading = Reading { source: &issue.source, offset: 0, marks, lang, medium: Medium::Web, markdown };
    Ok(markdown::plain(&text, reading))
}

fn first_heading(document: &Document) -> Option<&[Inline]> {
    match document.blocks.first() {
        Some(Block { kind: BlockKind::Heading { text, .. }, .. }) => Some(text),
        _ => None,
    }
}

fn take_first(document: &mut Document) -> Vec<Inline> {
    match document.blocks.remove(0).kind {
        BlockKind::Heading { text, .. } => text,
        _ => Vec::new(),
    }
}

/// Typographic marks are no difference.
fn same_words(one: &str, other: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    letters(one) == letters(other)
}
