//! How an issue looks: a few tokens that every built-in template shares.

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

/// The tokens; the default pairs keep WCAG AA contrast in both modes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Theme {
    /// CSS pixels, 320 to 800.
    pub width: u32,
    pub font: String,
    pub heading_font: String,
    pub mono_font: String,
    pub canvas: Pair,
    pub card: Pair,
    pub text: Pair,
    pub muted: Pair,
    pub link: Pair,
    pub line: Pair,
    /// URL of the logo; empty for none.
    pub logo: String,
}

impl Default for Theme {
    fn default() -> Theme {
        let sans = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
        Theme {
            width: 600,
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
        }
    }
}

/// The contrast of two colours `#rrggbb`, 1 to 21 (WCAG 2.2, 1.4.3).
#[cfg(test)]
pub(crate) fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

/// Relative luminance of `#rrggbb` (WCAG 2.2).
#[cfg(test)]
fn luminance(color: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).expect("six digits")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_colour_of_text_can_be_read_in_both_modes() {
        let theme = Theme::default();
        for text in [&theme.text, &theme.muted, &theme.link] {
            for ground in [&theme.card, &theme.canvas] {
                assert!(contrast(&text.light, &ground.light) >= 4.5, "{text:?} on {ground:?}");
                assert!(contrast(&text.dark, &ground.dark) >= 4.5, "{text:?} on {ground:?}");
            }
        }
    }
}
