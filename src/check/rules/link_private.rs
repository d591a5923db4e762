//! A link into a private network.

use crate::check::{About, Draft, Rule};
use crate::links::Verdict;
use crate::links::reach::is_local;
use crate::links::verdict::Skip;
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
        for (link, seen) in draft.visited() {
            if let Verdict::Skipped(why @ Skip::Private(_)) = &seen.verdict
                && !is_local(&seen.url)
            {
                let message = format!("`{}` {why}", seen.url);
                let finding = Finding::warning(self.id(), message).help(super::with_way(ABOUT.fix, seen));
                found.push(super::at(finding, draft.place_of(link.link)));
            }
        }
    }
}
