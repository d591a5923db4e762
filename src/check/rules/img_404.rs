//! A picture that does not load.

use super::visited::SeenRule;
use crate::check::{About, Draft, Followed, Seen};
use crate::links::Verdict;
use crate::model::finding::Finding;

pub struct Img404;

const ABOUT: About = About {
    id: "img-404",
    what: "an image of the web does not load, or is no image",
    why: "Readers see an empty frame.",
    source: "visited",
    fix: "correct the address, or put the file into the workspace: it travels in the letter then",
};

impl SeenRule for Img404 {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn is_about_images(&self) -> bool {
        true
    }

    fn finding(&self, _link: &Followed<'_>, seen: &Seen<'_>, _draft: &Draft<'_>) -> Option<Finding> {
        let why = trouble(seen)?;
        let message = format!("the image `{}` does not load: {why}", seen.url);
        Some(Finding::error(ABOUT.id, message).help(ABOUT.fix))
    }
}

fn trouble(seen: &Seen<'_>) -> Option<String> {
    match &seen.verdict {
        Verdict::Dead(why) => Some(why.clone()),
        Verdict::Slow(_) | Verdict::Walled(_) | Verdict::Skipped(_) => None,
        Verdict::Alive | Verdict::Moved { .. } | Verdict::Changed(_) | Verdict::Insecure { .. } => {
            let kind = seen.visit.answer()?.page.kind.as_deref()?;
            // Stores of files often know no better than `application/octet-stream`.
            let is_image = kind.starts_with("image/") || kind == "application/octet-stream";
            (!is_image).then(|| format!("it is `{kind}`"))
        }
    }
}
