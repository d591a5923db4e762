//! How text comes out: its colour, its ground, its size, and whether it is seen at all. A cascade of what rules about
//! legibility ask for, for a wide screen.

use std::collections::HashMap;

use scraper::{ElementRef, Selector};

use super::css::{Declaration, Sheet, StyleRule};
use super::{Colour, Element, Rgb};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Light,
    Dark,
}

/// What is seen of an element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paint {
    /// Of its text; `None` where that cannot be told.
    pub text: Option<Rgb>,
    /// What is behind its text; `None` where that cannot be told, as with a picture.
    pub ground: Option<Rgb>,
    /// The height of its letters in CSS pixels.
    pub size: f64,
    pub is_bold: bool,
    pub is_hidden: bool,
}

/// The properties that count.
const PROPERTIES: [&str; 11] = [
    "color",
    "background-color",
    "background-image",
    "font-size",
    "font-weight",
    "display",
    "visibility",
    "opacity",
    "max-height",
    "mso-hide",
    "font",
];
const COLOR: usize = 0;
const GROUND: usize = 1;
const PICTURE: usize = 2;
const SIZE: usize = 3;
const WEIGHT: usize = 4;
const DISPLAY: usize = 5;

/// Important, of a `style` attribute, specificity, order: the greatest wins.
type Rank = (bool, bool, u32, usize);
type Won<'a> = [Option<(Rank, &'a str)>; PROPERTIES.len()];

/// One paint for each element.
pub fn paint(elements: &[Element], sheets: &[Sheet], nodes: &[ElementRef<'_>], mode: Mode) -> Vec<Paint> {
    let mut won: Vec<Won<'_>> = vec![[None; PROPERTIES.len()]; elements.len()];
    for (element, won) in elements.iter().zip(&mut won) {
        by_attributes(element, won);
        let rank = |each: &Declaration| (each.is_important, true, 0, 0);
        element.style.iter().for_each(|each| take(won, each, rank(each)));
    }
    by_sheets(sheets, nodes, mode, &mut won);
    let mut paints: Vec<Paint> = Vec::with_capacity(elements.len());
    for (element, won) in elements.iter().zip(&won) {
        let parent = element.parent.map_or(canvas(mode), |parent| paints[parent]);
        paints.push(painted(element, won, parent, mode));
    }
    paints
}

/// What a page begins with that sets nothing.
fn canvas(mode: Mode) -> Paint {
    let (text, ground) = match mode {
        Mode::Light => (Rgb::BLACK, Rgb::WHITE),
        Mode::Dark => (Rgb::WHITE, Rgb::BLACK),
    };
    Paint { text: Some(text), ground: Some(ground), size: 16.0, is_bold: false, is_hidden: false }
}

fn by_attributes<'a>(element: &'a Element, won: &mut Won<'a>) {
    let mut set = |attribute, property: usize| {
        won[property] = element.attribute(attribute).map(|value| ((false, false, 0, 0), value));
    };
    set("bgcolor", GROUND);
    set("background", PICTURE);
    if element.name == "font" {
        set("color", COLOR);
    }
}

/// The declarations of every rule that holds in this mode, at the elements that it selects.
fn by_sheets<'a>(sheets: &'a [Sheet], nodes: &[ElementRef<'_>], mode: Mode, won: &mut [Won<'a>]) {
    let index = Index::of(nodes);
    let rules = sheets.iter().flat_map(|sheet| &sheet.rules).filter(|rule| holds(rule, mode));
    for (order, rule) in rules.filter(|rule| rule.declarations.iter().any(is_asked)).enumerate() {
        for text in rule.selectors.split(',').map(str::trim).filter(|text| is_static(text)) {
            let Ok(selector) = Selector::parse(text) else { continue };
            let specificity = specificity(text);
            let places = index.candidates(text).filter(|place| selector.matches(&nodes[*place]));
            for place in places {
                for each in &rule.declarations {
                    take(&mut won[place], each, (each.is_important, false, specificity, order));
                }
            }
        }
    }
}

fn is_asked(declaration: &Declaration) -> bool {
    declaration.name == "background" || PROPERTIES.contains(&declaration.name.as_str())
}

/// Whether a rule counts on a wide screen in this mode.
fn holds(rule: &StyleRule, mode: Mode) -> bool {
    rule.around.iter().all(|around| {
        let around = around.to_ascii_lowercase();
        let is_dark = around.starts_with("media") && around.contains("prefers-color-scheme");
        is_dark && mode == Mode::Dark && around.contains("dark") && !around.contains("width")
    })
}

