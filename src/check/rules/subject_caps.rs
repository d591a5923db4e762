//! A subject that shouts.

use crate::check::page::flat;
use crate::check::words::is_shouted;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct SubjectCaps;

const ABOUT: About = About {
    id: "subject-caps",
    what: "the subject is written in capitals",
    why: "Capitals read as shouting, and filters count them.",
    source: "SpamAssassin SUBJ_ALL_CAPS",
    fix: "write it as a sentence; names such as NASA may stay",
};

impl Rule for SubjectCaps {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let subject = flat(&draft.facts.edition.subject);
        if let Some(shouted) = shouted(&subject) {
            let message = format!("the subject shouts: `{shouted}`");
            let place = super::in_subject(draft, &shouted);
            found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
        }
    }
}

/// Three words in capitals one after the other, or a subject that is nothing else: abbreviations are short.
fn shouted(subject: &str) -> Option<String> {
    let words: Vec<&str> = subject.split_whitespace().collect();
    let run = words.chunk_by(|one, next| is_shouted(one) && is_shouted(next)).max_by_key(|run| run.len())?;
    let letters = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count();
    let has_long = run.iter().any(|word| letters(word) >= 5);
    let is_all = words.iter().filter(|word| letters(word) > 0).all(|word| is_shouted(word));
    let many: usize = run.iter().map(|word| letters(word)).sum();
    let shouts = is_shouted(run[0]) && (run.len() >= 3 && many >= 10 || run.len() == 2 && is_all && has_long);
    shouts.then(|| run.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_in_capitals_are_found_and_abbreviations_are_not() {
        for subject in ["SALE ENDS TODAY", "LAST CHANCE", "Our SALE ENDS TODAY at noon", "ПОСЛЕДНИЙ ШАНС"]
        {
            assert!(shouted(subject).is_some(), "{subject}");
        }
        for subject in [
            "WWDC 2026",
            "NASA, ESA and JAXA",
            "HTML CSS",
            "USA: what now",
            "The EU AI act",
            "",
            "漢字 漢字 漢字",
        ] {
            assert_eq!(shouted(subject), None, "{subject}");
        }
    }
}
