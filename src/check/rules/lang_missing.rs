//! A letter that does not say its language.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct LangMissing;

const ABOUT: About = About {
    id: "lang-missing",
    what: "the HTML part does not name its language",
    why: "Screen readers choose the voice by it, and browsers the hyphenation.",
    source: "WCAG 3.1.1",
    fix: "set `lang` in courant.toml or the front matter, and `lang=\"{{ issue.lang }}\"` in your template",
};

impl Rule for LangMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        // `und` is what a renderer writes that was not told.
        if draft.page.lang.as_deref().is_none_or(|lang| matches!(lang.trim(), "" | "und")) {
            found.push(Finding::error(self.id(), "the HTML part does not name its language").help(ABOUT.fix));
        }
    }
}
