//! A link into a private network.

use crate::check::{About, Draft, Rule};
use crate::links::reach::is_local;
use crate::links::verdict::Skip;
use crate::links::{Target, Verdict};
use crate::model::finding::Finding;
pub struct LinkPrivate;

const ABOUT: About = About {
    id: "link-private",
    what: "a link leads into a private network, by its name or a redirect",
    why: "Readers elsewhere cannot get there; the checker does not enter it.",
    source: "house security checklist (SSRF)",
    fix: "write the public address, or set `allow_private = true` under `[links]`",
};

impl Rule for LinkPrivate {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.links_skipped()
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            let message = match (&link.target, &link.verdict) {
                (Target::Fetch(url), Some(Verdict::Skipped(why @ Skip::Private(_)))) if !is_local(url) => {
                    format!("`{url}` {why}")
                }
                _ => continue,
            };
            found.push(super::at(
                Finding::warning(self.id(), message).help(ABOUT.fix),
                draft.place_of(link.link),
            ));
        }
    }
}
