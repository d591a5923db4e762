//! Fonts from the web.

use crate::check::{About, Draft, Rule, trace};
use crate::model::finding::Finding;

pub struct FontWeb;

const ABOUT: About = About {
    id: "font-web",
    what: "the letter asks for a font or a style sheet from the web",
    why: "Only Apple Mail and few others load it, which tells its server who reads when; all others show the next font of the list.",
    source: "Can I email: css-at-font-face, css-at-import, html-link",
    fix: "let a font that readers have stand behind it, or leave it out",
};

impl Rule for FontWeb {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let at_rules = draft.page.markup.sheets.iter().flat_map(|sheet| &sheet.at_rules);
        let asking = at_rules.filter(|at| matches!(at.name.as_str(), "import" | "font-face"));
        let mut written: Vec<String> = asking.map(|at| format!("@{}", at.name)).collect();
        let sheets = draft.page.markup.named("link").filter(|(_, link)| {
            link.attribute("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("stylesheet"))
        });
        written.extend(sheets.map(|_| "<link".to_owned()));
        written.dedup();
        for written in written {
            let message =
                format!("`{}` loads from the web, in few mail clients", written.trim_start_matches('<'));
            let finding = Finding::info(self.id(), message).help(ABOUT.fix);
            found.push(super::at(finding, trace::find(draft, &written)));
        }
    }
}
