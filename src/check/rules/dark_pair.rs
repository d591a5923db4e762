//! Colours that know nothing of dark mode.

use crate::check::markup::{Element, Mode, Rgb};
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;
use crate::model::theme::contrast;

pub struct DarkPair;

const ABOUT: About = About {
    id: "dark-pair",
    what: "the letter does not say what it is in dark mode, or a light ground stays light there",
    why: "Clients that find no style for dark mode turn the colours around by guess; a bright block dazzles in a dark letter.",
    source: "Can I email: css-at-media-prefers-color-scheme, html-meta-color-scheme",
    fix: "let the template have the `head` part, which brings both; a ground of your own wants a class with a dark colour in `@media (prefers-color-scheme:dark)`",
};

impl Rule for DarkPair {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let markup = &draft.page.markup;
        let schemes = scheme(draft);
        if schemes.is_some_and(|schemes| !schemes.contains("dark")) {
            // It says that it is for light alone.
            return;
        }
        let missing = match (markup.has_dark_style, schemes.is_some()) {
            (true, true) => return glaring(draft, found),
            (true, false) => {
                "`<meta name=\"color-scheme\">` is missing: Apple Mail then ignores the style for dark mode"
            }
            (false, true) => "there is no style for dark mode, though the letter says that it has one",
            (false, false) => {
                "the letter says nothing of dark mode: clients turn its colours around by guess"
            }
        };
        found.push(Finding::warning(self.id(), missing).help(ABOUT.fix));
    }
}

/// The modes that the page says it is made for.
fn scheme<'a>(draft: &'a Draft<'_>) -> Option<&'a str> {
    let metas = draft.page.markup.named("meta");
    let mut named = metas.filter(|(_, meta)| meta.attribute("name") == Some("color-scheme"));
    named.find_map(|(_, meta)| meta.attribute("content"))
}

/// Light grounds of elements of the author's that are the same in dark mode, while what is around them is dark.
fn glaring(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    let markup = &draft.page.markup;
    let mut seen: Vec<Rgb> = Vec::new();
    for (place, element) in markup.elements.iter().enumerate() {
        let (Some(parent), Some(written)) = (element.parent, own_ground(element)) else { continue };
        let ground = |place, mode| markup.paint(place, mode).and_then(|paint| paint.ground);
        let (Some(dark), Some(around)) = (ground(place, Mode::Dark), ground(parent, Mode::Dark)) else {
            continue;
        };
        let is_glaring = is_light(dark) && !is_light(around) && ground(place, Mode::Light) == Some(dark);
        if is_glaring && !seen.contains(&dark) {
            seen.push(dark);
            let message = format!("the light ground `{written}` stays as it is in dark mode");
            let place = trace::declaration_once(draft, &written);
            found.push(super::at(Finding::warning(ABOUT.id, message).help(ABOUT.fix), place));
        }
    }
}

/// What colours its ground, as it is written.
fn own_ground(element: &Element) -> Option<String> {
    let declared = element.declared("background-color").or_else(|| element.declared("background"));
    let attribute = || Some(format!("bgcolor:{}", element.attribute("bgcolor")?));
    declared.map(|each| each.written.clone()).or_else(attribute)
}

/// Nearer to white than to what text in dark mode stands on.
fn is_light(colour: Rgb) -> bool {
    contrast(&colour.hex(), "#000000") > 12.0
}
