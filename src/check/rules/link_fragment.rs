//! A link to a place in a page that is not there.

use super::visited::SeenRule;
use crate::check::{About, Draft, Followed, Seen};
use crate::links::wanted::fragment;
use crate::model::finding::Finding;

pub struct LinkFragment;

const ABOUT: About = About {
    id: "link-fragment",
    what: "a link leads to a part of a page (`#part`) that the page does not have",
    why: "Readers land at the top and have to search for what you meant.",
    source: "visited: `id` and `name` of the HTML (WHATWG HTML 7.4.6.3)",
    fix: "open the page and copy the address of its heading; leave the `#…` away if the page makes its parts in the browser",
};

impl SeenRule for LinkFragment {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn finding(&self, _link: &Followed<'_>, seen: &Seen<'_>, _draft: &Draft<'_>) -> Option<Finding> {
        let place = fragment(&seen.url).filter(|place| seen.visit.lacks(place))?;
        let message = format!("`{}` has no part `#{place}`", seen.visit.address);
        Some(Finding::warning(ABOUT.id, message).help(ABOUT.fix))
    }
}
