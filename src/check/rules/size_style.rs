//! Style sheets that Gmail drops for their size.

use crate::check::{About, Draft, Rule};
use crate::model::finding::{Finding, Severity};

pub struct SizeStyle;

const ABOUT: About = About {
    id: "size-style",
    what: "the style sheets have more than 8 KB (more than 16 KB: an error)",
    why: "Of style sheets Gmail reads 16 KB and drops the `<style>` that goes beyond: dark mode and phones lose theirs.",
    source: "email-bugs 90 (github.com/hteumeuleu/email-bugs)",
    fix: "leave out what no letter needs, or set it inline: `<mj-style inline=\"inline\">`",
};

impl Rule for SizeStyle {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        super::skipped_without(draft, "gmail-web")
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let bytes: usize = draft.page.markup.named("style").map(|(_, style)| style.text.len()).sum();
        let severity = match bytes {
            bytes if bytes <= WARN => return,
            bytes if bytes <= MOST => Severity::Warning,
            _ => Severity::Error,
        };
        let message = format!("the style sheets have {:.1} KB; Gmail reads 16", bytes as f64 / 1024.0);
        found.push(Finding::new(self.id(), severity, message).help(ABOUT.fix));
    }
}

const WARN: usize = 8 * 1024;
const MOST: usize = 16 * 1024;
