//! Whether text can be read on its ground (WCAG 2.2, 1.4.3).

use super::{Pair, Theme};

/// What AA asks of text.
const LEAST: f64 = 4.5;

/// A colour of text on a ground, in one mode.
#[derive(Debug, Clone, PartialEq)]
pub struct Legibility {
    /// The token of the text.
    pub text: &'static str,
    /// The token of the ground.
    pub ground: &'static str,
    pub is_dark: bool,
    /// 1 to 21; AA wants 4.5.
    pub contrast: f64,
}

/// Every pair of text and ground that a letter has, in both modes.
pub fn pairs_of_text(theme: &Theme) -> Vec<Legibility> {
    let panel = Theme::panel();
    let texts = [("text", &theme.text), ("muted", &theme.muted), ("link", &theme.link)];
    let grounds = [("card", &theme.card), ("canvas", &theme.canvas), ("panel", &panel)];
    let is_used = |text: &str, ground: &str| (text, ground) != ("link", "canvas");
    let pairs = texts.into_iter().flat_map(|text| grounds.map(|ground| (text, ground)));
    pairs
        .filter(|(text, ground)| is_used(text.0, ground.0))
        .flat_map(|(text, ground)| [false, true].map(|is_dark| legibility(text, ground, is_dark)))
        .collect()
}

fn legibility(text: (&'static str, &Pair), ground: (&'static str, &Pair), is_dark: bool) -> Legibility {
    let mode = |pair: &Pair| if is_dark { pair.dark.clone() } else { pair.light.clone() };
    let contrast = contrast(&mode(text.1), &mode(ground.1));
    Legibility { text: text.0, ground: ground.0, is_dark, contrast }
}

impl Theme {
    /// The colour of words on a ground that has the colour of links: that of the card or of the text, where it can be
    /// read there.
    pub fn on_link(&self) -> Pair {
        readable(&self.link, [&self.card, &self.text])
    }

    /// The colour of links in words on `ground`: their own where it can be read there, else that of the text.
    pub fn link_on(&self, ground: &Pair) -> Pair {
        readable(ground, [&self.link, &self.text])
    }
}

/// In each mode the first of `own` that can be read on `ground`; where none can, black or white, of which one always
/// can.
fn readable(ground: &Pair, own: [&Pair; 2]) -> Pair {
    let of = |pick: fn(&Pair) -> &String| {
        let ground = pick(ground);
        let last =
            if contrast("#000000", ground) > contrast("#ffffff", ground) { "#000000" } else { "#ffffff" };
        let first = own.into_iter().map(pick).find(|colour| contrast(colour, ground) >= LEAST);
        first.map_or(last, String::as_str).to_owned()
    };
    Pair { light: of(|pair| &pair.light), dark: of(|pair| &pair.dark) }
}

/// The contrast of two colours `#rrggbb`, 1 to 21. What is no such colour counts as black.
pub fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

/// Relative luminance, 0 to 1.
fn luminance(color: &str) -> f64 {
    let channel = |at: usize| {
        let value = color.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let value = f64::from(value.unwrap_or_default()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_on_white_is_the_most_there_is() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
    }

    #[test]
    fn buttons_and_links_can_be_read_whatever_colour_links_have() {
        for link in ["#000000", "#003366", "#1a3d7c", "#0b57d0", "#767676", "#8ab4ff", "#ffb366", "#ffffff"] {
            let theme = Theme { link: Pair::new(link, link), ..Theme::default() };
            for ground in [theme.card.clone(), Theme::panel()] {
                let links = theme.link_on(&ground);
                for (words, ground) in [(&links.light, &ground.light), (&links.dark, &ground.dark)] {
                    assert!(contrast(words, ground) >= LEAST, "{words} on {ground}");
                }
            }
            for words in [theme.on_link().light, theme.on_link().dark] {
                assert!(contrast(&words, link) >= LEAST, "{words} on {link}");
            }
        }
    }

    #[test]
    fn a_colour_that_can_be_read_stays() {
        let theme = Theme::default();
        assert_eq!((theme.link_on(&theme.card), theme.on_link()), (theme.link.clone(), theme.card.clone()));
    }

    #[test]
    fn every_default_colour_of_text_can_be_read_in_both_modes() {
        let pairs = pairs_of_text(&Theme::default());
        assert_eq!(pairs.len(), 16);
        for pair in pairs {
            assert!(pair.contrast >= 4.5, "{pair:?}");
        }
    }
}
