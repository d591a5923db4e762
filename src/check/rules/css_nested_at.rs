//! At-rules within at-rules.

use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct CssNestedAt;

const ABOUT: About = About {
    id: "css-nested-at",
    what: "a style sheet has an at-rule within another",
    why: "Gmail drops the whole `<style>` in which it finds one.",
    source: "email-bugs 21 (github.com/hteumeuleu/email-bugs)",
    fix: "write the two one after the other, or put the inner one into a `<style>` of its own",
};

impl Rule for CssNestedAt {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        super::skipped_without(draft, "gmail-web")
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let sheets = draft.page.markup.sheets.iter();
        for at in sheets.flat_map(|sheet| &sheet.at_rules).filter(|at| at.depth > 0) {
            let written = format!("@{} {}", at.name, at.prelude);
            let message =
                format!("`{written}` stands within another at-rule: Gmail drops the whole style sheet");
            let finding = Finding::error(self.id(), message).help(ABOUT.fix);
            found.push(super::at(finding, trace::find(draft, &written)));
        }
    }
}
