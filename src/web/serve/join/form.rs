//! The form, on our page and for that of somebody else.

use super::Problem;
use crate::model::subscriber::ListId;
use crate::web::serve::dress::{Dress, Speech, html};

/// Its name and version, kept with what it was filled in with.
pub(in crate::web::serve) const VERSION: &str = "form 1";
/// On a page of somebody else.
pub(in crate::web::serve) const SNIPPET_VERSION: &str = "snippet 1";
/// Confirms.
pub(super) const CONFIRM: (&str, &str) = ("confirm", "yes");
/// The field that people do not see and programs fill in.
pub(super) const TRAP: &str = "website";

/// What stands in it already.
pub(super) struct Filled<'a> {
    pub email: &'a str,
    pub lists: Vec<ListId>,
    pub stamp: &'a str,
}

/// The form on our own page. Without an action it posts to the address of the page.
pub(super) fn form(
    dress: &Dress,
    speech: Speech<'_>,
    offered: &[ListId],
    filled: &Filled<'_>,
    problem: Problem,
) -> String {
    let words = speech.words;
    let wrong = match problem {
        Problem::None => None,
        Problem::NoAddress => Some(&words.join_no_address),
        Problem::NoList => Some(&words.join_no_list),
        Problem::Stale => Some(&words.join_stale),
    };
    let wrong =
        wrong.map(|text| format!("<p class=\"wrong\" id=\"wrong\" role=\"alert\">{}</p>\n", html(text)));
    let is_wrong =
        if problem == Problem::NoAddress { " aria-invalid=\"true\" aria-describedby=\"wrong\"" } else { "" };
    format!(
        "{}<form method=\"post\">\n<p><label for=\"email\">{}</label>\n<input id=\"email\" name=\"email\" \
         type=\"email\" autocomplete=\"email\" maxlength=\"254\" required value=\"{}\"{is_wrong}></p>\n{}\
         <p class=\"trap\" aria-hidden=\"true\"><label for=\"{TRAP}\">Website</label>\n<input id=\"{TRAP}\" \
         name=\"{TRAP}\" tabindex=\"-1\" autocomplete=\"off\"></p>\n<input type=\"hidden\" name=\"t\" \
         value=\"{}\">\n<input type=\"hidden\" name=\"lang\" value=\"{}\">\n<p class=\"small\">{}</p>\n\
         <button>{}</button>\n</form>\n",
        wrong.unwrap_or_default(),
        html(&words.join_email),
        html(filled.email),
        choices(dress, &words.join_lists, offered, &filled.lists),
        html(filled.stamp),
        speech.lang,
        dress.fill(&words.join_consent, &[]),
        html(&words.join_button),
    )
}

/// A box for each list; none where there is no choice.
fn choices(dress: &Dress, legend: &str, offered: &[ListId], ticked: &[ListId]) -> String {
    match offered {
        [] | [_] => String::new(),
        several => {
            let each: String = several.iter().map(|list| dress.choice(list, ticked.contains(list))).collect();
            format!("<fieldset>\n<legend>{}</legend>\n{each}</fieldset>\n", html(legend))
        }
    }
}

/// Plain HTML to paste into any page, which posts to `action`. `stamp` says that we made it.
pub fn snippet(dress: &Dress, lang: Option<&str>, offered: &[ListId], action: &str, stamp: &str) -> String {
    let speech = dress.speech(lang);
    let words = speech.words;
    let lists: String = match offered {
        [] | [_] => String::new(),
        several => {
            let each: String = several
                .iter()
                .map(|list| {
                    let (id, title) = (html(&list.0), dress.title(list));
                    format!("    <label><input type=\"checkbox\" name=\"l\" value=\"{id}\" checked> {title}</label><br>\n")
                })
                .collect();
            format!("  <fieldset>\n    <legend>{}</legend>\n{each}  </fieldset>\n", html(&words.join_lists))
        }
    };
    format!(
        "<form action=\"{}\" method=\"post\" accept-charset=\"utf-8\" lang=\"{lang}\">\n  \
         <p><label for=\"courant-email\">{}</label><br>\n  <input id=\"courant-email\" name=\"email\" type=\"email\" \
         autocomplete=\"email\" maxlength=\"254\" required></p>\n{lists}  \
         <p style=\"position:absolute;left:-9999px\" aria-hidden=\"true\"><label>Website \
         <input name=\"{TRAP}\" tabindex=\"-1\" autocomplete=\"off\"></label></p>\n  \
         <input type=\"hidden\" name=\"t\" value=\"{}\">\n  <input type=\"hidden\" name=\"lang\" value=\"{lang}\">\n  \
         <p><small>{}</small></p>\n  <p><button>{}</button></p>\n</form>\n",
        html(action),
        html(&words.join_email),
        html(stamp),
        dress.fill(&words.join_consent, &[]),
        html(&words.join_button),
        lang = speech.lang,
    )
}
