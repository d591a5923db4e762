//! A link whose page has moved.

use crate::check::{About, Draft, Rule};
use crate::links::{Target, Verdict};
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
        for link in &draft.links {
            let message = match (&link.target, &link.verdict) {
                (Target::Fetch(url), Some(Verdict::Moved { to, permanent: true })) => {
                    format!("`{url}` has moved for good to `{to}`")
                }
                _ => continue,
            };
            found.push(super::at(
                Finding::warning(self.id(), message).help(ABOUT.fix),
                draft.place_of(link.link),
            ));
        }
    }
}
