//! An address in place of words.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct LinkLongUrl;

const ABOUT: About = About {
    id: "link-long-url",
    what: "a link shows its address, and that has more than 60 characters",
    why: "Nobody reads it, screen readers spell it out, and on a phone it fills several lines.",
    source: "WCAG 2.4.4; widths of phones",
    fix: "let words lead there: `[the report of May](https://…)`; the text part shows the address all the same",
};

const MOST: usize = 60;

impl Rule for LinkLongUrl {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in draft.links.iter().filter(|link| !link.link.is_image && is_long_address(&link.link.text))
        {
            let length = link.link.text.trim().chars().count();
            let message = format!("the link shows an address of {length} characters");
            found.push(super::at(
                Finding::warning(self.id(), message).help(ABOUT.fix),
                draft.place_of(link.link),
            ));
        }
    }
}

fn is_long_address(text: &str) -> bool {
    let text = text.trim();
    let is_address = ["http://", "https://", "www."].iter().any(|begin| text.starts_with(begin));
    is_address && !text.contains(char::is_whitespace) && text.chars().count() > MOST
}
