//! A picture that is heavy.

use crate::check::{About, Draft, Rule, thousands};
use crate::model::finding::{Finding, Severity};

pub struct ImgWeight;

/// Bytes up to which an image is fine, and up to which it is no error.
const HEAVY: u64 = 200_000;
const TOO_HEAVY: u64 = 1_000_000;

const ABOUT: About = About {
    id: "img-weight",
    what: "an image of the web has more than 200 KB, or more than 1 MB",
    why: "Readers on the way wait for it and pay for it.",
    source: "react-email linter; practice of mail clients",
    fix: "make it smaller: twice the width at which it is shown is enough",
};

impl Rule for ImgWeight {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.links_skipped()
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for (link, seen) in draft.pictures().filter(|(_, seen)| seen.verdict.is_good()) {
            let bytes = seen.visit.answer().and_then(|answer| answer.page.bytes).unwrap_or_default();
            if bytes <= HEAVY {
                continue;
            }
            let severity = if bytes > TOO_HEAVY { Severity::Error } else { Severity::Warning };
            let message = format!("the image `{}` has {} KB", seen.url, thousands(bytes / 1000));
            let finding = Finding::new(self.id(), severity, message).help(ABOUT.fix);
            found.push(super::at(finding, draft.place_of(link.link)));
        }
    }
}
