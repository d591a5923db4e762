//! A link where something else answers.

use crate::check::{About, Draft, Rule};
use crate::links::Verdict;
use crate::model::finding::Finding;

pub struct LinkChanged;

const ABOUT: About = About {
    id: "link-changed",
    what: "something else answers where a link leads: another site, a parked domain, or a page that says “not found”",
    why: "Readers find what you did not promise them, and a domain that was sold may show them anything.",
    source: "visited; Public Suffix List for what one site is",
    fix: "open it, and link to where the page is now, or to an archived copy",
};

impl Rule for LinkChanged {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.links_skipped()
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for (link, seen) in draft.visited() {
            if let Verdict::Changed(why) = &seen.verdict {
                let message = format!("`{}` may not show what it did: {why}", seen.url);
                let finding = Finding::warning(self.id(), message).help(super::with_way(ABOUT.fix, seen));
                found.push(super::at(finding, draft.place_of(link.link)));
            }
        }
    }
}
