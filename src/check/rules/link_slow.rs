//! A link that keeps readers waiting.

use crate::check::{About, Draft, Rule};
use crate::links::Verdict;
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
        for (link, seen) in draft.visited() {
            if let Verdict::Slow(why) = &seen.verdict {
                let message = format!("`{}` {why}", seen.url);
                let finding = Finding::warning(self.id(), message).help(super::with_way(ABOUT.fix, seen));
                found.push(super::at(finding, draft.place_of(link.link)));
            }
        }
    }
}
