//! Tables that only lay out.

use std::collections::BTreeMap;

use super::excerpt;
use crate::check::markup::{Element, Markup};
use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct TableRole;

const ABOUT: About = About {
    id: "table-role",
    what: "a table has neither headings nor `role=\"presentation\"`",
    why: "Screen readers announce rows and columns of a table that has none to speak of.",
    source: "WCAG 1.3.1; Email Markup Consortium report 2026",
    fix: "add `role=\"presentation\"` where it only lays out; give `<th scope=\"col\">` to what is a table of data",
};

impl Rule for TableRole {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let tables = tables(&draft.page.markup).filter(|table| !table.has_role && !table.has_heads);
        for table in tables {
            let message =
                format!("the table that begins with `{}` has no role and no headings", excerpt(&table.words));
            let finding = Finding::warning(self.id(), message).help(ABOUT.fix);
            let place = trace::find(draft, &table.tag).filter(|_| table.tag.contains(' '));
            found.push(super::at(finding, place));
        }
    }
}

/// What rules ask of a table.
pub(super) struct Table {
    /// As it is written, without its end.
    pub tag: String,
    pub has_role: bool,
    pub has_heads: bool,
    /// Headings that do not say whether they are for their column or their row.
    pub heads_without_scope: usize,
    /// The first words in it.
    pub words: String,
}

/// Every table, each without the tables in it.
pub(super) fn tables(markup: &Markup) -> impl Iterator<Item = Table> {
    let mut tables: BTreeMap<usize, Table> = BTreeMap::new();
    // The table of each element, if it is in one.
    let mut within: Vec<Option<usize>> = Vec::with_capacity(markup.elements.len());
    for (place, element) in markup.elements.iter().enumerate() {
        let outer = element.parent.and_then(|parent| within[parent]);
        if element.name == "table" {
            tables.insert(place, table(element));
            within.push(Some(place));
            continue;
        }
        within.push(outer);
        if let Some(table) = outer.and_then(|outer| tables.get_mut(&outer)) {
            table.take(element);
        }
    }
    tables.into_values()
}

fn table(element: &Element) -> Table {
    let role = element.attribute("role").unwrap_or_default();
    let attributes: String =
        element.attributes.iter().map(|(name, value)| format!(" {name}=\"{value}\"")).collect();
    Table {
        tag: format!("<table{attributes}"),
        has_role: matches!(role, "presentation" | "none"),
        has_heads: false,
        heads_without_scope: 0,
        words: String::new(),
    }
}

impl Table {
    fn take(&mut self, element: &Element) {
        if element.name == "th" {
            self.has_heads = true;
            self.heads_without_scope += usize::from(element.attribute("scope").is_none());
        }
        self.has_heads |= element.name == "caption";
        if self.words.is_empty() && element.has_words() {
            self.words = element.text.trim().to_owned();
        }
    }
}
