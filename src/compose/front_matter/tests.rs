use proptest::prelude::*;

use super::*;
use crate::model::finding::Explain;

fn issue(text: &str) -> Issue {
    parse_issue(Source::new("issues/012-spring.md", text)).unwrap()
}

/// Place, message and help of what is wrong with `text`.
fn wrong(text: &str) -> (String, String, String) {
    let error = parse_issue(Source::new("i.md", text)).unwrap_err();
    let place = error.place().unwrap().to_string();
    (place, error.to_string(), error.help().unwrap_or_default())
}

#[test]
fn yaml_and_toml_say_the_same() {
    let yaml = issue(concat!(
        "---\ntitle: Spring\nnumber: 12\ndate: 2027-05-31\nlists: [weekly, daily]\nlang: de\ndraft: true\n",
        "from: Ada <ada@example.org>\nsend_at: 2027-05-31T08:00+02:00\nvars:\n  price: 1.5\n  deep: {a: [1, x]}\n---\n# Text\n",
    ));
    let toml = issue(concat!(
        "+++\ntitle = \"Spring\"\nnumber = 12\ndate = 2027-05-31\nlists = [\"weekly\", \"daily\"]\nlang = \"de\"\ndraft = true\n",
        "from = \"Ada <ada@example.org>\"\nsend_at = 2027-05-31T08:00+02:00\n[vars]\nprice = 1.5\ndeep = {a = [1, \"x\"]}\n+++\n# Text\n",
    ));
    for issue in [yaml, toml] {
        let front = &issue.front;
        assert_eq!((issue.title(), issue.markdown()), ("Spring", "# Text\n"));
        assert_eq!(front.number.as_ref().unwrap().value, 12);
        assert_eq!(front.date.as_ref().unwrap().value.to_string(), "2027-05-31");
        assert_eq!(front.lists.iter().map(|at| at.value.as_str()).collect::<Vec<_>>(), ["weekly", "daily"]);
        assert_eq!(
            serde_json::Value::from(front.vars.clone()),
            serde_json::json!({"price": 1.5, "deep": {"a": [1, "x"]}})
        );
        assert!(front.draft);
        assert_eq!(front.send_at.as_ref().unwrap().value, "2027-05-31T08:00+02:00");
    }
}

#[test]
fn values_know_where_they_stand() {
    let text = "---\ntitle: Für Élise\nsubject: \"Hi {{ name }}\"\n---\nbody";
    let issue = issue(text);
    let title = issue.front.title.as_ref().unwrap();
    assert_eq!(&text[title.span.clone()], "Für Élise");
    assert_eq!(&text[issue.front.subject.unwrap().span], "\"Hi {{ name }}\"");
    assert_eq!(&text[issue.body], "body");
}

#[test]
fn an_issue_is_named_by_its_slug_else_by_its_file() {
    assert_eq!(issue("x").id.0, "012-spring");
    assert_eq!(issue("---\nslug: of-spring\n---\n").id.0, "of-spring");
    assert_eq!(parse_issue(Source::new("-", "x")).unwrap().id.0, "standard-input");
}

#[test]
fn the_first_heading_is_the_title_where_none_is_written() {
    assert_eq!(
        issue("text\n\n## A *bold* `code` [link](https://example.org) {#id}\n").title(),
        "A bold code link"
    );
    assert_eq!(issue("---\nnumber: 1\n---\nTwo\nlines\n=====\n").title(), "Two lines");
    assert_eq!(issue("no heading").title(), "012-spring");
    assert_eq!(issue("").title(), "012-spring");
    assert!(issue("# Hello").title_is_heading() && !issue("---\ntitle: x\n---\n# y").title_is_heading());
    let text = "---\n---\n\n# Héy *you*\n";
    let heading = issue(text).front.title.unwrap();
    assert_eq!((heading.value.as_str(), &text[heading.span]), ("Héy you", "Héy *you"));
}

#[test]
fn nothing_between_the_lines_is_fine() {
    for text in
        ["---\n---\nx", "---\n\n# only a remark\n---\nx", "+++\n+++\nx", "\n\n---\n---\nx", "---\n...\nx"]
    {
        assert_eq!(issue(text).markdown(), "x", "{text:?}");
    }
    assert_eq!(issue("---\ntitle:\n---\n").title(), "012-spring");
    assert_eq!(
        issue("a\n---\nb: c\n---\n").markdown(),
        "a\n---\nb: c\n---\n",
        "a heading is no front matter"
    );
}

#[test]
fn a_wrong_key_is_pointed_at_with_the_right_one() {
    let (place, message, help) = wrong("---\ntitle: x\nsubjct: y\n---\n");
    assert_eq!((place.as_str(), help.as_str()), ("i.md:3:1", "did you mean `subject`?"));
    assert_eq!(message, "`subjct` is not a key of the front matter");
    assert_eq!(wrong("+++\ntitle = 'x'\nlangg = 'de'\n+++\n").0, "i.md:3:1");
    assert_eq!(wrong("+++\n\n[varss]\na = 1\n+++\n").0, "i.md:3:2");
}

