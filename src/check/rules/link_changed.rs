//! A link where something else answers.

use super::visited::SeenRule;
use crate::check::{About, Draft, Followed, Seen};
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

impl SeenRule for LinkChanged {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn finding(&self, _link: &Followed<'_>, seen: &Seen<'_>, _draft: &Draft<'_>) -> Option<Finding> {
        let Verdict::Changed(why) = &seen.verdict else { return None };
        let message = format!("`{}` may not show what it did: {why}", seen.url);
        Some(Finding::warning(ABOUT.id, message).help(ABOUT.fix))
    }
}
