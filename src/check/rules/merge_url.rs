//! A field that decides where a link leads.

use crate::check::{About, Draft, Rule};
use crate::links::Target;
use crate::links::target::Wrong;
use crate::model::finding::Finding;
pub struct MergeUrl;

const ABOUT: About = About {
    id: "merge-url",
    what: "a field stands where the scheme or host of a link is",
    why: "Whoever fills the field in decides where the link leads.",
    source: "OWASP unvalidated redirects; house security checklist",
    fix: "write the host out and put fields only into the path or the query",
};

impl Rule for MergeUrl {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            if let Target::Wrong(Wrong::OpenHost(target)) = &link.target {
                let message = format!("a field decides to which host `{target}` leads");
                found.push(super::at(
                    Finding::error(self.id(), message).help(ABOUT.fix),
                    draft.place_of(link.link),
                ));
            }
        }
    }
}
