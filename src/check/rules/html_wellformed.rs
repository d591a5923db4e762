//! Tags that are not closed as they were opened.

use crate::check::markup::Markup;
use crate::check::{About, Draft, Rule, trace};
use crate::compose::template::check_balance;
use crate::model::finding::Finding;

pub struct HtmlWellformed;

const ABOUT: About = About {
    id: "html-wellformed",
    what: "a tag of the HTML is never closed, or closes another than the last that was opened",
    why: "Each mail client mends it in its own way, and Outlook by moving half of the letter.",
    source: "HTML Living Standard 13.1",
    fix: "close every tag in the template and in raw HTML; values of subscribers are escaped",
};

impl Rule for HtmlWellformed {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        draft.facts.largest.is_none().then(|| "no letter could be pressed".to_owned())
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let html = draft.facts.largest.map(|largest| largest.html.as_str()).unwrap_or_default();
        if let Err(fault) = check_balance(html) {
            found.push(Finding::error(self.id(), format!("in the HTML, {fault}")).help(ABOUT.fix));
        }
        for id in twice(&draft.page.markup) {
            let message = format!("two elements have the id `{id}`: links to it lead to the first");
            let place = trace::find(draft, &format!("id=\"{id}\""));
            found.push(super::at(
                Finding::warning(self.id(), message).help("give each a name of its own"),
                place,
            ));
        }
    }
}

/// Ids that more than one element has, each once.
fn twice(markup: &Markup) -> Vec<&str> {
    let mut ids: Vec<&str> = markup.elements.iter().filter_map(|element| element.attribute("id")).collect();
    ids.sort_unstable();
    let mut twice: Vec<&str> =
        ids.windows(2).filter(|two| two[0] == two[1] && !two[0].is_empty()).map(|two| two[0]).collect();
    twice.dedup();
    twice
}
