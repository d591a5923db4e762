//! A link whose page has moved.

use crate::check::{About, Draft, Rule};
use crate::links::Verdict;
use crate::model::finding::Finding;

pub struct LinkRedirect;

const ABOUT: About = About {
    id: "link-redirect",
    what: "a link is permanently redirected",
    why: "Old addresses stop working one day, and every hop costs the reader time.",
    source: "RFC 9110 15.4.2 and 15.4.9",
    fix: "write the new address",
};

impl Rule for LinkRedirect {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.links_skipped()
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for (link, seen) in draft.visited() {
            if let Verdict::Moved { to, permanent: true } = &seen.verdict {
                let message = format!("`{}` has moved for good to `{to}`", seen.url);
                let finding = Finding::warning(self.id(), message).help(super::with_way(ABOUT.fix, seen));
                let finding = super::with_address(finding, draft, link, seen, to);
                found.push(super::at(finding, draft.place_of(link.link)));
            }
        }
    }
}
