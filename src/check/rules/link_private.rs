//! A link into a private network.

use super::visited::SeenRule;
use crate::check::{About, Draft, Followed, Seen};
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

impl SeenRule for LinkPrivate {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn finding(&self, _link: &Followed<'_>, seen: &Seen<'_>, _draft: &Draft<'_>) -> Option<Finding> {
        match &seen.verdict {
            Verdict::Skipped(why @ Skip::Private(_)) if !is_local(&seen.url) => {
                let message = format!("`{}` {why}", seen.url);
                Some(Finding::warning(ABOUT.id, message).help(ABOUT.fix))
            }
            _ => None,
        }
    }
}
