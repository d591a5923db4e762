//! A link that leads nowhere.

use super::visited::{SeenRule, with_copy};
use crate::check::{About, Draft, Followed, Seen};
use crate::links::Verdict;
use crate::model::finding::Finding;

pub struct LinkDead;

const ABOUT: About = About {
    id: "link-dead",
    what: "a link gives an error or no answer",
    why: "Readers follow links that you promised them.",
    source: "visited, with retries",
    fix: "correct the address, or link to an archived copy; `on_dead_link` says what a scheduled send does",
};

impl SeenRule for LinkDead {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn finding(&self, _link: &Followed<'_>, seen: &Seen<'_>, _draft: &Draft<'_>) -> Option<Finding> {
        let Verdict::Dead(why) = &seen.verdict else { return None };
        let message = format!("`{}` is dead: {why}", seen.url);
        Some(Finding::error(ABOUT.id, message).help(with_copy(ABOUT.fix, seen)))
    }
}
