//! Pictures behind text, which Outlook does not show.

use crate::check::markup::{Colour, Element};
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct OutlookBackground;

const ABOUT: About = About {
    id: "outlook-background",
    what: "text stands on a picture or a gradient, with no colour behind it",
    why: "Outlook on Windows shows neither: light text is then on white, and cannot be read.",
    source: "Can I email: css-background-image",
    fix: "set `background-color` as well, so that the text can be read on it; `background-color` of `<mj-section>`",
};

impl Rule for OutlookBackground {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        super::skipped_without(draft, "outlook-windows")
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let markup = &draft.page.markup;
        for element in markup.elements.iter().filter(|element| has_bare_picture(element)) {
            let picture = written(element).unwrap_or_default();
            let shown: String = picture.chars().take(60).collect();
            let message =
                format!("Outlook (Windows) shows nothing of `{shown}`, and there is no colour behind it");
            found.push(super::at(
                Finding::warning(self.id(), message).help(ABOUT.fix),
                trace::find(draft, &picture),
            ));
        }
    }
}

fn has_bare_picture(element: &Element) -> bool {
    let has_colour = element.attribute("bgcolor").is_some() || element.declared("background-color").is_some();
    let is_own = !has_colour && written(element).is_some();
    // MJML writes the colour of a section into the same shorthand.
    let in_shorthand = element.declared("background").is_some_and(|each| {
        let words = each.value.split_whitespace();
        words.filter(|word| !word.contains('(')).any(|word| Colour::read(word) != Colour::Unknown)
    });
    is_own && !in_shorthand
}

fn written(element: &Element) -> Option<String> {
    let is_picture = |value: &str| value.contains("url(") || value.contains("gradient(");
    let declared = ["background", "background-image"].iter().filter_map(|name| element.declared(name));
    let declared = declared.map(|each| each.value.clone()).find(|value| is_picture(value));
    declared.or_else(|| element.attribute("background").map(str::to_owned))
}
