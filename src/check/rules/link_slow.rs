//! A link that keeps readers waiting.

use crate::check::{About, Draft, Rule};
use crate::links::{Target, Verdict};
use crate::model::finding::Finding;
pub struct LinkSlow;

const ABOUT: About = About {
    id: "link-slow",
    what: "a page takes more than five seconds to answer",
    why: "Readers leave before it opens.",
    source: "visited",
    fix: "link to another copy, or try again later",
};

impl Rule for LinkSlow {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.links_skipped()
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            let message = match (&link.target, &link.verdict) {
                (Target::Fetch(url), Some(Verdict::Slow(why))) => format!("`{url}` {why}"),
                _ => continue,
            };
            found.push(super::at(
                Finding::warning(self.id(), message).help(ABOUT.fix),
                draft.place_of(link.link),
            ));
        }
    }
}
