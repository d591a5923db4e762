//! A target that was meant for later.

use crate::check::{About, Draft, Rule};
use crate::links::Target;
use crate::links::target::Wrong;
use crate::model::finding::Finding;
pub struct LinkPlaceholder;

const ABOUT: About = About {
    id: "link-placeholder",
    what: "a link leads to `#`, `/`, `TODO` or a script",
    why: "It was meant to be filled in later.",
    source: "practice",
    fix: "write where it leads",
};

impl Rule for LinkPlaceholder {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            let message = match &link.target {
                Target::Wrong(Wrong::Placeholder(target)) => {
                    format!("the link leads to the placeholder `{target}`")
                }
                _ => continue,
            };
            found.push(super::at(
                Finding::error(self.id(), message).help(ABOUT.fix),
                draft.place_of(link.link),
            ));
        }
    }
}
