//! Letters as on a poster.

use super::excerpt;
use crate::check::markup::Mode;
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct FontHuge;

const ABOUT: About = About {
    id: "font-huge",
    what: "text is larger than 60 pixels",
    why: "On a phone a word of that size fills the line, and filters count it as advertising.",
    source: "SpamAssassin HTML_FONT_SIZE_HUGE; widths of phones",
    fix: "make it 40 pixels or less: a title of 34 is large on a phone",
};

/// In CSS pixels.
const LARGEST: f64 = 60.0;

impl Rule for FontHuge {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let markup = &draft.page.markup;
        for (place, element) in markup.elements.iter().enumerate() {
            let letters = element.text.chars().filter(|c| c.is_alphanumeric()).count();
            let Some(paint) = markup.paint(place, Mode::Light) else { continue };
            // A large figure, or an initial, is an ornament.
            if letters > 4 && paint.size > LARGEST && !paint.is_hidden && element.name != "style" {
                let message = format!("`{}` is set in {:.0} pixels", excerpt(&element.text), paint.size);
                let place = trace::declaration(draft, &format!("font-size:{:.0}px", paint.size));
                found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
            }
        }
    }
}
