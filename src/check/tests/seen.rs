//! Rules about what is seen of the finished HTML.

use super::sheet::Sheet;
use super::*;
use crate::model::letter::Pieces;

/// A page with a link to unsubscribe that looks like this.
fn with_way_out(style: &str, words: &str) -> Sheet {
    let mut sheet = Sheet::good();
    let html = sheet.edition.html.iter().cloned().collect::<Vec<_>>();
    let link = [
        Piece::Literal(format!("<a style=\"{style}\" href=\"")),
        hole("unsubscribe_url"),
        Piece::Literal(format!("\">{words}</a>")),
    ];
    sheet.edition.html = Pieces::new(html.into_iter().chain(link));
    sheet
}

fn of_rule(sheet: &Sheet, rule: &str) -> Vec<String> {
    let found = sheet.check().findings.into_iter().filter(|found| found.rule == rule);
    found.map(|found| found.message).collect()
}

#[test]
fn a_way_out_that_nobody_finds_is_none() {
    let says = |style: &str, words: &str| of_rule(&with_way_out(style, words), "unsub-visible");
    assert_eq!(says("font-size:13px", "Unsubscribe"), [""; 0]);
    assert_eq!(
        says("font-size:8px", "Unsubscribe"),
        ["the link to unsubscribe, `Unsubscribe`, is set in 8 pixels"]
    );
    assert_eq!(says("display:none", "Unsubscribe"), ["the link to unsubscribe, `Unsubscribe`, is hidden"]);
    assert_eq!(
        says("color:#fefefe", "Unsubscribe"),
        ["the link to unsubscribe, `Unsubscribe`, has the colour of its ground"]
    );
    assert_eq!(says("", " "), ["the link to unsubscribe has no words"]);
    assert_eq!(says("", "<img src=x.png alt=Unsubscribe>"), [""; 0]);
}

#[test]
fn one_way_out_that_is_seen_is_enough() {
    let mut sheet = with_way_out("display:none", "Unsubscribe");
    let more =
        [Piece::Literal("<a href=\"".into()), hole("unsubscribe_url"), Piece::Literal("\">Leave</a>".into())];
    let html = sheet.edition.html.iter().cloned().chain(more).collect::<Vec<_>>();
    sheet.edition.html = Pieces::new(html);
    assert_eq!(of_rule(&sheet, "unsub-visible"), [""; 0]);
}

#[test]
fn words_that_cannot_be_seen_are_told_from_those_that_a_class_may_show() {
    let says = |html: &str| of_rule(&Sheet::good().html(&format!("<html lang=en>{html}")), "text-invisible");
    assert_eq!(says("<p style='color:#fff'>cheap boats</p>"), ["`cheap boats` cannot be seen"]);
    assert_eq!(says("<div style='display:none'><p>cheap boats</p></div>"), ["`cheap boats` cannot be seen"]);
    assert_eq!(says("<p style='font-size:1px'>cheap boats</p>"), ["`cheap boats` cannot be seen"]);
    for fine in [
        "<div style='display:none'>A bottle, a boat and a bill to pay</div>",
        "<p class=phone style='display:none'>for phones</p>",
        "<p style='font-size:1px'>&nbsp;</p>",
    ] {
        assert_eq!(says(fine), [""; 0], "{fine}");
    }
}

#[test]
fn what_only_the_html_says_has_drifted() {
    let says = |html: &str| of_rule(&Sheet::good().html(&format!("<html lang=en>{html}")), "text-drift");
    let missing =
        says("<h2>Join us</h2><a href='https://a.example/x'>x</a><a href='https://a.example/x'>y</a>");
    assert!(missing.contains(&"the heading `Join us` is not in the text part".to_owned()), "{missing:?}");
    assert_eq!(missing.iter().filter(|said| said.contains("https://a.example/x")).count(), 1, "{missing:?}");
    assert_eq!(says("<h2>A letter of <i>some</i> length</h2>"), [""; 0]);
}
