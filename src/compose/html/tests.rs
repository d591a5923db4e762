use proptest::prelude::*;

use super::{escape_url, finish};
use crate::compose::merge::Marks;
use crate::compose::testing::{LETTER, body_html, issue, letter, render_on, render_with, shown};
use crate::model::theme::PANEL;

#[test]
fn a_space_between_two_elements_is_not_lost() {
    let html = body_html("*a* **b**\n*c* `d`\n[e](/e)\n\n<p><b>f</b>\n<i>g</i></p>\n");
    let text: String = scraper::Html::parse_fragment(&html).root_element().text().collect();
    assert!(text.contains("a b c d e") && text.contains("f \ng"), "{text}");
}

#[test]
fn prose_shares_one_component_and_code_has_its_own() {
    let letter = letter("a\n\nb\n\n- c\n\n> d\n\n```\ne\n```\n\nf\n");
    let body = letter.mjml.split("<h1").nth(1).expect("a title");
    assert_eq!(body.matches("<mj-text css-class=\"c-text\"").count(), 3, "{body}");
}

#[test]
fn statements_around_blocks_stand_between_the_rows_of_the_layout() {
    let html = body_html("a\n\n{% if city %}\n\nb\n\n{% endif %}\n");
    let before = html.split("‹%if city%›").next().expect("the statement is there");
    assert!(before.ends_with("</div></td></tr>"), "{before}");
}

#[test]
fn statements_survive_the_inlining_of_css() {
    let head = "<mj-head><mj-style inline=\"inline\">p { letter-spacing: 1px }</mj-style></mj-head>";
    let template = LETTER.replace("{% include \"head\" %}", head);
    let issue = issue("{% if a %}\n\nx {{ b }}\n\n{% endif %}\n");
    let html = shown(&render_with(&issue, &template, "en").expect("it renders").html);
    assert!(html.contains("letter-spacing: 1px"), "{html}");
    let order = ["‹%if a%›", "x ‹b›</p>", "‹%endif%›"].map(|part| html.find(part).expect(part));
    assert!(order.is_sorted());
    assert!(html.contains("<!--[if mso | IE]>") && !html.contains("inline=\"inline\""));
}

#[test]
fn a_heading_keeps_no_more_distance_than_it_needs() {
    let html = body_html(
        "# T\n\n## A\n\na\n\n## B\n\n> b\n\n## C\n\n![c](https://c.example/c.png)\n\n## D\n\n{% if e %}\n\n## E\n\nd[^1]\n\n{% endif %}\n\n[^1]: e\n",
    );
    let above: Vec<&str> = html
        .split("<h2 ")
        .skip(1)
        .filter_map(|heading| heading.split("margin:").nth(1)?.split(' ').next())
        .collect();
    assert_eq!(above, ["0px", "28px", "8px", "8px", "8px", "8px"], "{html}");
}

#[test]
fn words_against_the_direction_of_the_issue_say_so() {
    let html = body_html("a\n\n{{ name }} שלום\n\n- مرحبا\n- b\n");
    assert_eq!(html.matches("dir=\"rtl\"").count(), 2, "{html}");
    assert!(
        html.contains("<ul dir=\"rtl\" style=\"margin:0 0 20px;padding:0 24px 0 0;text-align:right\">"),
        "{html}"
    );
    let arabic =
        shown(&render_with(&issue("مرحبا\n\nEnglish words"), LETTER, "ar").expect("it renders").html);
    assert_eq!(arabic.matches("<p dir=\"ltr\"").count(), 1, "{arabic}");
}

#[test]
fn a_link_in_raw_markup_looks_like_every_other_unless_it_says_how() {
    let html = body_html(
        "<p>x <a title=\"a > b\" href=\"https://a.example\">a</a> <a style=\"color:red\" href=\"https://b.example\">b</a></p>\n",
    );
    assert!(html.contains("<a style=\"color:#0b57d0;text-decoration:underline\" "), "{html}");
    assert_eq!(
        (html.matches("text-decoration").count(), html.matches("color:red").count()),
        (1, 1),
        "{html}"
    );
}

