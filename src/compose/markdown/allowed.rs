//! Which markup a letter may hold, and what is wrong with the rest.

use std::collections::{HashMap, HashSet};

use super::raw::tag_name;
use super::schemes;

const BLOCK_TAGS: [&str; 26] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "main",
    "nav",
    "p",
    "pre",
    "section",
];
const LIST_AND_TABLE_TAGS: [&str; 13] =
    ["li", "ol", "ul", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "col", "colgroup", "hr"];
const PHRASE_TAGS: [&str; 38] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "details",
];
/// The rest of HTML: no letter needs it.
const OTHER_TAGS: [&str; 32] = [
    "area", "basefont", "blink", "body", "canvas", "datalist", "dialog", "dir", "fieldset", "head", "html",
    "image", "label", "legend", "listing", "map", "marquee", "menu", "meter", "nobr", "noembed", "noframes",
    "optgroup", "option", "output", "param", "picture", "portal", "progress", "search", "slot", "track",
];
pub const VOID_TAGS: [&str; 5] = ["br", "col", "hr", "img", "wbr"];
pub const ATTRIBUTES: [&str; 12] =
    ["align", "bgcolor", "class", "dir", "height", "id", "lang", "role", "style", "title", "valign", "width"];
pub const STYLES: [&str; 44] = [
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-radius",
    "border-right",
    "border-spacing",
    "border-style",
    "border-top",
    "border-width",
    "color",
    "direction",
    "display",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-width",
    "min-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "vertical-align",
    "white-space",
    "width",
];

/// Something in raw markup that does not go into a letter: bytes of the markup, and what it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Forbidden {
    pub start: usize,
    pub end: usize,
    pub what: String,
    /// Mail clients block it; otherwise it is merely unknown to them.
    pub harmful: bool,
}

/// Every tag that may stay.
pub fn tags() -> HashSet<&'static str> {
    BLOCK_TAGS.into_iter().chain(LIST_AND_TABLE_TAGS).chain(PHRASE_TAGS).chain(["summary"]).collect()
}

/// Attributes of single tags, besides [`ATTRIBUTES`].
pub fn tag_attributes() -> HashMap<&'static str, HashSet<&'static str>> {
    let cell = ["abbr", "colspan", "headers", "rowspan", "scope", "nowrap"];
    HashMap::from([
        ("a", HashSet::from(["href", "name", "target"])),
        ("img", HashSet::from(["alt", "src", "border", "hspace", "vspace"])),
        ("table", HashSet::from(["border", "cellpadding", "cellspacing", "summary"])),
        ("td", HashSet::from(cell)),
        ("th", HashSet::from(cell)),
        ("font", HashSet::from(["color", "face", "size"])),
        ("ol", HashSet::from(["start", "type", "reversed"])),
        ("ul", HashSet::from(["type"])),
        ("li", HashSet::from(["value"])),
        ("time", HashSet::from(["datetime"])),
        ("data", HashSet::from(["value"])),
        ("col", HashSet::from(["span"])),
        ("colgroup", HashSet::from(["span"])),
        ("q", HashSet::from(["cite"])),
        ("blockquote", HashSet::from(["cite"])),
    ])
}

/// Whether the tag may stand within a paragraph.
pub fn is_phrase(tag: &str) -> bool {
    PHRASE_TAGS.contains(&tag) && tag != "details"
}

/// Whether a tag is none of HTML's, but words in angle brackets such as `Vec<String>`.
pub fn is_words(tag: &str) -> bool {
    let inside = tag.trim_start_matches('<').trim_start_matches('/').trim_end_matches('>').trim_end();
    let is_bare = inside.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    tag_name(tag).is_some_and(|name| {
        is_bare && !is_allowed(&name) && !is_harmful(&name) && !OTHER_TAGS.contains(&name.as_str())
    })
}

/// What [`Cleaner::clean`] takes out of `raw`, in order.
pub fn forbidden(raw: &str) -> Vec<Forbidden> {
    let mut found = Vec::new();
    for (start, _) in raw.match_indices('<') {
        let Some(name) = tag_name(&raw[start..]) else { continue };
        let end = tag_end(raw, start);
        let allowed = is_allowed(&name);
        if !allowed && !raw[start..].starts_with("</") {
            found.push(Forbidden { start, end, what: format!("`<{name}>`"), harmful: is_harmful(&name) });
        }
        if allowed {
            found.extend(forbidden_attributes(&raw[start..end]).map(|what| Forbidden {
                start,
                end,
                what,
                harmful: true,
            }));
        }
    }
    found
}

/// The end of the tag at `start`: its `>`, or the next `<` if it is never closed.
fn tag_end(raw: &str, start: usize) -> usize {
    match raw[start + 1..].find(['<', '>']) {
        Some(at) if raw[start + 1 + at..].starts_with('>') => start + at + 2,
        Some(at) => start + 1 + at,
        None => raw.len(),
    }
}

fn is_allowed(tag: &str) -> bool {
    let lists: [&[&str]; 4] = [&BLOCK_TAGS, &LIST_AND_TABLE_TAGS, &PHRASE_TAGS, &["summary"]];
    lists.iter().any(|list| list.contains(&tag))
}

fn is_harmful(tag: &str) -> bool {
    [
        "script",
        "style",
        "form",
        "input",
        "button",
        "select",
        "textarea",
        "iframe",
        "object",
        "embed",
        "video",
        "audio",
        "source",
        "meta",
        "link",
        "base",
        "svg",
        "math",
        "frame",
        "frameset",
        "applet",
        "template",
        "title",
        "noscript",
        "xmp",
        "plaintext",
    ]
    .contains(&tag)
}

/// How deep the tags of `raw` nest at most, if every tag that is opened is also meant to be closed.
pub fn depth(raw: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    for (at, _) in raw.match_indices('<') {
        match tag_name(&raw[at..]) {
            Some(_) if raw[at..].starts_with("</") => depth = depth.saturating_sub(1),
            Some(name) if !VOID_TAGS.contains(&name.as_str()) => depth += 1,
            Some(_) | None => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// `raw` without anything that looks like a tag.
pub fn without_tags(raw: &str) -> String {
    let mut words = String::new();
    let mut rest = raw;
    while let Some(at) = rest.find('<') {
        words.push_str(&rest[..at]);
        let is_tag = tag_name(&rest[at..]).is_some();
        let end = if is_tag { rest[at..].find('>').map_or(rest.len(), |end| at + end + 1) } else { at + 1 };
        words.push_str(if is_tag { " " } else { "<" });
        rest = &rest[end..];
    }
    words + rest
}

/// Handlers such as `onclick`, and addresses that carry programs.
fn forbidden_attributes(tag: &str) -> impl Iterator<Item = String> + '_ {
    tag.split(|c: char| c.is_whitespace() || c == '/').skip(1).filter_map(|word| {
        let (name, value) = word.split_once('=')?;
        let name = name.to_ascii_lowercase();
        let value = value.trim_matches(['"', '\'', '>']);
        let is_address = matches!(name.as_str(), "href" | "src");
        match () {
            () if name.starts_with("on") && name.len() > 2 => Some(format!("`{name}`")),
            () if is_address && !schemes::may_link(value) => Some(format!("the address in `{name}`")),
            () => None,
        }
    })
}
