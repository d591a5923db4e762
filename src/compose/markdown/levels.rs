//! Levels of headings: whatever the author begins with stands directly below the title, so that none is skipped.

use super::tree::{Block, BlockKind, Document};

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
        if let BlockKind::Heading { level, .. } = &mut block.kind {
            change(level);
        }
        block.each_inner(&mut |inner| each_level(inner, change));
    }
}
