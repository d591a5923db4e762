//! `courant subscribers form`: the form to subscribe, for a page of somebody's own.

use crate::commands::desk::Desk;
use crate::commands::{Exit, Failure, Plain, readers};
use crate::model::path;
use crate::token::Purpose;
use crate::web::serve::snippet;

/// Prints the form. It is signed, so that `courant serve` knows it as one of ours as long as the secret is kept.
pub fn print(desk: &Desk, lang: Option<&str>) -> Result<Exit, Failure> {
    let offered = readers::offered(desk)?;
    if offered.is_empty() {
        return Err(nothing_offered().into());
    }
    let (base_url, secret) = readers::signing(desk)?;
    let dress = readers::dress(desk)?;
    let offered: Vec<_> = offered.into_iter().map(|list| list.id).collect();
    let stamp = secret.stamp(Purpose::Snippet, desk.now());
    let html = snippet(&dress, lang, &offered, &format!("{base_url}/{}", path::JOIN), &stamp);
    desk.answer(|| html.trim_end().to_owned(), || serde_json::json!({ "html": html }))?;
    Ok(Exit::Done)
}

fn nothing_offered() -> Plain {
    Plain::new(
        "courant.toml offers no list in a form",
        "write lists = [\"NAME\"] under [subscribe], and public = true under [lists.NAME] (docs/subscribe.md)",
    )
}
