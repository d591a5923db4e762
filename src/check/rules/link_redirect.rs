//! A link whose page has moved.

use super::visited::{SeenRule, with_address};
use crate::check::{About, Draft, Followed, Seen};
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

impl SeenRule for LinkRedirect {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn finding(&self, link: &Followed<'_>, seen: &Seen<'_>, draft: &Draft<'_>) -> Option<Finding> {
        let Verdict::Moved { to, permanent: true } = &seen.verdict else { return None };
        let message = format!("`{}` has moved for good to `{to}`", seen.url);
        let finding = Finding::warning(ABOUT.id, message).help(ABOUT.fix);
        Some(with_address(finding, draft, link, seen, to))
    }
}
