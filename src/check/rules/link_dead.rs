//! A link that leads nowhere.

use crate::check::{About, Draft, Rule};
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

impl Rule for LinkDead {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.links_skipped()
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for (link, seen) in draft.visited() {
            if let Verdict::Dead(why) = &seen.verdict {
                let message = format!("`{}` is dead: {why}", seen.url);
                let finding = Finding::error(self.id(), message)
                    .help(super::with_way(&super::with_copy(ABOUT.fix, seen), seen));
                found.push(super::at(finding, draft.place_of(link.link)));
            }
        }
    }
}
