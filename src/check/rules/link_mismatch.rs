//! A link that shows one address and leads to another.

use crate::check::addresses::{is_same_site, shown_host};
use crate::check::{About, Draft, Followed, Rule};
use crate::links::target;
use crate::model::finding::Finding;
use url::Url;

pub struct LinkMismatch;

const ABOUT: About = About {
    id: "link-mismatch",
    what: "the words of a link are an address, and the link leads to another one",
    why: "It is the sign by which people and filters know a fake: mail programs warn of it, and some hide the letter.",
    source: "SpamAssassin; the phishing warnings of Gmail, Outlook and Thunderbird",
    fix: "let the address be the one that it leads to, or write words in place of it",
};

impl Rule for LinkMismatch {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in draft.links.iter().filter(|link| !link.link.is_image) {
            let Some((shown, leads)) = mismatch(link) else { continue };
            let message = format!("the link shows {shown} and leads to {leads}");
            let place = super::in_link(draft, link.link, link.link.text.trim());
            found.push(super::at(Finding::error(self.id(), message).help(ABOUT.fix), place));
        }
    }
}

/// What is shown, and where it leads, if these are not the same.
fn mismatch(link: &Followed<'_>) -> Option<(String, String)> {
    let text = link.link.text.trim();
    let url = Url::parse(&target::words(&link.link.target)).ok()?;
    if url.scheme() == "mailto" {
        let shown = text.contains('@') && !text.contains(char::is_whitespace);
        let leads = url.path().to_lowercase();
        return (shown && !leads.contains('%') && text.to_lowercase() != leads && !leads.is_empty())
            .then(|| (text.to_owned(), leads));
    }
    let (shown, leads) = (shown_host(text)?, url.host_str()?.to_owned());
    (!is_same_site(&shown, &leads)).then_some((shown, leads))
}
