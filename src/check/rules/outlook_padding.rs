//! Room around text that Outlook leaves out.

use crate::check::markup::{Element, pixels};
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct OutlookPadding;

const ABOUT: About = About {
    id: "outlook-padding",
    what: "a paragraph or a `<div>` with a ground or a border has padding",
    why: "Outlook on Windows knows padding of table cells only: the text touches the edge.",
    source: "Can I email: css-padding",
    fix: "use a table of one cell with `role=\"presentation\"`, or a container such as `::: band`",
};

impl Rule for OutlookPadding {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        super::skipped_without(draft, "outlook-windows")
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let cramped = draft.page.markup.elements.iter().filter(|element| is_cramped(element));
        for declaration in super::each_once(cramped.filter_map(|element| element.declared("padding"))) {
            let message =
                format!("Outlook (Windows) drops `{}`: the text touches the edge", declaration.written);
            let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
            found.push(super::at(finding, trace::declaration(draft, &declaration.written)));
        }
    }
}

/// Of less nobody would notice.
const LEAST: f64 = 8.0;

fn is_cramped(element: &Element) -> bool {
    let is_block = matches!(
        element.name.as_str(),
        "p" | "div" | "section" | "article" | "blockquote" | "h1" | "h2" | "h3"
    );
    let has_edge = element.style.iter().any(|each| {
        (each.name.starts_with("background") || each.name == "border")
            && !matches!(each.value.as_str(), "none" | "transparent" | "0")
    });
    let room = element
        .declared("padding")
        .is_some_and(|each| each.value.split_whitespace().any(|side| pixels(side, 16.0) >= LEAST));
    is_block && has_edge && room
}
