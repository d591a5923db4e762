//! A way out that nobody finds.

use super::excerpt;
use crate::check::markup::{Markup, Mode, Paint};
use crate::check::page::UNSUBSCRIBE;
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;
use crate::model::theme::contrast;

pub struct UnsubVisible;

const ABOUT: About = About {
    id: "unsub-visible",
    what: "the link to unsubscribe is hidden, has no words, is smaller than 12 pixels, or has the colour of its ground",
    why: "The law asks for a clear way out, and readers who do not find it press the spam button.",
    source: "15 USC 7704 (a)(3); 16 CFR 316.5; rules of Gmail and Yahoo for bulk senders",
    fix: "set it in 12 pixels or more, in a colour that can be read: `muted` in `[theme]`",
};

/// In CSS pixels.
const SMALLEST: f64 = 12.0;
/// What is nearer to its ground than that is there for show only.
const FAINTEST: f64 = 2.0;

impl Rule for UnsubVisible {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let markup = &draft.page.markup;
        let links = markup
            .named("a")
            .filter(|(_, link)| link.attribute("href").is_some_and(|href| href.contains(UNSUBSCRIBE)));
        let troubles: Vec<Option<String>> = links.map(|(place, _)| trouble(markup, place)).collect();
        // One that can be seen is enough.
        if let Some(Some(message)) =
            troubles.iter().find(|trouble| trouble.is_some()).filter(|_| troubles.iter().all(Option::is_some))
        {
            let finding = Finding::new(self.id(), draft.deliverability(), message.clone()).help(ABOUT.fix);
            found.push(super::at(finding, trace::find(draft, "unsubscribe_url")));
        }
    }
}

/// Why the link at this place is not seen; `None` if it is.
fn trouble(markup: &Markup, place: usize) -> Option<String> {
    let inside: Vec<usize> = markup.within(place).collect();
    let Some(words) = inside.iter().find(|place| markup.elements[**place].has_words()) else {
        let shows = inside
            .iter()
            .any(|place| markup.elements[*place].attribute("alt").is_some_and(|alt| !alt.trim().is_empty()));
        return (!shows).then(|| "the link to unsubscribe has no words".to_owned());
    };
    let Paint { text, ground, size, is_hidden, .. } = *markup.paint(*words, Mode::Light)?;
    let contrast = text.zip(ground).map_or(21.0, |(text, ground)| contrast(&text.hex(), &ground.hex()));
    let link = excerpt(&markup.elements[*words].text);
    match () {
        () if is_hidden => Some(format!("the link to unsubscribe, `{link}`, is hidden")),
        () if size < SMALLEST => {
            Some(format!("the link to unsubscribe, `{link}`, is set in {size:.0} pixels"))
        }
        () if contrast < FAINTEST => {
            Some(format!("the link to unsubscribe, `{link}`, has the colour of its ground"))
        }
        () => None,
    }
}
