//! What a reader sees of sanitised markup, for the text part and for the list of links.

use scraper::{ElementRef, Html, Node};

use super::allowed;

/// A link or an image of sanitised markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HtmlLink {
    pub target: String,
    /// The words of a link, the `alt` of an image.
    pub seen: String,
    pub is_image: bool,
}

/// Where the links and images of sanitised markup lead.
pub fn html_links(html: &str) -> Vec<HtmlLink> {
    let fragment = Html::parse_fragment(html);
    fragment
        .root_element()
        .descendent_elements()
        .filter_map(|element| {
            let value = element.value();
            let image = value.attr("src").filter(|_| value.name() == "img");
            let words: String = element.text().collect();
            let seen = if image.is_some() { value.attr("alt").unwrap_or_default() } else { words.trim() };
            Some(HtmlLink {
                target: value.attr("href").or(image)?.to_owned(),
                seen: seen.to_owned(),
                is_image: image.is_some(),
            })
        })
        .collect()
}

/// Sanitised markup as lines of words: blocks begin new lines, `refer` says what stands after the words of a
/// link or an image that leads to its argument.
pub fn html_lines(html: &str, refer: &mut dyn FnMut(&str, &str) -> String) -> String {
    let fragment = Html::parse_fragment(html);
    let mut text = String::new();
    write_children(fragment.root_element(), &mut text, refer);
    text
}

/// MJML as markup with the same words and links.
pub fn html_of_mjml(mjml: &str) -> String {
    const NAMES: [(&str, &str); 4] =
        [("mj-button", "a"), ("mj-image", "img"), ("mj-navbar-link", "a"), ("mj-social-element", "a")];
    let named = NAMES.into_iter().fold(mjml.to_owned(), |html, (from, to)| {
        html.replace(&format!("<{from} "), &format!("<{to} "))
            .replace(&format!("</{from}>"), &format!("</{to}>"))
    });
    named.replace("<mj-", "<div data-mj-").replace("</mj-", "</div data-mj-")
}

fn write_children(element: ElementRef<'_>, text: &mut String, refer: &mut dyn FnMut(&str, &str) -> String) {
    for child in element.children() {
        match child.value() {
            Node::Text(words) => push_collapsed(words, text),
            // A merge statement travels in a comment.
            Node::Comment(comment) => text.push_str(comment),
            _ => {
                if let Some(element) = ElementRef::wrap(child) {
                    write_element(element, text, refer);
                }
            }
        }
    }
}

fn write_element(element: ElementRef<'_>, text: &mut String, refer: &mut dyn FnMut(&str, &str) -> String) {
    let value = element.value();
    let name = value.name();
    let is_block = !allowed::is_phrase(name) && !matches!(name, "td" | "th");
    if (is_block || name == "br") && !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let start = text.len();
    match name {
        "img" => text
            .push_str(&format!("[{}]", value.attr("alt").filter(|alt| !alt.is_empty()).unwrap_or("image"))),
        "li" => text.push_str("- "),
        _ => {}
    }
    write_children(element, text, refer);
    if let Some(target) = value.attr("href").or_else(|| value.attr("src")) {
        let seen = text[start.min(text.len())..].trim().to_owned();
        text.push_str(&refer(target, &seen));
    }
    match name {
        "td" | "th" => text.push_str("  "),
        _ if is_block && !text.ends_with('\n') => text.push('\n'),
        _ => {}
    }
}

fn push_collapsed(words: &str, text: &mut String) {
    for c in words.chars() {
        match c.is_whitespace() && c != '\u{a0}' {
            false => text.push(c),
            true if text.is_empty() || text.ends_with([' ', '\n']) => {}
            true => text.push(' '),
        }
    }
}
