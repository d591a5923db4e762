//! Colours that cannot be told apart well enough to read.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::model::theme::{Legibility, pairs_of_text};

pub struct Contrast;

const ABOUT: About = About {
    id: "contrast",
    what: "a colour of the theme is hard to read on its ground, in light or in dark mode",
    why: "Small print in pale grey is lost on older eyes, in sunlight and on cheap screens.",
    source: "WCAG 1.4.3: 4.5 to 1",
    fix: "make it darker in light mode or lighter in dark mode: `muted = { light = \"#5b6670\", dark = \"#9aa6b2\" }`",
};

/// What text needs on its ground.
const AA: f64 = 4.5;

impl Rule for Contrast {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let poor = pairs_of_text(&draft.facts.rendered.theme).into_iter().filter(|pair| pair.contrast < AA);
        found.extend(poor.map(|pair| Finding::warning(self.id(), message(&pair)).help(ABOUT.fix)));
    }
}

fn message(pair: &Legibility) -> String {
    let Legibility { text, ground, contrast, .. } = pair;
    let mode = if pair.is_dark { "dark" } else { "light" };
    // Rounded down: 4.49 must not read as 4.5.
    let contrast = (contrast * 10.0).floor() / 10.0;
    format!(
        "the theme's `{text}` on `{ground}` has a contrast of {contrast} in {mode} mode; {AA} can be read"
    )
}
