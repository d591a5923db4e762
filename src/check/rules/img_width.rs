//! An image that does not say how wide it is.

use crate::check::markup::Element;
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct ImgWidth;

const ABOUT: About = About {
    id: "img-width",
    what: "an image of the web has no `width` attribute",
    why: "Outlook shows it as large as the file is, whatever the style says, and text jumps when it arrives.",
    source: "Outlook (Word); web.dev CLS",
    fix: "say how wide it is shown: `![two boats](https://…/boats.jpg){width=600}`; files of the workspace are measured",
};

impl Rule for ImgWidth {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for (_, image) in draft.page.markup.named("img").filter(|(_, image)| !has_width(image)) {
            let src = image.attribute("src").unwrap_or_default();
            // What cannot be shown is a finding of its own.
            if !(src.starts_with("http://") || src.starts_with("https://") || src.starts_with("cid:")) {
                continue;
            }
            let message = format!("the image {src} does not say how wide it is");
            found.push(super::at(
                Finding::warning(self.id(), message).help(ABOUT.fix),
                trace::find(draft, src),
            ));
        }
    }
}

/// A number of pixels, or a share of the column.
fn has_width(image: &Element) -> bool {
    let width = image.attribute("width").unwrap_or_default().trim();
    width.trim_end_matches("px").trim_end_matches('%').parse::<f64>().is_ok_and(|width| width > 0.0)
}
