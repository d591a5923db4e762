//! Which features a page uses. What a feature is, its title says: `display:flex`, `@media`, `<video> element`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use super::{Feature, features};
use crate::check::markup::css::{Declaration, Sheet, StyleRule};
use crate::check::markup::{Element, Markup};

/// A feature that a page uses, where, and how it is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub feature: &'static Feature,
    pub place: Where,
    /// `display:flex`, `<video>`.
    pub written: String,
    /// Whether something before it says the same for clients that do not know it.
    pub has_fallback: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Where {
    /// In a `style` attribute.
    Inline,
    /// In a style sheet, which clients may drop.
    Sheet,
    /// In a style sheet, within an at-rule.
    Query,
    /// An element or an attribute of HTML.
    Markup,
}

/// What tells a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
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
enum Kind {
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

type Signs = Vec<(Sign, &'static Feature)>;

static SIGNS: LazyLock<Table> = LazyLock::new(|| {
    let all =
        features().iter().flat_map(|feature| signs(feature).into_iter().map(move |sign| (sign, feature)));
    Table::of(all)
});

/// Signs by what they are looked up with.
#[derive(Default)]
struct Table {
    properties: HashMap<&'static str, Signs>,
    values: Signs,
    at_rules: Signs,
    selectors: Signs,
    elements: HashMap<&'static str, Signs>,
    attributes: HashMap<&'static str, Signs>,
    addresses: Signs,
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

/// Every feature that the page uses, each once for each place and way of writing it.
pub fn uses(markup: &Markup) -> Vec<Use> {
    let mut found = Found::default();
    let mut styles: HashSet<&str> = HashSet::new();
    for element in &markup.elements {
        found.element(element);
        // A letter says the same of many elements.
        if styles.insert(element.attribute("style").unwrap_or_default()) {
            found.declarations(&element.style, Where::Inline);
        }
    }
    markup.sheets.iter().for_each(|sheet| found.sheet(sheet));
    found.uses
}

#[derive(Default)]
struct Found {
    seen: BTreeSet<(&'static str, Where, String, bool)>,
    uses: Vec<Use>,
}

impl Found {
    fn add(&mut self, feature: &'static Feature, place: Where, written: &str, has_fallback: bool) {
        if self.seen.insert((feature.slug, place, written.to_owned(), has_fallback)) {
            self.uses.push(Use { feature, place, written: written.to_owned(), has_fallback });
        }
    }

    fn element(&mut self, element: &Element) {
        let written = format!("<{}>", element.name);
        for (sign, feature) in SIGNS.elements.get(element.name.as_str()).into_iter().flatten() {
            let is_meant = match sign {
                Sign::Typed(_, key, value) => {
                    element.attribute(key).is_some_and(|said| said.eq_ignore_ascii_case(value))
                }
                _ => true,
            };
            if is_meant {
                self.add(feature, Where::Markup, &written, false);
            }
        }
        for (name, value) in &element.attributes {
            for (_, feature) in SIGNS.attributes.get(name.as_str()).into_iter().flatten() {
                self.add(feature, Where::Markup, name, false);
            }
            self.address(element, name, value);
        }
    }

    fn address(&mut self, element: &Element, name: &str, value: &str) {
        let path = value.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        for (sign, feature) in &SIGNS.addresses {
            let is_meant = match sign {
                Sign::Href(start) => {
                    (element.name.as_str(), name) == ("a", "href") && value.starts_with(start)
                }
                Sign::Picture("data:image/") => name == "src" && value.starts_with("data:image/"),
                Sign::Picture(end) => element.name == "img" && name == "src" && path.ends_with(end),
                _ => false,
            };
            if is_meant {
                let written: String = value.chars().take(60).collect();
                self.add(feature, Where::Markup, &written, false);
            }
        }
    }

    fn sheet(&mut self, sheet: &Sheet) {
        for at in &sheet.at_rules {
            for (sign, feature) in &SIGNS.at_rules {
                let Sign::At(name, part) = sign else { continue };
                if *name == at.name && at.prelude.contains(part) {
                    self.add(feature, Where::Sheet, &format!("@{} {}", at.name, at.prelude), false);
                }
            }
        }
        sheet.rules.iter().for_each(|rule| self.rule(rule));
    }

    fn rule(&mut self, rule: &StyleRule) {
        let place = if rule.around.is_empty() { Where::Sheet } else { Where::Query };
        self.declarations(&rule.declarations, place);
        for (sign, feature) in &SIGNS.selectors {
            let is_meant = match sign {
                Sign::Pseudo(name) => has_pseudo(&rule.selectors, name),
                Sign::Selector(kind) => selects_by(&rule.selectors, *kind),
                _ => false,
            };
            if is_meant {
                self.add(feature, place, &rule.selectors, false);
            }
        }
    }

    fn declarations(&mut self, declarations: &[Declaration], place: Where) {
        for (index, each) in declarations.iter().enumerate() {
            let has_fallback = declarations[..index].iter().any(|before| before.name == each.name);
            for (sign, feature) in SIGNS.properties.get(each.name.as_str()).into_iter().flatten() {
                let is_meant = match sign {
                    Sign::Pair(_, value) => each.value.split_whitespace().any(|word| word == *value),
                    _ => true,
                };
                if is_meant {
                    self.add(feature, place, &each.written, has_fallback);
                }
            }
            for (sign, feature) in &SIGNS.values {
                if is_in(sign, each) {
                    self.add(feature, place, &each.written, has_fallback);
                }
            }
        }
    }
}

fn is_in(sign: &Sign, declaration: &Declaration) -> bool {
    let value = declaration.value.as_str();
    match sign {
        Sign::Function(name) => calls(value, name),
        Sign::Unit(unit) => measures(value, unit),
        Sign::Word(word) => {
            value.split([' ', ',']).any(|part| part.trim_matches(['\'', '"']).eq_ignore_ascii_case(word))
        }
        Sign::Important => declaration.is_important,
        Sign::Custom => declaration.name.starts_with("--"),
        _ => false,
    }
}

/// Whether `name(` is in it, and no longer name that ends so.
fn calls(value: &str, name: &str) -> bool {
    value.match_indices(name).any(|(at, _)| {
        let is_whole = !value[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        is_whole && value[at + name.len()..].starts_with('(')
    })
}

/// Whether a number of this unit is in it, outside of addresses.
fn measures(value: &str, unit: &str) -> bool {
    let value = value.split("url(").next().unwrap_or_default();
    value.match_indices(unit).any(|(at, _)| {
        let ends = !value[at + unit.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
        let word = value[..at].rsplit([' ', ',', '(']).next().unwrap_or_default();
        ends && !word.is_empty() && word.trim_start_matches(['-', '+']).parse::<f64>().is_ok()
    })
}

fn has_pseudo(selectors: &str, name: &str) -> bool {
    selectors.match_indices(name).any(|(at, _)| {
        let is_whole =
            !selectors[at + name.len()..].starts_with(|c: char| c.is_ascii_lowercase() || c == '-');
        is_whole && !selectors[..at].ends_with(':')
    })
}

/// Whether one of the selectors of a rule has a part of this kind.
fn selects_by(selectors: &str, kind: Kind) -> bool {
    if kind == Kind::Grouping {
        return selectors.contains(',');
    }
    selectors.split(',').map(str::trim).any(|selector| {
        let bare = without_brackets(selector);
        let parts: Vec<&str> = bare.split([' ', '>', '+', '~']).filter(|part| !part.is_empty()).collect();
        let joined = |mark: char| bare.contains(mark);
        match kind {
            Kind::Adjacent => joined('+'),
            Kind::Child => joined('>'),
            Kind::Sibling => joined('~'),
            Kind::Descendant => parts.len() > bare.matches(['>', '+', '~']).count() + 1,
            Kind::Attribute => selector.contains('['),
            Kind::Class => joined('.'),
            Kind::Id => joined('#'),
            Kind::Universal => joined('*'),
            Kind::Chaining => parts.iter().any(|part| part.matches('.').count() > 1),
            Kind::Type => parts.iter().any(|part| part.starts_with(|c: char| c.is_ascii_alphabetic())),
            Kind::Grouping => false,
        }
    })
}

/// A selector without what stands in `[…]` and `(…)`, and with single blanks.
fn without_brackets(selector: &str) -> String {
    let (mut out, mut depth) = (String::new(), 0usize);
    for c in selector.chars() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    fn found(html: &str) -> Vec<(&'static str, Where)> {
        let uses = uses(&Markup::of(&Html::parse_document(html)));
        uses.iter().map(|found| (found.feature.slug, found.place)).collect()
    }

    #[test]
    fn features_are_found_where_they_stand() {
        let found = found(
            "<style>@media (prefers-color-scheme:dark){a.b.c>b:hover{color:red}}</style>\
             <body><p style='display:flex;width:calc(1rem + 2px);color:rgba(0,0,0,.5)!important'>\
             <video></video><input type=radio><img src='a.WEBP?x=1'><a href='#x'>x</a>",
        );
        for expected in [
            ("css-at-media", Where::Sheet),
            ("css-at-media-prefers-color-scheme", Where::Sheet),
            ("css-selector-chaining", Where::Query),
            ("css-selector-child", Where::Query),
            ("css-pseudo-class-hover", Where::Query),
            ("css-display-flex", Where::Inline),
            ("css-unit-calc", Where::Inline),
            ("css-unit-rem", Where::Inline),
            ("css-rgba", Where::Inline),
            ("css-important", Where::Inline),
            ("html-video", Where::Markup),
            ("html-input-radio", Where::Markup),
            ("html-anchor-links", Where::Markup),
            ("image-webp", Where::Markup),
        ] {
            assert!(found.contains(&expected), "{expected:?} is not in {found:?}");
        }
        for never in ["css-unit-em", "css-rgb", "html-audio", "html-input-text", "css-selector-descendant"] {
            assert!(!found.iter().any(|(slug, _)| *slug == never), "{never} is in {found:?}");
        }
    }

    #[test]
    fn a_declaration_that_was_made_before_stands_in_for_one_that_is_not_known() {
        let markup = Markup::of(&Html::parse_document("<p style='width:90%;width:calc(100% - 1px)'>"));
        let uses = uses(&markup);
        assert!(uses.iter().find(|found| found.feature.slug == "css-unit-calc").unwrap().has_fallback);
    }

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
