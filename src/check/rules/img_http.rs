//! An image without encryption.

use crate::check::{About, Draft, Rule};
use crate::links::Target;
use crate::links::reach::is_local;
use crate::model::finding::Finding;

pub struct ImgHttp;

const ABOUT: About = About {
    id: "img-http",
    what: "an image is fetched by http://",
    why: "Mail programs of the web do not show it, others warn, and anybody on the way sees who reads the letter.",
    source: "mixed content in browsers (W3C)",
    fix: "write https:// if the host has it, or put the file into the workspace: it travels in the letter then",
};

impl Rule for ImgHttp {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for image in draft.links.iter().filter(|link| link.link.is_image) {
            if let Target::Fetch(url) = &image.target
                && url.scheme() == "http"
                && !is_local(url)
            {
                let message = format!("the image `{url}` is not encrypted");
                let place = super::in_link(draft, image.link, url.as_str());
                found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
            }
        }
    }
}
