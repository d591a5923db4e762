//! A link that works only at home.

use crate::check::{About, Draft, Rule};
use crate::links::Target;
use crate::links::reach::is_local;
use crate::model::finding::Finding;
pub struct LinkLocalhost;

const ABOUT: About = About {
    id: "link-localhost",
    what: "a link leads to this machine or the local network",
    why: "It works for the author and for nobody else.",
    source: "practice",
    fix: "write the public address",
};

impl Rule for LinkLocalhost {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            if let Target::Fetch(url) = &link.target
                && is_local(url)
                && !draft.facts.settings.links.allow_private
            {
                let message = format!("`{url}` is an address of the local network");
                found.push(super::at(
                    Finding::error(self.id(), message).help(ABOUT.fix),
                    draft.place_of(link.link),
                ));
            }
        }
    }
}
