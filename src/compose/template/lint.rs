//! Traps: MJML that mrml takes silently and renders wrongly.

use super::attributes::{attributes_of, names_in};
use crate::compose::html::{attribute, tag_length};
use crate::model::finding::{Finding, suggest};
use crate::model::source::Source;

const ELEMENTS: [&str; 36] = [
    "mjml",
    "mj-accordion",
    "mj-accordion-element",
    "mj-accordion-text",
    "mj-accordion-title",
    "mj-all",
    "mj-attributes",
    "mj-body",
    "mj-breakpoint",
    "mj-button",
    "mj-carousel",
    "mj-carousel-image",
    "mj-class",
    "mj-column",
    "mj-divider",
    "mj-font",
    "mj-group",
    "mj-head",
    "mj-hero",
    "mj-html-attributes",
    "mj-image",
    "mj-include",
    "mj-navbar",
    "mj-navbar-link",
    "mj-preview",
    "mj-raw",
    "mj-section",
    "mj-selector",
    "mj-social",
    "mj-social-element",
    "mj-spacer",
    "mj-style",
    "mj-table",
    "mj-text",
    "mj-title",
    "mj-wrapper",
];

/// What is wrong with a template although it can be read.
pub fn lint(template: &Source) -> Vec<Finding> {
    let text = without_merge_syntax(template.text());
    let mut findings = Vec::new();
    for (start, _) in text.match_indices("<mj") {
        let tag = &text[start..start + tag_length(&text[start..])];
        let name =
            tag[1..].split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next().unwrap_or_default();
        let at = |finding: Finding| finding.at(template.at(start..start + 1 + name.len()));
        match name {
            "mj-include" => findings.push(
                at(Finding::error("mjml-include", "`mj-include` loses the width of the column"))
                    .help("write the parts into one template"),
            ),
            "mj-html-attributes" | "mj-selector" => findings.push(
                at(Finding::error("mjml-schema", format!("`{name}` is not supported")))
                    .help("put the attributes on the elements themselves"),
            ),
            known if ELEMENTS.contains(&known) => {}
            unknown => findings.push(unknown_element(unknown).at(template.at(start..start + 1 + name.len()))),
        }
        if attribute(tag, "mj-class").is_some_and(|value| value.split_whitespace().count() > 1) {
            findings.push(
                at(Finding::warning(
                    "mjml-class-order",
                    "two classes in `mj-class`: the first wins here, the last elsewhere",
                ))
                .help("name one class per element"),
            );
        }
        findings.extend(unknown_attributes(name, tag).into_iter().map(|(within, attribute, finding)| {
            finding.at(template.at(start + within..start + within + attribute.len()))
        }));
    }
    findings
}

/// Attributes that the component does not take, each with where it stands in the tag.
fn unknown_attributes<'t>(component: &str, tag: &'t str) -> Vec<(usize, &'t str, Finding)> {
    let Some(known) = attributes_of(component) else { return Vec::new() };
    let unknown = names_in(tag).into_iter().filter(|(_, name)| !known.iter().any(|known| known == name));
    let finding = |name: &str| {
        let message = format!("`<{component}>` has no attribute `{name}`, and it is lost");
        let near = suggest(name, known.iter().map(String::as_str));
        let help = near.map_or("delete it, or set it on what it is for".to_owned(), |near| {
            format!("did you mean `{near}`?")
        });
        Finding::warning("mjml-schema", message).help(help)
    };
    unknown.map(|(at, name)| (at, name, finding(name))).collect()
}

/// The template with blanks for every `{{ … }}`, `{% … %}` and `{# … #}`: as long as it was, and with no quotation mark
/// that is none of MJML.
fn without_merge_syntax(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((at, close)) = next_opening(rest) {
        let length = rest[at..].find(close).map_or(rest.len() - at, |end| end + close.len());
        out.push_str(&rest[..at]);
        out.extend(std::iter::repeat_n(' ', length));
        rest = &rest[at + length..];
    }
    out + rest
}

fn next_opening(text: &str) -> Option<(usize, &'static str)> {
    let opening = |(at, _): (usize, &str)| match text.as_bytes().get(at + 1)? {
        b'{' => Some((at, "}}")),
        b'%' => Some((at, "%}")),
        b'#' => Some((at, "#}")),
        _ => None,
    };
    text.match_indices('{').find_map(opening)
}

fn unknown_element(name: &str) -> Finding {
    let finding = Finding::error("mjml-schema", format!("`<{name}>` is not an element of MJML"));
    match suggest(name, ELEMENTS) {
        Some(known) => finding.help(format!("did you mean `<{known}>`?")),
        None => finding.help("the elements of MJML are listed at https://documentation.mjml.io"),
    }
}

const SPACING: [&str; 9] = [
    "padding",
    "padding-top",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "inner-padding",
    "container-padding",
    "icon-padding",
    "text-padding",
];

/// Writes `0` as `0px` in every spacing attribute of an MJML element: mrml does not read a bare `0` in a
/// shorthand and makes images and Outlook's cells too wide.
pub fn zeros_as_pixels(mjml: &str) -> String {
    let mut out = String::with_capacity(mjml.len());
    let mut done = 0;
    for (start, _) in mjml.match_indices("<mj-") {
        if start < done {
            continue;
        }
        let tag = &mjml[start..start + tag_length(&mjml[start..])];
        out.push_str(&mjml[done..start]);
        out.push_str(&with_pixels(tag));
        done = start + tag.len();
    }
    out + &mjml[done..]
}

fn with_pixels(tag: &str) -> String {
    let mut tag = tag.to_owned();
    for name in SPACING {
        let Some(value) = attribute(&tag, name) else { continue };
        let pixels: Vec<&str> =
            value.split_whitespace().map(|part| if part == "0" { "0px" } else { part }).collect();
        let (old, new) = (format!(" {name}=\"{value}\""), format!(" {name}=\"{}\"", pixels.join(" ")));
        tag = tag.replace(&old, &new);
    }
    tag
}
