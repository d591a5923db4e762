//! What the pages for readers are made from, for `serve` and `subscribers form`.

use crate::commands::desk::Desk;
use crate::commands::roll::{self, named};
use crate::commands::sending::secret;
use crate::commands::{Failure, Plain};
use crate::model::delivery::Realm;
use crate::model::theme::Theme;
use crate::settings::lists::List;
use crate::token::Secret;
use crate::web::serve::{Below, Dress, Joining, Offer, Vocabulary};

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
    let List { id, title, description, is_open, .. } = list;
    Offer { list: id, title, description, is_public: is_open }
}

/// What stands before the paths of the pages.
pub fn below(desk: &Desk) -> Below {
    Below::of(desk.settings.site.base_url.as_deref())
}

/// The lists of the form: those that `[subscribe]` names, which must be public.
pub fn offered(desk: &Desk) -> Result<Vec<List>, Failure> {
    let all = roll::all_lists(desk)?;
    let each = desk.settings.subscribe.lists.iter().map(|at| {
        let list = named(&all, &at.value)?;
        if !list.is_open {
            return Err(not_public(&list.name).into());
        }
        Ok(list.clone())
    });
    each.collect()
}

fn not_public(name: &str) -> Plain {
    Plain::new(
        format!("[subscribe] offers the list `{name}`, which is not public"),
        format!("write public = true under [lists.{name}] of courant.toml, or take it out of [subscribe]"),
    )
}

/// What the form offers.
pub fn joining(desk: &Desk, offered: &[List]) -> Joining {
    Joining::new(offered.iter().map(|list| list.id.clone()).collect(), &desk.settings.subscribe)
}

/// What links that confirm are made with: `base_url`, and the secret, be it for the first letter of this workspace.
pub fn signing(desk: &Desk) -> Result<(String, Secret), Failure> {
    let base_url = desk.settings.site.base_url.clone().ok_or_else(no_base_url)?;
    let ledger = roll::open(desk)?.ok_or_else(no_ledger)?;
    Ok((base_url, secret::secret(desk, &ledger, Realm::Live, false)?))
}

fn no_base_url() -> Plain {
    Plain::new(
        "[subscribe] offers lists, but courant.toml has no `base_url` for the links that confirm",
        "set base_url = \"https://…\" (docs/subscribe.md)",
    )
}

fn no_ledger() -> Plain {
    Plain::new(
        "there is no ledger yet to write subscriptions into",
        "`courant subscribers sync` makes it; if there was one, restore it from a backup first",
    )
}
