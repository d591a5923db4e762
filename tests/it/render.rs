//! `courant render`: what a reader gets, in each of its forms, and what is said where there is nothing to show.

use crate::harness::scratch::Scratch;

const MERGED: &str = "---\ntitle: Hello\nsubject: Hi {{ name }}\n---\n\nDear **{{ name }}** of {{ city | default(\"nowhere\") }}.\n\n\
                      {% if plan == \"paid\" %}\n\n[Your bill](https://example.org/bill/{{ number }})\n\n{% endif %}\n\nBye.\n";

/// Ada pays and has a number; Bob does neither.
fn paid() -> Scratch {
    Scratch::weekly().issue("001-hello", MERGED).list(
        "weekly",
        "email,name,city,plan,number\nada@example.org,Ada & Co,Zürich,paid,7\nbob@example.org,Bob,,free,\n",
    )
}

#[test]
fn each_form_is_what_its_name_says() {
    let scratch = paid();
    scratch.run("render 1").ok().prints("<!doctype html>").prints("<strong>{{ name }}</strong>");
    scratch.run("render 1 --format text").ok().prints("Dear *{{ name }}* of");
    scratch.run("render 1 --format mjml").ok().prints("<mj-body").prints("{{ name }}");
    let letter = scratch.run("render 1 --format eml").ok();
    letter
        .prints("Subject: Hi Ada & Co\r\n")
        .prints("multipart/alternative")
        .prints("\r\nTo: Ada & Co <ada@example.org>\r\n");
}

#[test]
fn a_letter_is_shown_as_somebody_in_particular_gets_it() {
    let scratch = paid();
    let html = scratch.run("render 1 --as ADA@example.org").ok();
    html.prints("<strong>Ada &amp; Co</strong> of Zürich").prints("https://example.org/bill/7\"");
    let text = scratch.run("render 1 --as ada@example.org --format text").ok();
    text.prints("Dear *Ada & Co* of Zürich.\n\nYour bill <https://example.org/bill/7>\n\nBye.\n\n---");
}

#[test]
fn what_a_condition_leaves_out_leaves_no_trace_in_the_text() {
    let text = paid().run("render 1 --as bob@example.org --format text").ok();
    text.prints("Dear *Bob* of nowhere.\n\nBye.\n\n---");
    assert!(!text.stdout.contains("bill"), "{text}");
}

#[test]
fn the_links_of_a_shown_letter_change_nothing_when_they_are_followed() {
    let scratch = paid();
    scratch.run("render 1 --as ada@example.org").ok().prints("https://weekly.example/u/");
    assert_eq!(scratch.files(".courant"), Vec::<String>::new(), "showing writes nothing down");
}

#[test]
fn the_name_of_the_file_says_which_form_and_a_flag_wins() {
    let scratch = paid();
    let run = scratch.run("render 1 -o hello.txt").ok();
    assert_eq!(run.stdout, "");
    assert!(scratch.read("hello.txt").starts_with("Hello\n=====\n"));
    scratch.run("render 1 -o hello.eml").ok();
    assert!(scratch.read("hello.eml").starts_with("From: Wendy Weekly <wendy@weekly.example>\r\n"));
    scratch.run("render 1 -o hello.txt --format mjml").ok();
    assert!(scratch.read("hello.txt").contains("<mjml"));
    let nowhere = scratch.run("render 1 -o no/such/folder/hello.html").expect_code(1);
    nowhere.says("no/such/folder/hello.html").says("help:");
}

#[test]
fn as_json_the_result_says_what_it_is() {
    let scratch = paid();
    let shown = scratch.run("render 1 --format text --json").ok().json();
    assert_eq!((&shown["issue"], &shown["format"]), (&"001-hello".into(), &"text".into()));
    let content = shown["content"].as_str().expect("the content is text");
    assert_eq!(shown["bytes"], content.len());
    let file = scratch.run("render 1 -o hello.html --json").ok().json();
    assert_eq!((&file["file"], &file["content"]), (&"hello.html".into(), &serde_json::Value::Null));
}

