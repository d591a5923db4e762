//! More images than words.

use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct ImgRatio;

const ABOUT: About = About {
    id: "img-ratio",
    what: "the letter is an image with hardly any words, or has very few words for its images",
    why: "Who sees no images sees nothing, and filters know letters that hide their words in a picture.",
    source: "SpamAssassin HTML_IMAGE_ONLY_04 to _32, HTML_IMAGE_RATIO_02",
    fix: "write what matters in words, and let the images show it",
};

/// Fewer words than that beside an image are none.
const FEWEST: usize = 25;
/// Words for each image, where there are several.
const FOR_EACH: usize = 12;

impl Rule for ImgRatio {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let mut images =
            draft.links.iter().filter(|link| link.link.is_image && link.link.span.is_some()).peekable();
        let first = images.peek().and_then(|image| draft.place_of(image.link)).or_else(|| {
            let own = draft.prose.images.first()?;
            Some(draft.facts.issue.source.at(own.span.clone()))
        });
        let images = images.count().max(draft.prose.images.len());
        let words = words(draft);
        let message = match images {
            0 => return,
            1 if words < FEWEST => format!("the letter is an image with {words} words"),
            2.. if words < FEWEST.max(images * FOR_EACH) => {
                format!("the letter has {words} words for {images} images")
            }
            _ => return,
        };
        found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), first));
    }
}

/// Words, or two letters each where a script writes no spaces.
fn words(draft: &Draft<'_>) -> usize {
    let passages = draft.prose.passages.iter();
    let length = |word: &str| match word.chars().next() {
        Some('\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}') => {
            word.chars().count().div_ceil(2)
        }
        _ => 1,
    };
    passages.flat_map(|passage| passage.words().map(|word| length(word.text)).collect::<Vec<_>>()).sum()
}
