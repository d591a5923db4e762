use serde_json::json;

use super::*;
use crate::model::finding::Explain;

fn roots() -> serde_json::Value {
    json!({
        "issue": {"title": "Tea & cake", "number": 7, "date": "2026-11-25"},
        "site": {"name": "Weekly", "base_url": "https://news.example.org"},
        "theme": {}, "vars": {"sponsor": "Ink", "tags": ["a", "b"], "nothing": null},
    })
}

fn take(text: &str) -> Result<(String, Marks), ComposeError> {
    let source = Source::new("issues/1.md", text);
    let all = 0..text.len();
    let taken = Marks::take(&source, all, &roots());
    if let Ok((left, marks)) = &taken {
        assert_eq!(left.len(), text.len());
        assert_eq!(marks.restore(left), text);
    }
    taken
}

fn kinds(text: &str) -> Vec<MarkKind> {
    take(text).unwrap().1.iter().map(|mark| mark.kind.clone()).collect()
}

fn error(text: &str) -> (String, String, String) {
    let error = take(text).unwrap_err();
    let place = error.place().unwrap();
    (error.to_string(), text[place.span].to_owned(), error.help().unwrap_or_default())
}

fn html(markdown: &str, wrap: impl Fn(&str) -> String) -> Result<String, ComposeError> {
    let source = Source::new("issues/1.md", markdown);
    let (left, marks) = Marks::take(&source, 0..markdown.len(), &roots())?;
    let pieces = marks.html_pieces(&wrap(&left), &source)?;
    Ok(shown(&pieces))
}

fn shown(pieces: &Pieces) -> String {
    let shown = pieces.iter().map(|piece| match piece {
        Piece::Literal(text) => text.clone(),
        Piece::Hole(hole) => format!("[{} {:?}]", hole.expression, hole.context),
        Piece::Logic { statement, .. } => format!("[% {statement}]"),
    });
    shown.collect()
}

#[test]
fn roots_are_constants_and_everything_else_is_for_each_subscriber() {
    assert_eq!(
        kinds("{{ issue.number + 1 }} {{ name | default('you') }} {{ vars.sponsor ~ city }} {{ 'a{{' }}"),
        [
            MarkKind::Constant("8".into()),
            MarkKind::Value("name | default('you')".into()),
            MarkKind::Value("vars.sponsor ~ city".into()),
            MarkKind::Constant("a{{".into()),
        ]
    );
}

#[test]
fn names_of_loops_and_of_set_are_not_the_same_for_all() {
    let marks = kinds("{% for tag in vars.tags %}{{ tag }}{{ loop.index }}{{ site.name }}{% endfor %}");
    assert_eq!(marks[1], MarkKind::Value("tag".into()));
    assert_eq!(marks[2], MarkKind::Value("loop.index".into()));
    assert_eq!(marks[3], MarkKind::Constant("Weekly".into()));
    let marks = kinds("{% set site = name %}{{ site }}");
    assert_eq!(marks[1], MarkKind::Value("site".into()));
}

#[test]
fn merge_syntax_in_code_is_literal_however_broken() {
    let text = "`{{ broken` {{ name }} `}}`\n\n```\n{% nonsense %}\n```\n\n    {{ a b }}\n";
    let (left, marks) = take(text).unwrap();
    assert_eq!(marks.iter().count(), 1);
    assert!(left.contains("{% nonsense %}") && left.contains("{{ a b }}"));
}

#[test]
fn a_backtick_in_an_expression_opens_no_code() {
    let marks = kinds("{{ name | default('`') }} and {{ city }} `");
    assert_eq!(marks.len(), 2);
}

#[test]
fn what_is_between_raw_and_endraw_is_literal() {
    let (left, marks) = take("{% raw %}{{ x y }}{% endraw %} {# gone\n\n#}").unwrap();
    assert_eq!(marks.fill_constants(&left), "{{ x y }} ");
}

#[test]
fn a_comment_may_hold_paragraphs_and_a_heading_may_have_an_id() {
    assert_eq!(kinds("# A {#a}\n\n{# one\n\n`two #}{{ name }}").len(), 2);
}

