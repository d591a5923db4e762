//! Colours that Outlook does not know.

use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct CssRgba;

const ABOUT: About = About {
    id: "css-rgba",
    what: "a style attribute has a colour with transparency, or one that is not written as `#rrggbb`, and none before it",
    why: "Outlook on Windows drops the declaration: text is black then, and a ground is missing.",
    source: "Can I email: css-rgba, css-modern-color",
    fix: "write the colour that comes out as `#rrggbb`, or put one before it: `color:#555555;color:rgba(0,0,0,.67)`",
};

impl Rule for CssRgba {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        super::skipped_without(draft, "outlook-windows")
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let colours = super::without_fallback(&draft.page.markup, |each| {
            COLOURED.contains(&each.name.as_str()) && is_unknown_to_outlook(&each.value)
        });
        for declaration in super::each_once(colours) {
            let message = format!("Outlook (Windows) does not know the colour in `{}`", declaration.written);
            let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
            found.push(super::at(finding, trace::declaration(draft, &declaration.written)));
        }
    }
}

const COLOURED: [&str; 3] = ["color", "background-color", "background"];

fn is_unknown_to_outlook(value: &str) -> bool {
    let is_long_hash = |word: &str| word.strip_prefix('#').is_some_and(|hex| matches!(hex.len(), 4 | 8));
    let called = ["rgba(", "hsl(", "hsla(", "color-mix("].iter().any(|name| value.contains(name));
    called || value.split_whitespace().any(is_long_hash)
}
