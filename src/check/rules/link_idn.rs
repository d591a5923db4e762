//! A host in disguise.

use crate::check::addresses::{disguise, readable_host};
use crate::check::{About, Draft, Rule};
use crate::links::Target;
use crate::model::finding::Finding;

pub struct LinkIdn;

const ABOUT: About = About {
    id: "link-idn",
    what: "the host of a link mixes letters of scripts that look alike",
    why: "A Cyrillic \u{430} in place of a Latin a is how fake addresses are made; browsers then show `xn--…`.",
    source: "Unicode UTS #39; RFC 5890",
    fix: "type the address again by hand, or copy it from the page itself",
};

impl Rule for LinkIdn {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            let Target::Fetch(url) = &link.target else { continue };
            let Some(host) = readable_host(url) else { continue };
            if let Some(label) = disguise(&host) {
                let message = format!(
                    "`{label}` is written with letters that look like others: it is {}",
                    url.host_str().unwrap_or_default()
                );
                let place = super::in_link(draft, link.link, &label);
                found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
            }
        }
    }
}