#[test]
fn errors_point_at_what_is_wrong() {
    let (message, place, _) = error("Dear {{ first name }},");
    assert!(message.contains("unexpected"), "{message}");
    assert_eq!(place, "name");
    assert_eq!(error("a {{ name").1, "{{");
    let (message, place, help) = error("{{ vars.sponsr }}");
    assert_eq!((place.as_str(), help.as_str()), ("vars.sponsr", "did you mean `vars.sponsor`?"));
    assert!(message.contains("no value"), "{message}");
    assert!(error("{{ vars.colour }}").2.contains("front matter"));
    assert!(error("{{ vars.nothing }}").0.contains("no value"));
    assert!(error("{{ vars.tags }}").0.contains("more than one"));
    assert!(error("é {{ name | uper }}").0.contains("uper"));
    assert_eq!(error("{{ name | safe }}").2, "leave it out: a value is escaped by where it stands");
    assert!(error("{{ }}").0.contains("nothing"));
}

#[test]
fn statements_must_be_known_and_come_in_pairs() {
    assert!(error("{% include 'x' %}").2.contains("there are `if`"));
    assert_eq!(error("{% if a %}b").1, "{% if a %}");
    assert!(error("{% endif %}").0.contains("closes nothing"));
    assert!(error("{% if a %}{% endfor %}").0.contains("`endif` is due"));
    assert!(error("{% else %}").0.contains("no open `if`"));
    assert!(error("{% if a %}{% else %}{% elif b %}{% endif %}").0.contains("no open `if`"));
    assert_eq!(error("{% if a %}{% elif b c %}{% endif %}").1, "c");
    assert_eq!(error("{% if a b %}{% endif %}").1, "b");
    assert!(error("{% set a %}").0.contains("needs a value"));
    assert!(error("{% raw %}").0.contains("never closed"));
}

#[test]
fn tokens_are_as_long_as_what_they_stand_for_and_stand_nowhere_else() {
    let (left, marks) =
        take("\u{100000}{{a}}{{ é }}").unwrap_or_else(|_| take("\u{100000}{{a}}{{ e }}").unwrap());
    let first = &marks.iter().next().unwrap().token;
    assert_eq!(first, "\u{100001}x");
    assert_eq!(marks.split(&left).len(), 3);
}

#[test]
fn a_subject_shares_the_tokens_and_points_into_the_front_matter() {
    let text = "subject: Hi {{ name }}\n{{ city }}";
    let source = Source::new("1.md", text);
    let (left, mut marks) = Marks::take(&source, 23..33, &roots()).unwrap();
    let subject = marks.take_more(&source, 9..22, "Hi {{ name }}", &roots()).unwrap();
    assert_eq!(shown(&marks.pieces(&subject, Context::Header)), "Hi [name Header]");
    assert_eq!(shown(&marks.pieces(&left, Context::Plain)), "[city Plain]");
    assert_eq!(&text[marks.iter().nth(1).unwrap().span.clone()], "{{ name }}");
    let error = marks.take_more(&source, 0..0, "{{ a b }}", &roots()).unwrap_err();
    assert!(error.place().is_none());
}

#[test]
fn the_context_is_where_the_token_stands() {
    let shown = html("{{ a }}|{{ b }}|{{ c }}", |left| {
        let [a, b, c] = left.split('|').collect::<Vec<_>>()[..] else { panic!() };
        format!(
            r#"<title>{a}</title><a title="x {b}" HREF = '{c}"'>{a}</a><img alt="{b}" src="https://x/{c}.png">"#
        )
    });
    assert_eq!(
        shown.unwrap(),
        "<title>[a Html]</title><a title=\"x [b Attribute]\" HREF = \"[c Url]&quot;\">[a Html]</a>\
         <img alt=\"[b Attribute]\" src=\"https://x/[c Url].png\">"
    );
}

#[test]
fn conditional_comments_are_looked_into_and_statements_are_unwrapped() {
    let shown = html("{% if a %}|{{ b }}|{% endif %}", |left| {
        let [a, b, c] = left.split('|').collect::<Vec<_>>()[..] else { panic!() };
        format!(
            "<!--[if mso | IE]><td href=\"{b}\"><![endif]--><!--[if !mso]><!--><!-- {a} --><b>{b}</b>\
             <!--{c}--><!--<![endif]--><!-- it's <a {b} -->{b}"
        )
    });
    assert_eq!(
        shown.unwrap(),
        "<!--[if mso | IE]><td href=\"[b Url]\"><![endif]--><!--[if !mso]><!-->[% if a]<b>[b Html]</b>\
         [% endif]<!--<![endif]--><!-- it's <a [b Html] -->[b Html]"
    );
}

