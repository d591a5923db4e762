//! What a visitor sees: one page without a script, in the colours of the letters.

use aws_lc_rs::digest;
use data_encoding::BASE64;

use super::Told;
use super::form::UNDO;
use super::words::{Saying, Words};
use crate::compose::escape;
use crate::model::theme::{Pair, Theme, contrast};
use crate::settings::Site;

/// How the pages of a workspace look and speak.
pub struct Dress {
    lang: &'static str,
    words: Words,
    name: String,
    style: String,
    policy: String,
}

impl Dress {
    /// In the language and the theme of the workspace; English where there are no words for the language.
    pub fn of(site: &Site, theme: &Theme) -> Dress {
        let (lang, words) = Words::of(&site.lang);
        let style = style(theme);
        let hash = BASE64.encode(digest::digest(&digest::SHA256, style.as_bytes()).as_ref());
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        let mut name = String::new();
        escape::html(&site.name, &mut name);
        Dress { lang, words, name, style, policy }
    }

    /// The Content-Security-Policy of every page.
    pub(super) fn policy(&self) -> &str {
        &self.policy
    }

    pub(super) fn page(&self, told: Told) -> String {
        let (lang, name, style) = (self.lang, &self.name, &self.style);
        let saying = self.saying(told);
        let (title, text) = (&saying.title, saying.text.replace("{}", name));
        let form = self.form(told);
        format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title} – {name}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n\
             <p class=\"name\">{name}</p>\n<h1>{title}</h1>\n<p>{text}</p>\n{form}</main>\n</body>\n</html>\n"
        )
    }

    fn saying(&self, told: Told) -> &Saying {
        match told {
            Told::Asked | Told::Unclear => &self.words.asked,
            Told::Left { .. } => &self.words.left,
            Told::Gone => &self.words.gone,
            Told::Stayed => &self.words.stayed,
            Told::TooLate => &self.words.too_late,
            Told::Proof => &self.words.proof,
            Told::Unknown => &self.words.unknown,
            Told::Trouble | Told::Crowded | Told::TooLarge => &self.words.trouble,
        }
    }

    /// A form without an action posts to the address of the page: below whatever path a proxy put it.
    fn form(&self, told: Told) -> String {
        let words = &self.words;
        match told {
            Told::Asked | Told::Unclear => button("", "List-Unsubscribe", "One-Click", &words.leave),
            Told::Left { undo: true } => {
                let mistake = format!("<p class=\"quiet\">{}</p>\n", words.mistake);
                mistake + &button(" class=\"quiet\"", UNDO.0, UNDO.1, &words.undo)
            }
            Told::Left { undo: false } | Told::Gone | Told::Stayed | Told::TooLate | Told::Proof => {
                String::new()
            }
            Told::Unknown | Told::Trouble | Told::Crowded | Told::TooLarge => String::new(),
        }
    }
}

fn button(class: &str, name: &str, value: &str, words: &str) -> String {
    format!(
        "<form method=\"post\"><button{class} name=\"{name}\" value=\"{value}\">{words}</button></form>\n"
    )
}

fn style(theme: &Theme) -> String {
    let colours = |pick: fn(&Pair) -> &String| {
        let named = [
            ("canvas", &theme.canvas),
            ("card", &theme.card),
            ("text", &theme.text),
            ("muted", &theme.muted),
            ("link", &theme.link),
            ("line", &theme.line),
        ];
        named.map(|(name, pair)| format!("--{name}:{};", pick(pair))).concat()
    };
    let on_link =
        |mode: fn(&Pair) -> &String| readable(mode(&theme.link), [mode(&theme.card), mode(&theme.text)]);
    let light = colours(|pair| &pair.light) + &format!("--on-link:{};", on_link(|pair| &pair.light));
    let dark = colours(|pair| &pair.dark) + &format!("--on-link:{};", on_link(|pair| &pair.dark));
    // What the author wrote for letters must not end the style here.
    let font = |font: &str| font.replace(['<', '>', '{', '}', ';', '"'], "");
    let (size, body, heading) = (theme.size, font(&theme.font), font(&theme.heading_font));
    format!(
        ":root{{color-scheme:light dark;{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}{}\
         body{{font:{size}px/1.6 {body}}}h1{{font-family:{heading}}}",
        include_str!("page.css").replace('\n', "")
    )
}

/// The first of `own` that can be read on a ground (WCAG 2.2, 1.4.3); where none can, black or white, of which one
/// always can.
fn readable<'a>(ground: &'a str, own: [&'a str; 2]) -> &'a str {
    let is_readable = |colour: &&str| contrast(colour, ground) >= 4.5;
    let other = if contrast("#000000", ground) > contrast("#ffffff", ground) { "#000000" } else { "#ffffff" };
    own.into_iter().find(is_readable).unwrap_or(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dress(name: &str, lang: &str) -> Dress {
        let site = Site { name: name.to_owned(), lang: lang.to_owned(), ..Site::default() };
        Dress::of(&site, &Theme::default())
    }

    #[test]
    fn the_name_of_the_newsletter_is_text_and_never_markup() {
        let page = dress("<b>Tide & Rope</b>", "en").page(Told::Asked);
        assert!(
            !page.contains("<b>") && page.contains("no more letters from &lt;b&gt;Tide &amp; Rope"),
            "{page}"
        );
    }

    #[test]
    fn only_who_is_asked_or_just_left_is_given_a_button() {
        let dress = dress("Weekly", "de");
        let has_button = |told| dress.page(told).contains("<button");
        assert!(has_button(Told::Asked) && has_button(Told::Left { undo: true }));
        for told in [Told::Left { undo: false }, Told::Gone, Told::Stayed, Told::Proof, Told::Unknown] {
            assert!(!has_button(told), "{told:?}");
        }
        assert!(dress.page(Told::Asked).contains("<html lang=\"de\">"));
    }

    #[test]
    fn a_font_cannot_break_out_of_the_style() {
        let theme = Theme { font: "x</style><script>".to_owned(), ..Theme::default() };
        assert!(!style(&theme).contains('<'));
    }

    #[test]
    fn the_words_of_a_button_can_be_read_whatever_colour_links_have() {
        for link in ["#000000", "#003366", "#0b57d0", "#767676", "#8ab4ff", "#ffb366", "#ffffff"] {
            let theme = Theme { link: Pair::new(link, link), ..Theme::default() };
            for mode in [|pair: &Pair| pair.light.clone(), |pair: &Pair| pair.dark.clone()] {
                let words = {
                    let (card, text) = (mode(&theme.card), mode(&theme.text));
                    readable(link, [&card, &text]).to_owned()
                };
                assert!(contrast(&words, link) >= 4.5, "{words} on {link}");
            }
        }
    }
}