/// Marks of Outlook.com, and states that a page is not in.
fn is_static(selector: &str) -> bool {
    !["data-ogs", ":hover", ":active", ":focus", ":visited", "::"].iter().any(|part| selector.contains(part))
}

fn specificity(selector: &str) -> u32 {
    let count = |marks: &[char]| selector.chars().filter(|c| marks.contains(c)).count() as u32;
    let names = selector
        .split([' ', '>', '+', '~'])
        .filter(|part| part.starts_with(|c: char| c.is_ascii_alphabetic()))
        .count() as u32;
    count(&['#']) * 10_000 + count(&['.', '[', ':']) * 100 + names
}

/// Elements by their classes and names, so that a selector is not tried on all of them.
struct Index<'a> {
    classes: HashMap<&'a str, Vec<usize>>,
    names: HashMap<&'a str, Vec<usize>>,
    all: usize,
}

impl<'a> Index<'a> {
    fn of(nodes: &[ElementRef<'a>]) -> Index<'a> {
        let mut index = Index { classes: HashMap::new(), names: HashMap::new(), all: nodes.len() };
        for (place, node) in nodes.iter().enumerate() {
            index.names.entry(node.value().name()).or_default().push(place);
            let classes = node.attr("class").unwrap_or_default().split_ascii_whitespace();
            classes.for_each(|class| index.classes.entry(class).or_default().push(place));
        }
        index
    }

    /// Where `selector` may lead: what its last part names.
    fn candidates(&self, selector: &str) -> Box<dyn Iterator<Item = usize> + '_> {
        let last = selector.rsplit([' ', '>', '+', '~']).next().unwrap_or_default();
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let word = |text: &str| text.split(|c| !is_word(c)).next().unwrap_or_default().to_owned();
        let (name, class) = (word(last), last.split_once('.').map(|(_, rest)| word(rest)));
        let found = match (class, name.as_str()) {
            _ if last.contains([')', ']', ':']) => None,
            (Some(class), _) => Some(self.classes.get(class.as_str())),
            (None, "") => None,
            (None, name) => Some(self.names.get(name)),
        };
        match found {
            Some(places) => Box::new(places.into_iter().flatten().copied()),
            None => Box::new(0..self.all),
        }
    }
}

fn take<'a>(won: &mut Won<'a>, declaration: &'a Declaration, rank: Rank) {
    let mut set = |property: usize, value: &'a str| {
        if won[property].is_none_or(|(best, _)| best <= rank) {
            won[property] = Some((rank, value));
        }
    };
    let value = declaration.value.as_str();
    match declaration.name.as_str() {
        "background" => {
            let is_picture = value.contains("url(") || value.contains("gradient(");
            set(PICTURE, if is_picture { value } else { "none" });
            set(GROUND, ground_of(value).unwrap_or("transparent"));
        }
        name => {
            if let Some(property) = PROPERTIES.iter().position(|known| *known == name) {
                set(property, value);
            }
        }
    }
}

/// The colour within a `background`.
fn ground_of(value: &str) -> Option<&str> {
    if let Some(start) = ["rgb(", "rgba(", "var("].iter().find_map(|name| value.find(name)) {
        let length = value[start..].find(')')? + 1;
        return Some(&value[start..start + length]);
    }
    let words = value.split_whitespace().filter(|word| !word.contains('('));
    words.into_iter().find(|word| Colour::read(word) != Colour::Unknown)
}

fn painted(element: &Element, won: &Won<'_>, parent: Paint, mode: Mode) -> Paint {
    let said = |property: usize| won[property].map(|(_, value)| value.trim());
    let ground = match (said(GROUND), said(PICTURE)) {
        (_, Some(picture)) if picture != "none" => None,
        (Some(colour), _) => Colour::read(colour).over(parent.ground),
        (None, _) => parent.ground,
    };
    let text = match said(COLOR) {
        Some("inherit") => parent.text,
        Some(colour) => Colour::read(colour).over(ground),
        None if element.name == "a" && element.attribute("href").is_some() => Some(link(mode)),
        None => parent.text,
    };
    let size =
        said(SIZE).map_or_else(|| usual_size(&element.name, parent.size), |size| pixels(size, parent.size));
    Paint { text, ground, size, is_bold: is_bold(element, won, parent), is_hidden: is_hidden(won, parent) }
}

