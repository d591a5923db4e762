//! A link that does not say where it leads.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct LinkText;

const ABOUT: About = About {
    id: "link-text",
    what: "the words of a link do not say where it leads: \"click here\", \"read more\", \"link\"",
    why: "Screen readers offer the links as a list, and many eyes go from link to link: there it says nothing.",
    source: "WCAG 2.4.4",
    fix: "let the words name the place: `read [the report of May](…)`",
};

/// Words that would fit any link, in lower case.
const EMPTY: &[&str] = &[
    "here",
    "click here",
    "click",
    "this",
    "this link",
    "link",
    "this page",
    "click this link",
    "more",
    "read more",
    "learn more",
    "see more",
    "find out more",
    "more info",
    "more information",
    "read on",
    "continue",
    "continue reading",
    "details",
    "go",
    "website",
    "page",
    "tap here",
    "press here",
    "over here",
    "right here",
    "hier",
    "hier klicken",
    "klicken sie hier",
    "klick hier",
    "klicke hier",
    "mehr",
    "mehr lesen",
    "mehr erfahren",
    "weiterlesen",
    "weiter",
    "dieser link",
    "mehr infos",
    "mehr informationen",
    "ici",
    "cliquez ici",
    "cliquer ici",
    "clique ici",
    "lire la suite",
    "en savoir plus",
    "plus",
    "ce lien",
    "lien",
    "aquí",
    "haz clic aquí",
    "haga clic aquí",
    "pulsa aquí",
    "leer más",
    "más",
    "ver más",
    "más información",
    "enlace",
    "qui",
    "clicca qui",
    "leggi tutto",
    "leggi di più",
    "scopri di più",
    "continua",
    "questo link",
    "aqui",
    "clique aqui",
    "ler mais",
    "leia mais",
    "saiba mais",
    "mais",
    "klik hier",
    "lees meer",
    "lees verder",
    "meer",
    "meer informatie",
    "deze link",
    "här",
    "klicka här",
    "läs mer",
    "mer",
    "her",
    "klik her",
    "læs mere",
    "klikk her",
    "les mer",
    "mere",
    "tutaj",
    "tu",
    "kliknij tutaj",
    "kliknij",
    "czytaj więcej",
    "więcej",
    "zde",
    "klikněte zde",
    "číst více",
    "více",
    "здесь",
    "тут",
    "нажмите здесь",
    "кликните здесь",
    "читать далее",
    "подробнее",
    "далее",
    "ссылка",
    "по ссылке",
    "натисніть тут",
    "докладніше",
    "читати далі",
    "націсніце тут",
    "падрабязней",
    "чытаць далей",
    "こちら",
    "ここ",
    "ここをクリック",
    "詳細",
    "点击这里",
    "这里",
    "查看更多",
    "여기",
    "여기를 클릭",
    "더 보기",
];

impl Rule for LinkText {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for link in draft.links.iter().filter(|link| !link.link.is_image && says_nothing(&link.link.text)) {
            let text = link.link.text.trim();
            let message = format!("`{text}` does not say where the link leads");
            let place = super::in_link(draft, link.link, text);
            found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
        }
    }
}

fn says_nothing(text: &str) -> bool {
    let edge = |c: char| !c.is_alphanumeric();
    let words: Vec<String> = text.trim_matches(edge).split_whitespace().map(str::to_lowercase).collect();
    EMPTY.contains(&words.join(" ").as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_fit_any_link_are_known_whatever_stands_around_them() {
        for text in ["here", "Click  here!", "→ Read more…", "(hier)", "Подробнее"] {
            assert!(says_nothing(text), "{text}");
        }
        for text in ["the report", "Here be dragons", "More on boats", "", "1", "Link rot"] {
            assert!(!says_nothing(text), "{text}");
        }
    }
}
