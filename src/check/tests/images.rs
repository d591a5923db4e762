//! Rules about images: what they say, and what they point at.

use super::sheet::Sheet;
use super::*;
use crate::model::letter::Pieces;

/// An issue that shows this image, and enough words beside it.
fn showing(alt: &str, target: &str) -> Sheet {
    let written = format!("![{alt}]({target})");
    let mut sheet = Sheet::of(&format!("{}\n\n{written}\n", "A letter of some length. ".repeat(6)));
    let start = sheet.issue.source.text().find(&written).unwrap();
    let span = Some(start..start + written.len());
    sheet.rendered.links.push(Link {
        target: Pieces::literal(target),
        text: alt.to_owned(),
        span,
        is_image: true,
    });
    sheet
}

#[test]
fn kinds_that_are_not_shown_everywhere_are_named() {
    assert_eq!(showing("two boats", "https://a.example/b.svg").says(), ["img-format warning"]);
    assert_eq!(showing("two boats", "https://a.example/b.webp?w=600").says(), ["img-format warning"]);
    assert_eq!(showing("two boats", "https://a.example/b.png").says(), [""; 0]);
}

#[test]
fn an_image_without_encryption_is_no_link_without_encryption() {
    let sheet = showing("two boats", "http://a.example/b.png");
    assert_eq!(sheet.says(), ["img-http warning"]);
    let place = sheet.check().findings[0].place.clone().unwrap();
    assert_eq!(&place.source.text()[place.span], "http://a.example/b.png");
}

#[test]
fn a_letter_that_is_an_image_is_found() {
    let says = |text: &str| Sheet::of(text).says();
    assert_eq!(says("Boats:\n\n![two boats at dusk](https://a.example/b.png)\n"), ["img-ratio warning"]);
    let enough = "A letter of some length. ".repeat(5);
    assert_eq!(says(&format!("{enough}\n\n![two boats](b.png)\n")), [""; 0]);
    let many = "![a boat](b.png) ".repeat(6);
    assert_eq!(says(&format!("{enough}\n\n{many}\n")), ["img-ratio warning"]);
    assert_eq!(says(&format!("{}\n\n![船](b.png)\n", "船が港に入った".repeat(8))), [""; 0]);
}

#[test]
fn a_caption_that_says_the_same_as_the_image_is_said_twice() {
    let says =
        |image: &str| Sheet::of(&format!("{}\n\n{image}\n", "A letter of some length. ".repeat(6))).says();
    assert_eq!(says("![two boats](b.png \"Two boats\")"), ["img-alt warning"]);
    assert_eq!(says("![two boats](b.png)\n\n*Two boats.*"), ["img-alt warning"]);
    assert_eq!(says("![two boats](b.png)\n\n*The fleet of Ada Lovell.*"), [""; 0]);
    assert_eq!(says("![two boats](b.png)\n\nOther words first.\n\nTwo boats"), [""; 0]);
}

#[test]
fn nobody_needs_to_be_told_that_an_image_is_one() {
    let says = |alt: &str| {
        Sheet::of(&format!("{}\n\n![{alt}](b.png)\n", "A letter of some length. ".repeat(6))).says()
    };
    for alt in ["Photo of a boat", "Bild von einem Boot", "Une image de bateaux"] {
        assert_eq!(says(alt), ["img-alt warning"], "{alt}");
    }
    assert_eq!(says("Photographers of boats"), [""; 0]);
}
