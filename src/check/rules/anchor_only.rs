//! A table of contents that does not work everywhere.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::model::letter::Piece;

pub struct AnchorOnly;

const ABOUT: About = About {
    id: "anchor-only",
    what: "a link leads to another place in the same letter",
    why: "Yahoo, Samsung and older Outlook apps do nothing when such a link is pressed, or open a browser.",
    source: "caniemail html-anchor-links",
    fix: "let nothing depend on it: say where it is, or link to the web version",
};

impl Rule for AnchorOnly {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let anchors: Vec<_> = draft
            .links
            .iter()
            .filter(|link| matches!(link.link.target.iter().next(), Some(Piece::Literal(text)) if text.len() > 1 && text.starts_with('#')))
            .collect();
        let Some(first) = anchors.iter().find(|link| link.link.span.is_some()) else { return };
        let message = match anchors.len() {
            1 => "the link leads to another place in the letter: in some mail programs it does nothing"
                .to_owned(),
            count => format!(
                "{count} links lead to other places in the letter: in some mail programs they do nothing"
            ),
        };
        found.push(super::at(Finding::info(self.id(), message).help(ABOUT.fix), draft.place_of(first.link)));
    }
}
