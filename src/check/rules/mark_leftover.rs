//! Marks that mark nothing.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct MarkLeftover;

const ABOUT: About = About {
    id: "mark-leftover",
    what: "`**` or `~~` has no partner and stands in the letter as it is",
    why: "The words that were to be strong are not, and readers see the marks.",
    source: "CommonMark 0.31.2 6.2",
    fix: "write the other mark; one that is meant as it stands has backslashes: `\\*\\*`",
};

impl Rule for MarkLeftover {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for (start, text) in &draft.prose.texts {
            for at in lone_marks(text) {
                let place = draft.facts.issue.source.at(start + at..start + at + 2);
                let message =
                    format!("`{}` has no partner and stands in the letter as it is", &text[at..at + 2]);
                found.push(Finding::warning(self.id(), message).at(place).help(ABOUT.fix));
            }
        }
    }
}

/// Where `**` or `~~` touches a word and yet marks nothing.
fn lone_marks(text: &str) -> Vec<usize> {
    let touches = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
    let is_lone = |at: usize, mark: char| {
        let (before, after) = (text[..at].chars().next_back(), text[at + 2..].chars().next());
        before != Some(mark) && after != Some(mark) && touches(before) != touches(after)
    };
    let marks = text.match_indices("**").chain(text.match_indices("~~"));
    let mut lone: Vec<usize> = marks
        .filter(|(at, mark)| mark.chars().next().is_some_and(|c| is_lone(*at, c)))
        .map(|(at, _)| at)
        .collect();
    lone.sort_unstable();
    lone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_marks_without_a_partner_are_those_that_touch_a_word() {
        assert_eq!(lone_marks("a ** b, 2**3, **, ***x"), [0; 0]);
        assert_eq!(lone_marks("so **bold and ~~gone"), [3, 14]);
        assert_eq!(lone_marks("an end** é"), [6]);
    }
}
