//! Layout by flex or grid.

use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct CssFlex;

const ABOUT: About = About {
    id: "css-flex",
    what: "a style attribute lays out by `display:flex` or `display:grid`",
    why: "Outlook on Windows and some apps of Gmail and Yahoo do not know it: what should stand side by side stands in a column.",
    source: "Can I email: css-display-flex, css-display-grid",
    fix: "use `::: columns`, or `<mj-column>` in a template: they become tables where they have to",
};

impl Rule for CssFlex {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let laid_out = super::without_fallback(&draft.page.markup, |each| {
            each.name == "display" && ["flex", "grid"].iter().any(|way| each.value.ends_with(way))
        });
        for declaration in super::each_once(laid_out) {
            let message = format!("the layout by `{}` falls apart in Outlook and Gmail", declaration.written);
            let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
            found.push(super::at(finding, trace::declaration(draft, &declaration.written)));
        }
    }
}
