//! Nobody is named as the sender.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct FromMissing;

const ABOUT: About = About {
    id: "from-missing",
    what: "no sender is named, or only an example",
    why: "A letter has exactly one sender; Gmail refuses letters without.",
    source: "RFC 5322 3.6.2",
    fix: "write `FROM=Name <you@your-domain>` into .env, or `from` into courant.toml",
};

impl Rule for FromMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        if let Some(why) = &draft.facts.no_sender {
            found.push(Finding::new(self.id(), draft.deliverability(), why).help(ABOUT.fix));
        }
    }
}
