//! A text part that says nothing.

use crate::check::page::flat;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
pub struct TextShort;

const ABOUT: About = About {
    id: "text-short",
    what: "the text part has fewer than 20 characters",
    why: "Some readers and most filters read the text part; an empty one looks like spam.",
    source: "SpamAssassin MPART_ALT_DIFF",
    fix: "write something",
};

impl Rule for TextShort {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let text = flat(&draft.facts.edition.text);
        let is_there = text.chars().any(char::is_alphanumeric);
        if is_there && text.trim().chars().count() < 20 || draft.facts.issue.markdown().trim().is_empty() {
            found.push(
                Finding::new(self.id(), draft.deliverability(), "there is hardly any text").help(ABOUT.fix),
            );
        }
    }
}
