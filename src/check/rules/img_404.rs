//! A picture that does not load.

use crate::check::Seen;
use crate::check::{About, Draft, Rule};
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

impl Rule for Img404 {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.links_skipped()
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for (link, seen) in draft.pictures() {
            if let Some(why) = trouble(seen) {
                let message = format!("the image `{}` does not load: {why}", seen.url);
                let finding = Finding::error(self.id(), message).help(super::with_way(ABOUT.fix, seen));
                found.push(super::at(finding, draft.place_of(link.link)));
            }
        }
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
