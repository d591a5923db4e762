//! Pictures for those who do not see them.

use crate::check::prose::{Passage, Picture, same_letters};
use crate::check::words::find;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct ImgAlt;

const ABOUT: About = About {
    id: "img-alt",
    what: "an image has no text in its place, or one that says nothing",
    why: "Many readers see no images, by choice or by nature; most mail clients block them at first.",
    source: "WCAG 1.1.1; Email Markup Consortium report 2026",
    fix: "say in a few words what the picture shows: `![two boats at dusk](boats.jpg)`",
};

/// How pictures are called that need not be called anything, in lower case.
const CALLED: &[&str] = &[
    "image of",
    "picture of",
    "photo of",
    "photograph of",
    "graphic of",
    "an image of",
    "a picture of",
    "a photo of",
    "bild von",
    "bild der",
    "bild des",
    "foto von",
    "ein bild von",
    "ein foto von",
    "image de",
    "photo de",
    "image d'un",
    "une image de",
    "une photo de",
    "imagen de",
    "foto de",
    "una imagen de",
    "una foto de",
    "immagine di",
    "foto di",
    "imagem de",
    "uma imagem de",
    "uma foto de",
    "afbeelding van",
    "foto van",
    "bild på",
    "billede af",
    "bilde av",
    "zdjęcie przedstawiające",
    "изображение",
    "фотография",
];

impl Rule for ImgAlt {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let source = &draft.facts.issue.source;
        for picture in &draft.prose.images {
            let place = || source.at(picture.span.clone());
            if picture.is_linked && picture.alt.trim().is_empty() {
                let message = "the image is a link, and no text in its place says where it leads";
                found.push(Finding::error(self.id(), message).at(place()).help(ABOUT.fix));
            } else if let Some(message) = trouble(&picture.src, &picture.alt) {
                found.push(Finding::warning(self.id(), message).at(place()).help(ABOUT.fix));
            } else if is_caption_again(draft, picture) {
                let message =
                    "the text in place of the image is its caption again: screen readers say it twice";
                found.push(Finding::warning(self.id(), message).at(place()).help(CAPTION));
            }
        }
        for image in draft.page.images.iter().filter(|image| image.alt.is_none()) {
            let message = format!("the image {} has no `alt`", image.src);
            found.push(
                Finding::error(self.id(), message).help("add `alt`; leave it empty only for decoration"),
            );
        }
    }
}

const CAPTION: &str = "let the text say what is seen, and the caption what it means";

/// Whether the title or the paragraph below says the same.
fn is_caption_again(draft: &Draft<'_>, picture: &Picture) -> bool {
    let text = draft.facts.issue.source.text();
    let is_below = |passage: &&Passage| {
        let between = text.get(picture.span.end..passage.start);
        between.is_some_and(|between| between.chars().all(|c| c.is_whitespace() || "*_".contains(c)))
    };
    let below = draft.prose.passages.iter().find(is_below).map(Passage::seen);
    [Some(picture.title.clone()), below].into_iter().flatten().any(|words| same_letters(&words, &picture.alt))
}

fn trouble(src: &str, alt: &str) -> Option<String> {
    let alt = alt.trim();
    let lower = alt.to_lowercase();
    let file = src.rsplit('/').next().unwrap_or(src).to_lowercase();
    let says_image = CALLED.iter().any(|words| find(&lower, words).is_some_and(|span| span.start == 0));
    match () {
        () if alt.is_empty() => Some("the image has no text in its place".to_owned()),
        () if is_name_of(&lower, &file) => Some("the text in place of the image is its file name".to_owned()),
        () if alt.chars().count() > 125 => {
            Some("the text in place of the image has more than 125 characters".to_owned())
        }
        () if says_image => Some("the text in place of the image need not say that it is one".to_owned()),
        () => None,
    }
}

/// `boat` may well be the words for `boat.jpg`; `img_0042` is nobody's.
fn is_name_of(alt: &str, file: &str) -> bool {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let is_code = |c: char| c.is_ascii_digit() || matches!(c, '_' | '-' | '@');
    alt == file || (alt == stem && stem.contains(is_code))
}
