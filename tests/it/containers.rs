//! What stands between lines of colons, from the file to the letter.

use crate::harness::reference::html_faults;
use crate::harness::scratch::Scratch;

const SEGMENTS: &str = "---\ntitle: Hello\n---\n\nFor all.\n\n::: segment city = \"Zürich\" and plan != \"free\"\nFor \
                        **Ada** alone.\n:::\n\n::: segment not city\nWhere are you, {{ name }}?\n:::\n";

fn segments() -> Scratch {
    Scratch::weekly()
        .issue("001-hello", SEGMENTS)
        .list("weekly", "email,name,city,plan\nada@example.org,Ada,zürich,paid\nbob@example.org,Bob,,free\n")
}

#[test]
fn everybody_gets_the_parts_that_are_for_them() {
    let scratch = segments();
    let ada = scratch.run("render 1 --as ada@example.org --format text").ok();
    ada.prints("For all.\n\nFor *Ada* alone.\n\n---");
    let bob = scratch.run("render 1 --as bob@example.org --format text").ok();
    bob.prints("For all.\n\nWhere are you, Bob?\n\n---");
    let html = scratch.run("render 1 --as bob@example.org").ok();
    html.prints("Where are you, Bob?");
    assert!(!html.stdout.contains("alone"), "{html}");
}

#[test]
fn a_filter_that_names_a_field_nobody_has_is_found_before_the_first_letter() {
    let scratch = segments().issue("002-typo", "# Hi\n\n::: segment ctiy = \"Zürich\"\nX\n:::\n");
    let run = scratch.run("check 2 --offline").expect_code(2);
    run.prints("ctiy").prints("issues/002-typo.md:3");
}

#[test]
fn a_mistyped_container_is_shown_with_what_was_meant() {
    let scratch = Scratch::weekly().issue("001-hello", "# Hi\n\nText.\n\n::: colunms\nA\n:::\n");
    let run = scratch.run("check 1 --offline").expect_code(2);
    run.prints("issues/001-hello.md:5:1").prints("`::: colunms` is no container").prints("`::: columns`");
}

#[test]
fn every_container_is_well_formed_html() {
    let markdown = "# Hi\n\n::: section\n::: columns\n::: column 30%\nA\n:::\n::: column\n- b\n:::\n:::\n:::\n\n\
                    ::: button quiet right\n[Go](https://example.org)\n:::\n\n::: divider\n*So*\n:::\n\n\
                    ::: callout caution \"Mind\"\nC\n:::\n\n```mjml\n<mj-spacer height=\"9px\" />\n```\n\n\
                    ```mjml\n<mj-section><mj-column><mj-text>D</mj-text></mj-column></mj-section>\n```\n";
    let scratch = Scratch::weekly().issue("001-hello", markdown);
    let html = scratch.run("render 1").ok();
    assert_eq!(html_faults(&html.stdout, &scratch.path("")), Vec::<String>::new());
    html.prints(">D</div>");
}
