use super::wrap::{width, wrap};
use crate::compose::testing::{LETTER, body_text, issue, letter, render_with, shown};

#[test]
fn a_letter_reads_well_as_text() {
    let text = shown(
        &letter("# Hello\n\nDear {{ name }}, *this* is **new**.\n\n## More\n\n1. one\n2. two\n   - three\n")
            .text,
    );
    assert_eq!(
        text,
        "Hello\n=====\n\nDear ‹name›, _this_ is *new*.\n\nMore\n----\n\n1. one\n2. two\n   - three\n\n\
         ------------------------------------------------------------------------\n\
         You receive this because you subscribed to Weekly.\nUnsubscribe: ‹unsubscribe_url›\nThe Paper · 1 Example Street\n"
    );
}

#[test]
fn links_are_numbered_once_and_listed_at_the_end() {
    let text =
        body_text("[a](https://a.example) [b](https://b.example) [c](https://a.example) https://d.example\n");
    assert_eq!(
        text,
        "a [1] b [2] c [1] https://d.example\n\nLinks\n-----\n\n[1] https://a.example\n[2] https://b.example"
    );
}

#[test]
fn numbers_begin_above_those_of_the_author() {
    assert!(body_text("As said.[3] See [a](https://a.example).").starts_with("As said.[3] See a [4]."));
}

#[test]
fn the_title_of_a_link_stands_behind_it() {
    assert!(body_text("[a](https://a.example \"what it is\"), b").starts_with("a [1] (what it is), b\n"));
}

#[test]
fn a_link_to_a_heading_needs_no_number() {
    assert_eq!(body_text("x [down](#there)\n\n## There\n"), "x down\n\nThere\n-----");
}

#[test]
fn no_line_is_wider_than_72_columns_unless_a_word_is() {
    let wide = "日本語の文章は空白なしで書かれるので、文字の間で折り返される必要があります。".repeat(3);
    let long = "word ".repeat(40);
    let text = body_text(&format!("> - {long}\n\n{wide}\n\nhttps://example.org/{}\n", "x".repeat(90)));
    for line in text.lines() {
        assert!(width(line) <= 72 || line.starts_with("https://"), "{line}");
    }
    assert!(text.lines().all(|line| !line.starts_with(['、', '。'])), "{text}");
}

#[test]
fn a_reference_never_stands_alone_at_the_beginning_of_a_line() {
    let text = body_text(&format!("{}[end](https://example.org) and more\n", "xxxx ".repeat(14)));
    assert!(text.contains("\nend [1] and more"), "{text}");
}

#[test]
fn lines_that_the_author_broke_stay_broken_and_blanks_are_one() {
    assert_eq!(wrap("a  b\nc", 72), ["a b", "c"]);
    assert_eq!(body_text("a  \nb\\\nc\nd"), "a\nb\nc d");
}

#[test]
fn code_is_indented_and_never_wrapped() {
    let line = "x ".repeat(60);
    assert_eq!(body_text(&format!("```\n{line}y\n\n  z\n```\n")), format!("    {line}y\n\n      z"));
}

#[test]
fn a_table_stands_in_columns() {
    assert_eq!(
        body_text("| Name | Count |\n|:--|--:|\n| a | 1 |\n| long name | 1,000 |\n"),
        "Name       Count\n---------  -----\na              1\nlong name  1,000"
    );
}

#[test]
fn a_table_that_is_too_wide_becomes_records() {
    let long = "x".repeat(40);
    assert_eq!(
        body_text(&format!("| A | B |\n|---|---|\n| {long} | {long} |\n| c | d |\n")),
        format!("A: {long}\nB: {long}\n\nA: c\nB: d")
    );
}

#[test]
fn notes_stand_at_the_end() {
    assert_eq!(body_text("a[^x]\n\n[^x]: the note\n"), "a[^1]\n\nNotes\n-----\n\n[^1] the note");
}

#[test]
fn the_other_blocks_have_their_shape() {
    assert_eq!(
        body_text(
            "- [x] a\n- [ ] b\n\n> c\n\n> [!TIP]\n> d\n\nT\n: e\n\n---\n\n![f](https://g.example/f.png)\n"
        ),
        format!(
            "- [x] a\n- [ ] b\n\n> c\n\n| TIP:\n| d\n\nT\n    e\n\n{}* * *\n\n[image: f] [1]\n\nLinks\n-----\n\n[1] https://g.example/f.png",
            " ".repeat(33)
        )
    );
}

#[test]
fn the_words_of_raw_markup_are_there() {
    let text = body_text("<table><tr><td>a</td><td><a href=\"https://b.example\">b</a></td></tr></table>\n");
    assert!(text.starts_with("a  b [1]") || text.starts_with("a b [1]"), "{text}");
}

#[test]
fn a_statement_stands_before_the_line_that_it_is_about() {
    assert_eq!(body_text("a\n\n{% if b %}\n\nc\n\n{% endif %}\n\nd\n"), "a\n\n‹%if b%›c\n\n‹%endif%›d");
    let whole = shown(&letter("# T\n\na\n\n{% if b %}\n\nc\n\n{% endif %}\n").text);
    assert!(whole.contains("a\n\n‹%if b%›c\n\n‹%endif%›----"), "{whole}");
}

#[test]
fn an_address_that_not_everybody_gets_stands_beside_its_words_and_not_in_the_list() {
    let text = body_text(
        "[a](https://a.example/{{ b }}) {% if b %}[c](https://c.example/{{ b }}){% else %}[d](https://a.example/{{ b }}) \
         ![](https://e.example){% endif %} [f](https://c.example/{{ b }})\n",
    );
    assert_eq!(
        text,
        "a [1] ‹%if b%›c <https://c.example/‹b›>‹%else%›d [1] [image]\n<https://e.example>‹%endif%› f [2]\n\n\
         Links\n-----\n\n[1] https://a.example/‹b›\n[2] https://c.example/‹b›"
    );
    let blocks = body_text(
        "{% if b %}\n\n- [c](https://c.example)\n\n{% endif %}\n\n<p>{% for x in b %}<a href=\"https://d.example\">d</a>{% endfor %}</p>\n\n[e](https://e.example)",
    );
    assert!(
        blocks.contains("- c <https://c.example>") && blocks.contains("d <https://d.example>"),
        "{blocks}"
    );
    assert!(blocks.ends_with("-----\n\n[1] https://e.example"), "{blocks}");
}

#[test]
fn the_few_words_of_our_own_are_in_the_language_of_the_issue() {
    let text = shown(&render_with(&issue("a[^1]\n\n[^1]: b"), LETTER, "de").expect("it renders").text);
    assert!(text.contains("Anmerkungen\n") && text.contains("Abbestellen: ‹unsubscribe_url›"), "{text}");
}
