//! A link to a number.

use url::Host;

use crate::check::{About, Draft, Rule};
use crate::links::Target;
use crate::links::reach::is_local;
use crate::model::finding::Finding;

pub struct LinkIp;

const ABOUT: About = About {
    id: "link-ip",
    what: "a link leads to an IP address in place of a name",
    why: "Pages for people have names: filters take a bare number for the machine of somebody who was broken into.",
    source: "SpamAssassin NUMERIC_HTTP_ADDR, NORMAL_HTTP_TO_IP",
    fix: "link to the name of the host",
};

impl Rule for LinkIp {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in &draft.links {
            let Target::Fetch(url) = &link.target else { continue };
            // An address of one's own network is a finding of its own.
            if matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_))) && !is_local(url) {
                let message = format!("`{url}` leads to a number, not to a name");
                let place = super::in_link(draft, link.link, url.host_str().unwrap_or_default());
                found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
            }
        }
    }
}
