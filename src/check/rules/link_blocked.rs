//! A link behind a wall.

use crate::check::{About, Draft, Rule};
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

impl Rule for LinkBlocked {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.links_skipped()
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for (link, seen) in draft.visited() {
            if let Verdict::Walled(why) = &seen.verdict {
                let message = format!("`{}` cannot be checked: {why}", seen.url);
                let finding = Finding::info(self.id(), message).help(super::with_way(ABOUT.fix, seen));
                found.push(super::at(finding, draft.place_of(link.link)));
            }
        }
    }
}
