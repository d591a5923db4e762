//! A subject full of pictures.

use crate::check::page::flat;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct SubjectEmoji;

const ABOUT: About = About {
    id: "subject-emoji",
    what: "the subject has more than two emoji",
    why: "Screen readers say each of them aloud, old mail programs show boxes, and a row of them looks like advertising.",
    source: "practice; Unicode UTS #51",
    fix: "keep the one that helps to recognise the newsletter",
};

const MOST: usize = 2;

impl Rule for SubjectEmoji {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let count = emoji_in(&flat(&draft.facts.edition.subject));
        if count > MOST {
            let message = format!("the subject has {count} emoji");
            let place = super::subject_place(draft);
            found.push(super::at(Finding::info(self.id(), message).help(ABOUT.fix), place));
        }
    }
}

/// What a reader would count: a flag, a family and a hand of any colour are one each.
fn emoji_in(text: &str) -> usize {
    let (mut count, mut flags, mut joined) = (0, 0, false);
    for c in text.chars() {
        match c {
            '\u{200d}' => joined = true,
            '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' => {}
            '\u{1f1e6}'..='\u{1f1ff}' => flags += 1,
            '\u{1f000}'..='\u{1faff}'
            | '\u{2600}'..='\u{27bf}'
            | '\u{2b50}'
            | '\u{2b55}'
            | '\u{231a}'
            | '\u{231b}' => {
                count += usize::from(!joined);
                joined = false;
            }
            _ => joined = false,
        }
    }
    count + flags / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_counted_as_a_reader_counts() {
        assert_eq!(emoji_in("🎉 A 👩‍👩‍👧 in 🇧🇾 👍🏽"), 4);
        assert_eq!(emoji_in("no © pictures ™ here — 漢字"), 0);
    }
}
