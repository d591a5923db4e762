//! A letter that does not say in which direction it is read.

use crate::check::{About, Draft, Rule};
use crate::compose::direction;
use crate::model::finding::Finding;

pub struct DirMissing;

const ABOUT: About = About {
    id: "dir-missing",
    what: "the HTML part does not say in which direction it is read, or says the wrong one",
    why: "Mail clients show it in their own direction: Arabic from the left, or English from the right.",
    source: "Email Markup Consortium report 2026; WCAG 1.3.2",
    fix: "write `dir=\"{{ dir }}\"` in the `<mjml>` of your template",
};

impl Rule for DirMissing {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let mut elements = draft.page.markup.elements.iter();
        let Some(root) = elements.find(|element| element.name == "html") else { return };
        let (lang, dir) = (root.attribute("lang").unwrap_or_default(), root.attribute("dir"));
        let meant = direction(lang);
        let message = match dir {
            None => "the HTML part does not say in which direction it is read".to_owned(),
            Some(said) if said != "auto" && said != meant => {
                format!("`{lang}` is written {}, and the HTML part says `dir=\"{said}\"`", words(meant))
            }
            Some(_) => return,
        };
        found.push(Finding::error(self.id(), message).help(ABOUT.fix));
    }
}

fn words(dir: &str) -> &'static str {
    if dir == "rtl" { "from right to left" } else { "from left to right" }
}
