//! What can be told of a page by its source: title, first heading, the places links may lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use scraper::Html;

use super::signs;
use super::tags::{Bit, Tag, bits};
use super::target::unescape;

/// So much of a page is read for its title and first heading, in bytes.
pub const BEGINNING: usize = 64 * 1024;

/// So much of a page is read where a place in it is looked for, in bytes.
pub const WHOLE: usize = 2 * 1024 * 1024;

/// A page with scripts and fewer letters than this builds itself in the browser.
const NEXT_TO_NO_TEXT: usize = 100;

/// More of a title or heading is not looked at, in bytes.
const HEAD: usize = 4 * 1024;

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
        let outline = Outline::of(&text);
        self.title = outline.title.as_deref().and_then(plain);
        self.heading = outline.heading.as_deref().and_then(plain);
        let heads: Vec<&str> =
            [&self.title, &self.heading].into_iter().flatten().map(String::as_str).collect();
        let beginning = beginning(&text).to_lowercase();
        self.parked = signs::parked_by(&heads, &beginning).map(str::to_owned);
        self.likeness = likeness(beginning.as_bytes());
        self.places = outline.places(places, is_whole);
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
    cut(text, BEGINNING)
}

fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

fn likeness(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish().max(1)
}

/// A written text without its entities, white space made plain, at most 200 characters.
fn plain(written: &str) -> Option<String> {
    let text: String = Html::parse_fragment(&written.replace('<', "&lt;")).root_element().text().collect();
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!plain.is_empty()).then(|| plain.chars().take(200).collect())
}

/// What stands in the source of a page.
#[derive(Debug, Default)]
struct Outline {
    /// The first one, as it is written.
    title: Option<String>,
    heading: Option<String>,
    in_heading: bool,
    /// What links may lead to.
    names: BTreeSet<String>,
    letters: usize,
    has_scripts: bool,
}

impl Outline {
    fn of(source: &str) -> Outline {
        let mut outline = Outline::default();
        let mut before = Tag::default();
        for bit in bits(source) {
            match bit {
                Bit::Open(tag) => {
                    outline.open(&tag);
                    before = tag;
                }
                Bit::Close(name) if name.eq_ignore_ascii_case("h1") => outline.in_heading = false,
                Bit::Close(_) => {}
                Bit::Text(text) => outline.text(text),
                Bit::Raw(text) if before.is("title") => {
                    outline.title.get_or_insert_with(|| cut(text, HEAD).to_owned());
                }
                Bit::Raw(_) => {}
            }
        }
        outline
    }

    fn open(&mut self, tag: &Tag<'_>) {
        self.has_scripts |= tag.is("script");
        if tag.is("h1") && self.heading.is_none() {
            self.heading = Some(String::new());
            self.in_heading = true;
        }
        let name = tag.name.filter(|_| tag.is("a"));
        self.names.extend(tag.id.into_iter().chain(name).map(unescape));
    }

    fn text(&mut self, text: &str) {
        self.letters += text.chars().filter(|c| !c.is_whitespace()).count();
        if let Some(heading) = self.heading.as_mut().filter(|_| self.in_heading) {
            heading.push_str(cut(text, HEAD.saturating_sub(heading.len())));
        }
    }

    fn is_built_in_the_browser(&self) -> bool {
        self.has_scripts && self.letters < NEXT_TO_NO_TEXT
    }

    /// Places that are there; those that are not only if the whole page was read, and stands in its source.
    fn places(&self, wanted: &BTreeSet<String>, is_whole: bool) -> BTreeMap<String, bool> {
        let is_whole = is_whole && !self.is_built_in_the_browser();
        // GitHub writes `user-content-` before what authors name, and looks for both.
        let names: BTreeSet<&str> =
            self.names.iter().flat_map(|name| [name, name.trim_start_matches("user-content-")]).collect();
        let each = wanted.iter().map(|place| (place.clone(), names.contains(place.as_str())));
        each.filter(|(_, is_there)| is_whole || *is_there).collect()
    }
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

    #[test]
    fn entities_of_a_title_are_read() {
        let page =
            read("<title>Page&nbsp;not &lt;found&gt; &#8211; Caf&eacute;</title><h1>A &amp; B", &[], true);
        assert_eq!(page.title.as_deref(), Some("Page not <found> – Café"));
        assert_eq!(page.heading.as_deref(), Some("A & B"));
    }

    #[test]
    fn of_a_page_that_builds_itself_in_the_browser_nothing_is_said_to_be_missing() {
        let shell = "<noscript>You need to enable JavaScript to run this application, which shows the way to \
                     install it and many other things.</noscript><div id=app>Loading…</div><script src=a.js></script>";
        assert_eq!(read(shell, &["app", "install"], true).places, [("app".to_owned(), true)].into());
        let full = format!("{shell}<p>{}", "the sea ".repeat(40));
        assert!(!read(&full, &["install"], true).places["install"]);
    }

    #[test]
    fn a_page_that_opens_thousands_of_elements_is_read_at_once() {
        let open: String = (0..1_500).map(|n| format!("<b x{n}>")).collect();
        let tags = format!("<title>x</title><p>{open}{}", "<p>x".repeat(BEGINNING));
        let attributes: String = (0..200_000).map(|n| format!(" a{n}")).collect();
        let began = std::time::Instant::now();
        assert_eq!(read(&tags, &["one"], true).title.as_deref(), Some("x"));
        assert!(read(&format!("<p{attributes} id=one>"), &["one"], true).places["one"]);
        assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    }
}
