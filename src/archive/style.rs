//! The style sheet: the theme's colours and fonts as custom properties, and the rules that use them.

use super::{File, Site, Templates};
use crate::compose::code_colours;
use crate::model::theme::{Pair, Theme, css};

/// `style.css`.
pub(super) fn sheet(site: &Site, templates: &Templates) -> File {
    let rules = templates.0.iter().find(|(name, _)| name == "style.css");
    let rules = rules.map_or("", |(_, source)| source.text());
    let rules = rules.split_once("*/").map_or(rules, |(_, rules)| rules).trim();
    let css = format!("{}\n{rules}\n", tokens(&site.theme));
    File { path: "style.css".to_owned(), bytes: css.into_bytes(), issues: Vec::new() }
}

/// What an issue's theme changes of that of the site; empty for nothing.
pub(super) fn changed(site: &Site, theme: &Theme) -> String {
    let looks_alike = tokens(&site.theme) == tokens(theme);
    if looks_alike { String::new() } else { tokens(theme) }
}

fn tokens(theme: &Theme) -> String {
    let of_code: Vec<_> =
        code_colours().map(|(class, light, dark)| (class, Pair::new(light, dark))).collect();
    css(theme, &of_code)
}
