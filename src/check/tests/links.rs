//! Rules about the words of links: where they point, and what `--fix` would write.

use super::sheet::Sheet;
use super::*;
use crate::model::letter::Pieces;

/// A sheet with one paragraph that holds one link as it is written here.
fn linked(text: &str, target: &str) -> Sheet {
    let written = format!("[{text}]({target})");
    let mut sheet = Sheet::of(&format!("Look up {written} for more of it.\n"));
    let span = 8..8 + written.len();
    let link =
        Link { target: Pieces::literal(target), text: text.to_owned(), span: Some(span), is_image: false };
    sheet.rendered.links.push(link);
    sheet
}

/// A rule, what it points at, and what would be written in place of what.
type Seen = (String, String, Option<(String, String)>);

/// Which rules find something in the link, what they point at, and what would be written there.
fn found(text: &str, target: &str) -> Vec<Seen> {
    let sheet = linked(text, target);
    let at = |place: &Place| place.source.text()[place.span.clone()].to_owned();
    let checked = sheet.check();
    let each = checked.findings.iter().map(|found| {
        let place = found.place.as_ref().map(at).unwrap_or_default();
        (found.rule.to_owned(), place, found.fix.as_ref().map(|fix| (at(&fix.place), fix.text.clone())))
    });
    each.collect()
}

fn rules(text: &str, target: &str) -> Vec<String> {
    found(text, target).into_iter().map(|(rule, _, _)| rule).collect()
}

#[test]
fn words_that_say_nothing_are_pointed_at() {
    assert_eq!(found("here", "https://a.example/x"), [("link-text".to_owned(), "here".to_owned(), None)]);
    assert_eq!(rules("the report", "https://a.example/x"), [""; 0]);
}

#[test]
fn an_address_that_is_shown_must_be_the_one_that_it_leads_to() {
    for (text, target) in [
        ("https://a.example", "https://b.example/"),
        ("www.a.example", "https://a.example.evil.test/"),
        ("a.example/x", "https://b.example/a.example/x"),
        ("ada@a.example", "mailto:eve@b.example"),
    ] {
        assert_eq!(rules(text, target), ["link-mismatch"], "{text} {target}");
    }
    for (text, target) in [
        ("https://a.example", "https://www.a.example/?x=1"),
        ("a.example/x", "https://shop.a.example/x"),
        ("Node.js", "https://nodejs.example/"),
        ("main.rs", "https://code.example/main.rs"),
        ("ada@a.example", "mailto:ada@a.example?subject=x"),
        ("write to ada@a.example", "mailto:press@a.example"),
    ] {
        assert_eq!(rules(text, target), [""; 0], "{text} {target}");
    }
}

#[test]
fn a_click_id_is_cut_out_and_the_rest_stays() {
    let cut = |target: &str| {
        let found = found("the tide", target);
        found.into_iter().find_map(|(_, _, fix)| fix)
    };
    let change = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
    assert_eq!(cut("https://a.example/x?fbclid=1"), change("?fbclid=1", ""));
    assert_eq!(cut("https://a.example/x?a=1&fbclid=2&b=3#top"), change("?a=1&fbclid=2&b=3", "?a=1&b=3"));
    assert_eq!(cut("https://a.example/?mc_eid=1&gclid=2&c=3"), change("?mc_eid=1&gclid=2&c=3", "?c=3"));
    assert_eq!(cut("https://a.example/?utm_source=b"), None);
    assert_eq!(rules("the tide", "https://a.example/?mc_eid=1&gclid=2"), ["link-tracking", "link-tracking"]);
}

#[test]
fn hosts_that_hide_something_are_pointed_at() {
    let at = |target: &str| {
        let found = found("the tide", target);
        found.into_iter().map(|(rule, at, _)| (rule, at)).collect::<Vec<_>>()
    };
    let one = |rule: &str, at: &str| vec![(rule.to_owned(), at.to_owned())];
    assert_eq!(at("https://bit.ly/x"), one("link-shortener", "bit.ly"));
    assert_eq!(at("https://93.184.216.34/x"), one("link-ip", "93.184.216.34"));
    assert_eq!(at("https://p\u{430}ypal.com/x"), one("link-idn", "p\u{430}ypal"));
    assert_eq!(at("https://xn--pypal-4ve.com/x")[0].0, "link-idn");
    assert_eq!(at("https://b\u{fc}cher.example/x"), []);
}

#[test]
fn a_long_address_is_no_text() {
    let long = format!("https://a.example/{}", "x".repeat(50));
    assert_eq!(rules(&long, &long), ["link-long-url"]);
    assert_eq!(rules("https://a.example/x", "https://a.example/x"), [""; 0]);
}