#[test]
fn a_table_keeps_its_words_whole_where_a_phone_has_room_for_them() {
    let is_whole = |table: &str| body_html(table).contains("word-break:normal");
    assert!(is_whole("| Name | Amount |\n|--|--|\n| a few words | 1,000.00 |\n"));
    let whole = |table: &str| body_html(table).matches("word-break:normal").count();
    assert_eq!(
        whole("| Name | Amount |\n|--|--|\n| https://example.org/a/long/address/of/a/page | 1,000.00 |\n"),
        2
    );
    assert_eq!(
        whole("| Name | Amount |\n|--|--|\n| {{ a }} | https://example.org/a/long/address/of/a/page |\n"),
        0
    );
}

#[test]
fn a_table_too_wide_for_a_large_screen_is_set_smaller_and_keeps_its_words_whole() {
    let row = |cell: &str| format!("|{}\n", format!("{cell}|").repeat(9));
    let html = body_html(&format!("{}{}{}", row("06:12"), row("-"), row("07:01")));
    assert_eq!(html.matches("font-size:14px;line-height:20px;word-break:normal").count(), 18, "{html}");
    let html = body_html("| a | b | c |\n|-|-|-|\n| some words | and more | 1,000.00 |\n");
    assert!(!html.contains("font-size:14px;line-height:20px"), "{html}");
}

#[test]
fn a_task_of_several_lines_stands_beside_its_box() {
    let html = body_html("- [x] a\n  - [ ] b\n- [ ] c\n\n  d\n");
    assert_eq!(html.matches("text-indent:-20px").count(), 3, "{html}");
    assert_eq!(html.matches("padding:0 0 0 20px;list-style:none").count(), 2, "{html}");
    let mixed = body_html("- [x] a\n- b\n");
    assert_eq!(mixed.matches(";list-style:none\"><div style=\"text-indent:-20px\">").count(), 1, "{mixed}");
}

#[test]
fn an_option_in_code_stays_on_its_line() {
    assert!(body_html("use `--dry-run` now").contains(";white-space:nowrap\">--dry-run"));
    assert!(!body_html("use `--dry-run --and-many-more` now").contains(";white-space:nowrap\">--dry-run"));
}

#[test]
fn code_on_a_panel_can_be_told_from_it() {
    let html = body_html("> [!TIP]\n> a `b`\n\nc `d`\n");
    let tint = |word: &str| {
        let before = html.split(&format!(">{word}</code>")).next().expect("it is there");
        before.rsplit("background-color:").next().expect("it has a colour")[..7].to_owned()
    };
    assert_ne!(tint("b"), PANEL.0);
    assert_eq!(tint("d"), PANEL.0);
    let html = body_html("> [!TIP]\n> ```\n> a\n> ```\n");
    assert_eq!(html.matches(&format!("background-color:{}", PANEL.0)).count(), 1, "{html}");
}

#[test]
fn merge_syntax_in_code_is_literal() {
    let html = body_html("`{{ a }}`\n\n```\n{% if b %}\n```\n");
    assert!(html.contains(">{{ a }}</code>") && html.contains(">{% if b %}</pre>"), "{html}");
}

#[test]
fn constants_are_text_that_is_escaped_like_any_other() {
    let mut issue = issue("By {{ vars.who }}, [more]({{ vars.link }})");
    issue.front.vars.insert("who".to_owned(), "A <b> & B".into());
    issue.front.vars.insert("link".to_owned(), "https://example.org/?a=1&b=2".into());
    let html = shown(&render_with(&issue, LETTER, "en").expect("it renders").html);
    assert!(html.contains("By A &lt;b&gt; &amp; B") && html.contains("?a=1&amp;b=2\""), "{html}");
}

