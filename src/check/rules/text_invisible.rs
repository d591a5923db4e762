//! Words that are there for filters only.

use super::excerpt;
use crate::check::markup::{Element, Markup, Mode};
use crate::check::page::flat;
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;
use crate::model::theme::contrast;

pub struct TextInvisible;

const ABOUT: About = About {
    id: "text-invisible",
    what: "words of the letter are hidden, or have the colour of their ground",
    why: "Hidden words are how spam feeds filters, so filters count them; and whoever reads without styles sees them.",
    source: "SpamAssassin HTML_FONT_LOW_CONTRAST, HIDDEN_TEXT; Gmail's rules for senders",
    fix: "delete them, or show them; what is for the inbox belongs into `preheader`",
};

/// What is nearer to its ground than that cannot be seen.
const FAINTEST: f64 = 1.2;

impl Rule for TextInvisible {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let markup = &draft.page.markup;
        let preview = markup.elements.iter().position(|element| is_preheader(draft, &element.text));
        for (place, element) in markup.elements.iter().enumerate().filter(|(_, element)| element.has_words())
        {
            if Some(place) == preview || !is_of_the_body(markup, place) || !is_unseen(markup, place) {
                continue;
            }
            let message = format!("`{}` cannot be seen", excerpt(&element.text));
            let place = trace::find(draft, element.text.trim());
            found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
        }
    }
}

/// The hidden line that inboxes show beside the subject.
fn is_preheader(draft: &Draft<'_>, text: &str) -> bool {
    let preheader = draft.facts.rendered.preheader.as_ref().map(flat).unwrap_or_default();
    !preheader.trim().is_empty() && text.trim_start().starts_with(preheader.trim())
}

fn is_of_the_body(markup: &Markup, place: usize) -> bool {
    let own = &markup.elements[place];
    let is_none = |name: &str| matches!(name, "head" | "title" | "style" | "script" | "template");
    !is_none(&own.name) && !markup.around(place).any(|around| is_none(&around.name))
}

/// Signs of layout, such as a blank of one pixel, are no words.
fn is_unseen(markup: &Markup, place: usize) -> bool {
    let letters = markup.elements[place].text.chars().filter(|c| c.is_alphanumeric()).count();
    let Some(paint) = markup.paint(place, Mode::Light).filter(|_| letters > 1) else { return false };
    let colours = paint.text.zip(paint.ground);
    let is_faint = colours.is_some_and(|(text, ground)| contrast(&text.hex(), &ground.hex()) < FAINTEST);
    paint.size < 2.0 || is_faint || is_hidden(markup, place)
}

/// Whether the element or one around it is hidden for good. What has a class may be shown on phones, or in Outlook
/// alone.
fn is_hidden(markup: &Markup, place: usize) -> bool {
    let own = [&markup.elements[place]].into_iter();
    let says = |element: &Element, name, value| {
        element.declared(name).is_some_and(|said| said.value.trim() == value)
    };
    let hides =
        |element: &&Element| says(element, "display", "none") || says(element, "visibility", "hidden");
    own.chain(markup.around(place)).find(hides).is_some_and(|hider| hider.attribute("class").is_none())
}
