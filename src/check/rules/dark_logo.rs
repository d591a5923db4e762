//! Pictures that disappear, or stand in a white box, in dark mode.

use image::{ImageReader, RgbaImage};
use std::io::Cursor;
use std::path::Path;

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::model::letter::Attachment;

pub struct DarkLogo;

const ABOUT: About = About {
    id: "dark-logo",
    what: "a picture with a transparent ground is dark all over, or the logo stands on white",
    why: "In dark mode a dark drawing on nothing is not seen, and a white ground is a glaring box.",
    source: "practice of mail clients: pictures are not turned around",
    fix: "give dark strokes a light outline, and the logo a transparent ground",
};

impl Rule for DarkLogo {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let logo = Path::new(&draft.facts.rendered.theme.logo).file_stem();
        for file in &draft.facts.rendered.images {
            let is_logo = logo.is_some() && Path::new(&file.file_name).file_stem() == logo;
            let Some(picture) = pixels(file, is_logo) else { continue };
            let name = &file.file_name;
            let message = match (is_dark_on_nothing(&picture), is_logo && is_on_white(&picture)) {
                (true, _) => format!("`{name}` is dark on a transparent ground: in dark mode nobody sees it"),
                (false, true) => format!("the logo `{name}` stands on white: a glaring box in dark mode"),
                (false, false) => continue,
            };
            found.push(Finding::info(self.id(), message).help(ABOUT.fix));
        }
    }
}

/// Of so many pixels it is a picture and no drawing.
const MOST: u64 = 4_000_000;

/// Only where it can matter: of a PNG, or of the logo.
fn pixels(file: &Attachment, is_logo: bool) -> Option<RgbaImage> {
    if !is_logo && file.content_type != "image/png" {
        return None;
    }
    let reader = || ImageReader::new(Cursor::new(&file.bytes)).with_guessed_format().ok();
    let (width, height) = reader()?.into_dimensions().ok()?;
    if u64::from(width) * u64::from(height) > MOST {
        return None;
    }
    reader()?.decode().ok().map(image::DynamicImage::into_rgba8)
}

/// A tenth of it is clear, and of what is not, nearly all is dark.
fn is_dark_on_nothing(picture: &RgbaImage) -> bool {
    let (mut clear, mut dark, mut seen) = (0u64, 0u64, 0u64);
    for pixel in picture.pixels() {
        match pixel.0 {
            [.., alpha] if alpha < 32 => clear += 1,
            [.., alpha] if alpha < 200 => {}
            [red, green, blue, _] => {
                seen += 1;
                dark += u64::from(brightness(red, green, blue) < 70);
            }
        }
    }
    clear * 10 > clear + seen && seen > 0 && dark * 100 > seen * 95
}

/// Every pixel of its edge is opaque and white, or nearly so.
fn is_on_white(picture: &RgbaImage) -> bool {
    let (width, height) = picture.dimensions();
    let is_edge = |x, y| x == 0 || y == 0 || x + 1 == width || y + 1 == height;
    let mut edge = picture.enumerate_pixels().filter(|(x, y, _)| is_edge(*x, *y));
    edge.all(|(_, _, pixel)| {
        let [red, green, blue, alpha] = pixel.0;
        alpha > 250 && brightness(red, green, blue) > 245
    })
}

/// 0 to 255.
fn brightness(red: u8, green: u8, blue: u8) -> u32 {
    (u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    /// A square of `ground` with a bar of `ink` in it.
    fn drawing(ground: [u8; 4], ink: [u8; 4]) -> RgbaImage {
        RgbaImage::from_fn(20, 20, |x, y| Rgba(if x > 4 && y > 4 && x < 15 && y < 15 { ink } else { ground }))
    }

    #[test]
    fn dark_logo_looks_at_the_pixels() {
        let (clear, black, white, red) = ([0; 4], [0, 0, 0, 255], [255; 4], [220, 40, 40, 255]);
        assert!(is_dark_on_nothing(&drawing(clear, black)));
        assert!(!is_dark_on_nothing(&drawing(clear, red)));
        assert!(!is_dark_on_nothing(&drawing(white, black)));
        assert!(is_on_white(&drawing(white, black)));
        assert!(!is_on_white(&drawing(clear, black)));
        assert!(!is_on_white(&drawing(red, white)));
    }
}
