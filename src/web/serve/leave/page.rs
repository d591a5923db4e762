//! What a visitor of an unsubscribe link sees.

use super::Told;
use super::form::{ALL, ONE_CLICK, SAVE, SHOWN, UNDO, UNDO_ALL};
use crate::model::subscriber::ListId;
use crate::web::serve::dress::{Dress, Saying, Speech, button, html};

/// The page, in this language or that of the workspace. `token` is that of whoever looks.
pub(super) fn page(dress: &Dress, token: &str, lang: Option<&str>, told: &Told) -> String {
    let speech = dress.speech(lang);
    let more = forms(dress, speech, told) + &way_to_choose(dress, speech, token, told);
    dress.page(speech, saying(speech, told), lists(told), &more)
}

/// A link to the preferences, where there is something to choose.
fn way_to_choose(dress: &Dress, Speech { words, lang }: Speech<'_>, token: &str, told: &Told) -> String {
    let is_theirs = matches!(told, Told::Asked(_) | Told::Unclear(_) | Told::Left { .. } | Told::Stayed(_));
    match is_theirs && dress.has_choice() {
        true => format!(
            "<p class=\"more\"><a href=\"../p/{}?lang={lang}\">{}</a></p>\n",
            html(token),
            dress.fill(&words.choose, &[])
        ),
        false => String::new(),
    }
}

fn lists(told: &Told) -> &[ListId] {
    match told {
        Told::Asked(lists) | Told::Unclear(lists) | Told::Stayed(lists) | Told::Left { lists, .. } => lists,
        Told::Gone | Told::TooLate | Told::Proof | Told::Unknown | Told::Choices { .. } | Told::Shut => &[],
    }
}

fn saying<'a>(Speech { words, .. }: Speech<'a>, told: &Told) -> &'a Saying {
    let has_lists = !lists(told).is_empty();
    match told {
        Told::Asked(_) | Told::Unclear(_) if has_lists => &words.asked_list,
        Told::Asked(_) | Told::Unclear(_) => &words.asked,
        Told::Left { .. } if has_lists => &words.left_list,
        Told::Left { .. } => &words.left,
        Told::Gone => &words.gone,
        Told::Stayed(_) if has_lists => &words.stayed_list,
        Told::Stayed(_) => &words.stayed,
        Told::TooLate => &words.too_late,
        Told::Proof => &words.proof,
        Told::Choices { .. } => &words.preferences,
        Told::Shut => &words.shut,
        Told::Unknown => &words.unknown,
    }
}

fn forms(dress: &Dress, Speech { words, .. }: Speech<'_>, told: &Told) -> String {
    let one = |class: &str, (name, value): (&str, &str), words: &str, lists: &[ListId]| {
        button(class, name, value, &dress.fill(words, lists))
    };
    let all = one("quiet", ALL, &words.leave_all, &[]);
    match told {
        Told::Asked(lists) | Told::Unclear(lists) if lists.is_empty() => {
            one("", ONE_CLICK, &words.leave, lists)
        }
        Told::Asked(lists) | Told::Unclear(lists) => one("", ONE_CLICK, &words.leave_list, lists) + &all,
        Told::Left { lists, undo } => {
            let undo = undo.then(|| {
                let mistake = format!("<p class=\"quiet\">{}</p>\n", dress.fill(&words.mistake, lists));
                let (class, which) = ("quiet", if lists.is_empty() { UNDO_ALL } else { UNDO });
                mistake + &one(class, which, &words.undo, lists)
            });
            let all = if lists.is_empty() { String::new() } else { all };
            undo.unwrap_or_default() + &all
        }
        Told::Choices { lists, is_saved } => {
            let saved = is_saved.then(|| {
                format!("<p class=\"saved\" role=\"status\">{}</p>\n", dress.fill(&words.saved, &[]))
            });
            saved.unwrap_or_default() + &boxes(dress, &words.save, lists) + &all
        }
        Told::Gone | Told::Stayed(_) | Told::TooLate | Told::Proof | Told::Shut | Told::Unknown => {
            String::new()
        }
    }
}

/// A box for each list that the workspace has, and one button. A list that it has no more stays as it is.
fn boxes(dress: &Dress, save: &str, lists: &[(ListId, bool)]) -> String {
    let named = lists.iter().filter(|(list, _)| dress.has(list));
    let boxes: String = named.map(|(list, is_on)| dress.choice(list, *is_on) + &shown(list)).collect();
    let (name, value) = SAVE;
    format!(
        "<form method=\"post\">\n{boxes}<p><button name=\"{name}\" value=\"{value}\">{}</button></p>\n</form>\n",
        html(save)
    )
}

/// Says that the box of this list was there: what was not shown is not ended.
fn shown(list: &ListId) -> String {
    format!("<input type=\"hidden\" name=\"{SHOWN}\" value=\"{}\">\n", html(&list.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::theme::Theme;
    use crate::settings::Site;
    use crate::web::serve::dress::Vocabulary;
    use crate::web::serve::dress::tests::dress;

    fn weekly() -> Vec<ListId> {
        vec![ListId("weekly".to_owned())]
    }

    #[test]
    fn only_who_is_asked_or_just_left_is_given_a_button() {
        let dress = dress("Weekly", "de");
        let has_button = |told| page(&dress, "x", None, &told).contains("<button");
        assert!(has_button(Told::Asked(vec![])) && has_button(Told::Left { lists: vec![], undo: true }));
        let left = Told::Left { lists: vec![], undo: false };
        for told in [left, Told::Gone, Told::Stayed(weekly()), Told::Proof, Told::Unknown] {
            assert!(!has_button(told.clone()), "{told:?}");
        }
        assert!(page(&dress, "x", None, &Told::Asked(vec![])).contains("<html lang=\"de\">"));
    }

    #[test]
    fn who_can_leave_one_list_is_offered_all_of_them_too_and_others_have_no_needless_choice() {
        let dress = dress("Tide", "en");
        let buttons = |told| page(&dress, "x", None, &told).matches("<button").count();
        assert_eq!((buttons(Told::Asked(vec![])), buttons(Told::Asked(weekly()))), (1, 2));
        let page = page(&dress, "x", None, &Told::Left { lists: weekly(), undo: true });
        assert!(
            page.contains("no more letters of The &lt;Weekly&gt;") && page.contains("name=\"all\""),
            "{page}"
        );
        assert!(page.contains("name=\"undo\" value=\"yes\""), "{page}");
    }

    #[test]
    fn a_list_that_the_workspace_has_no_more_is_not_offered() {
        let lists = ["weekly", "gone"].map(|name| (ListId(name.to_owned()), true));
        let told = Told::Choices { lists: lists.to_vec(), is_saved: false };
        let page = page(&dress("Tide", "en"), "x", None, &told);
        assert!(page.contains("name=\"shown\" value=\"weekly\"") && !page.contains("gone"), "{page}");
    }

    #[test]
    fn an_author_s_own_words_are_text_and_never_markup() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("en.toml"), "saved = \"<b>Kept & done\"\n").unwrap();
        let words = Vocabulary::built_in().with_folder(folder.path()).unwrap();
        let dress = Dress::of(&Site::default(), &Theme::default(), words, Vec::new());
        let page = page(&dress, "x", Some("en"), &Told::Choices { lists: Vec::new(), is_saved: true });
        assert!(page.contains("&lt;b&gt;Kept &amp; done") && !page.contains("<b>"), "{page}");
    }
}
