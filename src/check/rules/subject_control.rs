//! Characters in a header that nobody sees.

use crate::check::page::flat;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
pub struct SubjectControl;

const ABOUT: About = About {
    id: "subject-control",
    what: "the subject or preheader holds control or direction characters",
    why: "Line breaks could smuggle headers in, and direction marks make a text read otherwise than it is.",
    source: "RFC 5322 2.2; Unicode TR36 3.3",
    fix: "delete the character: type the line again by hand",
};

impl Rule for SubjectControl {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let texts = [Some(&draft.facts.edition.subject), draft.facts.rendered.preheader.as_ref()];
        for text in texts.into_iter().flatten().map(flat) {
            if let Some(bad) = text.chars().find(|c| is_hidden(*c)) {
                let message = format!(
                    "the subject or the preheader holds the invisible character U+{:04X}",
                    u32::from(bad)
                );
                found.push(super::at(
                    Finding::error(self.id(), message).help(ABOUT.fix),
                    super::subject_place(draft),
                ));
            }
        }
    }
}

/// Controls, and the marks that turn the direction of a text around.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}
