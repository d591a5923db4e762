//! A link without encryption.

use super::visited::{with_address, with_way};
use crate::check::{About, Draft, Followed, Rule, Seen};
use crate::links::reach::is_local;
use crate::links::target::words;
use crate::links::{Target, Verdict};
use crate::model::finding::Finding;
pub struct LinkHttp;

const ABOUT: About = About {
    id: "link-http",
    what: "a link begins with http://, or leads from https back to it",
    why: "Browsers warn of pages without encryption, and anybody on the way can change them.",
    source: "practice of browsers",
    fix: "write https:// if the page has it",
};

impl Rule for LinkHttp {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in draft.links.iter().filter(|link| !link.link.is_image) {
            let place = draft.place_of(link.link);
            match insecure(link) {
                Some((seen, https, why)) => {
                    let message = format!("`{}` is not encrypted: {why}", seen.url);
                    let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
                    let finding = match https {
                        Some(https) => with_address(finding, draft, link, seen, https),
                        None => finding,
                    };
                    found.push(super::at(with_way(finding, seen), place));
                }
                None if is_plain(link) => {
                    let message = format!("`{}` is not encrypted", words(&link.link.target));
                    found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
                }
                None => {}
            }
        }
    }
}

/// The first address that was seen to be insecure, and what would mend it.
fn insecure<'a>(link: &'a Followed<'_>) -> Option<(&'a Seen<'a>, Option<&'a url::Url>, &'a str)> {
    link.seen.iter().find_map(|seen| match &seen.verdict {
        Verdict::Insecure { https, why } => Some((seen, https.as_ref(), why.as_str())),
        _ => None,
    })
}

/// By its address alone. One that moved for good is told with its new address.
fn is_plain(link: &Followed<'_>) -> bool {
    let is_moved = |seen: &Seen<'_>| matches!(seen.verdict, Verdict::Moved { permanent: true, .. });
    let Target::Fetch(url) = &link.target else { return false };
    url.scheme() == "http" && !is_local(url) && !link.seen.iter().any(is_moved)
}
