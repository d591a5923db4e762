use proptest::prelude::*;

use super::*;
use crate::model::address::Address;

fn somebody(fields: &[(&str, &str)]) -> Subscriber {
    Subscriber {
        address: Address::parse("ana@example.org").unwrap(),
        name: Some("Ana".to_owned()),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}

fn takes(filter: &str, fields: &[(&str, &str)]) -> bool {
    let segment = Segment::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    segment.matches(&somebody(fields))
}

#[test]
fn each_relation_means_what_it_says() {
    let minsk =
        [("city", "Minsk"), ("age", "30"), ("joined", "2025-02-01"), ("zip", "01234"), ("note", "n/a")];
    for filter in [
        "city = \"minsk\"",
        "city != 'Brest'",
        "absent != \"x\"",
        "city",
        "not absent",
        "age >= 18",
        "age = 30.0",
        "age < 100",
        "joined >= 2025-01-31",
        "joined < \"2025-10\"",
        "city contains \"INS\"",
        "city starts with 'mi'",
        "city in (\"Brest\", \"Minsk\")",
        "city not in (\"Brest\")",
        "email contains \"@example.org\"",
        "name = \"Ana\"",
        "zip = \"01234\"",
        "age > \"9\"",
        "CITY = \"x\" OR city = \"Minsk\" AND age = 30",
        "not (city = \"Brest\")",
    ] {
        assert!(takes(filter, &minsk), "{filter}");
    }
    for filter in [
        "city = \"Brest\"",
        "absent = \"x\"",
        "absent",
        "absent < 5",
        "note > 5",
        "zip = \"1234\"",
        "city != \"MINSK\"",
        "city = \"Minsk\" and not city",
        "absent in (\"x\")",
    ] {
        assert!(!takes(filter, &minsk), "{filter}");
    }
}

#[test]
fn and_binds_closer_than_or_and_not_closest() {
    let printed = |filter: &str| Segment::parse(filter).unwrap().to_string();
    assert_eq!(printed("a or b and c"), "a or (b and c)");
    assert_eq!(printed("not a and b"), "not a and b");
    assert_eq!(printed("not (a and b)"), "not (a and b)");
    assert_eq!(printed("A = 'it\\'s' AND b NOT IN (1,2)"), "A = \"it's\" and not b in (1, 2)");
}

#[test]
fn a_mistake_is_shown_where_it_is_with_what_was_meant() {
    let cases = [
        ("", 0..0, "the filter is empty", "leave it out, or write one such as `city = \"Minsk\"`"),
        ("city == \"x\"", 5..7, "`==` is no word of a filter", "write `=`"),
        ("city = Minsk", 7..12, "the value `Minsk` is not in quotation marks", "write `\"Minsk\"`"),
        ("city = \"Minsk", 7..8, "the quotation mark is not closed", "put the second one"),
        ("city contians \"x\"", 5..13, "`contians` cannot stand here", "did you mean `contains`?"),
        ("city && plan", 5..6, "`&` is no word of a filter", "write `and`"),
        (
            "city =",
            6..6,
            "a value is missing",
            "a filter looks like `city = \"Minsk\" and not plan in (\"free\", \"trial\")`",
        ),
        (
            "(city",
            5..5,
            "a closing parenthesis is missing",
            "a filter looks like `city = \"Minsk\" and not plan in (\"free\", \"trial\")`",
        ),
        (
            "a = 1 ; b",
            6..7,
            "`;` means nothing in a filter",
            "put text in quotation marks: `city = \"Minsk\"`",
        ),
    ];
    for (text, span, message, help) in cases {
        let error = Segment::parse(text).expect_err(text);
        assert_eq!((error.span.clone(), error.to_string()), (span, message.to_owned()), "{text}");
        assert_eq!(error.help().unwrap(), help, "{text}");
    }
    for deep in ["(".repeat(100_000), "not ".repeat(100_000)] {
        assert_eq!(Segment::parse(&deep).unwrap_err().fault, SegmentFault::TooDeep);
    }
}

#[test]
fn a_field_that_no_list_has_is_found_before_it_chooses_anybody() {
    let segment = Segment::parse("city = \"x\" and (plna or name)").unwrap();
    assert_eq!(segment.fields(), ["city", "plna", "name"]);
    let error = segment.check_fields(&["city", "plan"]).unwrap_err();
    assert_eq!(
        (error.span.clone(), error.to_string().as_str()),
        (16..20, "`plna` is not a field of the lists")
    );
    assert!(error.help().unwrap().starts_with("did you mean `plan`?"));
    assert!(segment.check_fields(&["city", "plna"]).is_ok());
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![".{0,8}".prop_map(Value::Text), "[0-9]{1,4}([.-][0-9]{1,2})?".prop_map(Value::Number)]
}

fn field() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,6}"
        .prop_filter("keywords are no fields", |name| !parser::KEYWORDS.contains(&name.as_str()))
}

fn test() -> impl Strategy<Value = Test> {
    let operator = prop::sample::select(vec![
        Operator::Equal,
        Operator::Unequal,
        Operator::Less,
        Operator::AtMost,
        Operator::More,
        Operator::AtLeast,
        Operator::Contains,
        Operator::StartsWith,
    ]);
    let leaf = prop_oneof![
        field().prop_map(Test::Has),
        (field(), operator, value()).prop_map(|(field, operator, value)| Test::Compare {
            field,
            operator,
            value
        }),
        (field(), prop::collection::vec(value(), 1..4))
            .prop_map(|(field, values)| Test::In { field, values }),
    ];
    leaf.prop_recursive(6, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Test::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Test::Any),
            inner.prop_map(|test| Test::Not(Box::new(test))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again_as_the_same(test in test()) {
        let segment = Segment { test, asked: Vec::new() };
        prop_assert_eq!(Segment::parse(&segment.to_string()), Ok(segment));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,40}|(city|not|in|and|or|starts|with|[()=!<>,\"'\\\\ 1x-]){0,20}") {
        match Segment::parse(&text) {
            Ok(segment) => drop(segment.matches(&somebody(&[("city", "x")]))),
            Err(error) => prop_assert!(text.get(error.span.clone()).is_some()),
        }
    }
}
