//! The HTML part as rules about mail clients look at it: its elements, what styles them, and how they come out.

mod colour;
pub mod css;
mod paint;

pub use colour::{Colour, Rgb};
pub use paint::{Mode, Paint, pixels};

use scraper::{ElementRef, Html, Node};

use css::{Declaration, Sheet, declarations};

/// The elements of a page in order: a parent stands before its children.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Markup {
    pub elements: Vec<Element>,
    pub sheets: Vec<Sheet>,
    /// Whether there is a style for dark mode.
    pub has_dark_style: bool,
    light: Vec<Paint>,
    dark: Vec<Paint>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// Its place among the elements.
    pub parent: Option<usize>,
    /// Of the `style` attribute.
    pub style: Vec<Declaration>,
    /// The text that stands in it and in none of its children.
    pub text: String,
    /// Whether markup for Outlook alone stands just before it.
    pub is_after_outlook: bool,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The last declaration of `name` in its `style`.
    pub fn declared(&self, name: &str) -> Option<&Declaration> {
        self.style.iter().rev().find(|declaration| declaration.name == name)
    }

    /// Whether it has words, not only blanks that hold a place.
    pub fn has_words(&self) -> bool {
        self.text.chars().any(|c| !c.is_whitespace() && !is_filler(c))
    }
}

/// Blanks of no or hair's width, and what holds them together.
fn is_filler(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{2007}' | '\u{200a}'..='\u{200f}' | '\u{feff}')
}

impl Markup {
    pub fn of(document: &Html) -> Markup {
        let mut reader = Reader { elements: Vec::new(), sheets: Vec::new(), nodes: Vec::new() };
        reader.read(document.root_element(), None, false);
        let Reader { elements, sheets, nodes } = reader;
        let has_dark_style = sheets.iter().flat_map(|sheet| &sheet.at_rules).any(|at| {
            at.name == "media" && at.prelude.contains("prefers-color-scheme") && at.prelude.contains("dark")
        });
        let paint = |mode| paint::paint(&elements, &sheets, &nodes, mode);
        let (light, dark) = (paint(Mode::Light), if has_dark_style { paint(Mode::Dark) } else { Vec::new() });
        Markup { elements, sheets, has_dark_style, light, dark }
    }

    /// How the element at this place comes out; in dark mode `None` where the page leaves it to the client.
    pub fn paint(&self, place: usize, mode: Mode) -> Option<&Paint> {
        match mode {
            Mode::Light => self.light.get(place),
            Mode::Dark => self.dark.get(place),
        }
    }

    /// Elements of this name, with their places.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (usize, &'a Element)> {
        self.elements.iter().enumerate().filter(move |(_, element)| element.name == name)
    }

    /// The elements around the one at this place, from the inside.
    pub fn around(&self, place: usize) -> impl Iterator<Item = &Element> {
        let parent = |place: &usize| self.elements[*place].parent;
        std::iter::successors(parent(&place), move |place| parent(place)).map(|place| &self.elements[place])
    }

    /// The places of an element and of everything in it, in order.
    pub fn within(&self, place: usize) -> impl Iterator<Item = usize> {
        let parent = |at: &usize| self.elements[*at].parent;
        let is_in = move |at: &usize| std::iter::successors(Some(*at), parent).any(|around| around == place);
        (place..self.elements.len()).take_while(is_in)
    }

    /// Every declaration: those of `style` attributes, and those of style sheets with the at-rules around them.
    pub fn declarations(&self) -> impl Iterator<Item = (&Declaration, Option<&css::StyleRule>)> {
        let inline = self.elements.iter().flat_map(|element| &element.style).map(|each| (each, None));
        let rules = self.sheets.iter().flat_map(|sheet| &sheet.rules);
        let in_sheets = rules.flat_map(|rule| rule.declarations.iter().map(move |each| (each, Some(rule))));
        inline.chain(in_sheets)
    }
}

struct Reader<'a> {
    elements: Vec<Element>,
    sheets: Vec<Sheet>,
    nodes: Vec<ElementRef<'a>>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, node: ElementRef<'a>, parent: Option<usize>, is_after_outlook: bool) {
        // Markup of a subscriber's own making cannot be so deep; what is, is not looked at.
        const DEEPEST: usize = 400;
        let place = self.elements.len();
        let depth = std::iter::successors(parent, |place| self.elements[*place].parent).take(DEEPEST).count();
        if depth == DEEPEST {
            return;
        }
        self.elements.push(element(node, parent, is_after_outlook));
        self.nodes.push(node);
        let mut is_after_outlook = false;
        for child in node.children() {
            match child.value() {
                Node::Comment(comment) => is_after_outlook = comment.trim_start().starts_with("[if"),
                Node::Text(text) => {
                    self.elements[place].text.push_str(text);
                    is_after_outlook &= text.trim().is_empty();
                }
                Node::Element(_) => {
                    if let Some(child) = ElementRef::wrap(child) {
                        self.read(child, Some(place), is_after_outlook);
                    }
                    is_after_outlook = false;
                }
                _ => {}
            }
        }
        if node.value().name() == "style" && is_for_screens(node.attr("media")) {
            self.sheets.push(Sheet::read(&self.elements[place].text));
        }
    }
}

/// MJML repeats its widths for Thunderbird in a sheet with a query of its own.
fn is_for_screens(media: Option<&str>) -> bool {
    media.is_none_or(|media| matches!(media.trim(), "" | "all" | "screen"))
}

fn element(node: ElementRef<'_>, parent: Option<usize>, is_after_outlook: bool) -> Element {
    let attributes = node.value().attrs().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Element {
        name: node.value().name().to_owned(),
        attributes: attributes.collect(),
        parent,
        style: node.attr("style").map(declarations).unwrap_or_default(),
        text: String::new(),
        is_after_outlook,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_what_is_around_them() {
        let html =
            "<html><body><p style='color:red'>a <b>b</b> c</p><!--[if mso]><table><![endif]--><div>x</div>";
        let markup = Markup::of(&Html::parse_document(html));
        let (place, bold) = markup.named("b").next().unwrap();
        assert_eq!((bold.text.as_str(), markup.around(place).next().unwrap().text.as_str()), ("b", "a  c"));
        assert_eq!(markup.around(place).count(), 3);
        let (paragraph, _) = markup.named("p").next().unwrap();
        assert_eq!(markup.within(paragraph).collect::<Vec<_>>(), [paragraph, place]);
        assert!(markup.named("div").next().unwrap().1.is_after_outlook);
        assert!(!markup.named("p").next().unwrap().1.is_after_outlook);
        assert_eq!(markup.declarations().count(), 1);
    }
}
