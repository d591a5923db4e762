//! How an issue looks: a few tokens that every built-in template shares.

mod changes;
mod contrast;
mod css;
mod scripts;

pub use changes::{Changes, PairChange};
pub use contrast::{Legibility, contrast, pairs_of_text};
pub use css::css;

/// A colour in light and in dark mode, each `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Pair {
    pub light: String,
    pub dark: String,
}

impl Pair {
    pub fn new(light: &str, dark: &str) -> Pair {
        Pair { light: light.to_owned(), dark: dark.to_owned() }
    }
}

/// Tint of code and of panels, light and dark.
pub const PANEL: (&str, &str) = ("#f1f4f7", "#222a32");

/// The tokens; the default pairs keep WCAG AA contrast in both modes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Theme {
    /// CSS pixels, 320 to 800.
    pub width: u32,
    /// Size of the text in CSS pixels, 14 to 22.
    pub size: u32,
    pub font: String,
    pub heading_font: String,
    pub mono_font: String,
    pub canvas: Pair,
    pub card: Pair,
    pub text: Pair,
    pub muted: Pair,
    pub link: Pair,
    pub line: Pair,
    /// URL of the logo, or the path of a file in the workspace; empty for none.
    pub logo: String,
    /// CSS pixels, 16 to 800.
    pub logo_width: u32,
    pub buttons: Buttons,
}

/// How buttons stand that do not say it themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Buttons {
    /// Where lines begin.
    Start,
    Center,
    /// As wide as the text.
    Wide,
}

impl Buttons {
    /// Each with the word that names it.
    pub const ALL: [(&str, Buttons); 3] =
        [("start", Buttons::Start), ("center", Buttons::Center), ("wide", Buttons::Wide)];
}

impl Default for Theme {
    fn default() -> Theme {
        let sans = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
        Theme {
            width: 600,
            size: 17,
            font: sans.to_owned(),
            heading_font: sans.to_owned(),
            mono_font: "Menlo, Consolas, 'Courier New', monospace".to_owned(),
            canvas: Pair::new("#f2f4f6", "#101418"),
            card: Pair::new("#ffffff", "#181d23"),
            text: Pair::new("#1b2430", "#e3e8ee"),
            muted: Pair::new("#5b6670", "#9aa6b2"),
            link: Pair::new("#0b57d0", "#8ab4ff"),
            line: Pair::new("#d9dfe5", "#313a44"),
            logo: String::new(),
            logo_width: 120,
            buttons: Buttons::Start,
        }
    }
}

impl Theme {
    /// The height of a line of text in CSS pixels: 1.6 of the size.
    pub fn leading(&self) -> u32 {
        (self.size * 8 + 2) / 5
    }

    /// Tint of code, callouts and bands; the same for every theme.
    pub fn panel() -> Pair {
        Pair::new(PANEL.0, PANEL.1)
    }
}