#[test]
fn comments_that_nobody_reads_are_gone_and_outlooks_are_joined() {
    let marks = Marks::default();
    let mjml = "<mjml lang=\"en\" dir=\"ltr\"><mj-body><mj-section><mj-column><mj-text>a<!-- b --></mj-text></mj-column>\
                </mj-section><mj-section><mj-column><mj-text>c</mj-text></mj-column></mj-section></mj-body></mjml>";
    let html = finish(mjml, &marks).expect("it renders");
    assert!(!html.contains("<!-- b") && html.contains("<!--[if mso | IE]>"));
    assert!(!html.contains("<![endif]--><!--[if mso | IE]>"), "{html}");
}

#[test]
fn broken_markup_is_an_error_and_no_panic() {
    let marks = Marks::default();
    for mjml in
        ["", "<mjml>", "<mjml><mj-body><é", "<mjml><mj-body><!--[if é", "<mjml><mj-body><p></mj-body></mjml>"]
    {
        assert!(finish(mjml, &marks).is_err(), "{mjml}");
    }
}

#[test]
fn every_coloured_element_has_a_dark_counterpart() {
    let html =
        body_html("a [b](/c) `d`\n\n| e |\n|---|\n| f |\n\n> [!TIP]\n> g\n\n---\n\nh[^1]\n\n[^1]: i\n");
    let dark = ["c-text", "c-muted", "c-panel", "c-code", "c-line", "c-pad"];
    let document = scraper::Html::parse_fragment(&html);
    for element in document.root_element().descendent_elements() {
        let style = element.value().attr("style").unwrap_or_default();
        let is_coloured = style.split(';').any(|rule| rule.starts_with("background-color"));
        let is_classed = element.value().classes().any(|class| dark.contains(&class));
        assert!(!is_coloured || is_classed, "{}", element.html());
    }
}

#[test]
fn addresses_are_encoded_once() {
    let marks = Marks::default();
    assert_eq!(
        escape_url("https://example.org/a b?c=%20&d=ä\"", &marks),
        "https://example.org/a%20b?c=%20&amp;d=%C3%A4%22"
    );
}

#[test]
fn attributes_come_out_as_they_went_in() {
    let html = body_html("![e\u{301} \\\\ \"q\"](https://a.example/{{ name }}?b=c\\\\d)\n");
    assert!(html.contains("src=\"https://a.example/‹name›?b=c%5Cd\""), "{html}");
    let image = scraper::Html::parse_fragment(&html);
    let alt = image.root_element().descendent_elements().find_map(|element| element.value().attr("alt"));
    assert_eq!(alt, Some("e\u{301} \\ “q”"));
}

