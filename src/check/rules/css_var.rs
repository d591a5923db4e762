//! Variables, which most clients do not know.

use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct CssVar;

const ABOUT: About = About {
    id: "css-var",
    what: "a style attribute has a value of `var(…)`, and none without before it",
    why: "Gmail, Yahoo and Outlook drop the declaration.",
    source: "Can I email: css-variables",
    fix: "write the value itself: the theme fills it in, `{{ theme.link.light }}`",
};

impl Rule for CssVar {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let variables = super::without_fallback(&draft.page.markup, |each| {
            each.value.contains("var(") && !each.name.starts_with("--")
        });
        for declaration in super::each_once(variables) {
            let message = format!("`{}` is dropped by Gmail, Yahoo and Outlook", declaration.written);
            let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
            found.push(super::at(finding, trace::declaration(draft, &declaration.written)));
        }
    }
}
