//! What whoever subscribes sees.

use super::Told;
use super::form::{CONFIRM, Filled, form};
use crate::model::subscriber::ListId;
use crate::web::serve::dress::{Dress, Saying, Speech, button, html};

pub(super) fn page(
    dress: &Dress,
    speech: Speech<'_>,
    told: &Told,
    offered: &[ListId],
    filled: &Filled<'_>,
) -> String {
    let words = speech.words;
    let (saying, lists): (&Saying, &[ListId]) = match told {
        Told::Form(_) => (&words.join, offered),
        Told::Asked => (&words.join_asked, &[]),
        Told::ToConfirm(lists) => (&words.confirm, lists),
        Told::Confirmed(lists) => (&words.confirmed, lists),
        Told::Shut => (&words.shut, &[]),
        Told::Old => (&words.confirm_old, &[]),
        Told::Slow => (&words.join_slow, &[]),
    };
    let more = match told {
        Told::Form(problem) => form(dress, speech, offered, filled, *problem),
        Told::ToConfirm(_) => button("", CONFIRM.0, CONFIRM.1, &html(&words.confirm_button)),
        Told::Asked | Told::Confirmed(_) | Told::Shut | Told::Old | Told::Slow => String::new(),
    };
    dress.page(speech, saying, lists, &more)
}
