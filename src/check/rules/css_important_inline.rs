//! `!important` where it does harm.

use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct CssImportantInline;

const ABOUT: About = About {
    id: "css-important-inline",
    what: "a style attribute says `!important`",
    why: "Outlook ignores such a declaration, and no style sheet for dark mode or phones can win over it.",
    source: "Can I email: css-important; CSS Cascade 4, 6.4",
    fix: "leave `!important` out of style attributes: they win over style sheets without it",
};

impl Rule for CssImportantInline {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let inline = draft.page.markup.declarations().filter(|(_, rule)| rule.is_none());
        let important = inline.map(|(declaration, _)| declaration).filter(|each| each.is_important);
        for declaration in super::each_once(important) {
            let message = format!("`{}` stands in a style attribute", declaration.written);
            let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
            found.push(super::at(finding, trace::declaration(draft, &declaration.written)));
        }
    }
}
