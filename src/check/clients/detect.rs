//! Which features a page uses, by their signs.

use std::collections::{BTreeSet, HashSet};

use super::Feature;
use super::signs::{Kind, SIGNS, Sign};
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
}
