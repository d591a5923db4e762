//! The frames around an issue: those that are built in, and those of the author.

use crate::harness::reference::html_faults;
use crate::harness::scratch::Scratch;

const ISSUE: &str = "---\ntitle: Spring\nseries: Letters\nnumber: 12\nauthor: Ada Lovell\ndate: 2026-07-10\nlang: en-GB\n---\n\n\
                     ![A hill](https://example.org/hill.png)\n\nText.\n\n## More\n\n**[Go](https://example.org/go)**\n";

fn issue(template: &str) -> Scratch {
    let front = format!("---\ntemplate: {template}\n");
    Scratch::weekly()
        .issue("001-hello", &ISSUE.replacen("---\n", &front, 1))
        .settings("web_version = \"https://news.example.org/{number}\"\npreferences_url = \"https://news.example.org/me\"")
}

#[test]
fn every_built_in_template_gives_valid_html_with_everything_a_letter_owes() {
    for template in ["letter", "essay", "digest", "announcement"] {
        let scratch = issue(template);
        let html = scratch.run("render 12").ok();
        assert_eq!(html_faults(&html.stdout, &scratch.path("")), Vec::<String>::new(), "{template}");
        html.prints("<html lang=\"en-GB\" dir=\"ltr\"").prints("Unsubscribe</a>").prints("Preferences</a>");
        html.prints("href=\"https://news.example.org/12\"")
            .prints("https://news.example.org/me")
            .prints("Letters");
        assert_eq!(html.stdout.matches("<h1").count(), 1, "{template}");
        assert_eq!(html.stdout.matches("https://example.org/hill.png").count(), 1, "{template}");
        let check = scratch.run("check 12 --offline");
        assert!(!check.stdout.contains("contrast"), "{template}: {check}");
    }
}

#[test]
fn an_essay_names_author_day_and_reading_time_below_its_title() {
    let html = issue("essay").run("render 12").ok();
    html.prints("Ada Lovell · 10 July · 1 min read");
    issue("essay").run("render 12 --format text").ok().prints("View in browser: https://news.example.org/12");
}

#[test]
fn the_picture_of_an_announcement_stands_above_its_title() {
    let html = issue("announcement").run("render 12").ok().stdout;
    assert!(html.find("hill.png") < html.find("<h1"), "{html}");
    let html = issue("letter").run("render 12").ok().stdout;
    assert!(html.find("hill.png") > html.find("<h1"), "{html}");
}

#[test]
fn the_look_of_an_issue_goes_before_that_of_the_settings_and_of_the_template() {
    let themed = ISSUE.replacen("---\n", "---\ntemplate: essay\ntheme: { link: '#123456' }\n", 1);
    let scratch =
        Scratch::weekly().issue("001-hello", &themed).settings("[theme]\nlink = '#654321'\nsize = 20");
    let html = scratch.run("render 12").ok();
    html.prints("color:#123456").prints("font-size:20px").prints("Georgia");
    assert!(!html.stdout.contains("#654321") && !html.stdout.contains("#8a3b12"), "{html}");
}

#[test]
fn colours_that_are_hard_to_read_are_found() {
    let scratch = issue("letter").settings("[theme]\nmuted = { light = '#9a9a9a' }");
    scratch
        .run("check 12 --offline")
        .prints("`muted` on `card` has a contrast of 2.8 in light mode")
        .prints("contrast");
}

#[test]
fn a_template_is_copied_once_and_then_used() {
    let scratch = issue("letter");
    scratch.run("template eject letter").ok().prints("Wrote templates/letter.mjml.");
    let again = scratch.run("template eject letter").expect_code(1);
    again.says("templates/letter.mjml is already there").says("--as");
    scratch.run("template eject letter --as plain").ok().prints("templates/plain.mjml");
    scratch.run("template eject foot").ok().prints("templates/parts/foot.mjml");
    scratch.write(
        "templates/parts/foot.mjml",
        "<mj-section><mj-column><mj-text>The end {{ unsubscribe_url }}</mj-text></mj-column></mj-section>",
    );
    scratch.run("render 12").ok().prints("The end");
    let list = scratch.run("template list").ok();
    list.prints("letter").prints("templates/letter.mjml, in place of the built-in one").prints("plain");
    let json: serde_json::Value =
        serde_json::from_str(&scratch.run("template list --json").ok().stdout).expect("JSON");
    assert_eq!(json["templates"][0]["file"], "templates/letter.mjml");
}

#[test]
fn what_cannot_be_copied_is_said() {
    let scratch = issue("letter");
    scratch
        .run("template eject lettre")
        .expect_code(1)
        .says("there is no built-in template or part `lettre`")
        .says("did you mean `letter`?");
    scratch.run("template eject letter --as ../x").expect_code(1).says("`../x` is no name for a template");
}

#[test]
fn a_mistake_in_a_part_is_shown_at_its_line() {
    let scratch = issue("letter").file("templates/parts/foot.mjml", "<mj-section>\n{{ whi }}\n</mj-section>");
    scratch.run("render 12").expect_code(1).says("templates/parts/foot.mjml:2:4").says("did you mean `why`?");
    let scratch = issue("letter").file("templates/parts/foot.mjml", "{% include \"foot\" %}");
    scratch
        .run("render 12")
        .expect_code(1)
        .says("includes itself without end")
        .says("templates/parts/foot.mjml:1:4");
    let scratch = issue("letter").file("templates/letter.mjml", "{# [theme]\nwidht = 3\n#}\n<mjml/>");
    scratch.run("render 12").expect_code(1).says("templates/letter.mjml:2:1").says("did you mean `width`?");
}

#[test]
fn a_web_version_is_an_address() {
    let scratch = Scratch::weekly().settings("web_version = \"news.example.org/{id}\"");
    scratch.run("render 1").expect_code(1).says("is no address of a web page");
    let scratch = Scratch::weekly().issue("001-hello", "---\ntitle: A\nweb_version: here\n---\nText.\n");
    scratch.run("render 1").expect_code(1).says("issues/001-hello.md:3:14");
}

#[test]
fn a_fold_leads_to_the_web_version() {
    let scratch = issue("letter");
    scratch.write(
        "issues/001-hello.md",
        "---\ntitle: A\nnumber: 1\n---\n\nText.\n\n::: fold \"Go on\"\nHidden.\n:::\n",
    );
    let html = scratch.run("render 1").ok();
    html.prints("href=\"https://news.example.org/1\"").prints("Go on");
    assert!(!html.stdout.contains("Hidden"), "{html}");
}

#[test]
fn the_page_on_the_web_has_what_is_for_the_web_and_no_way_off_a_list() {
    let scratch = issue("letter");
    let text = "---\ntitle: A\nnumber: 1\n---\n\n::: mail\nLetter only.\n:::\n\n::: web\nWeb only.\n:::\n\n::: fold\nBelow.\n:::\n";
    scratch.write("issues/001-hello.md", text);
    let page = scratch.run("render 1 --format web").ok();
    page.prints("Web only.").prints("Below.").prints("1 Test Street");
    for absent in
        ["Letter only.", "Unsubscribe", "Preferences", "https://news.example.org/1\"", "subscribed to"]
    {
        assert!(!page.stdout.contains(absent), "{absent}\n{page}");
    }
    scratch.run("render 1 --format web --as ada@example.org").expect_code(1).says("the same for everybody");
}
