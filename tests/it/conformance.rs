//! The words and the links of Markdown: those that the specifications name are those of both parts of a letter.

use courant::compose::front_matter::parse_issue;
use courant::compose::{Look, Medium, Rendered, SiteWords, render};
use courant::model::image::Images;
use courant::model::letter::{Piece, Pieces};
use courant::model::source::Source;
use courant::model::template::Template;
use courant::model::theme::Theme;
use courant::settings::MarkdownSettings;
use scraper::{Html, Node};

use crate::harness::reference::{Example, commonmark_examples, examples_of};

const TEMPLATE: &str = "<mjml lang=\"{{ lang }}\" dir=\"{{ dir }}\"><mj-body><mj-section><mj-column>{{ body }}</mj-column>\
                        </mj-section></mj-body></mjml>";

/// Examples of CommonMark that are otherwise in a letter, and why.
const EXCLUDED: [(&str, &[usize]); 4] = [
    ("a link without words cannot be seen and is not listed in the text part", &[21, 31]),
    ("a bare address is a link, as in GFM", &[602, 606, 608, 611, 612]),
    ("a tag that HTML does not know is shown as it was written, and reported", &[201, 491, 613, 623]),
    ("what mail clients block is taken out: elements of scripts' making, CDATA", &[617, 629]),
];

fn rendered(markdown: &str) -> Result<Rendered, String> {
    let issue = parse_issue(Source::new("x.md", format!("---\ntitle: Zzz\n---\n{markdown}")))
        .map_err(|e| e.to_string())?;
    let template = Template::alone(Source::new("t.mjml", TEMPLATE));
    let look = Look {
        template: &template,
        theme: &Theme::default(),
        site: SiteWords { name: "", base_url: None, postal_address: None, preferences_url: None },
        list_title: "",
        footer: None,
        lang: "en",
        medium: Medium::Mail { web: None },
        markdown: MarkdownSettings { smart_punctuation: false, emoji: false },
        images: &Images::default(),
    };
    render(&issue, &look).map_err(|error| error.to_string())
}

fn literal(pieces: &Pieces) -> String {
    pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::Hole(_) | Piece::Logic { .. } => None,
        })
        .collect()
}

/// What a reader sees of a page, and where its links and images lead.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    words: Vec<String>,
    links: Vec<String>,
}

fn seen(html: &str) -> Seen {
    let document = Html::parse_document(html);
    let (mut text, mut links) = (String::new(), Vec::new());
    for edge in document.tree.root().traverse() {
        let (ego_tree::iter::Edge::Open(node) | ego_tree::iter::Edge::Close(node)) = edge;
        let opens = matches!(edge, ego_tree::iter::Edge::Open(_));
        match node.value() {
            Node::Text(words) if opens && !is_hidden(node) => text.push_str(words),
            Node::Element(element) => {
                if !is_inline(element.name()) {
                    text.push(' ');
                }
                // The title of an image that is a paragraph is its caption, and those of links are in the text part.
                let title = element.attr("title").filter(|_| !opens);
                text.extend(title.map(|title| format!(" {title} ")));
                if opens {
                    text.push_str(element.attr("alt").unwrap_or_default());
                    links.extend(element.attr("href").or(element.attr("src")).map(address));
                }
            }
            _ => {}
        }
    }
    // A parser of HTML opens a link again that nobody closed.
    links.dedup();
    Seen { words: text.split_whitespace().map(str::to_owned).collect(), links }
}

fn is_hidden(node: ego_tree::NodeRef<'_, Node>) -> bool {
    let parent =
        node.parent().and_then(|parent| parent.value().as_element().map(|element| element.name().to_owned()));
    matches!(parent.as_deref(), Some("style" | "script" | "title"))
}

fn is_inline(name: &str) -> bool {
    [
        "a",
        "b",
        "i",
        "em",
        "strong",
        "code",
        "del",
        "span",
        "img",
        "sup",
        "sub",
        "bab",
        "c2c",
        "responsive-image",
    ]
    .contains(&name)
}

/// The same for the same address, however much of it is encoded.
fn address(written: &str) -> String {
    percent_encoding::percent_decode_str(written).decode_utf8_lossy().into_owned()
}

/// The letters of the words, capitals or not: text is marked and numbered in its own way.
fn bare<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.flat_map(str::chars).filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

/// What is wrong with the text part: its words, in order, and every link somewhere in it.
fn text_fault(ours: &Rendered, reference: &Seen) -> Option<String> {
    let text = literal(&ours.text);
    let body = text.split_once("===\n").map_or("", |(_, rest)| rest);
    let body = body.rsplit_once(&"-".repeat(72)).map_or(body, |(body, _)| body);
    let (own, list) = body.split_once("Links\n-----\n").unwrap_or((body, ""));
    // The word for a picture is ours, and the mark of what is done.
    let words = bare(own.replace("[image", "[").replace("[x]", "[]").split_whitespace());
    let expected = bare(reference.words.iter().map(String::as_str));
    let lost: Vec<&String> = reference.links.iter().filter(|link| !is_listed(link, own, list)).collect();
    let is_right = words == expected && lost.is_empty();
    (!is_right).then(|| format!("text: {words}\n instead of {expected}, lost {lost:?} in {body:?}"))
}

/// An address to a heading of the letter itself needs no place in the list.
fn is_listed(link: &str, own: &str, list: &str) -> bool {
    let squeezed = |text: &str| address(text).split_whitespace().collect::<String>();
    let link = squeezed(link);
    link.is_empty()
        || link.starts_with('#')
        || squeezed(list).contains(&link)
        || squeezed(own).contains(link.trim_start_matches("mailto:").trim_start_matches("http://"))
}

/// What is wrong with the HTML part; `None` if nothing is.
fn html_fault(ours: &Rendered, reference: &Seen) -> Option<String> {
    let ours = seen(&literal(&ours.html));
    (ours != *reference).then(|| format!("HTML: {ours:?}\n instead of {reference:?}"))
}

/// What is wrong with the examples, each with its number and its Markdown.
fn faults(examples: &[Example], excluded: &[usize]) -> Vec<String> {
    let kept = examples.iter().filter(|example| !excluded.contains(&example.number));
    kept.filter_map(|example| {
        let reference = seen(&example.html);
        let fault = match rendered(&example.markdown) {
            Ok(ours) => html_fault(&ours, &reference).or_else(|| text_fault(&ours, &reference)),
            Err(error) => Some(error),
        };
        fault.map(|fault| format!("{} {:?}\n {fault}", example.number, example.markdown))
    })
    .collect()
}

#[test]
fn the_examples_of_commonmark_keep_their_words_and_links() {
    let excluded: Vec<usize> = EXCLUDED.iter().flat_map(|(_, numbers)| numbers.iter().copied()).collect();
    let faults = faults(&commonmark_examples(), &excluded);
    assert!(faults.is_empty(), "{}\n{} examples", faults.join("\n"), faults.len());
}

#[test]
fn what_is_left_out_has_a_fault_indeed() {
    let excluded = EXCLUDED.iter().flat_map(|(_, numbers)| numbers.iter().copied());
    let examples = commonmark_examples();
    for number in excluded {
        let one = std::slice::from_ref(&examples[number - 1]);
        assert_eq!(faults(one, &[]).len(), 1, "example {number} needs no exception");
    }
}

#[test]
fn the_extensions_keep_their_words_and_links() {
    let examples = examples_of(include_str!("fixtures/extensions.txt"));
    assert_eq!(examples.len(), 30);
    let faults = faults(&examples, &[]);
    assert!(faults.is_empty(), "{}\n{} examples", faults.join("\n"), faults.len());
}
