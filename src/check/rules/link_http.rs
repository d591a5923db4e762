//! A link without encryption.

use crate::check::{About, Draft, Rule};
use crate::links::Target;
use crate::links::reach::is_local;
use crate::model::finding::Finding;
pub struct LinkHttp;

const ABOUT: About = About {
    id: "link-http",
    what: "a link begins with http://",
    why: "Browsers warn of pages without encryption, and anybody on the way can change them.",
    source: "practice of browsers",
    fix: "write https:// if the page has it",
};

impl Rule for LinkHttp {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            if let Target::Fetch(url) = &link.target
                && url.scheme() == "http"
                && !is_local(url)
            {
                let message = format!("`{url}` is not encrypted");
                found.push(super::at(
                    Finding::warning(self.id(), message).help(ABOUT.fix),
                    draft.place_of(link.link),
                ));
            }
        }
    }
}
