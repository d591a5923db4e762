//! No way out.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct UnsubMissing;

const ABOUT: About = About {
    id: "unsub-missing",
    what: "no part of the letter holds a link to unsubscribe",
    why: "Readers who find no way out press the spam button, and the law asks for a clear way to opt out.",
    source: "15 USC 7704; RFC 8058; rules of Gmail and Yahoo for bulk senders",
    fix: "use the built-in template, or put `{{ unsubscribe_url }}` into your own, for both parts",
};

impl Rule for UnsubMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let edition = draft.facts.edition;
        for (part, name) in [(&edition.html, "HTML"), (&edition.text, "text")] {
            if !part.holes().any(|hole| hole.expression.contains("unsubscribe_url")) {
                let message = format!("the {name} part has no link to unsubscribe");
                found.push(Finding::new(self.id(), draft.deliverability(), message).help(ABOUT.fix));
            }
        }
    }
}
