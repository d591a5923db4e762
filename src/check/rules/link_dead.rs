//! A link that leads nowhere.

use crate::check::{About, Draft, Rule};
use crate::links::{Target, Verdict};
use crate::model::finding::Finding;
pub struct LinkDead;

const ABOUT: About = About {
    id: "link-dead",
    what: "a link gives an error or no answer",
    why: "Readers follow links that you promised them.",
    source: "visited: HEAD, then GET, with retries",
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
        for link in &draft.links {
            let message = match (&link.target, &link.verdict) {
                (Target::Fetch(url), Some(Verdict::Dead(why))) => format!("`{url}` is dead: {why}"),
                _ => continue,
            };
            found.push(super::at(
                Finding::error(self.id(), message).help(ABOUT.fix),
                draft.place_of(link.link),
            ));
        }
    }
}
