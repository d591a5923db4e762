//! A paragraph that shouts.

use crate::check::prose::{Passage, PassageKind};
use crate::check::words::is_shouted;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct TextCaps;

const ABOUT: About = About {
    id: "text-caps",
    what: "a whole paragraph or heading is written in capitals",
    why: "It reads as shouting and slowly, some screen readers spell it out, and filters count capitals.",
    source: "SpamAssassin UPPERCASE_50_75; WCAG 3.1",
    fix: "write it as a sentence, and make **strong** what matters most",
};

impl Rule for TextCaps {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for passage in draft.prose.passages.iter().filter(|passage| shouts(passage)) {
            let place = draft.facts.issue.source.at(passage.span());
            let what = if passage.kind == PassageKind::Heading { "heading" } else { "paragraph" };
            let message = format!("the whole {what} is written in capitals");
            found.push(Finding::warning(self.id(), message).at(place).help(ABOUT.fix));
        }
    }
}

/// Lines of abbreviations are shorter, and cells are headings of their own kind.
fn shouts(passage: &Passage) -> bool {
    let words: Vec<&str> = passage.words().map(|word| word.text).filter(|word| is_cased(word)).collect();
    let shouted = words.iter().filter(|word| is_shouted(word)).count();
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    passage.kind != PassageKind::Cell && shouted >= 6 && letters >= 30 && shouted * 10 >= words.len() * 9
}

/// Whether the word has letters that may be capitals or not, more than one of them.
fn is_cased(word: &str) -> bool {
    word.chars().filter(|c| c.is_uppercase() || c.is_lowercase()).count() > 1
}
