//! What tells a feature in a page. What a feature is, its title says: `display:flex`, `@media`, `<video> element`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Feature, features};

/// What tells a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Property(&'static str),
    /// A property with this value.
    Pair(&'static str, &'static str),
    Function(&'static str),
    Unit(&'static str),
    /// A word of a value.
    Word(&'static str),
    Important,
    Custom,
    /// An at-rule, and a part of what follows its name.
    At(&'static str, &'static str),
    Pseudo(&'static str),
    Selector(Kind),
    Element(&'static str),
    Attribute(&'static str),
    /// An element with this attribute and value.
    Typed(&'static str, &'static str, &'static str),
    /// `href` begins with it.
    Href(&'static str),
    /// `src` ends, or begins, with it.
    Picture(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Adjacent,
    Attribute,
    Chaining,
    Child,
    Class,
    Descendant,
    Sibling,
    Grouping,
    Id,
    Type,
    Universal,
}

pub(super) type Signs = Vec<(Sign, &'static Feature)>;

pub(super) static SIGNS: LazyLock<Table> = LazyLock::new(|| {
    let all =
        features().iter().flat_map(|feature| signs(feature).into_iter().map(move |sign| (sign, feature)));
    Table::of(all)
});

/// Signs by what they are looked up with.
#[derive(Default)]
pub(super) struct Table {
    pub(super) properties: HashMap<&'static str, Signs>,
    pub(super) values: Signs,
    pub(super) at_rules: Signs,
    pub(super) selectors: Signs,
    pub(super) elements: HashMap<&'static str, Signs>,
    pub(super) attributes: HashMap<&'static str, Signs>,
    pub(super) addresses: Signs,
}

impl Table {
    fn of(all: impl Iterator<Item = (Sign, &'static Feature)>) -> Table {
        let mut table = Table::default();
        for (sign, feature) in all {
            match sign {
                Sign::Property(name) | Sign::Pair(name, _) => table.properties.entry(name).or_default(),
                Sign::Element(name) | Sign::Typed(name, ..) => table.elements.entry(name).or_default(),
                Sign::Attribute(name) => table.attributes.entry(name).or_default(),
                Sign::At(..) => &mut table.at_rules,
                Sign::Pseudo(_) | Sign::Selector(_) => &mut table.selectors,
                Sign::Href(_) | Sign::Picture(_) => &mut table.addresses,
                Sign::Function(_) | Sign::Unit(_) | Sign::Word(_) | Sign::Important | Sign::Custom => {
                    &mut table.values
                }
            }
            .push((sign, feature));
        }
        table
    }
}

/// What tells this feature; nothing where nothing in a page does.
fn signs(feature: &'static Feature) -> Vec<Sign> {
    let special = special(feature.slug);
    match feature.slug.split('-').next() {
        _ if !special.is_empty() => special,
        Some("html") => of_html(feature.title),
        Some("css") => of_css(feature),
        _ => Vec::new(),
    }
}

/// Features whose titles are for people.
fn special(slug: &str) -> Vec<Sign> {
    use Sign::*;
    let selector = |kind| vec![Selector(kind)];
    let each =
        |make: fn(&'static str) -> Sign, names: &[&'static str]| names.iter().map(|n| make(n)).collect();
    match slug {
        "css-selector-adjacent-sibling" => selector(Kind::Adjacent),
        "css-selector-attribute" => selector(Kind::Attribute),
        "css-selector-chaining" => selector(Kind::Chaining),
        "css-selector-child" => selector(Kind::Child),
        "css-selector-class" => selector(Kind::Class),
        "css-selector-descendant" => selector(Kind::Descendant),
        "css-selector-general-sibling" => selector(Kind::Sibling),
        "css-selector-grouping" => selector(Kind::Grouping),
        "css-selector-id" => selector(Kind::Id),
        "css-selector-type" => selector(Kind::Type),
        "css-selector-universal" => selector(Kind::Universal),
        "css-pseudo-class-lang" => vec![Pseudo(":lang")],
        "css-pseudo-class-has" => vec![Pseudo(":has")],
        "css-important" => vec![Important],
        "css-variables" => vec![Function("var"), Custom],
        "css-unit-calc" => vec![Function("calc")],
        "css-unit-initial" => vec![Word("initial")],
        "css-intrinsic-size" => each(Word, &["fit-content", "min-content", "max-content"]),
        "css-sytem-ui" => {
            each(Word, &["system-ui", "ui-serif", "ui-sans-serif", "ui-rounded", "ui-monospace"])
        }
        "css-modern-color" => each(Function, &["lch", "oklch", "lab", "oklab"]),
        "css-grid-template" => each(
            Property,
            &["grid-template", "grid-template-columns", "grid-template-rows", "grid-template-areas"],
        ),
        "css-border-inline-block" => each(Property, &["border-inline", "border-block"]),
        "css-border-inline-block-longhand" => each(
            Property,
            &[
                "border-inline-color",
                "border-inline-style",
                "border-inline-width",
                "border-block-color",
                "border-block-style",
                "border-block-width",
            ],
        ),
        "css-border-inline-block-individual" => each(
            Property,
            &["border-inline-start", "border-inline-end", "border-block-start", "border-block-end"],
        ),
        "css-border-radius-logical" => each(
            Property,
            &[
                "border-start-start-radius",
                "border-start-end-radius",
                "border-end-start-radius",
                "border-end-end-radius",
            ],
        ),
        "css-column-layout-properties" => {
            each(Property, &["columns", "column-rule", "column-span", "column-width"])
        }
        "css-scroll-snap" => each(Property, &["scroll-snap-type", "scroll-snap-align"]),
        "html-h1-h6" => each(Element, &["h1", "h2", "h3", "h4", "h5", "h6"]),
        "html-lists" => each(Element, &["ul", "ol", "dl"]),
        "html-semantics" => each(
            Element,
            &[
                "article",
                "aside",
                "details",
                "figcaption",
                "figure",
                "footer",
                "header",
                "main",
                "mark",
                "nav",
                "section",
                "summary",
                "time",
            ],
        ),
        "html-image-maps" => vec![Element("map")],
        "html-meta-color-scheme" => vec![Typed("meta", "name", "color-scheme")],
        "html-anchor-links" => vec![Href("#")],
        "html-mailto-links" => vec![Href("mailto:")],
        "html-srcset" => each(Attribute, &["srcset", "sizes"]),
        "html-address" => vec![Element("address")],
        "html-svg" => vec![Element("svg")],
        "image-avif" => vec![Picture(".avif")],
        "image-base64" => vec![Picture("data:image/")],
        "image-bmp" => vec![Picture(".bmp")],
        "image-gif" => vec![Picture(".gif")],
        "image-heif" => each(Picture, &[".heif", ".heic"]),
        "image-ico" => vec![Picture(".ico")],
        "image-jpg" => each(Picture, &[".jpg", ".jpeg"]),
        "image-mp4" => vec![Picture(".mp4")],
        "image-png" => vec![Picture(".png")],
        "image-svg" => vec![Picture(".svg")],
        "image-tiff" => each(Picture, &[".tif", ".tiff"]),
        "image-webp" => vec![Picture(".webp")],
        _ => Vec::new(),
    }
}

/// `<video> element`, `<input type="radio"> element`, `role attribute`.
fn of_html(title: &'static str) -> Vec<Sign> {
    if let Some(name) = title.strip_suffix(" attribute") {
        return vec![Sign::Attribute(name)];
    }
    let Some(tag) = title.strip_prefix('<').and_then(|rest| rest.split('>').next()) else {
        return Vec::new();
    };
    let Some((name, attribute)) = tag.split_once(' ') else { return vec![Sign::Element(tag)] };
    let typed = attribute.split_once("=\"").map(|(key, value)| (key, value.trim_end_matches('"')));
    typed.map(|(key, value)| Sign::Typed(name, key, value)).into_iter().collect()
}

/// `display:flex`, `@media (hover), @media (any-hover)`, `rem unit`, `min()`, `gap, column-gap, row-gap`.
fn of_css(feature: &'static Feature) -> Vec<Sign> {
    feature.title.split([',', '&']).filter_map(|part| of_css_part(part.trim())).collect()
}

fn of_css_part(part: &'static str) -> Option<Sign> {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    if let Some(at) = part.strip_prefix('@') {
        let (name, rest) = at.split_once(' ').unwrap_or((at, ""));
        return Some(Sign::At(name, rest.trim_matches(['(', ')'])));
    }
    if part.starts_with(':') {
        return Some(Sign::Pseudo(part.trim_end_matches("()")));
    }
    if let Some(name) = part.strip_suffix("()") {
        return is_name(name).then_some(Sign::Function(name));
    }
    if let Some(unit) = part.strip_suffix(" unit") {
        return Some(Sign::Unit(unit));
    }
    if let Some((name, value)) = part.split_once(':') {
        return Some(Sign::Pair(name, value.trim()));
    }
    let name = part.split(' ').next().filter(|name| is_name(name))?;
    Some(Sign::Property(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_every_feature_can_be_told() {
        let without: Vec<&str> = features()
            .iter()
            .filter(|feature| signs(feature).is_empty())
            .map(|feature| feature.slug)
            .collect();
        assert_eq!(without, ["css-nesting", "image-apng", "image-hdr"]);
    }
}