/// Of links that nobody coloured.
fn link(mode: Mode) -> Rgb {
    match mode {
        Mode::Light => Rgb([0, 0, 238]),
        Mode::Dark => Rgb([158, 158, 255]),
    }
}

fn is_bold(element: &Element, won: &Won<'_>, parent: Paint) -> bool {
    match won[WEIGHT].map(|(_, value)| value.trim()) {
        Some(value) => {
            matches!(value, "bold" | "bolder") || value.parse::<u32>().is_ok_and(|weight| weight >= 700)
        }
        None => {
            parent.is_bold
                || matches!(
                    element.name.as_str(),
                    "b" | "strong" | "th" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
                )
        }
    }
}

fn is_hidden(won: &Won<'_>, parent: Paint) -> bool {
    let says = |property: usize, value: &str| won[property].is_some_and(|(_, said)| said.trim() == value);
    let hidden = [(DISPLAY, "none"), (DISPLAY + 1, "hidden"), (DISPLAY + 2, "0"), (DISPLAY + 4, "all")];
    let flat = ["0", "0px"].iter().any(|zero| says(DISPLAY + 3, zero));
    parent.is_hidden || flat || hidden.iter().any(|(property, value)| says(*property, value))
}

/// A length in CSS pixels, where `around` is the size of the text around; that size itself where it cannot be told.
pub fn pixels(length: &str, around: f64) -> f64 {
    let number = |unit: &str| length.strip_suffix(unit).and_then(|rest| rest.trim().parse::<f64>().ok());
    let named = || match length {
        "xx-small" => Some(9.0),
        "x-small" => Some(10.0),
        "small" => Some(13.0),
        "medium" => Some(16.0),
        "large" => Some(18.0),
        "x-large" => Some(24.0),
        "xx-large" => Some(32.0),
        "smaller" => Some(around / 1.2),
        "larger" => Some(around * 1.2),
        "0" => Some(0.0),
        _ => None,
    };
    number("px")
        .or_else(|| number("pt").map(|points| points * 4.0 / 3.0))
        .or_else(|| number("rem").map(|roots| roots * 16.0))
        .or_else(|| number("em").map(|times| times * around))
        .or_else(|| number("%").map(|percent| percent / 100.0 * around))
        .or_else(named)
        .unwrap_or(around)
}

fn usual_size(name: &str, around: f64) -> f64 {
    around
        * match name {
            "h1" => 2.0,
            "h2" => 1.5,
            "h3" => 1.17,
            "h5" => 0.83,
            "h6" => 0.67,
            "small" | "sub" | "sup" => 0.83,
            "code" | "pre" | "kbd" | "samp" | "tt" if around == 16.0 => 13.0 / 16.0,
            _ => 1.0,
        }
}

#[cfg(test)]
mod tests {
    use super::super::Markup;
    use super::*;
    use scraper::Html;

    fn seen(html: &str, name: &str, mode: Mode) -> Paint {
        let markup = Markup::of(&Html::parse_document(html));
        let (place, _) = markup.named(name).last().unwrap();
        *markup.paint(place, mode).unwrap()
    }

    #[test]
    fn what_is_important_wins_over_what_is_inline_and_dark_mode_has_rules_of_its_own() {
        let html = "<style>b{color:red}.x b{color:#00f}@media (prefers-color-scheme:dark){b{color:#fff!important}\
                    body{background:#111}}</style><body><p class=x style='background-color:#eee;font-size:20px'>\
                    <b style='font-size:50%'>x</b></p>";
        let light = seen(html, "b", Mode::Light);
        assert_eq!((light.text, light.ground), (Some(Rgb([0, 0, 255])), Some(Rgb([0xee; 3]))));
        assert_eq!((light.size, light.is_bold), (10.0, true));
        assert_eq!(seen(html, "b", Mode::Dark).text, Some(Rgb::WHITE));
        assert_eq!(seen(html, "body", Mode::Dark).ground, Some(Rgb([0x11; 3])));
    }

    #[test]
    fn what_cannot_be_told_is_not_guessed() {
        let html = "<body><p style=\"background:url('a.png') #fff\"><i style='color:var(--x)'>x</i></p>";
        let paint = seen(html, "i", Mode::Light);
        assert_eq!((paint.text, paint.ground), (None, None));
        assert!(seen("<div style='display:none'><p>x", "p", Mode::Light).is_hidden);
    }
}
