//! A subject that pretends to be an answer.

use crate::check::page::flat;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct SubjectRe;

const ABOUT: About = About {
    id: "subject-re",
    what: "the subject pretends to be an answer or to be passed on: `Re:`, `Fwd:` and their kin",
    why: "A subject that misleads about the letter is against the law in many countries, and filters look for it.",
    source: "15 USC 7704 (a)(2); SpamAssassin FAKE_REPLY_C",
    fix: "delete the prefix",
};

/// How programs mark answers and letters that are passed on, in many languages.
const PREFIXES: &[&str] = &[
    "re", "fw", "fwd", "aw", "wg", "antw", "tr", "rv", "sv", "vs", "vb", "vl", "odp", "pd", "rif", "enc",
    "ynt", "ilt", "на", "отв",
];

impl Rule for SubjectRe {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let subject = flat(&draft.facts.edition.subject);
        if let Some(prefix) = prefix(&subject) {
            let message = format!("`{prefix}` makes the subject look like part of a conversation");
            let place = super::in_subject(draft, prefix);
            found.push(super::at(Finding::error(self.id(), message).help(ABOUT.fix), place));
        }
    }
}

/// `Re:`, `FWD:`, `Re[2]:`. Small letters or `TR: ` within a sentence are no prefix.
fn prefix(subject: &str) -> Option<&str> {
    let colon = subject.find(':')?;
    let mark = &subject[..colon];
    let word = mark.split(['[', '(']).next().unwrap_or_default();
    let is_counted = mark[word.len()..].chars().all(|c| c.is_ascii_digit() || "[]()".contains(c));
    let is_known = PREFIXES.contains(&word.to_lowercase().as_str());
    let follows = subject[colon + 1..].starts_with(char::is_whitespace);
    (is_known && is_counted && follows && word.starts_with(char::is_uppercase)).then(|| &subject[..=colon])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_answers_are_found_in_many_languages() {
        assert_eq!(prefix("Re: your order"), Some("Re:"));
        assert_eq!(prefix("RE[2]: boats"), Some("RE[2]:"));
        assert_eq!(prefix("AW: Boote"), Some("AW:"));
        for subject in
            ["Reading: three books", "Re:publica 2026", "Boats: re: sails", "Rebuilt", "Trains: a love story"]
        {
            assert_eq!(prefix(subject), None, "{subject}");
        }
    }
}
