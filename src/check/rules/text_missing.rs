//! No text part.

use crate::check::page::flat;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct TextMissing;

const ABOUT: About = About {
    id: "text-missing",
    what: "the letter has no text part, or nothing of the HTML is in it",
    why: "Watches, screen readers, terminals and filters read the text part; HTML alone looks like spam.",
    source: "SpamAssassin MIME_HTML_ONLY, MPART_ALT_DIFF; RFC 2046 5.1.4",
    fix: "write words beside the images: the text part is made of them",
};

impl Rule for TextMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let text = flat(&draft.facts.edition.text);
        if !text.chars().any(char::is_alphanumeric) {
            let message = "the letter has no text part";
            found.push(Finding::new(self.id(), draft.deliverability(), message).help(ABOUT.fix));
        }
    }
}
