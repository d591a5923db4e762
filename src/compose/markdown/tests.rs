use proptest::prelude::*;

use super::tree::{BlockKind, Inline, InlineKind, words};
use super::{Fences, MAX_DEPTH, Medium, Reading, parse};
use crate::compose::merge::Marks;
use crate::compose::testing::{body_html, letter, places, shown};
use crate::model::source::Source;
use crate::settings::MarkdownSettings;

const MAIL: Medium<'_> = Medium::Mail { web: None };

/// The words of the first paragraph as read in a language.
fn first_words(markdown: &str, lang: &str) -> String {
    let source = Source::new("a.md", markdown);
    let (document, _) = parse(
        markdown,
        Reading {
            source: &source,
            offset: 0,
            marks: &Marks::default(),
            lang,
            medium: MAIL,
            markdown: MarkdownSettings::default(),
        },
        &Fences::default(),
    );
    match document.blocks.first().map(|block| &block.kind) {
        Some(BlockKind::Paragraph(text)) => words(text),
        other => panic!("not a paragraph: {other:?}"),
    }
}

fn links(markdown: &str) -> Vec<(String, String)> {
    let source = Source::new("a.md", markdown);
    let (document, _) = parse(
        markdown,
        Reading {
            source: &source,
            offset: 0,
            marks: &Marks::default(),
            lang: "en",
            medium: MAIL,
            markdown: MarkdownSettings::default(),
        },
        &Fences::default(),
    );
    let mut found = Vec::new();
    document.each_inline(&mut |inline: &Inline| {
        if let InlineKind::Link { target, children, .. } = &inline.kind {
            found.push((words(children), target.clone()));
        }
    });
    found
}

