//! Headings of tables that do not say what they head.

use super::excerpt;
use super::table_role::tables;
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct TableScope;

const ABOUT: About = About {
    id: "table-scope",
    what: "a heading of a table does not say whether it is for its column or its row",
    why: "Screen readers then guess which heading belongs to a cell.",
    source: "WCAG 1.3.1; H63",
    fix: "write `<th scope=\"col\">`, or `scope=\"row\"`; tables in Markdown have it",
};

impl Rule for TableScope {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let tables =
            tables(&draft.page.markup).filter(|table| !table.has_role && table.heads_without_scope > 0);
        for table in tables {
            let (count, words) = (table.heads_without_scope, excerpt(&table.words));
            let plural = if count == 1 { "heading" } else { "headings" };
            let message = format!("{count} {plural} of the table that begins with `{words}` have no `scope`");
            let message = if count == 1 { message.replace(" have ", " has ") } else { message };
            found.push(super::at(
                Finding::warning(self.id(), message).help(ABOUT.fix),
                trace::find(draft, "<th>"),
            ));
        }
    }
}
