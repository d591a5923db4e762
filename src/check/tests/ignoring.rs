//! What an author lets pass.

use super::sheet::Sheet;

fn says(text: &str) -> Vec<String> {
    Sheet::of(text).says()
}

#[test]
fn a_remark_lets_its_rule_pass_in_the_block_that_follows_and_no_further() {
    let text = "<!-- courant: ignore mark-leftover because the stars are meant -->\n\nA letter of **some\nlength.\n\n\
                And **more of it.\n";
    let checked = Sheet::of(text).check();
    assert_eq!(checked.ignored.len(), 1);
    assert_eq!(checked.ignored[0].reason, "the stars are meant");
    let left = &checked.findings;
    assert_eq!((left.len(), left[0].place.as_ref().unwrap().position().line), (1, 6), "{left:?}");
}

#[test]
fn a_remark_within_a_paragraph_counts_for_the_paragraph() {
    let text = "A letter of **some\nlength. <!-- courant: ignore mark-leftover because of\nthe stars -->\n";
    assert_eq!(says(text), [""; 0]);
}

#[test]
fn a_remark_lets_only_the_named_rules_pass() {
    let text = "<!-- courant: ignore link-http, mark-leftover because it is so -->\nA letter of [Name] **some length.\n";
    let says = says(text);
    assert_eq!(says, ["ignore-unused warning", "merge-leftover error"]);
}

#[test]
fn a_remark_without_a_reason_or_with_a_mistyped_rule_lets_nothing_pass() {
    let without = "<!-- courant: ignore mark-leftover -->\nA letter of **some length.\n";
    assert_eq!(says(without), ["ignore-broken warning", "mark-leftover warning"]);
    let mistyped = "<!-- courant: ignore mark-leftovr because -->\nA letter of some length.\n";
    assert_eq!(says(mistyped), ["ignore-broken warning"]);
    let checked =
        Sheet::of("<!-- courant: ignore mark-leftovr because so -->\nA letter of some length.\n").check();
    assert_eq!(checked.findings[0].help.as_deref(), Some("did you mean `mark-leftover`?"));
}

#[test]
fn a_remark_in_code_is_code() {
    let text = "```\n<!-- courant: ignore mark-leftover because so -->\n```\n\nA letter of **some length.\n";
    assert_eq!(says(text), ["mark-leftover warning"]);
}

#[test]
fn a_remark_in_the_front_matter_counts_for_the_whole_issue() {
    let front =
        "---\n# courant: ignore preheader-missing because it is a note among friends\ntitle: Hi\n---\n";
    let mut sheet = Sheet::of(&format!("{front}A letter of some length to you all.\n"));
    sheet.issue.body.start = front.len();
    sheet.issue.front.preheader = None;
    assert_eq!(sheet.says(), [""; 0]);
    assert_eq!(sheet.check().ignored[0].reason, "it is a note among friends");
}

#[test]
fn an_empty_line_may_hold_spaces() {
    let text = "<!-- courant: ignore mark-leftover because so -->\nA letter of **some length.\n  \nAnd **more of it.\n";
    assert_eq!(says(text), ["mark-leftover warning"]);
    let text = "A letter of **some length.\n \t\nMore. <!-- courant: ignore mark-leftover because so --> **And more.\n";
    assert_eq!(says(text), ["mark-leftover warning"]);
}

#[test]
fn the_shortest_comments_are_comments() {
    for text in
        ["A letter of <!--> some length.\n", "A letter of some length.\n\n<!--->\n\nYes.\n", "<!-->\n"]
    {
        assert!(Sheet::of(text).check().ignored.is_empty(), "{text}");
    }
}
