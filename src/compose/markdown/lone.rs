//! Blocks that are one thing and nothing else: an image, a button, links.

use super::tree::{Block, BlockKind, Container, Inline, InlineKind, Style};

/// What a paragraph is that holds one thing.
pub(in crate::compose) enum Lone<'t> {
    Image { image: &'t Inline, link: Option<&'t str> },
    Button { target: &'t str, label: &'t [Inline] },
}

/// Whether a block is a hero, or an image and nothing else.
pub(in crate::compose) fn is_picture(block: &Block) -> bool {
    match &block.kind {
        BlockKind::Container(Container::Hero, _) => true,
        BlockKind::Paragraph(text) => matches!(lone(text), Some(Lone::Image { .. })),
        _ => false,
    }
}

/// A paragraph that is one image, linked or not, or one strong link, which is a button.
pub(in crate::compose) fn lone(text: &[Inline]) -> Option<Lone<'_>> {
    let [only] = text else { return None };
    match &only.kind {
        InlineKind::Image { .. } => Some(Lone::Image { image: only, link: None }),
        InlineKind::Link { target, children, .. } => match children.as_slice() {
            [image] if matches!(image.kind, InlineKind::Image { .. }) => {
                Some(Lone::Image { image, link: Some(target) })
            }
            _ => None,
        },
        InlineKind::Styled(Style::Strong, children) => match children.as_slice() {
            [Inline { kind: InlineKind::Link { target, children, .. }, .. }] if is_label(children) => {
                Some(Lone::Button { target, label: children })
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_label(children: &[Inline]) -> bool {
    !children.is_empty() && children.iter().all(|inline| matches!(inline.kind, InlineKind::Text(_)))
}

/// The picture that blocks begin with, and where it leads; and the blocks without it.
pub(in crate::compose) fn picture_first(blocks: &[Block]) -> (Option<(&Inline, Option<&str>)>, &[Block]) {
    let Some((Block { kind: BlockKind::Paragraph(text), .. }, rest)) = blocks.split_first() else {
        return (None, blocks);
    };
    match lone(text) {
        Some(Lone::Image { image, link }) => (Some((image, link)), rest),
        Some(Lone::Button { .. }) | None => (None, blocks),
    }
}

/// Where each link of a paragraph leads, and its words, if the paragraph holds links and breaks only.
pub(in crate::compose) fn links_of(block: &Block) -> Option<Vec<(&str, &[Inline])>> {
    let BlockKind::Paragraph(text) = &block.kind else { return None };
    text.iter().filter(|inline| !is_break(inline)).map(link).collect()
}

fn is_break(inline: &Inline) -> bool {
    matches!(inline.kind, InlineKind::SoftBreak | InlineKind::HardBreak)
}

/// Strong or not.
fn link(inline: &Inline) -> Option<(&str, &[Inline])> {
    match &inline.kind {
        InlineKind::Link { target, children, .. } => Some((target, children)),
        InlineKind::Styled(Style::Strong, children) => match children.as_slice() {
            [only] => link(only),
            _ => None,
        },
        _ => None,
    }
}
