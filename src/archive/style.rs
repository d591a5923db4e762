//! The style sheet: the theme's colours and fonts as custom properties, and the rules that use them.

use std::fmt::Write as _;

use super::{File, Site, Templates};
use crate::compose::code_colours;
use crate::model::theme::{Pair, Theme};

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
    let mut css = String::from(":root{color-scheme:light dark;");
    let fonts =
        [("font", &theme.font), ("heading-font", &theme.heading_font), ("mono-font", &theme.mono_font)];
    for (name, font) in fonts {
        let _ = write!(css, "--{name}:{};", plain(font));
    }
    let _ = write!(css, "--size:{}px;", theme.size);
    let colours = colours(theme);
    let write = |css: &mut String, pick: fn(&Pair) -> &String| {
        for (name, pair) in &colours {
            let _ = write!(css, "--{name}:{};", plain(pick(pair)));
        }
    };
    write(&mut css, |pair| &pair.light);
    css.push_str("}@media screen and (prefers-color-scheme:dark){:root{");
    write(&mut css, |pair| &pair.dark);
    css.push_str("}}");
    css
}

fn colours(theme: &Theme) -> Vec<(&'static str, Pair)> {
    let mut colours = vec![
        ("canvas", theme.canvas.clone()),
        ("card", theme.card.clone()),
        ("text", theme.text.clone()),
        ("muted", theme.muted.clone()),
        ("link", theme.link.clone()),
        ("line", theme.line.clone()),
        ("panel", Theme::panel()),
    ];
    colours.extend(code_colours().map(|(class, light, dark)| (class, Pair::new(light, dark))));
    colours
}

/// What the author wrote for letters must not end the style, or a rule of it, here.
fn plain(value: &str) -> String {
    value.replace(['<', '>', '{', '}', ';', '"'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_font_cannot_break_out_of_the_style() {
        let theme = Theme { font: "x</style><script>;}".to_owned(), ..Theme::default() };
        assert!(tokens(&theme).contains("--font:x/stylescript;"), "{}", tokens(&theme));
    }
}
