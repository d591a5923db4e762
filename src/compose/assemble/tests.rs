use crate::compose::testing::{LETTER, issue, letter, places, render_with, shown};
use crate::model::issue::At;

#[test]
fn a_first_heading_that_is_the_title_is_printed_once() {
    let rendered = letter("# It's *here*, [now](https://example.org)\n\nText.\n");
    let (html, text) = (shown(&rendered.html), shown(&rendered.text));
    assert_eq!(html.matches("<h1").count(), 1);
    assert!(html.contains("<em>here</em>") && !html.contains("<h2"), "{html}");
    assert!(text.starts_with("It’s _here_, now [1]\n"), "{text}");
    assert_eq!(shown(&rendered.subject), "It’s here, now");
}

#[test]
fn a_title_of_the_front_matter_stands_above_other_headings() {
    let mut issue = issue("# First\n\nText.\n");
    issue.front.title = Some(At { value: "The \"title\"".to_owned(), span: 0..0 });
    let html = shown(&render_with(&issue, LETTER, "en").expect("it renders").html);
    assert!(html.contains("The “title”</h1>") && html.contains("First</h2>"), "{html}");
}

#[test]
fn a_heading_further_down_gives_the_title_and_stays_where_it_is() {
    let html = shown(&letter("Text.\n\n## Below\n").html);
    assert!(html.contains("Below</h1>") && html.contains("Below</h2>"));
}

#[test]
fn the_line_above_the_text_names_what_the_front_matter_names() {
    let mut issue = issue("Text.\n");
    issue.front.series = Some(At { value: "Notes & Queries".to_owned(), span: 0..0 });
    issue.front.number = Some(At { value: 12, span: 0..0 });
    issue.front.date = Some(At { value: jiff::civil::date(2025, 7, 10), span: 0..0 });
    let rendered = render_with(&issue, LETTER, "en-GB").expect("it renders");
    assert!(shown(&rendered.html).contains("Notes &amp; Queries · #12 · 10 July 2025"));
    assert!(shown(&rendered.text).contains("Notes & Queries · #12 · 10 July 2025"));
}

#[test]
fn the_preheader_comes_first_and_the_inbox_shows_nothing_after_it() {
    let mut issue = issue("Text.\n");
    issue.front.preheader = Some(At { value: "Just for {{ name }}".to_owned(), span: 0..0 });
    let rendered = render_with(&issue, LETTER, "en").expect("it renders");
    let html = shown(&rendered.html);
    let body = html.split("<body").nth(1).expect("a body");
    assert!(body.find("Just for ‹name›\u{2007}") < body.find("<h1"), "{body}");
    assert_eq!(rendered.preheader.as_ref().map(shown).as_deref(), Some("Just for ‹name›"));
}

#[test]
fn a_subject_is_one_line() {
    let mut issue = issue("Text.\n");
    issue.front.subject = Some(At { value: "a\r\nBcc: b".to_owned(), span: 0..0 });
    assert_eq!(shown(&render_with(&issue, LETTER, "en").expect("it renders").subject), "a Bcc: b");
}

#[test]
fn links_of_the_text_have_places_and_those_of_the_template_have_none() {
    let rendered = letter(
        "[a](https://a.example/{{ name }})\n\n<a href=\"https://b.example\">b</a> ![](https://c.example/c.png)\n",
    );
    let links: Vec<(String, bool)> =
        rendered.links.iter().map(|link| (shown(&link.target), link.span.is_some())).collect();
    let expected = [
        ("https://a.example/‹name›", true),
        ("https://b.example", true),
        ("https://c.example/c.png", true),
        ("‹unsubscribe_url›", false),
    ];
    assert_eq!(links, expected.map(|(target, own)| (target.to_owned(), own)));
}

#[test]
fn what_is_a_reader_s_own_may_stand_in_a_template() {
    let own =
        "<a href=\"https://a.example/p/{{ reader_token }}\">{{ email }}</a> {{ name }} {{ unsubscribe_url }}";
    let template = LETTER.replace("{{ body }}", &format!("{{{{ body }}}}<mj-text>{own}</mj-text>"));
    let html = shown(&render_with(&issue("Text.\n"), &template, "en").expect("it renders").html);
    assert!(html.contains("href=\"https://a.example/p/‹reader_token›\""), "{html}");
    assert!(html.contains("‹email›</a> ‹name› ‹unsubscribe_url›"), "{html}");
}

#[test]
fn an_image_of_this_computer_is_a_finding() {
    let rendered = letter("![a](images/a.png) ![b](https://example.org/b.png) <img src=\"c.png\">");
    assert_eq!(places(&rendered, "image-local"), ["1:1", "1:52"]);
}

#[test]
fn languages_from_right_to_left_say_so() {
    let html = shown(&render_with(&issue("نص"), LETTER, "ar").expect("it renders").html);
    assert!(html.contains("lang=\"ar\" dir=\"rtl\"") && !html.contains("align=\"left\""), "{html}");
}

#[test]
fn the_same_issue_renders_to_the_same_bytes() {
    let markdown = "# A\n\n{{ name }} [b](https://b.example) {% if c %}d{% endif %}\n";
    assert_eq!(letter(markdown).html, letter(markdown).html);
    assert_eq!(letter(markdown).mjml, letter(markdown).mjml);
}

#[test]
fn the_mjml_shows_merge_syntax_as_the_author_wrote_it() {
    let mjml = letter("{{ name }}\n\n{% if a %}\n\nb\n\n{% endif %}\n").mjml;
    assert!(mjml.contains("{{ name }}</p>") && mjml.contains("<!--{% if a %}-->"), "{mjml}");
}

#[test]
fn a_first_heading_with_a_name_is_a_title_without_it() {
    assert_eq!(shown(&letter("# Three {#id}\n\nText.\n").subject), "Three");
}
