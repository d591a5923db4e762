//! How the pages for readers look and speak: without a script, in the colours of the letters, in their language.

mod words;

use aws_lc_rs::digest;
use data_encoding::BASE64;
use hyper::StatusCode;
use hyper::header::{self, HeaderValue};

use super::plain::{Answer, plain, private};
use crate::compose::escape;
use crate::model::subscriber::ListId;
use crate::model::theme::{Theme, css};
use crate::settings::Site;
pub(super) use words::{MailWords, Saying, Words};
pub use words::{Vocabulary, WordsError};

/// A list as readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub list: ListId,
    pub title: String,
    pub description: Option<String>,
    /// Whether anybody may choose it.
    pub is_public: bool,
}

/// How the pages of a workspace look and speak.
pub struct Dress {
    vocabulary: Vocabulary,
    /// Of the workspace.
    lang: String,
    /// In HTML.
    name: String,
    plain_name: String,
    theme: Theme,
    offers: Vec<Offer>,
    style: String,
    policy: String,
}

/// A language, and what is said in it.
#[derive(Clone, Copy)]
pub(super) struct Speech<'a> {
    pub lang: &'a str,
    pub words: &'a Words,
}

impl Dress {
    /// In the language and the theme of the workspace; English where there are no words for the language.
    pub fn of(site: &Site, theme: &Theme, vocabulary: Vocabulary, offers: Vec<Offer>) -> Dress {
        let style = style(theme);
        let hash = BASE64.encode(digest::digest(&digest::SHA256, style.as_bytes()).as_ref());
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        Dress {
            vocabulary,
            lang: site.lang.clone(),
            name: html(&site.name),
            plain_name: site.name.clone(),
            theme: theme.clone(),
            offers,
            style,
            policy,
        }
    }

    /// In this language, else that of the workspace.
    pub(super) fn speech(&self, lang: Option<&str>) -> Speech<'_> {
        let asked = lang.and_then(|lang| self.vocabulary.find(lang));
        let (lang, words) = asked.unwrap_or_else(|| self.vocabulary.find_or_first(&self.lang));
        Speech { lang, words }
    }

    /// Whether there are words for this language.
    pub(super) fn speaks(&self, lang: &str) -> bool {
        self.vocabulary.find(lang).is_some()
    }

    /// A text with the newsletter, `{}`, and these lists, `{list}`, named in it.
    pub(super) fn fill(&self, text: &str, lists: &[ListId]) -> String {
        let titles: Vec<String> = lists.iter().map(|list| self.title(list)).collect();
        html(text).replace("{}", &self.name).replace("{list}", &titles.join(", "))
    }

    /// The same as plain text.
    pub(super) fn plain_with(&self, text: &str, lists: &[ListId]) -> String {
        let titles: Vec<&str> = lists.iter().map(|list| self.title_of(list)).collect();
        text.replace("{}", &self.plain_name).replace("{list}", &titles.join(", "))
    }

    pub(super) fn plain(&self, text: &str) -> String {
        self.plain_with(text, &[])
    }

    /// A box to tick for a list.
    pub(super) fn choice(&self, list: &ListId, is_ticked: bool) -> String {
        let (id, title, ticked) = (html(&list.0), self.title(list), if is_ticked { " checked" } else { "" });
        let offer = self.offers.iter().find(|offer| offer.list == *list);
        let description = offer.and_then(|offer| offer.description.as_deref());
        let description = description.map(|text| format!("<br><span>{}</span>", html(text)));
        format!(
            "<label class=\"pick\"><input type=\"checkbox\" name=\"l\" value=\"{id}\"{ticked}> \
             <span class=\"what\"><b>{title}</b>{}</span></label>\n",
            description.unwrap_or_default()
        )
    }

    /// Whether the workspace has this list.
    pub(super) fn has(&self, list: &ListId) -> bool {
        self.offers.iter().any(|offer| offer.list == *list)
    }

    /// Whether there is more than one list.
    pub(super) fn has_choice(&self) -> bool {
        self.offers.len() > 1
    }

    /// The lists that anybody may choose.
    pub(super) fn public(&self) -> Vec<ListId> {
        self.offers.iter().filter(|offer| offer.is_public).map(|offer| offer.list.clone()).collect()
    }

    /// The colours of light mode, for mails.
    pub(super) fn theme(&self) -> &Theme {
        &self.theme
    }

    fn title_of<'a>(&'a self, list: &'a ListId) -> &'a str {
        let offer = self.offers.iter().find(|offer| offer.list == *list);
        offer.map_or(list.0.as_str(), |offer| &offer.title)
    }

    /// What readers call a list, in HTML.
    pub(super) fn title(&self, list: &ListId) -> String {
        html(self.title_of(list))
    }

    /// A page that says something, with `more` under it.
    pub(super) fn page(&self, speech: Speech<'_>, saying: &Saying, lists: &[ListId], more: &str) -> String {
        let (lang, name, style) = (speech.lang, &self.name, &self.style);
        let (title, text) = (self.fill(&saying.title, lists), self.fill(&saying.text, lists));
        format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title} – {name}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n\
             <p class=\"name\">{name}</p>\n<h1>{title}</h1>\n<p>{text}</p>\n{more}</main>\n</body>\n</html>\n"
        )
    }

    /// An answer with a page. Its address may be a key: it is kept nowhere and told to nobody.
    pub(super) fn answer(&self, status: StatusCode, page: String) -> Answer {
        let mut answer = private(plain(status, page));
        let policy = HeaderValue::from_str(&self.policy).expect("a policy is of ASCII");
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        answer.headers_mut().insert(header::CONTENT_TYPE, html);
        answer
    }
}

/// A text as HTML.
pub(super) fn html(text: &str) -> String {
    let mut out = String::new();
    escape::html(text, &mut out);
    out
}

/// A form of one button. Without an action it posts to the address of the page: below whatever path a proxy put it.
pub(super) fn button(class: &str, name: &str, value: &str, words: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!(
        "<form method=\"post\"><button{class} name=\"{name}\" value=\"{value}\">{words}</button></form>\n"
    )
}

fn style(theme: &Theme) -> String {
    css(theme, &[]) + &include_str!("page.css").replace('\n', "")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::web::serve) fn dress(name: &str, lang: &str) -> Dress {
        let site = Site { name: name.to_owned(), lang: lang.to_owned(), ..Site::default() };
        let offer = |list: &str, title: &str, is_public| Offer {
            list: ListId(list.to_owned()),
            title: title.to_owned(),
            description: None,
            is_public,
        };
        let offers = vec![offer("weekly", "The <Weekly>", true), offer("daily", "The Daily", false)];
        Dress::of(&site, &Theme::default(), Vocabulary::built_in(), offers)
    }

    #[test]
    fn the_name_of_the_newsletter_is_text_and_never_markup() {
        let dress = dress("<b>Tide & Rope</b>", "en");
        let speech = dress.speech(None);
        let page = dress.page(speech, &speech.words.asked, &[], "");
        assert!(
            !page.contains("<b>") && page.contains("no more letters from &lt;b&gt;Tide &amp; Rope"),
            "{page}"
        );
        let page = dress.page(speech, &speech.words.left_list, &[ListId("weekly".to_owned())], "");
        assert!(page.contains("The &lt;Weekly&gt;") && !page.contains("<Weekly>"), "{page}");
    }
}
