//! Layout by `float`.

use crate::check::markup::Element;
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct CssFloat;

const ABOUT: About = About {
    id: "css-float",
    what: "a block that is no image floats to a side",
    why: "Outlook on Windows does not know `float`: the blocks stand below each other, each as wide as it likes.",
    source: "Can I email: css-float",
    fix: "use `::: columns`, or `<mj-column>` in a template; an image may have `align` as well",
};

impl Rule for CssFloat {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        super::skipped_without(draft, "outlook-windows")
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let blocks = draft.page.markup.elements.iter().filter(|element| is_laid_out_by_float(element));
        let floats = blocks.filter_map(|element| element.declared("float"));
        for declaration in super::each_once(floats) {
            let message = format!("the layout by `{}` falls apart in Outlook (Windows)", declaration.written);
            let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
            found.push(super::at(finding, trace::declaration(draft, &declaration.written)));
        }
    }
}

/// `align` says the same to Outlook.
fn is_laid_out_by_float(element: &Element) -> bool {
    let floats =
        element.declared("float").is_some_and(|each| matches!(each.value.as_str(), "left" | "right"));
    floats && element.name != "img" && element.attribute("align").is_none()
}
