//! Colours that cannot be told apart well enough to read: those of the theme, and those of the finished letter.

use super::excerpt;
use crate::check::markup::{Markup, Mode, Paint, Rgb};
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;
use crate::model::theme::{Legibility, contrast, pairs_of_text};

pub struct Contrast;

const ABOUT: About = About {
    id: "contrast",
    what: "text is hard to read on its ground, in light or in dark mode",
    why: "Small print in pale grey is lost on older eyes, in sunlight and on cheap screens.",
    source: "WCAG 1.4.3: 4.5 to 1, and 3 to 1 for large text",
    fix: "make it darker in light mode or lighter in dark mode: `muted = { light = \"#5b6670\", dark = \"#9aa6b2\" }`",
};

/// What text needs on its ground.
const AA: f64 = 4.5;
/// What text needs that is at least 24 pixels high, or bold and 18.66.
const AA_LARGE: f64 = 3.0;

impl Rule for Contrast {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let pairs = pairs_of_text(&draft.facts.rendered.theme);
        let poor: Vec<Legibility> = pairs.into_iter().filter(|pair| pair.contrast < AA).collect();
        found.extend(poor.iter().map(|pair| Finding::warning(self.id(), message(pair)).help(ABOUT.fix)));
        let is_told = |seen: &Seen| poor.iter().any(|pair| is_same(pair, seen));
        let seen =
            [Mode::Light, Mode::Dark].into_iter().flat_map(|mode| unreadable(&draft.page.markup, mode));
        found.extend(seen.filter(|seen| !is_told(seen)).map(|seen| rendered(draft, &seen)));
    }
}

fn message(pair: &Legibility) -> String {
    let Legibility { text, ground, contrast, .. } = pair;
    let mode = if pair.is_dark { "dark" } else { "light" };
    let contrast = rounded(*contrast);
    format!(
        "the theme's `{text}` on `{ground}` has a contrast of {contrast} in {mode} mode; {AA} can be read"
    )
}

/// Rounded down: 4.49 must not read as 4.5.
fn rounded(contrast: f64) -> f64 {
    (contrast * 10.0).floor() / 10.0
}

/// Text of the letter that is hard to read.
struct Seen {
    text: Rgb,
    ground: Rgb,
    mode: Mode,
    contrast: f64,
    needed: f64,
    words: String,
}

fn is_same(pair: &Legibility, seen: &Seen) -> bool {
    pair.is_dark == (seen.mode == Mode::Dark) && (pair.contrast - seen.contrast).abs() < 1e-6
}

/// Each pair of colours once, with the first words that have it.
fn unreadable(markup: &Markup, mode: Mode) -> Vec<Seen> {
    let mut found: Vec<Seen> = Vec::new();
    for (place, element) in markup.elements.iter().enumerate().filter(|(_, element)| element.has_words()) {
        let Some(paint) = markup.paint(place, mode) else { continue };
        let (Some(text), Some(ground)) = (paint.text, paint.ground) else { continue };
        let (contrast, needed) = (contrast(&text.hex(), &ground.hex()), needed(paint));
        let is_known = found.iter().any(|seen| (seen.text, seen.ground) == (text, ground));
        if contrast < needed && !is_known && !paint.is_hidden && !is_unseen(markup, place) {
            found.push(Seen { text, ground, mode, contrast, needed, words: element.text.clone() });
        }
    }
    found
}

fn needed(paint: &Paint) -> f64 {
    let is_large = paint.size >= 24.0 || (paint.is_bold && paint.size >= 18.66);
    if is_large { AA_LARGE } else { AA }
}

/// Text that no page shows, and what is too small to be meant for reading.
fn is_unseen(markup: &Markup, place: usize) -> bool {
    let element = &markup.elements[place];
    let in_head = markup.around(place).any(|around| around.name == "head");
    let is_tiny = markup.paint(place, Mode::Light).is_some_and(|paint| paint.size < 2.0);
    in_head || is_tiny || matches!(element.name.as_str(), "style" | "script" | "title")
}

fn rendered(draft: &Draft<'_>, seen: &Seen) -> Finding {
    let mode = if seen.mode == Mode::Dark { "dark" } else { "light" };
    let (text, ground) = (seen.text.hex(), seen.ground.hex());
    let message = format!(
        "`{}`: {text} on {ground} has a contrast of {} in {mode} mode; {} can be read",
        excerpt(&seen.words),
        rounded(seen.contrast),
        seen.needed
    );
    let place = trace::find(draft, &text).or_else(|| trace::find(draft, &ground));
    super::at(Finding::warning(ABOUT.id, message).help(HELP), place)
}

const HELP: &str =
    "choose one of the two farther from the other, and a dark counterpart for a colour of your own";
