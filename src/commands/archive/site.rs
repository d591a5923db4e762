//! What the archive says of itself, and the templates it is made with.

use crate::archive::{Logo, Site, TEMPLATES, Templates};
use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::compose::images::{is_local, picture};
use crate::compose::page::PICTURE;
use crate::images::Shelf;
use crate::model::finding::Finding;
use crate::model::path;
use crate::model::theme::Theme;
use crate::settings::Settings;

pub fn site(desk: &Desk) -> Result<Site, Failure> {
    let (settings, archive) = (&desk.settings, &desk.settings.archive);
    let theme = desk.site_theme()?;
    Ok(Site {
        title: archive.title.clone().unwrap_or_else(|| settings.site.name.clone()),
        description: archive.description.clone(),
        lang: settings.site.lang.clone(),
        url: archive.url.clone(),
        subscribe_url: archive.subscribe_url.clone().or_else(|| form(&desk.settings)),
        logo: logo(desk, &theme),
        theme,
    })
}

/// Where `courant serve` has a form, if it has one.
fn form(settings: &Settings) -> Option<String> {
    let base = settings.site.base_url.as_ref().filter(|_| !settings.subscribe.lists.is_empty())?;
    Some(format!("{base}/{}", path::JOIN))
}

/// A file that cannot be shown is told by every issue that has it; the name of the newsletter takes its place.
fn logo(desk: &Desk, theme: &Theme) -> Option<Logo> {
    let (src, width) = (theme.logo.clone(), theme.logo_width);
    match src.as_str() {
        "" => None,
        path if is_local(path) => {
            let shelf = Shelf::new(&desk.settings, desk.workspace.root()).with(&desk.drawn);
            let image = shelf.image(path).ok()?;
            let picture = picture(&image);
            let src = picture.as_ref().map_or(image.src, |picture| format!("{PICTURE}{}", picture.name));
            Some(Logo { src, width, picture })
        }
        _ => Some(Logo { src, width, picture: None }),
    }
}

pub fn templates(desk: &Desk) -> Result<Templates, Failure> {
    let text = |name: &&str| {
        let source = desk.workspace.template_text(&format!("archive/{name}"))?;
        Ok(((*name).to_owned(), source.expect("there is a built-in one of each")))
    };
    TEMPLATES.iter().map(text).collect::<Result<_, Failure>>().map(Templates)
}

/// Where letters and archive do not go together.
pub fn findings(desk: &Desk) -> Vec<Finding> {
    let (site, archive) = (&desk.settings.site, &desk.settings.archive);
    let mut found = Vec::new();
    if archive.url.is_none() {
        let message = "the archive has no address: there is no feed and no site map";
        let help = "set `base_url` in courant.toml, or `url` in `[archive]`";
        found.push(Finding::warning("archive-address", message).help(help));
    }
    if let Some((letters, own)) =
        site.web_version.as_ref().zip(archive.pattern()).filter(|(one, other)| *one != other)
    {
        let message = format!("letters lead to `{letters}`, and the archive is at `{own}`");
        let help = "take `web_version` out of courant.toml, or set `url` in `[archive]`";
        found.push(Finding::warning("archive-address", message).help(help));
    }
    found
}
