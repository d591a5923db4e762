//! Widths that Outlook does not keep.

use crate::check::markup::Element;
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct OutlookMaxWidth;

const ABOUT: About = About {
    id: "outlook-max-width",
    what: "a block is held to its width by `max-width` alone",
    why: "Outlook on Windows does not know `max-width` outside of tables: the block is as wide as the window.",
    source: "Can I email: css-max-width",
    fix: "put a table of that width around it for Outlook, as `<mj-section>` does, or leave it to the template",
};

impl Rule for OutlookMaxWidth {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        super::skipped_without(draft, "outlook-windows")
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let wide = draft.page.markup.elements.iter().filter(|element| is_held_by_nothing_else(element));
        for declaration in super::each_once(wide.filter_map(|element| element.declared("max-width"))) {
            let message = format!("Outlook (Windows) does not keep to `{}`", declaration.written);
            let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
            found.push(super::at(finding, trace::declaration(draft, &declaration.written)));
        }
    }
}

fn is_held_by_nothing_else(element: &Element) -> bool {
    let is_block = !matches!(element.name.as_str(), "img" | "table" | "td" | "th" | "tr");
    let is_held = element.declared("max-width").is_some_and(|each| each.value.ends_with("px"));
    // What has no height at all is hidden.
    let is_hidden = element.declared("max-height").is_some()
        || element.declared("display").is_some_and(|each| each.value == "none");
    let has_width = element.declared("width").is_some_and(|each| each.value.ends_with("px"));
    is_block && is_held && !is_hidden && !has_width && !element.is_after_outlook
}
