//! A link without a target.

use crate::check::{About, Draft, Rule};
use crate::links::Target;
use crate::links::target::Wrong;
use crate::model::finding::Finding;
pub struct LinkEmpty;

const ABOUT: About = About {
    id: "link-empty",
    what: "a link has no target",
    why: "It looks like a link and does nothing.",
    source: "practice",
    fix: "write where it leads",
};

impl Rule for LinkEmpty {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            let message = match &link.target {
                Target::Wrong(Wrong::Empty) => format!("the link `{}` has no target", link.link.text),
                _ => continue,
            };
            found.push(super::at(
                Finding::error(self.id(), message).help(ABOUT.fix),
                draft.place_of(link.link),
            ));
        }
    }
}
