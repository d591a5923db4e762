//! Numbers for footnotes, in the order in which the text refers to them.

use std::collections::{HashMap, HashSet};

use super::tree::{Block, Note};

#[derive(Debug, Default)]
pub struct Footnotes {
    numbers: HashMap<String, usize>,
    references: Vec<usize>,
    defined: Vec<(String, Vec<Block>)>,
    /// Notes that something refers to which this reader does not get.
    left_out: HashSet<String>,
}

impl Footnotes {
    /// A reference to `label`: the note's number, and which reference to it this is, both from 1.
    pub fn refer(&mut self, label: &str) -> (usize, usize) {
        let number = self.number(label);
        let references = &mut self.references[number - 1];
        *references += 1;
        (number, *references)
    }

    pub fn define(&mut self, label: &str, blocks: Vec<Block>) {
        self.defined.push((label.to_owned(), blocks));
    }

    /// What refers to `label` is left out; unless something else does, so is the note.
    pub fn leave_out(&mut self, label: &str) {
        self.left_out.insert(label.to_owned());
    }

    fn number(&mut self, label: &str) -> usize {
        let next = self.numbers.len() + 1;
        let number = *self.numbers.entry(label.to_owned()).or_insert(next);
        self.references.resize(self.numbers.len(), 0);
        number
    }

    /// All notes by number; those nobody refers to come last. A second definition of a label adds to the first.
    pub fn finish(mut self) -> Vec<Note> {
        let mut defined = std::mem::take(&mut self.defined);
        defined.retain(|(label, _)| self.numbers.contains_key(label) || !self.left_out.contains(label));
        for (label, _) in &defined {
            self.number(label);
        }
        let mut notes: Vec<Note> = self
            .references
            .iter()
            .map(|references| Note { blocks: Vec::new(), references: *references })
            .collect();
        for (label, blocks) in defined {
            let number = self.number(&label);
            notes[number - 1].blocks.extend(blocks);
        }
        notes
    }
}