#[test]
fn a_wrong_value_is_pointed_at() {
    let places = [
        ("---\nnumber: twelve\n---\n", "i.md:2:9"),
        ("---\nnumber: -1\n---\n", "i.md:2:9"),
        ("---\ntitle: ok\ndate: 31.5.2027\n---\n", "i.md:3:7"),
        ("---\ndate: 2027-02-30\n---\n", "i.md:2:7"),
        ("---\ndraft: perhaps\n---\n", "i.md:2:8"),
        ("---\nlang: deutsch!\n---\n", "i.md:2:7"),
        ("---\nslug: a/b\n---\n", "i.md:2:7"),
        ("---\nfrom: nobody\n---\n", "i.md:2:7"),
        ("---\nsend_at: tomorrow\n---\n", "i.md:2:10"),
        ("---\nsend_at: 2027-05-31\n---\n", "i.md:2:10"),
        ("---\nlists: {a: b}\n---\n", "i.md:2:8"),
        ("---\nlists: [a, [b]]\n---\n", "i.md:2:12"),
        ("---\ntitle: [a]\n---\n", "i.md:2:8"),
        ("---\nvars: x\n---\n", "i.md:2:1"),
        ("+++\ndraft = 'yes'\n+++\n", "i.md:2:9"),
    ];
    for (text, place) in places {
        assert_eq!(wrong(text).0, place, "{text:?}: {}", wrong(text).1);
    }
}

#[test]
fn broken_syntax_is_pointed_at() {
    assert_eq!(wrong("---\ntitle: a: b\n---\n").0, "i.md:2:9");
    assert!(wrong("---\ntitle: a: b\n---\n").2.contains("quotes"));
    assert_eq!(wrong("---\ntitle: a\ntitle: b\n---\n").0, "i.md:3:1");
    assert_eq!(wrong("---\nlists: [a\n---\n").0, "i.md:2:8");
    assert_eq!(wrong("+++\ntitle = \n+++\n").0, "i.md:2:9");
    assert_eq!(wrong("---\njust words\n---\n").0, "i.md:2:1");
}

#[test]
fn front_matter_without_an_end_says_so() {
    let (place, message, help) = wrong("---\ntitle: x\n\n# Text\n");
    assert_eq!(
        (place.as_str(), message.as_str()),
        ("i.md:1:1", "the front matter that begins with `---` has no end")
    );
    assert!(help.contains("`---`"));
    assert!(wrong("+++").2.contains("`+++`"));
}

#[test]
fn a_title_with_a_line_break_never_gets_near_a_header() {
    for text in [
        "---\ntitle: |\n  one\n  two\n---\n",
        "---\nsubject: \"a\\r\\nBcc: x@example.org\"\n---\n",
        "+++\nfrom = \"a\\n <a@example.org>\"\n+++\n",
        "---\nseries: \"a\\tb\"\n---\n",
        "---\nlists: [\"a\\nb\"]\n---\n",
    ] {
        assert!(wrong(text).1.contains("one line"), "{text:?}");
    }
    assert_eq!(issue("---\ntitle: >\n  one\n  two\n---\n").title(), "one two");
}

#[test]
fn yaml_needs_no_quotes_around_what_looks_like_a_number_or_a_truth() {
    assert_eq!(issue("---\ntitle: 1984\n---\n").title(), "1984");
    assert_eq!(issue("---\ntitle: Yes\n---\n").title(), "Yes");
    assert_eq!(issue("---\nlang: no\n---\n").front.lang.unwrap().value, "no");
    assert_eq!(issue("---\nnumber: 007\n---\n").front.number.unwrap().value, 7);
}

fn spans(issue: &Issue) -> Vec<Span> {
    let front = &issue.front;
    let texts = [&front.title, &front.subject, &front.series, &front.slug, &front.from, &front.send_at];
    let texts = texts.into_iter().flatten().chain(&front.lists).map(|at| at.span.clone());
    texts.chain(front.number.iter().map(|at| at.span.clone())).chain([issue.body.clone()]).collect()
}

proptest! {
    #[test]
    fn whatever_is_written_there_is_no_panic_and_every_span_is_in_the_file(
        fence in "(---|\\+\\+\\+)\n",
        lines in prop::collection::vec("(title|subject|number|lists|vars|slug|x)?(: | = |:)?(\"|'|\\[|\\{|&a |\\*a|\\||>|!|- |é|\\PC){0,6}", 0..5),
        end in "(---|\\+\\+\\+)?\n?\\PC{0,8}",
    ) {
        let text = format!("{fence}{}\n{end}", lines.join("\n"));
        let spans = match parse_issue(Source::new("i.md", text.clone())) {
            Ok(issue) => spans(&issue),
            Err(error) => error.place().map(|place| place.span).into_iter().collect(),
        };
        for span in spans {
            prop_assert!(text.get(span.clone()).is_some(), "{span:?} of {text:?}");
        }
    }

    #[test]
    fn nothing_of_the_text_is_lost(body in "\\PC*") {
        let text = format!("---\ntitle: x\n---\n{body}");
        prop_assert_eq!(issue(&text).markdown().to_owned(), body);
    }
}