#[test]
fn quotation_marks_are_those_of_the_language() {
    let said = r#"She said "it's 'good', isn't it" -- twice..."#;
    assert_eq!(first_words(said, "en-GB"), "She said “it’s ‘good’, isn’t it” – twice…");
    assert_eq!(first_words(said, "de"), "She said „it’s ‚good‘, isn’t it“ – twice…");
    assert_eq!(first_words(r#""A""#, "fr"), "«\u{a0}A\u{a0}»");
    assert_eq!(first_words(said, "ja"), said);
}

#[test]
fn emphasis_and_code_do_not_hide_which_way_a_mark_points() {
    assert_eq!(first_words(r#""*so*" and "`x`" ("y")"#, "en"), "“so” and “x” (“y”)");
    assert_eq!(
        first_words("rock 'n' roll of the '90s, the dogs' bowls", "en"),
        "rock ‘n’ roll of the ’90s, the dogs’ bowls"
    );
}

#[test]
fn what_the_author_escaped_and_what_is_an_option_stays() {
    assert_eq!(first_words(r#"\"a\" &quot;b&quot; --yes a---b"#, "en"), r#""a" "b" --yes a—b"#);
}

#[test]
fn bare_addresses_are_links_without_the_punctuation_of_the_sentence() {
    assert_eq!(
        links("See https://example.org/a_(b)--c, (www.example.org) or ada@example.org."),
        [
            ("https://example.org/a_(b)--c".to_owned(), "https://example.org/a_(b)--c".to_owned()),
            ("www.example.org".to_owned(), "http://www.example.org".to_owned()),
            ("ada@example.org".to_owned(), "mailto:ada@example.org".to_owned()),
        ]
    );
    assert!(links("`https://example.org` and foo@bar and www. and http://").is_empty());
}

#[test]
fn an_address_that_a_field_may_begin_is_none_that_is_known() {
    assert!(links("\u{100000}xxxxxxada@example.org").is_empty());
    assert_eq!(links("\u{100000}xxxxxx ada@example.org").len(), 1);
}

#[test]
fn an_address_in_a_link_is_no_second_link() {
    assert_eq!(links("[https://a.example](https://b.example)").len(), 1);
}

#[test]
fn figures_stand_high_or_low_within_words_and_a_tilde_between_words_strikes_out() {
    let html = body_html("H~2~O, x^2^, ~gone~, ~~gone too~~, a ^ b ^ c");
    for part in [">2</sub>O", "x<sup", "<del>gone</del>", "<del>gone too</del>", "a ^ b ^ c"] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn notes_are_numbered_as_the_text_refers_to_them_and_none_is_lost() {
    let markdown = "b[^b] a[^a] b[^b]\n\n[^a]: first\n\n[^b]: second\n\n[^c]: nobody asks\n";
    let source = Source::new("a.md", markdown);
    let (document, _) = parse(
        markdown,
        Reading {
            source: &source,
            offset: 0,
            marks: &Marks::default(),
            lang: "en",
            medium: MAIL,
            markdown: MarkdownSettings::default(),
        },
        &Fences::default(),
    );
    let references: Vec<usize> = document.notes.iter().map(|note| note.references).collect();
    assert_eq!(references, [2, 1, 0]);
}

#[test]
fn headings_begin_below_the_title_whatever_level_the_author_begins_with() {
    let html = body_html("x\n\n### a\n\n#### b\n\n### a\n");
    for part in ["<h2 id=\"a\"", "<h3 id=\"b\"", "<h2 id=\"a-1\""] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn an_id_of_a_heading_has_no_token_in_it() {
    let html = body_html("x\n\n## For {{ name }} only\n");
    assert!(html.contains("id=\"for-only\"") && html.contains("For ‹name› only"), "{html}");
}

#[test]
fn forbidden_markup_goes_and_is_reported_where_it_stands() {
    let rendered =
        letter("ok\n\n<p>a<script>alert(1)</script>b</p>\n\nx <blink>y</blink> [z](javascript:alert(1))\n");
    assert_eq!(places(&rendered, "html-forbidden"), ["3:5", "5:3", "5:20"]);
    let html = shown(&rendered.html);
    assert!(!html.contains("alert") && html.contains(">ab</p>"), "{html}");
    assert!(html.contains("x y z"), "{html}");
}

#[test]
fn words_in_angle_brackets_are_no_markup_and_stay() {
    let rendered = letter("# T\n\nA Vec<String> of <friends>\n\n<friends>\n\n<label>x</label> <b>y</b>\n");
    assert_eq!(places(&rendered, "html-forbidden"), ["3:6", "3:18", "5:1", "7:1"]);
    let html = shown(&rendered.html);
    assert!(html.contains("A Vec&lt;String&gt; of &lt;friends&gt;</p>"), "{html}");
    assert!(html.contains(">&lt;friends&gt;</p>") && html.contains("x <b>y</b>"), "{html}");
    assert!(shown(&rendered.text).contains("A Vec<String> of <friends>\n\n<friends>\n\nx y"));
}

#[test]
fn markdown_between_raw_tags_stays_between_them() {
    let html = body_html("<div align=\"center\">\n\n*a*\n\n</div>\n\n<kbd>b</kbd>\n");
    assert!(
        html.contains("<div align=\"center\"><p style=\"margin:0 0 20px\"><em>a</em></p></div>"),
        "{html}"
    );
    assert!(html.contains("<kbd>b</kbd>"), "{html}");
}

#[test]
fn control_characters_go_and_are_reported_once() {
    let rendered = letter("a\0b\u{7f}c\u{85}d");
    assert_eq!(places(&rendered, "control-character"), ["1:2"]);
    assert!(shown(&rendered.html).contains("a b c  d"));
}

#[test]
fn what_is_nested_too_deeply_is_laid_flat_and_keeps_its_words() {
    let rendered = letter(&format!("{} words", "> ".repeat(5_000)));
    assert_eq!(places(&rendered, "depth-limit").len(), 1);
    assert!(shown(&rendered.html).contains("words"));
    assert!(shown(&rendered.html).matches("<p style").count() <= MAX_DEPTH);
    let markup = letter(&format!("{}words", "<div>".repeat(5_000)));
    assert_eq!(places(&markup, "depth-limit").len(), 1);
    assert!(shown(&markup.html).contains("words"));
}

#[test]
fn statements_that_wrap_whole_blocks_and_statements_in_a_run_are_fine() {
    let rendered = letter(
        "{% if city %}\nIn {{ city }}\n{% else %}\nNowhere\n{% endif %}\n\n{% if a %}\n\n# b\n\n- c\n\n{% endif %}\n\nx {% if d %}**y**{% endif %} z\n",
    );
    assert!(places(&rendered, "merge-structure").is_empty(), "{:?}", rendered.findings);
}

#[test]
fn statements_across_constructs_are_errors_at_their_places() {
    let rendered = letter("a **{% if b %}c** d{% endif %}\n\n- e\n{% if f %}\n\ng\n\n{% endif %}\n");
    assert_eq!(places(&rendered, "merge-structure"), ["1:5", "1:20", "4:1", "8:1"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_its_places_inside_the_file(markdown in "([a-z *_`~\\[\\]()<>!#>|:\"'\n\\-]|é|語|https://x\\.example|&amp;){0,200}") {
        let source = Source::new("a.md", &*markdown);
        let (document, findings) =
            parse(&markdown, Reading { source: &source, offset: 0, marks: &Marks::default(), lang: "en", medium: MAIL, markdown: MarkdownSettings::default() }, &Fences::default());
        let mut all_inside = true;
        document.each_inline(&mut |inline| all_inside &= markdown.get(inline.span.clone()).is_some());
        all_inside &= document.blocks.iter().all(|block| markdown.get(block.span.clone()).is_some());
        all_inside &= findings.iter().flat_map(|finding| &finding.place).all(|place| markdown.get(place.span.clone()).is_some());
        prop_assert!(all_inside);
    }
}

#[test]
fn what_is_never_closed_is_found_where_it_was_opened() {
    let unclosed = |markdown: &str| places(&letter(markdown), "unclosed");
    assert_eq!(unclosed("a\n\n```rust\nfn\n"), ["3:1"]);
    assert_eq!(unclosed("> ```\n> a\n\nb\n"), ["1:3"]);
    assert_eq!(unclosed("~~~\na\n```\n"), ["1:1"]);
    assert_eq!(unclosed("```\na\n```\n\n> ~~~\n> b\n> ~~~\n\n    ```\n"), [""; 0]);
    assert_eq!(unclosed("a <b>c *d <i>e* f\n\n<div>\n\ng\n"), ["1:11", "1:3", "3:1"]);
    assert_eq!(unclosed("<p>a\n\n<div>\n\nb\n\n</div>\n"), [""; 0]);
}

#[test]
fn a_reference_to_no_footnote_is_found() {
    let rendered = letter("a [^one] and\n`[^three]` [^x y] \\[^two]\n\nb[^yes]\n\n[^yes]: here\n");
    assert_eq!(places(&rendered, "footnote"), ["1:3"]);
}
