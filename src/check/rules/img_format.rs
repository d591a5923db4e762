//! An image that many mail programs cannot show.

use crate::check::{About, Draft, Rule};
use crate::links::target;
use crate::model::finding::Finding;

pub struct ImgFormat;

const ABOUT: About = About {
    id: "img-format",
    what: "an image of the web is SVG, WebP, AVIF or another kind that mail programs do not show, or is written into the HTML",
    why: "Outlook shows neither WebP nor AVIF, Gmail neither SVG nor images in `data:`, and readers see an empty frame.",
    source: "caniemail image-svg, image-webp, image-avif, image-base64",
    fix: "use PNG, JPEG or GIF; a file of the workspace travels in the letter by itself",
};

impl Rule for ImgFormat {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        for image in draft.links.iter().filter(|link| link.link.is_image) {
            let written = target::words(&image.link.target);
            if let Some(kind) = odd_kind(&written) {
                let message = format!("the image is {kind}, which not all mail programs show");
                found.push(super::at(
                    Finding::warning(self.id(), message).help(ABOUT.fix),
                    draft.place_of(image.link),
                ));
            }
        }
    }
}

/// What the address says of the kind, if it is one that is not shown everywhere.
fn odd_kind(written: &str) -> Option<String> {
    if written.trim_start().starts_with("data:") {
        return Some("written into the HTML".to_owned());
    }
    let is_of_the_web = written.starts_with("http://") || written.starts_with("https://");
    let path = written.split(['?', '#']).next().unwrap_or_default();
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    let is_odd = matches!(
        ending.as_str(),
        "svg" | "svgz" | "webp" | "avif" | "heic" | "heif" | "jxl" | "tif" | "tiff" | "bmp"
    );
    (is_of_the_web && is_odd).then(|| ending.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_the_end_of_the_path() {
        assert_eq!(odd_kind("https://a.example/b.WebP?w=3").as_deref(), Some("WEBP"));
        assert_eq!(odd_kind("data:image/png;base64,AAAA").as_deref(), Some("written into the HTML"));
        for fine in ["https://a.example/b.png", "https://a.svg/b", "https://a.example/?f=x.svg", "boats.webp"]
        {
            assert_eq!(odd_kind(fine), None, "{fine}");
        }
    }
}