/// A line as an author may write it, in no sensible order.
pub fn any_line() -> impl Strategy<Value = String> {
    const LINES: [&str; 58] = [
        "",
        "",
        "",
        ":::",
        ":::",
        ":::",
        "::: columns",
        "::: column",
        "::: column 40%",
        "::: section",
        "::: hero",
        "::: figure",
        "::: button",
        "::: button quiet right",
        "::: divider :::",
        "::: divider",
        "::: callout tip \"T\"",
        "::: segment city = \"x\"",
        "::: web",
        "::: mail",
        "::: fold \"On\"",
        "::: nonsense",
        "> ::: section",
        "# One",
        "### Three {#id}",
        "- a",
        "  - b",
        "1. c",
        "- [x] done",
        "> q",
        "> > qq",
        "> [!NOTE]",
        "```rust",
        "```mjml",
        "<mj-text>m</mj-text>",
        "<mj-section><mj-column><mj-text>m</mj-text></mj-column></mj-section>",
        "~~~",
        "    code",
        "| a | b | c |",
        "|---|:-:|--:|",
        "| 1 | 2 | 3 |",
        "term",
        ": detail",
        "[^n]: note",
        "ref[^n] and[^m]",
        "![i](https://example.org/i.png){width=30}",
        "![i](https://example.org/i.png \"t\")",
        "[g](https://example.org/g){.button}",
        "[s *c*]{.smallcaps} H~2~O x^2^",
        "**[b](https://example.org/b)**",
        "---",
        "<div>",
        "</div>",
        "<table><tr><td>x",
        "<b>bold",
        "{{ name }} {{ city | default(\"x\") }}",
        "a \\\\",
        "https://example.org/bare, ada@example.org",
    ];
    proptest::sample::select(&LINES[..]).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn any_markdown_becomes_a_letter(markdown in "([a-z *_`~\\[\\]()<>!#|:\"'&/=\n\\-]|<[bip]>|</[bip]>|<div>|<!--|-->|é|語|\\[\\^a\\]: x|> |- |\\PC){0,120}") {
        let rendered = render_with(&issue(&markdown), LETTER, "en");
        // Braces may be merge syntax that is broken, which is an error of its own.
        prop_assert!(rendered.is_ok() || markdown.contains(['{', '}']), "{:?}", rendered.err());
    }

    #[test]
    fn any_blocks_become_a_letter(lines in proptest::collection::vec(any_line(), 0..24), is_web: bool) {
        let markdown = lines.join("\n");
        let web = is_web.then_some("https://example.org/a?b=c&d");
        let rendered = render_on(&issue(&markdown), LETTER, "en", web);
        prop_assert!(rendered.is_ok() || markdown.contains("{%"), "{:?}", rendered.err());
    }

    #[test]
    fn every_word_is_in_both_parts(words in proptest::collection::vec("[a-z]{3,8}", 1..20), mark in "[*_ ]|`|\\*\\*|> |- |# |1\\. ") {
        let markdown = words.iter().map(|word| format!("{mark}{word}{}\n\n", mark.trim_end_matches(". ").trim())).collect::<String>();
        let rendered = letter(&markdown);
        let (html, text) = (shown(&rendered.html), shown(&rendered.text));
        for word in &words {
            prop_assert!(html.contains(word.as_str()) && text.contains(word.as_str()), "{word} of {markdown}");
        }
    }
}

#[test]
fn a_table_that_is_too_wide_for_a_phone_becomes_cards_there() {
    let wide = body_html(
        "| Station | Departure | Distance in kilometres |\n|---|---|---|\n| Baranavičyraztsentralnyvakzal | 08:15 | |\n",
    );
    assert!(wide.contains("c-text c-stack") && wide.contains(">Departure: </span>08:15</td>"), "{wide}");
    assert!(!wide.contains("kilometres: "), "an empty cell has no label: {wide}");
    let narrow = body_html("| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n");
    assert!(!narrow.contains("c-stack") && !narrow.contains("c-label"), "{narrow}");
}

#[test]
fn an_end_tag_of_nothing_is_no_markup() {
    let html = body_html("<p>a</p> --></--> b\n");
    assert!(html.contains("--&gt; b") && !html.contains("</--"), "{html}");
}

#[test]
fn braces_behind_links_images_and_words_say_how_they_look() {
    assert!(body_html("[Go](https://example.org/go){.button}\n").contains("c-button"));
    let image = body_html("![A map](https://example.org/m.png){width=300}\n");
    assert!(image.contains("width=\"300\"") && !image.contains("{width"), "{image}");
    let inline = body_html("See ![A map](https://example.org/m.png){width=20px}, please.\n");
    assert!(inline.contains("width=\"20\"") && inline.contains(", please"), "{inline}");
    let caps = body_html("By [Ada *Lovell*]{.smallcaps} [1].\n");
    assert!(
        caps.contains("<span style=\"font-variant:small-caps\">Ada <em>Lovell</em></span> [1]."),
        "{caps}"
    );
    let plain = body_html("\\[a]{.smallcaps} and [b]{.big} and [c](https://example.org){.x}\n");
    assert!(plain.contains("[a]{.smallcaps} and [b]{.big} and") && plain.contains("</a>{.x}"), "{plain}");
}

#[test]
fn a_heading_in_a_loop_has_no_id_as_it_is_there_many_times() {
    let html = body_html("{% for x in y %}\n\n## One\n\n> ## Two\n\n{% endfor %}\n\n## Three\n");
    assert_eq!(html.matches(" id=").count(), 1, "{html}");
    assert!(html.contains("<h2 id=\"three\"") && html.contains(">One</h2>"), "{html}");
}