#[test]
fn constants_are_escaped_for_where_they_stand() {
    let shown = html("{{ issue.title }}|{{ site.base_url }}", |left| {
        let (title, base) = left.split_once('|').unwrap();
        format!(r#"{title}<a href="{base}/?a=1&amp;q={title}" title="{title}" style="x:{title}">"#)
    });
    assert_eq!(
        shown.unwrap(),
        "Tea &amp; cake<a href=\"https://news.example.org/?a=1&amp;q=Tea%20%26%20cake\" title=\"Tea &amp; cake\" \
         style=\"x:Tea &amp; cake\">"
    );
}

#[test]
fn no_value_goes_into_style_sheets_scripts_or_names() {
    for (wrapped, place) in [
        ("<style>p { color: # }</style>", "style sheet"),
        ("<p style=\"color: #\">", "style sheet"),
        ("<a onclick=\"#\">", "style sheet"),
        ("<SCRIPT>#</SCRIPT>", "script"),
        ("<h#>", "name of a tag"),
        ("<p #=\"a\">", "attribute"),
        ("<p class=#>", "without quotes"),
    ] {
        let error = html("Hi {{ color }}", |left| wrapped.replace('#', &left[3..])).unwrap_err();
        assert!(error.to_string().contains(place), "{wrapped}: {error}");
        assert_eq!(error.place().unwrap().span, 3..14);
    }
}

#[test]
fn tokens_are_known_in_every_form_that_html_has_for_them() {
    for form in ["%F4%80%80%80", "%f4%80%80%80", "&#x100000;", "&#1048576;", "\\u{100000}"] {
        let shown = html("{{ a }}", |left| format!("<a href=\"https://x/%41&#65;{form}{}\">", &left[4..]));
        assert_eq!(shown.unwrap(), "<a href=\"https://x/%41&#65;[a Url]\">", "{form}");
    }
}

#[test]
fn white_space_control_takes_the_space_around() {
    let shown = html("a {{- b -}} c {% if x -%} d {%- endif %} e", str::to_owned);
    assert_eq!(shown.unwrap(), "a[b Html]c [% if x]d[% endif] e");
}

#[test]
fn statements_that_came_apart_are_an_error() {
    let error = html("{% if a %}|{% endif %}", |left| {
        let (a, b) = left.split_once('|').unwrap();
        format!("{b}{a}")
    });
    assert!(error.unwrap_err().to_string().contains("come apart"));
}

#[test]
fn a_field_in_a_plain_web_address_is_encoded_as_part_of_it() {
    let text = "{{ a }} <https://x.example/{{ a }}?q={{ a }}> {{ a }}";
    let (left, marks) = take(text).unwrap();
    let expected = "[a Plain] <https://x.example/[a Url]?q=[a Url]> [a Plain]";
    assert_eq!(shown(&marks.pieces(&left, Context::Plain)), expected);
}

#[test]
fn more_marks_than_tokens_are_an_error() {
    let text = "{##}\n".repeat(MOST_MARKS + 1);
    assert!(take(&text).unwrap_err().to_string().contains("65000"));
}

proptest::proptest! {
    #[test]
    fn any_text_is_taken_apart_or_refused_with_its_place(text in "[ a`{}%#|'\"\\\\\n<>é(\u{100000}-]{0,60}") {
        match take(&text) {
            Ok((left, marks)) => {
                let joined: String = marks.split(&left).iter().map(|part| match part {
                    Part::Text(text) => *text,
                    Part::Mark(mark) => mark.source.as_str(),
                }).collect();
                proptest::prop_assert_eq!(joined, text);
            }
            Err(error) => {
                let place = error.place().unwrap();
                proptest::prop_assert!(text.get(place.span).is_some());
            }
        }
    }
}

#[test]
fn statements_nested_past_any_use_are_an_error_where_it_is_too_deep() {
    let text = "{% if a %}".repeat(60);
    let (message, place, _) = error(&text);
    assert_eq!(message, "statements are nested more than 50 deep");
    assert_eq!(place, "if a");
}
