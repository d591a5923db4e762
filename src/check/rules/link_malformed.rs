//! A target that cannot be read.

use crate::check::{About, Draft, Rule};
use crate::links::Target;
use crate::links::target::Wrong;
use crate::model::finding::Finding;
pub struct LinkMalformed;

const ABOUT: About = About {
    id: "link-malformed",
    what: "an address, a mailto: or a tel: link is malformed",
    why: "Nothing opens when a reader follows it.",
    source: "WHATWG URL; RFC 6068; RFC 3966",
    fix: "mend the address",
};

impl Rule for LinkMalformed {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            let message = match &link.target {
                Target::Wrong(Wrong::Malformed(target)) => format!("`{target}` is no address"),
                Target::Wrong(Wrong::Mail(target)) => format!("`mailto:{target}` holds no e-mail address"),
                Target::Wrong(Wrong::Phone(target)) => format!("`tel:{target}` holds no phone number"),
                _ => continue,
            };
            found.push(super::at(
                Finding::error(self.id(), message).help(ABOUT.fix),
                draft.place_of(link.link),
            ));
        }
    }
}
