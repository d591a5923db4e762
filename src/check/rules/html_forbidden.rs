//! What no mail client runs.

use crate::check::markup::Element;
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct HtmlForbidden;

const ABOUT: About = About {
    id: "html-forbidden",
    what: "the author's HTML or that of the template holds a script, a form, a frame, a film, or a handler of events",
    why: "Mail clients take it out or hold the letter back as dangerous.",
    source: "Can I email; practice of mail clients and spam filters",
    fix: "link to a page that has it",
};

impl Rule for HtmlForbidden {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let mut seen: Vec<String> = Vec::new();
        for element in &draft.page.markup.elements {
            for written in forbidden(element) {
                if seen.contains(&written) {
                    continue;
                }
                let message = format!("`{written}` is taken out or held back by mail clients");
                let place = trace::find(draft, written.trim_end_matches('>'));
                found.push(super::at(Finding::error(self.id(), message).help(ABOUT.fix), place));
                seen.push(written);
            }
        }
    }
}

const ELEMENTS: [&str; 10] =
    ["script", "form", "iframe", "frame", "object", "embed", "applet", "video", "audio", "base"];

fn forbidden(element: &Element) -> impl Iterator<Item = String> {
    let is_refresh = element.name == "meta"
        && element.attribute("http-equiv").is_some_and(|what| what.eq_ignore_ascii_case("refresh"));
    let is_forbidden = ELEMENTS.contains(&element.name.as_str()) || is_refresh;
    let tag = is_forbidden.then(|| format!("<{}>", element.name));
    let handlers = element.attributes.iter().filter(|(name, _)| is_handler(name));
    tag.into_iter().chain(handlers.map(|(name, _)| format!("{name}=")))
}

/// `onclick`, `onload`.
fn is_handler(name: &str) -> bool {
    name.strip_prefix("on")
        .is_some_and(|event| event.len() > 3 && event.chars().all(|c| c.is_ascii_lowercase()))
}
