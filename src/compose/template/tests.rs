use super::{lint, resolve, zeros_as_pixels};
use crate::compose::ComposeError;
use crate::compose::testing::{LETTER, issue, render_with, shown, with_parts};
use crate::model::finding::Explain;
use crate::model::source::Source;
use crate::model::template::Template;

/// Message, place and help of what is wrong with a template.
fn failure(template: &str) -> (String, String, String) {
    let error: ComposeError = render_with(&issue("Some *text*.\n\nMore of it.\n"), template, "en")
        .expect_err("the template is broken");
    let place = error.place().map(|place| place.to_string()).unwrap_or_default();
    (error.to_string(), place, error.help().unwrap_or_default())
}

/// Line and column of `part` in `text`.
fn position(text: &str, part: &str) -> String {
    let at = text.find(part).expect(part);
    let found = Source::new("templates/letter.mjml", text).position(at);
    format!("templates/letter.mjml:{}:{}", found.line, found.column)
}

#[test]
fn a_name_that_is_not_known_is_shown_where_it_stands() {
    let template = LETTER.replace("{{ heading }}", "{{ headnig }}");
    let (message, place, help) = failure(&template);
    assert_eq!(message, "the template does not know `headnig`");
    assert_eq!(place, position(&template, "headnig"));
    assert_eq!(help, "did you mean `heading`?");
    let (_, _, help) = failure(&LETTER.replace("theme.width", "theme.widht"));
    assert_eq!(help, "did you mean `theme.width`?");
}

#[test]
fn a_broken_placeholder_is_shown_where_it_stands() {
    let template = LETTER.replace("{{ heading }}", "{{ heading ");
    let (_, place, _) = failure(&template);
    let line = position(&template, "{{ heading ");
    let line_of = |place: &str| place.split(':').nth(1).map(str::to_owned);
    assert_eq!(line_of(&place), line_of(&line));
}

#[test]
fn broken_mjml_is_shown_in_the_template_although_the_letter_is_longer() {
    let template =
        LETTER.replace("        {{ body }}\n      </mj-column>", "        {{ body }}\n      </mj-colum>");
    let (message, place, _) = failure(&template);
    assert!(message.starts_with("the template is not valid MJML"), "{message}");
    let line_of = |place: &str| place.split(':').nth(1).map(str::to_owned);
    assert_eq!(line_of(&place), line_of(&position(&template, "</mj-colum>")), "{message}");
}

#[test]
fn an_unquoted_attribute_after_the_body_is_shown_in_the_template() {
    let template = LETTER.replace("<mj-spacer height=\"16px\" />", "<mj-spacer height=16px />");
    let (_, place, _) = failure(&template);
    let line_of = |place: &str| place.split(':').nth(1).map(str::to_owned);
    assert_eq!(line_of(&place), line_of(&position(&template, "<mj-spacer height=16px />")));
}

#[test]
fn an_element_that_is_never_closed_is_shown_where_it_begins() {
    let template = LETTER.replace("{{ heading }}</h1>", "{{ heading }}<b></h1>");
    let (message, place, _) = failure(&template);
    assert!(message.contains("`</h1>` stands where `</b>` is due"), "{message}");
    assert_eq!(place, position(&template, "</h1>"));
}

#[test]
fn a_template_without_end_stops() {
    let (message, ..) =
        failure("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}");
    assert!(message.contains("the template cannot be read"), "{message}");
}

#[test]
fn an_empty_template_is_no_letter() {
    assert!(failure("").0.contains("no `<mjml>` element") || failure("").0.contains("ends too early"));
}

#[test]
fn what_differs_for_every_subscriber_becomes_a_hole() {
    let template = LETTER.replace("{{ heading }}", "{{ heading }} for {{ name }}");
    let html = shown(&render_with(&issue("# Hi\n"), &template, "en").expect("it renders").html);
    assert!(html.contains("Hi for ‹name›</h1>") && html.contains("href=\"‹unsubscribe_url›\""), "{html}");
}

#[test]
fn a_bare_zero_is_written_as_pixels_in_spacing_attributes_only() {
    assert_eq!(
        zeros_as_pixels(
            "<mj-image padding=\"0 24px\" border=\"0\" alt=\"padding=0 > 0\" /><p style=\"padding:0\">0</p>"
        ),
        "<mj-image padding=\"0px 24px\" border=\"0\" alt=\"padding=0 > 0\" /><p style=\"padding:0\">0</p>"
    );
}

#[test]
fn traps_of_mjml_are_findings_in_the_template() {
    let template = Source::new(
        "t.mjml",
        "<mjml>\n<mj-include path=\"a\" />\n<mj-txt>a</mj-txt>\n<mj-text mj-class=\"a b\"/></mjml>",
    );
    let found: Vec<String> = lint(&template)
        .iter()
        .map(|finding| {
            format!(
                "{} {}",
                finding.rule,
                finding.place.as_ref().map(ToString::to_string).unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(found, ["mjml-include t.mjml:2:1", "mjml-schema t.mjml:3:1", "mjml-class-order t.mjml:4:1"]);
}

#[test]
fn a_mistake_in_a_part_is_shown_in_the_part() {
    let mut template = with_parts(Source::new("templates/letter.mjml", LETTER));
    template.parts[1].1 = Source::new("templates/parts/foot.mjml", "<mj-section>\n{{ whi }}\n</mj-section>");
    let look = |template: &Template| resolve(template, minijinja::context! {}).map(|_| ());
    let place = |error: ComposeError| error.place().map(|place| place.to_string()).unwrap_or_default();
    let lone = Template { main: Source::new("t.mjml", "a\n{% include \"foot\" %}"), parts: template.parts };
    assert_eq!(place(look(&lone).expect_err("`whi` is no name")), "templates/parts/foot.mjml:2:4");
}

#[test]
fn a_part_that_includes_itself_is_an_error_where_it_does() {
    let part = ("loop".to_owned(), Source::new("templates/parts/loop.mjml", "x\n{% include \"loop\" %}"));
    let template = Template { main: Source::new("t.mjml", "{% include \"loop\" %}"), parts: vec![part] };
    let error = resolve(&template, minijinja::context! {}).expect_err("it never ends");
    assert_eq!(error.to_string(), "the template includes itself without end");
    assert_eq!(error.place().expect("a place").to_string(), "templates/parts/loop.mjml:2:4");
}

#[test]
fn a_part_that_is_not_there_is_an_error_with_those_that_are() {
    let template = with_parts(Source::new("t.mjml", "<mjml>\n{% include \"foto\" %}</mjml>"));
    let error = resolve(&template, minijinja::context! {}).expect_err("there is no such part");
    assert_eq!(error.to_string(), "there is no part `foto`");
    assert_eq!(error.help().expect("help"), "did you mean `foot`?");
    assert_eq!(error.place().expect("a place").to_string(), "t.mjml:2:4");
}
