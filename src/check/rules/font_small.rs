//! Text that is too small to read.

use super::excerpt;
use crate::check::markup::Mode;
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct FontSmall;

const ABOUT: About = About {
    id: "font-small",
    what: "text is smaller than 13 pixels",
    why: "It cannot be read on a phone at arm's length, and Apple Mail enlarges it at the cost of the layout.",
    source: "Apple Human Interface Guidelines; WCAG 1.4.4",
    fix: "make it 13 pixels or more: `size` in `[theme]`, `font-size` in a template",
};

impl Rule for FontSmall {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let markup = &draft.page.markup;
        let mut seen: Vec<i64> = Vec::new();
        for (place, element) in markup.elements.iter().enumerate().filter(|(_, element)| element.has_words())
        {
            let Some(paint) = markup.paint(place, Mode::Light) else { continue };
            let tenths = (paint.size * 10.0).round() as i64;
            if paint.is_hidden || !(TOO_SMALL_TO_SEE..SMALLEST).contains(&tenths) || is_no_prose(draft, place)
            {
                continue;
            }
            if !seen.contains(&tenths) {
                seen.push(tenths);
                found.push(finding(draft, &element.text, tenths));
            }
        }
    }
}

/// In tenths of a pixel.
const SMALLEST: i64 = 130;
/// What is smaller holds a place or is hidden on purpose.
const TOO_SMALL_TO_SEE: i64 = 20;

/// Marks of notes and indices are small by nature; head and title are not shown.
fn is_no_prose(draft: &Draft<'_>, place: usize) -> bool {
    let small = ["sup", "sub", "head", "title", "style", "script", "rt", "option"];
    let markup = &draft.page.markup;
    let own = &markup.elements[place];
    [own].into_iter().chain(markup.around(place)).any(|element| small.contains(&element.name.as_str()))
}

fn finding(draft: &Draft<'_>, text: &str, tenths: i64) -> Finding {
    let pixels = tenths as f64 / 10.0;
    let message = format!("`{}` is set in {pixels} pixels", excerpt(text));
    let finding = Finding::warning(ABOUT.id, message).help(ABOUT.fix);
    super::at(finding, trace::declaration(draft, &format!("font-size:{pixels}px")))
}
