//! The tokens as custom properties of CSS, for pages. It never holds anything but those.

use super::{Pair, Theme};

/// Rules for `:root`: size and fonts, then the colours in light and in dark mode, `more` behind those of the theme. For
/// words on the colour of links there is `--on-link`, for links on the card and on panels `--link-on-card` and
/// `--link-on-panel`: they can be read whatever colours the theme has.
pub fn css(theme: &Theme, more: &[(&'static str, Pair)]) -> String {
    let own = colours(theme);
    let colours = |pick: fn(&Pair) -> &String| -> String {
        own.iter().chain(more).map(|(name, pair)| property(name, pick(pair))).collect()
    };
    let (fonts, light, dark) = (fonts(theme), colours(|pair| &pair.light), colours(|pair| &pair.dark));
    format!(
        ":root{{color-scheme:light dark;{fonts}{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    )
}

fn fonts(theme: &Theme) -> String {
    let fonts =
        [("font", &theme.font), ("heading-font", &theme.heading_font), ("mono-font", &theme.mono_font)];
    let fonts: String = fonts.into_iter().map(|(name, font)| property(name, font)).collect();
    fonts + &property("size", &format!("{}px", theme.size))
}

fn colours(theme: &Theme) -> [(&'static str, Pair); 10] {
    let panel = Theme::panel();
    [
        ("canvas", theme.canvas.clone()),
        ("card", theme.card.clone()),
        ("text", theme.text.clone()),
        ("muted", theme.muted.clone()),
        ("link", theme.link.clone()),
        ("on-link", theme.on_link()),
        ("link-on-card", theme.link_on(&theme.card)),
        ("link-on-panel", theme.link_on(&panel)),
        ("line", theme.line.clone()),
        ("panel", panel),
    ]
}

/// What the author wrote for letters must not end the style, or a rule of it, here.
fn property(name: &str, value: &str) -> String {
    format!("--{name}:{};", value.replace(['<', '>', '{', '}', ';', '"'], ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_font_cannot_break_out_of_the_style() {
        let theme = Theme { font: "x</style><script>;}".to_owned(), ..Theme::default() };
        let css = css(&theme, &[]);
        assert!(css.contains("--font:x/stylescript;"), "{css}");
    }

    #[test]
    fn each_mode_has_its_own_colours_and_those_that_can_be_read_there() {
        let theme = Theme { link: Pair::new("#1a3d7c", "#1a3d7c"), ..Theme::default() };
        let css = css(&theme, &[("k1", Pair::new("#111111", "#eeeeee"))]);
        let (light, dark) = css.split_once("@media").expect("there is a dark mode");
        assert!(light.contains("--link-on-card:#1a3d7c;") && light.contains("--k1:#111111;"), "{light}");
        assert!(dark.contains("--link:#1a3d7c;") && dark.contains("--link-on-card:#e3e8ee;"), "{dark}");
        assert!(dark.contains("--on-link:#e3e8ee;") && dark.contains("--k1:#eeeeee;"), "{dark}");
    }
}
