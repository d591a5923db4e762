//! What the pages for readers are made from.

use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::commands::roll;
use crate::model::theme::Theme;
use crate::settings::lists::List;
use crate::web::serve::{Dress, Offer, Vocabulary};

/// Where authors put words of their own: `words/it.toml`.
const WORDS: &str = "words";

/// How the pages look and speak.
pub fn dress(desk: &Desk) -> Result<Dress, Failure> {
    let vocabulary = Vocabulary::built_in().with_folder(&desk.workspace.root().join(WORDS))?;
    let offers = roll::all_lists(desk)?.into_iter().map(offer).collect();
    let theme = Theme::default().with(&desk.settings.theme);
    Ok(Dress::of(&desk.settings.site, &theme, vocabulary, offers))
}

fn offer(list: List) -> Offer {
    let List { id, name, title, description, is_open, .. } = list;
    Offer { list: id, name, title, description, is_public: is_open }
}

/// The path of `base_url`, without a slash at its end: a proxy may pass it on or not.
pub fn below(desk: &Desk) -> String {
    let url = desk.settings.site.base_url.as_ref().and_then(|base| url::Url::parse(base).ok());
    url.map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default()
}
