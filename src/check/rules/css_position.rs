//! Layout by `position`.

use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct CssPosition;

const ABOUT: About = About {
    id: "css-position",
    what: "something is moved by `position:absolute`, `fixed` or `sticky`",
    why: "Gmail, Outlook and Yahoo drop `position`: what should lie over something else stands below it.",
    source: "Can I email: css-position",
    fix: "let it stand in the flow of the letter",
};

impl Rule for CssPosition {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let moved = draft.page.markup.declarations().filter(|(each, rule)| {
            // Rules within at-rules are for those who know them.
            each.name == "position"
                && matches!(each.value.as_str(), "absolute" | "fixed" | "sticky")
                && rule.is_none_or(|rule| rule.around.is_empty())
        });
        for declaration in super::each_once(moved.map(|(declaration, _)| declaration)) {
            let message = format!("`{}` is dropped by Gmail, Outlook and Yahoo", declaration.written);
            let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
            found.push(super::at(finding, trace::declaration(draft, &declaration.written)));
        }
    }
}
