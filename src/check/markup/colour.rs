//! Colours as HTML and CSS write them.

use cssparser::color::{parse_hash_color, parse_named_color};

/// Red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    pub const BLACK: Rgb = Rgb([0; 3]);
    pub const WHITE: Rgb = Rgb([255; 3]);

    /// `#rrggbb`.
    pub fn hex(self) -> String {
        let Rgb([red, green, blue]) = self;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// What a value of `color` or `background-color` says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Colour {
    /// With its opacity, 0 to 1.
    Plain(Rgb, f32),
    /// A variable, a value of a subscriber, a function that is not read here.
    Unknown,
}

impl Colour {
    pub fn read(text: &str) -> Colour {
        let text = text.trim().to_ascii_lowercase();
        let plain = |(red, green, blue)| Colour::Plain(Rgb([red, green, blue]), 1.0);
        if let Some(hex) = text.strip_prefix('#') {
            let read = parse_hash_color(hex.as_bytes());
            return read.map_or(Colour::Unknown, |(r, g, b, opacity)| Colour::Plain(Rgb([r, g, b]), opacity));
        }
        match text.as_str() {
            "transparent" => Colour::Plain(Rgb::BLACK, 0.0),
            named => parse_named_color(named).map_or_else(|()| function(named), plain),
        }
    }

    /// The colour that is seen where this one lies on `ground`.
    pub fn over(self, ground: Option<Rgb>) -> Option<Rgb> {
        match self {
            Colour::Plain(colour, 1.0) => Some(colour),
            Colour::Plain(Rgb(top), opacity) => {
                let Rgb(below) = ground?;
                let mix = |at: usize| f32::from(top[at]) * opacity + f32::from(below[at]) * (1.0 - opacity);
                Some(Rgb([0, 1, 2].map(|at| mix(at).round() as u8)))
            }
            Colour::Unknown => None,
        }
    }
}

/// `rgb(…)` and `rgba(…)`, with commas or with spaces.
fn function(text: &str) -> Colour {
    let inside = text.strip_prefix("rgba(").or_else(|| text.strip_prefix("rgb("));
    let Some(inside) = inside.and_then(|rest| rest.strip_suffix(')')) else { return Colour::Unknown };
    let parts: Vec<f32> = inside
        .split([',', '/', ' '])
        .filter(|part| !part.is_empty())
        .map_while(|part| match part.strip_suffix('%') {
            Some(percent) => Some(percent.parse::<f32>().ok()? * 2.55),
            None => part.parse().ok(),
        })
        .collect();
    match parts[..] {
        [r, g, b] => Colour::Plain(Rgb([r, g, b].map(|part| part.round() as u8)), 1.0),
        [r, g, b, opacity] => {
            let opacity = if inside.trim_end().ends_with('%') { opacity / 255.0 } else { opacity };
            Colour::Plain(Rgb([r, g, b].map(|part| part.round() as u8)), opacity.clamp(0.0, 1.0))
        }
        _ => Colour::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_browsers_do() {
        let white = Colour::Plain(Rgb::WHITE, 1.0);
        for text in
            ["#fff", "WHITE", "#ffffff", "rgb(255,255,255)", "rgb(255 255 255 / 1)", "rgb(100%,100%,100%)"]
        {
            assert_eq!(Colour::read(text), white, "{text}");
        }
        assert_eq!(Colour::read("rgba(0,0,0,.5)").over(Some(Rgb::WHITE)), Some(Rgb([128; 3])));
        assert_eq!(Colour::read("transparent").over(Some(Rgb::WHITE)), Some(Rgb::WHITE));
        assert_eq!(Colour::read("var(--x)"), Colour::Unknown);
    }
}
