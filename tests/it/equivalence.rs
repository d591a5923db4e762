//! mrml and MJML's own program make the same of our templates.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use courant::compose::html::finish;
use courant::compose::merge::Marks;
use courant::compose::template::{attributes_of, zeros_as_pixels};

use crate::harness::reference::{mjml_attributes, mjml_of_others};
use crate::harness::scratch::Scratch;
use crate::harness::tools::fixture;

/// A page as its tags and texts, one after the other, Outlook's among them. What is the same in every mail client is
/// written in the same way, as docs/rendering.md lists it: the order of attributes, classes and rules, spaces, empty
/// attributes, and how the classes for Outlook are called.
fn tokens(html: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_text(&rest[..at], &mut tokens);
        let length = tag_length(&rest[at..]);
        push_tag(&rest[at..at + length], &mut tokens);
        rest = &rest[at + length..];
    }
    push_text(rest, &mut tokens);
    tokens
}

fn push_text(text: &str, tokens: &mut Vec<String>) {
    let words: Vec<&str> = text.split_whitespace().collect();
    match text.contains('{') {
        true => tokens.push(sheet(&words.concat())),
        false if !words.is_empty() => tokens.push(words.join(" ")),
        false => {}
    }
}

/// The rules of a style sheet in order, without a semicolon at their end.
fn sheet(text: &str) -> String {
    let text = text.replace(";}", "}");
    let mut rules: Vec<&str> = text.split(['{', '}']).collect();
    rules.sort_unstable();
    rules.join("\n")
}

fn tag_length(tag: &str) -> usize {
    if tag.starts_with("<!--") {
        let conditional = tag.find(['>']).map(|end| &tag[..=end]);
        return match conditional {
            Some(open) if open.starts_with("<!--[if") || open.starts_with("<!--<") => open.len(),
            _ => tag.find("-->").map_or(tag.len(), |end| end + 3),
        };
    }
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn push_tag(tag: &str, tokens: &mut Vec<String>) {
    // Neighbouring blocks for Outlook are one block for it.
    let is_comment = tag.starts_with("<!") && !tag.to_ascii_lowercase().starts_with("<!doctype");
    if is_comment {
        return;
    }
    let inside = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    let name = inside.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let mut attributes = attributes(&inside[name.len().min(inside.len())..]);
    attributes.retain(|attribute| !["class=\"\"", "style=\"\""].contains(&attribute.as_str()));
    attributes.sort();
    tokens.push(format!("<{name} {}>", attributes.join(" ")).replace(" >", ">"));
}

fn attributes(text: &str) -> Vec<String> {
    let mut attributes = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let (value, after) = match after.trim_start().strip_prefix("=\"") {
            Some(value) => value.split_once('"').unwrap_or((value, "")),
            None => ("", after),
        };
        attributes.push(format!("{}=\"{}\"", name.to_ascii_lowercase(), settled(name, value)));
        rest = after.trim_start();
    }
    attributes
}

fn settled(name: &str, value: &str) -> String {
    if name == "class" {
        let mut classes: Vec<&str> =
            value.split_whitespace().map(|class| class.trim_end_matches("-outlook")).collect();
        classes.sort_unstable();
        return classes.join(" ");
    }
    if name != "style" {
        return value.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let mut rules: Vec<String> = value
        .split(';')
        .map(|rule| rule.split_whitespace().collect::<Vec<_>>().join(" ").replace(": ", ":"))
        .filter(|rule| !rule.is_empty())
        .collect();
    rules.sort();
    rules.join(";")
}

fn scratch_of(templates: &[&str]) -> (Scratch, Vec<PathBuf>) {
    let source = std::fs::read_to_string(fixture("issues/23-digest.md")).expect("the fixture is there");
    let mut scratch = Scratch::weekly();
    let mut files = Vec::new();
    for template in templates {
        let issue =
            source.replace("template: digest", &format!("template: {template}")).replace("{{ name }}", "Ada");
        scratch = scratch.issue(template, &issue);
        let file = scratch.path(&format!("{template}.mjml"));
        scratch.run(&format!("render {template} --format mjml -o {}", file.display())).ok();
        files.push(file);
    }
    (scratch, files)
}

#[test]
fn mjmls_own_program_makes_the_same_tree_of_every_template() {
    let templates = ["letter", "essay", "digest", "announcement"];
    let (scratch, files) = scratch_of(&templates);
    let paths: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let others = mjml_of_others(&paths, &scratch.path(""));
    for ((template, file), other) in templates.iter().zip(&files).zip(others) {
        let mjml = std::fs::read_to_string(file).expect("it was written");
        let ours = finish(&zeros_as_pixels(&mjml), &Marks::default()).expect("it is MJML");
        let (ours, other) = (tokens(&ours), tokens(&other));
        let at =
            ours.iter().zip(&other).position(|(one, two)| one != two).unwrap_or(ours.len().min(other.len()));
        let end = |tokens: &[String]| tokens[at.saturating_sub(2)..(at + 4).min(tokens.len())].join("\n  ");
        assert!(ours == other, "{template}, token {at}:\n  {}\ninstead of\n  {}", end(&ours), end(&other));
    }
}

#[test]
fn components_take_the_attributes_that_mjml_says() {
    let folder = Scratch::empty();
    let theirs: BTreeMap<String, BTreeSet<String>> =
        serde_json::from_str(&mjml_attributes(&folder.path(""))).expect("the script prints JSON");
    assert!(theirs.len() > 20);
    for (component, mut attributes) in theirs {
        attributes.extend(["css-class", "mj-class"].map(str::to_owned));
        let ours = attributes_of(&component).map(BTreeSet::from_iter);
        let takes_any = component == "mj-attributes" || component == "mj-html-attributes";
        assert!(takes_any || ours.as_ref() == Some(&attributes), "{component}: {ours:?} and {attributes:?}");
    }
}