#[test]
fn an_issue_comes_from_standard_input_or_from_a_file_outside_of_any_workspace() {
    let scratch = Scratch::empty().file("note.md", "# A note\n\nHello {{ name | default(\"you\") }}\n");
    scratch.run("render note.md --format text").ok().prints("A note\n======\n\nHello {{ name");
    let piped =
        scratch.courant(["render", "-", "--format", "text"]).input("# Piped\n\n*through*\n").run().ok();
    piped.prints("Piped\n=====\n\n_through_\n");
    scratch
        .run("render note.md --format eml")
        .ok()
        .prints("To: Ada Example <ada@example.org>\r\nSubject: A note\r\n");
}

#[test]
fn somebody_who_is_on_no_list_is_shown_without_attributes_and_that_is_said() {
    let scratch = Scratch::weekly();
    let run = scratch.run("render 1 --format text --as zoe@example.org").ok();
    run.prints("Dear reader,").says("zoe@example.org is on none of the issue's lists");
    scratch.run("render 1 --as zoe").expect_code(1).says("there is no `@`");
}

#[test]
fn mjml_is_nobodys_in_particular() {
    let run = Scratch::weekly().run("render 1 --format mjml --as ada@example.org").expect_code(1);
    run.says("MJML is the same for everybody").says("leave out --as");
}

#[test]
fn a_field_that_somebody_does_not_have_is_shown_where_it_is_asked_for() {
    let scratch = Scratch::weekly().issue("002-typo", "# Hi\n\nDear {{ nme }}\n");
    let run = scratch.run("render 2 --as ada@example.org").expect_code(1);
    run.says("`nme` has no value").says("issues/002-typo.md:3:6").says("^^^^^^^^^").says("default(");
    scratch.run("render 2").ok().prints("{{ nme }}");
}

#[test]
fn no_such_issue_names_those_that_there_are() {
    let scratch = Scratch::weekly();
    scratch.run("render 7").expect_code(1).says("there is no issue `7`").says("001-hello");
    scratch.run("render issues/001-helo.md").expect_code(1).says("did you mean `issues/001-hello.md`?");
}

#[test]
fn a_file_that_is_not_utf_8_says_so_and_how_to_mend_it() {
    let scratch = Scratch::weekly().file("issues/002-latin.md", b"# Hi\n\nGr\xfc\xdfe\n");
    scratch.run("render 2").expect_code(1).says("002-latin.md is not UTF-8").says("line 3").says("iconv");
}

#[test]
fn broken_front_matter_is_shown_with_a_caret() {
    let scratch = Scratch::weekly().issue("002-slip", "---\ntitle: Hi\npreheeder: soon\n---\n\nHi\n");
    let run = scratch.run("render issues/002-slip.md").expect_code(1);
    run.says("issues/002-slip.md:3:1").says("preheeder: soon").says("^^^^^^^^^").says("`preheader`");
}

#[test]
fn a_subject_of_two_lines_is_refused_and_a_name_of_two_lines_never_reaches_a_header() {
    let scratch =
        Scratch::weekly().issue("002-two", "---\ntitle: \"Hi\\r\\nBcc: eve@example.org\"\n---\n\nHi\n");
    scratch.run("render issues/002-two.md").expect_code(1).says("issues/002-two.md:2:8").says("one line");
    let scratch = paid().list("weekly", "email,name\nbob@example.org,\"Bob\r\nBcc: eve@example.org\"\n");
    let run = scratch.run("render 1 --format eml --as bob@example.org");
    assert!(!run.stdout.contains("\nBcc:"), "{run}");
}

#[test]
fn a_mistake_in_a_template_is_shown_in_the_template() {
    let letter = include_str!("../../templates/letter.mjml");
    let broken = |from: &str, to: &str| {
        let scratch = Scratch::weekly().settings("template = \"mine\"");
        scratch.file("templates/mine.mjml", letter.replacen(from, to, 1)).run("render 1")
    };
    let line = |part: &str| letter.lines().position(|line| line.contains(part)).expect("it is there") + 1;
    let unknown = broken("{{ body }}", "{{ bodi }}").expect_code(1);
    unknown.says(&format!("templates/mine.mjml:{}:", line("{{ body }}"))).says("did you mean `body`?");
    let unclosed = broken("<mj-column><mj-spacer", "<mj-colum><mj-spacer").expect_code(1);
    unclosed.says(&format!("templates/mine.mjml:{}:", line("<mj-spacer"))).says("`</mj-colum>` is due");
    let part = broken("theme.width", "theme.widht").expect_code(1);
    part.says("the template does not know `theme.widht`").says("did you mean `theme.width`?");
}
