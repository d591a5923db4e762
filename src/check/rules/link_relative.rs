//! A target without a host.

use crate::check::{About, Draft, Rule};
use crate::links::Target;
use crate::links::target::Wrong;
use crate::model::finding::Finding;
pub struct LinkRelative;

const ABOUT: About = About {
    id: "link-relative",
    what: "a link has no scheme and host",
    why: "A mailbox is at no address that a relative link could start from.",
    source: "RFC 3986 4.2",
    fix: "write the whole address, with https:// in front",
};

impl Rule for LinkRelative {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            let message = match &link.target {
                Target::Wrong(Wrong::Relative(target)) if !draft.is_local_image(link.link) => {
                    format!("`{target}` leads nowhere from a mailbox")
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
