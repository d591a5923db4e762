//! A link behind a wall.

use super::visited::SeenRule;
use crate::check::{About, Draft, Followed, Seen};
use crate::links::Verdict;
use crate::model::finding::Finding;

pub struct LinkBlocked;

const ABOUT: About = About {
    id: "link-blocked",
    what: "a host turns the checker away (401, 403, 429, 999 or a bot wall)",
    why: "It says nothing about the link: a reader may well get through.",
    source: "visited",
    fix: "open it once in a browser; `[links] skip` leaves it out",
};

impl SeenRule for LinkBlocked {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn finding(&self, _link: &Followed<'_>, seen: &Seen<'_>, _draft: &Draft<'_>) -> Option<Finding> {
        let Verdict::Walled(why) = &seen.verdict else { return None };
        let message = format!("`{}` cannot be checked: {why}", seen.url);
        Some(Finding::info(ABOUT.id, message).help(ABOUT.fix))
    }
}
