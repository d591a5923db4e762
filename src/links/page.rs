//! What can be told of a page by its source: title, first heading, the places links may lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use scraper::{Html, Selector};

use super::signs;

/// So much of a page is read for its title and first heading, in bytes.
pub const BEGINNING: usize = 64 * 1024;

/// So much of a page is read where a place in it is looked for, in bytes.
pub const WHOLE: usize = 2 * 1024 * 1024;

/// What came with an answer, as far as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The media type, in lower case and without parameters.
    pub kind: Option<String>,
    pub title: Option<String>,
    /// The first heading.
    pub heading: Option<String>,
    /// Who parked the domain, if somebody did.
    pub parked: Option<String>,
    /// By the header, else as they were counted.
    pub bytes: Option<u64>,
    /// Not all of it came in time.
    pub is_late: bool,
    /// The places that were looked for, and whether each is there; empty if that cannot be said.
    pub places: BTreeMap<String, bool>,
    /// Tells pages with the same beginning; 0 if nothing was read.
    pub likeness: u64,
}

impl Page {
    /// Reads the source of an HTML page; `is_whole` if nothing of it was left out.
    pub fn read(&mut self, source: &[u8], places: &BTreeSet<String>, is_whole: bool) {
        let text = String::from_utf8_lossy(source);
        let document = Html::parse_document(&text);
        self.title = first(&document, "title");
        self.heading = first(&document, "h1");
        let heads: Vec<&str> =
            [&self.title, &self.heading].into_iter().flatten().map(String::as_str).collect();
        let beginning = beginning(&text).to_lowercase();
        self.parked = signs::parked_by(&heads, &beginning).map(str::to_owned);
        self.likeness = likeness(beginning.as_bytes());
        self.places = places_of(&document, places, is_whole);
    }

    /// What the page says if it says that it is not there.
    pub fn says_not_found(&self) -> Option<&str> {
        let heads = [&self.title, &self.heading].into_iter().flatten();
        heads.map(String::as_str).find(|head| signs::says_not_found(head))
    }

    /// Whether both are likely the same page.
    pub fn is_like(&self, other: &Page) -> bool {
        let same_title = self.title.is_some() && self.title == other.title;
        let same_source = self.likeness != 0 && self.likeness == other.likeness;
        let same_bytes = self.likeness == 0 && self.bytes.is_some() && self.bytes == other.bytes;
        self.kind == other.kind && (same_title || same_source || same_bytes)
    }
}

fn beginning(text: &str) -> &str {
    let end = (0..=text.len().min(BEGINNING)).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

fn likeness(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish().max(1)
}

/// The text of the first such element, white space made plain, at most 200 characters.
fn first(document: &Html, name: &str) -> Option<String> {
    let selector = Selector::parse(name).expect("the name of an element is a selector");
    let text: String = document.select(&selector).next()?.text().collect();
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!plain.is_empty()).then(|| plain.chars().take(200).collect())
}

/// Places that are there; those that are not only if the whole page was read.
fn places_of(document: &Html, wanted: &BTreeSet<String>, is_whole: bool) -> BTreeMap<String, bool> {
    if wanted.is_empty() {
        return BTreeMap::new();
    }
    let selector = Selector::parse("[id], a[name]").expect("this is a selector");
    let elements: Vec<_> = document.select(&selector).collect();
    let names = elements.iter().flat_map(|element| [element.attr("id"), element.attr("name")]).flatten();
    // GitHub writes `user-content-` before what authors name, and looks for both.
    let names: BTreeSet<&str> =
        names.flat_map(|name| [name, name.trim_start_matches("user-content-")]).collect();
    let each = wanted.iter().map(|place| (place.clone(), names.contains(place.as_str())));
    each.filter(|(_, is_there)| is_whole || *is_there).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str, places: &[&str], is_whole: bool) -> Page {
        let mut page = Page::default();
        let places = places.iter().map(|place| (*place).to_owned()).collect();
        page.read(source.as_bytes(), &places, is_whole);
        page
    }

    #[test]
    fn title_and_first_heading_are_read() {
        let page = read("<title> A \n sea </title><h1>The <b>sea</b></h1><h1>Two</h1>", &[], true);
        assert_eq!((page.title.as_deref(), page.heading.as_deref()), (Some("A sea"), Some("The sea")));
        assert_eq!(read("<p>no head", &[], true).title, None);
    }

    #[test]
    fn places_are_found_by_id_and_by_name() {
        let source = "<h2 id=one>1</h2><a name='two'></a><div id='user-content-three'></div>";
        let page = read(source, &["one", "two", "three", "four"], true);
        let there: Vec<bool> = ["one", "two", "three", "four"].map(|name| page.places[name]).into();
        assert_eq!(there, [true, true, true, false]);
    }

    #[test]
    fn of_half_a_page_nothing_is_said_to_be_missing() {
        let page = read("<h2 id=one>1</h2>", &["one", "two"], false);
        assert_eq!(page.places, [("one".to_owned(), true)].into());
    }

    #[test]
    fn the_same_page_is_known_by_title_or_source() {
        let page = |source| read(source, &[], true);
        assert!(page("<title>A</title>1").is_like(&page("<title>A</title>2")));
        assert!(page("<p>same").is_like(&page("<p>same")));
        assert!(!page("<title>A</title>").is_like(&page("<title>B</title>")));
    }
}
