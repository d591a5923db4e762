//! The HTML part as a document, read once for all rules.

use scraper::{ElementRef, Html, Selector};

use super::markup::Markup;
use crate::model::letter::{Context, Hole, Piece, Pieces};

/// Stands where a value will be: one character that no author types.
pub const HOLE: char = '\u{fffc}';

/// Stands where a link to unsubscribe will be.
pub const UNSUBSCRIBE: &str = "\u{fffc}unsubscribe";

/// What the rules want to know of the HTML part.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// Of the `html` element.
    pub lang: Option<String>,
    pub images: Vec<Image>,
    pub headings: Vec<Heading>,
    /// What a reader sees, without code; pieces of text are parted by line ends.
    pub text: String,
    /// Its elements and styles.
    pub markup: Markup,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub src: String,
    /// `None` without the attribute; empty for decoration.
    pub alt: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// What it says, with single spaces.
    pub text: String,
}

impl Page {
    pub fn of(html: &Pieces) -> Page {
        let document = Html::parse_document(&marked(html));
        let mut page = Page {
            lang: document.root_element().attr("lang").map(str::to_owned),
            images: images(&document),
            headings: headings(&document),
            text: String::new(),
            markup: Markup::of(&document),
        };
        read_text(document.root_element(), &mut page.text);
        page
    }
}

/// The text with one character for each hole; both branches of logic are in it.
pub fn flat(pieces: &Pieces) -> String {
    let mut out = String::new();
    for piece in pieces.iter() {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Hole(_) => out.push(HOLE),
            Piece::Logic { .. } => {}
        }
    }
    out
}

/// The same, with the links to unsubscribe told from other holes.
fn marked(pieces: &Pieces) -> String {
    let is_way_out =
        |hole: &Hole| hole.context == Context::Url && hole.expression.contains("unsubscribe_url");
    let mark = |piece: &Piece| match piece {
        Piece::Hole(hole) if is_way_out(hole) => UNSUBSCRIBE.to_owned(),
        other => flat(&Pieces::new([other.clone()])),
    };
    pieces.iter().map(mark).collect()
}

fn images(document: &Html) -> Vec<Image> {
    let selector = Selector::parse("img").expect("`img` is a selector");
    let image = |element: ElementRef<'_>| Image {
        src: element.attr("src").unwrap_or_default().to_owned(),
        alt: element.attr("alt").map(str::to_owned),
    };
    document.select(&selector).map(image).collect()
}

fn headings(document: &Html) -> Vec<Heading> {
    let selector = Selector::parse("h1, h2, h3, h4, h5, h6").expect("it is a selector");
    let heading = |element: ElementRef<'_>| Heading {
        level: element.value().name().as_bytes()[1] - b'0',
        text: element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" "),
    };
    document.select(&selector).map(heading).collect()
}

fn read_text(element: ElementRef<'_>, out: &mut String) {
    if matches!(element.value().name(), "head" | "style" | "script" | "code" | "pre") {
        return;
    }
    for child in element.children() {
        match (child.value().as_text(), ElementRef::wrap(child)) {
            (Some(text), _) => out.push_str(text),
            (None, Some(child)) => {
                read_text(child, out);
                out.push('\n');
            }
            (None, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_its_language_images_and_text() {
        let html = "<html lang=en><head><style>a{}</style></head><body><p>Hi <b>you</b></p><img src=a.png>\
                    <code>TODO</code></body></html>";
        let page = Page::of(&Pieces::literal(html));
        assert_eq!(page.lang.as_deref(), Some("en"));
        assert_eq!(page.images, [Image { src: "a.png".into(), alt: None }]);
        assert!(page.text.contains("Hi you") && !page.text.contains("TODO"), "{:?}", page.text);
    }
}
