//! A link that keeps readers waiting.

use super::visited::SeenRule;
use crate::check::{About, Draft, Followed, Seen};
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

impl SeenRule for LinkSlow {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn finding(&self, _link: &Followed<'_>, seen: &Seen<'_>, _draft: &Draft<'_>) -> Option<Finding> {
        let Verdict::Slow(why) = &seen.verdict else { return None };
        let message = format!("`{}` {why}", seen.url);
        Some(Finding::warning(ABOUT.id, message).help(ABOUT.fix))
    }
}
