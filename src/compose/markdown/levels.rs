//! Levels of headings: whatever the author begins with stands directly below the title, so that none is skipped.

use super::tree::{Block, BlockKind, Definition, Document};

/// The deepest level below the title that HTML has.
const DEEPEST: u8 = 5;

impl Document {
    /// Moves all levels up or down together, so that the highest is 1.
    pub fn settle_levels(&mut self) {
        let mut highest = u8::MAX;
        self.each_level(&mut |level| highest = highest.min(*level));
        self.each_level(&mut |level| *level = (*level - highest + 1).min(DEEPEST));
    }

    fn each_level(&mut self, change: &mut dyn FnMut(&mut u8)) {
        each_level(&mut self.blocks, change);
        self.notes.iter_mut().for_each(|note| each_level(&mut note.blocks, change));
    }
}

fn each_level(blocks: &mut [Block], change: &mut dyn FnMut(&mut u8)) {
    for block in blocks {
        match &mut block.kind {
            BlockKind::Heading { level, .. } => change(level),
            BlockKind::Quote(inner) | BlockKind::Callout(_, inner) => each_level(inner, change),
            BlockKind::Wrapped { blocks: inner, .. } => each_level(inner, change),
            BlockKind::List(list) => {
                list.items.iter_mut().for_each(|item| each_level(&mut item.blocks, change))
            }
            BlockKind::Definitions(list) => {
                for definition in list {
                    if let Definition::Detail(inner) = definition {
                        each_level(inner, change);
                    }
                }
            }
            BlockKind::Paragraph(_)
            | BlockKind::Code { .. }
            | BlockKind::Table(_)
            | BlockKind::Rule
            | BlockKind::Html(_)
            | BlockKind::Logic(_) => {}
        }
    }
}
