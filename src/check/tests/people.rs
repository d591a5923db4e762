//! Rules about the people that an issue goes to, and about what it says of each.

use super::sheet::{Sheet, mailbox, member};
use super::*;
use crate::compose::press::MergeError;
use crate::model::kind::Kind;
use crate::model::subscriber::ListId;

#[test]
fn a_segment_that_fits_nobody_is_no_unknown_field_and_a_slip_in_it_is_shown_where_it_is() {
    let segment = |filter: &str| {
        let mut sheet = Sheet::of(&format!("segment: {filter}\n"));
        sheet.issue.front.segment = Some(At { value: filter.to_owned(), span: 9..9 + filter.len() });
        let mut tally = Tally::default();
        tally.learn(["city".to_owned()]);
        sheet.tally = Some(tally);
        sheet
    };
    assert!(!segment("city = \"Nowhere\"").says().contains(&"segment error".to_owned()));
    let checked = segment("name and ctiy = \"Minsk\"").check();
    let found = checked.findings.iter().find(|found| found.rule == "segment").unwrap();
    assert_eq!(found.place.as_ref().unwrap().to_string(), "issues/012.md:1:19");
    assert!(found.help.as_ref().unwrap().contains("did you mean `city`?"), "{found:?}");
    let checked = segment("city == \"Minsk\"").check();
    let found = checked.findings.iter().find(|found| found.rule == "segment").unwrap();
    assert_eq!(found.place.as_ref().unwrap().to_string(), "issues/012.md:1:15");
    assert_eq!(found.help.as_deref(), Some("write `=`"));
}

#[test]
fn lists_that_do_not_agree_are_named() {
    let list = |name: &str, from: Option<&str>| List {
        description: None,
        is_open: false,
        name: name.into(),
        id: ListId(name.into()),
        title: name.into(),
        from: from.map(mailbox),
        reply_to: None,
        list_id: None,
        template: None,
        footer: None,
        is_archived: true,
        file: None,
    };
    let mut sheet = Sheet::good();
    sheet.lists = vec![list("weekly", None), list("art", Some("art@news.example.org"))];
    assert_eq!(
        sheet.message("list-settings"),
        "the lists `weekly` and `art` have a different sender: that of `weekly` counts for all"
    );
    sheet.lists[1].from = None;
    assert_eq!(sheet.says(), [""; 0]);
}

#[test]
fn a_column_that_holds_something_else_than_was_declared_is_found() {
    let declared = |kind| BTreeMap::from([("city".to_owned(), kind)]);
    let found = |kind| {
        let mut sheet = Sheet::good();
        let mut tally = Tally::of(&declared(kind));
        tally.add(&member("ada@example.org"), &[]);
        sheet.tally = Some(tally);
        sheet
    };
    assert_eq!(
        found(Kind::Number).message("field-kind"),
        "`city` is not a number such as 12 or 3.5 for all 1 subscriber, such as a…@example.org"
    );
    assert_eq!(found(Kind::Number).says(), ["field-kind warning"]);
    assert_eq!(found(Kind::Text).says(), [""; 0]);
}

#[test]
fn holes_that_nobody_can_fill_are_found_at_their_place() {
    let mut sheet = Sheet::of("Dear {{ citty }}, a letter of some length.\n");
    let mut tally = Tally::default();
    tally.add(&member("ada@example.org"), &[MergeError::Missing { field: "citty".into(), span: 8..13 }]);
    sheet.tally = Some(tally);
    let checked = sheet.check();
    assert_eq!(checked.findings[0].rule, "merge-unknown");
    assert_eq!(checked.findings[0].place.as_ref().unwrap().to_string(), "issues/012.md:1:9");
    assert_eq!(checked.findings[0].help.as_deref(), Some("did you mean `city`?"));
}

#[test]
fn an_empty_audience_is_an_error() {
    let mut sheet = Sheet::good();
    sheet.tally = Some(Tally::default());
    assert_eq!(sheet.says(), ["audience-empty error"]);
}
