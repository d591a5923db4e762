//! What is lost where a feature is not supported, and whether it matters.

/// What happens in a client that does not support a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// A letter is as good without: corners are square, nothing moves.
    Looks,
    /// Another rule looks at it more closely.
    Rule(&'static str),
    /// Something is in the wrong place, has the wrong size, or is not seen.
    Matters(&'static str),
}

/// Features by the rule that looks at them.
const RULES: [(&str, &str); 12] = [
    (
        "css-flex",
        "css-display-flex css-display-grid css-flex-direction css-flex-wrap css-align-items css-justify-content \
         css-gap css-grid-template",
    ),
    ("css-position", "css-position css-left-right-top-bottom css-inset"),
    ("css-float", "css-float"),
    ("css-var", "css-variables"),
    ("css-rgba", "css-rgba css-rgb"),
    ("css-important-inline", "css-important"),
    ("font-web", "css-at-font-face css-at-import html-link"),
    (
        "outlook-background",
        "css-background-image css-linear-gradient css-radial-gradient css-conic-gradient html-background",
    ),
    ("outlook-padding", "css-padding"),
    ("outlook-max-width", "css-max-width"),
    ("html-forbidden", "html-form html-object html-video html-audio"),
    (
        "img-format",
        "image-apng image-avif image-base64 image-bmp image-gif image-hdr image-heif image-ico image-jpg image-mp4 \
         image-png image-svg image-tiff image-webp",
    ),
];

/// What happens without the feature, where that matters.
const LOSSES: [(&str, &str); 14] = [
    (
        "the declaration is dropped there",
        "css-unit-calc css-function-min css-function-max css-function-clamp css-unit-rem css-unit-vw css-unit-vh \
         css-unit-vmin css-unit-vmax css-unit-ch css-unit-ex css-intrinsic-size css-block-inline-size \
         css-inline-size css-min-inline-size css-max-inline-size",
    ),
    ("the colour is dropped there", "css-modern-color css-function-light-dark"),
    (
        "the space is lost there",
        "css-margin-inline-block css-margin-inline-start-end css-margin-block-start-end css-padding-inline-block \
         css-padding-inline-start-end css-padding-block-start-end",
    ),
    (
        "the border is lost there",
        "css-border-inline-block css-border-inline-block-longhand css-border-inline-block-individual",
    ),
    ("the picture is stretched there", "css-object-fit css-aspect-ratio"),
    ("it stands there as it would without", "css-transform"),
    ("the lines run as they always do there", "css-writing-mode css-text-orientation"),
    ("what should be hidden is seen there", "css-visibility html-hidden"),
    ("the columns are one there", "css-column-count css-column-layout-properties"),
    ("nothing is shown there", "html-svg html-dialog html-popover html-meter html-progress"),
    ("the areas of the picture lead nowhere there", "html-image-maps"),
    ("addresses that lean on it lead nowhere there", "html-base"),
    (
        "it cannot be filled in there",
        "html-select html-textarea html-input-text html-input-checkbox html-input-radio",
    ),
    ("it cannot be pressed there", "html-button-submit html-button-reset html-input-submit html-input-reset"),
];

/// What is lost with the feature of this slug.
pub fn loss(slug: &str) -> Loss {
    let of = |slugs: &str| slugs.split(' ').any(|known| known == slug);
    let rule = RULES.iter().find(|(_, slugs)| of(slugs)).map(|(rule, _)| Loss::Rule(rule));
    let words = || LOSSES.iter().find(|(_, slugs)| of(slugs)).map(|(words, _)| Loss::Matters(words));
    rule.or_else(words).unwrap_or(Loss::Looks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::clients::features;

    #[test]
    fn what_is_weighed_is_a_feature_and_weighed_once() {
        let slugs = RULES.iter().chain(&LOSSES).flat_map(|(_, slugs)| slugs.split(' '));
        let mut slugs: Vec<&str> = slugs.collect();
        for slug in &slugs {
            assert!(features().iter().any(|feature| feature.slug == *slug), "{slug} is no feature");
        }
        let all = slugs.len();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), all);
        assert_eq!(loss("css-border-radius"), Loss::Looks);
        assert_eq!(loss("css-unit-calc"), Loss::Matters("the declaration is dropped there"));
        assert_eq!(loss("css-float"), Loss::Rule("css-float"));
    }
}
