//! Rules about the author's words: where they point, and what `--fix` would write.

use super::sheet::Sheet;
use super::*;

/// What a rule points at in an issue of this text, and what would be written in place of what.
fn found(rule: &str, text: &str) -> Vec<(String, Option<(String, String)>)> {
    let sheet = Sheet::of(text);
    let checked = sheet.check();
    let at = |place: &Place| place.source.text()[place.span.clone()].to_owned();
    let of_rule = checked.findings.iter().filter(|found| found.rule == rule);
    of_rule
        .map(|found| {
            let fix = found.fix.as_ref().map(|fix| (at(&fix.place), fix.text.clone()));
            (found.place.as_ref().map(at).unwrap_or_default(), fix)
        })
        .collect()
}

fn pointed(rule: &str, text: &str) -> Vec<String> {
    found(rule, text).into_iter().map(|(at, _)| at).collect()
}

fn change(from: &str, to: &str) -> Option<(String, String)> {
    Some((from.to_owned(), to.to_owned()))
}

#[test]
fn a_doubled_word_is_cut_out_where_only_spaces_part_it() {
    let text = "The boats of the\nthe harbour came in **in** the morning, on the **the** tide.\n";
    assert_eq!(
        found("doubled-word", text),
        [("the\nthe".to_owned(), change("\nthe", "")), ("the **the".to_owned(), None)],
        "`in in` is English"
    );
}

#[test]
fn a_language_that_is_not_known_is_skipped_for_doubled_words() {
    let mut sheet = Sheet::of("Perahu perahu berlayar.\n");
    sheet.settings.site.lang = "ms".to_owned();
    let checked = sheet.check();
    assert!(checked.skipped.iter().any(|skip| skip.rule == "doubled-word"), "{:?}", checked.skipped);
}

#[test]
fn headings_that_skip_a_level_are_pointed_at() {
    let says = |text: &str| pointed("heading-order", text);
    assert_eq!(says("# One\n\nx\n\n### Three\n\nx\n\n#### Four\n"), ["### Three"]);
    assert_eq!(says("### Low\n\nx\n\n## High\n"), ["### Low"]);
    assert_eq!(
        says("### One\n\nx\n\n#### Two\n\nx\n\n### Three\n"),
        [""; 0],
        "the title is above all of them"
    );
}

#[test]
fn code_points_at_what_is_too_much() {
    let line = "x".repeat(80);
    assert_eq!(pointed("code-width", &format!("Run:\n\n    {line}\n    y\n")), ["x".repeat(8)]);
    assert_eq!(pointed("code-width", &format!("Run:\n\n```mjml\n{line}\n```\n")), [""; 0]);
}

#[test]
fn a_weekday_is_mended_only_where_the_front_matter_has_the_same_date() {
    let text = "We leave on Friday, 26 November 2026.\n";
    assert_eq!(found("weekday-mismatch", text), [("Friday, 26 November 2026".to_owned(), None)]);
    let mut sheet = Sheet::of(text);
    sheet.issue.front.date = Some(At::new(jiff::civil::date(2026, 11, 26), 0..1));
    let checked = sheet.check();
    let found = checked.findings.iter().find(|found| found.rule == "weekday-mismatch").unwrap();
    assert_eq!(found.message, "November 26, 2026 is a Thursday, not a Friday");
    assert_eq!(found.fix.as_ref().unwrap().text, "Thursday");
}

#[test]
fn a_date_without_a_year_may_be_of_any_near_one() {
    assert_eq!(pointed("weekday-mismatch", "See you on Thursday, 26 November.\n"), [""; 0]);
    assert_eq!(
        pointed("weekday-mismatch", "On Wednesday, 26 November, it rained.\n"),
        [""; 0],
        "it did in 2025"
    );
    assert_eq!(pointed("weekday-mismatch", "See you on Monday, 26 November.\n"), ["Monday, 26 November"]);
}

#[test]
fn a_copyright_of_last_year_is_found_in_the_text_and_in_the_template() {
    assert_eq!(pointed("stale-year", "A letter.\n\n© 2025 The Boats\n"), ["2025"]);
    let sheet = Sheet::good().html("<html lang=en><p>© 2020–2025 The Boats</p>");
    assert_eq!(sheet.message("stale-year"), "the copyright line still says 2025");
    let sheet = Sheet::good().html("<html lang=en><p>© 2026 The Boats, Photo © 2025 Ada</p>");
    assert_eq!(sheet.says(), [""; 0]);
}

#[test]
fn what_shouts_is_pointed_at() {
    assert_eq!(pointed("text-marks", "Now?! The boats are *back*!!! Code: `!!!`\n"), ["!!!"]);
    let caps = "ALL BOATS MUST LEAVE THE HARBOUR NOW, PLEASE";
    assert_eq!(pointed("text-caps", &format!("{caps}.\n")), [format!("{caps}.")]);
    assert_eq!(
        pointed("text-caps", "| ALL | BOATS | MUST | LEAVE |\n|--|--|--|--|\n| a | b | c | d |\n"),
        [""; 0]
    );
}
