use crate::compose::testing::{body_html, body_text, letter, places, shown};

#[test]
fn columns_stand_side_by_side_in_html_and_below_each_other_in_text() {
    let markdown =
        "Before\n\n::: columns\n::: column 40%\nLeft\n:::\n::: column\n- right\n:::\n:::\n\nAfter\n";
    let html = body_html(markdown);
    assert!(html.contains("mj-column-per-40") && html.contains("mj-column-per-60"), "{html}");
    assert!(html.contains("c-columns"));
    assert_eq!(body_text(markdown), "Before\n\nLeft\n\n- right\n\nAfter");
}

#[test]
fn a_line_of_colons_ends_a_list_and_a_paragraph() {
    let text = body_text("::: section\n- a\n- b\n:::\nc\n::: divider :::\nd\n");
    assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["-", "a", "-", "b", "c", "*", "*", "*", "d"]);
}

#[test]
fn buttons_are_links_of_which_every_one_can_be_pressed() {
    let html = body_html("::: button center\n[One](https://a.example)\n[Two](https://b.example)\n:::\n");
    assert!(html.contains("href=\"https://a.example\"") && html.contains("href=\"https://b.example\""));
    assert!(html.matches("background:#0b57d0").count() >= 2, "{html}");
    for (other, kept) in [("no link", "no link"), ("**[One](https://a.example) and words**", " and words")] {
        let letter = letter(&format!("::: button\n{other}\n:::\n"));
        assert_eq!(places(&letter, "container"), ["1:1"], "{other}");
        assert!(shown(&letter.html).contains(kept), "{other}");
    }
}

#[test]
fn a_callout_may_have_a_title_with_merge_fields() {
    let markdown = "::: callout tip \"For {{ name }}\"\nText\n:::\n";
    assert!(body_html(markdown).contains("<strong>For ‹name›</strong>"));
    assert_eq!(body_text(markdown), "| For ‹name›\n| Text");
}

#[test]
fn a_part_for_a_segment_is_asked_for_with_each_letter() {
    let rendered = letter("a\n\n::: segment city = \"London\"\nb\n:::\n\nc\n");
    let html = shown(&rendered.html);
    assert!(html.contains("‹%if segment(\"city = \\\"London\\\"\", city)%›"), "{html}");
    assert!(shown(&rendered.text).contains("‹%endif%›"));
    assert_eq!(places(&letter("::: segment city ==\nb\n:::\n"), "container"), ["1:1"]);
}

#[test]
fn what_is_for_the_web_alone_is_not_in_the_letter_nor_are_its_notes() {
    let markdown = "a\n\n::: web\nb[^n]\n\n::: section\nc\n:::\n:::\n\n::: mail\nd\n:::\n\n[^n]: gone\n";
    assert_eq!(body_text(markdown), "a\n\nd");
    assert!(!body_html(markdown).contains("gone"));
}

#[test]
fn a_fold_without_a_web_version_is_a_finding() {
    assert_eq!(places(&letter("a\n\n::: fold\nb\n:::\n"), "container"), ["3:1"]);
}

#[test]
fn a_hero_is_as_wide_as_the_card_and_a_figure_has_a_caption_with_links() {
    let html = body_html("::: hero\n![A bridge](https://example.org/b.png)\n\n# Big\n:::\n");
    assert!(html.contains("c-hero") && html.contains("width=\"600\""), "{html}");
    let figure = "::: figure\n![A map](https://example.org/m.png)\n\nMap: [Ada](https://ada.example)\n:::\n";
    assert!(body_html(figure).contains("https://ada.example"));
    assert!(body_text(figure).contains("Map: Ada [2]"), "{}", body_text(figure));
    for other in ["no image", "[![A bridge](https://example.org/b.png) and words](https://a.example)"] {
        assert_eq!(places(&letter(&format!("::: hero\n{other}\n:::\n")), "container"), ["1:1"], "{other}");
    }
}

#[test]
fn mistakes_are_told_where_they_stand_and_nothing_is_lost() {
    for (markdown, place) in [
        ("a\n\n::: colums\nb\n:::\n", "3:1"),
        ("a\n:::\nb\n", "2:1"),
        ("::: section\na b\n", "1:1"),
        ("::: column\na b\n:::\n", "1:1"),
        ("<div>\n::: section\na b\n</div>\n", "2:1"),
    ] {
        let rendered = letter(markdown);
        assert_eq!(places(&rendered, "container"), [place], "{markdown}");
        assert!(shown(&rendered.text).contains('b'), "{markdown}");
    }
}

#[test]
fn five_columns_are_too_many() {
    let column = "::: column\na\n:::\n";
    assert_eq!(places(&letter(&format!("::: columns\n{}:::\n", column.repeat(5))), "container"), ["1:1"]);
}

#[test]
fn containers_may_stand_in_one_another_but_bands_do_not() {
    let html = body_html(
        "::: section\n::: columns\n::: column\na\n:::\n::: column\n::: section\nb\n:::\n:::\n:::\n:::\nc\n",
    );
    assert!(html.contains(">a</p>") && html.contains(">b</p>") && html.contains(">c</p>"), "{html}");
}

#[test]
fn columns_within_a_column_stand_below_each_other() {
    let html = body_html(
        "::: columns\n::: column\n::: columns\n::: column\na\n:::\n::: column\nb\n:::\n:::\n:::\n:::\n\nc\n",
    );
    assert!(html.contains(">a</p>") && html.contains(">b</p>") && html.contains(">c</p>"), "{html}");
    assert_eq!(html.matches("\"c-card c-columns\"").count(), 1, "{html}");
}
