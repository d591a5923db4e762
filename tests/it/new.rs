//! `courant new`: the next issue, empty or from a text that was written elsewhere.

use crate::harness::scratch::Scratch;

#[test]
fn the_next_issue_is_a_file_with_the_next_number() {
    let scratch = Scratch::weekly();
    let run = scratch.courant(["new", "Größe: was sie heißt"]).run().ok();
    assert_eq!(run.stdout, "issues/002-grosse-was-sie-heisst.md\n");
    run.says("courant check 2");
    let text = scratch.read("issues/002-grosse-was-sie-heisst.md");
    assert!(text.starts_with("---\ntitle: \"Größe: was sie heißt\"\nnumber: 2\ndate: "), "{text}");
}

#[test]
fn pasted_text_keeps_every_paragraph() {
    let scratch = Scratch::weekly();
    let long =
        "A paragraph that somebody copied from a page, where a paragraph is one line, however long it gets. ";
    let pasted = format!("A LETTER #7: WORDS\n{long}One.\n{long}Two.\nA heading\n{long}Three.\n");
    let run = scratch.courant(["new", "--from", "-"]).input(pasted).run().ok();
    assert_eq!(run.stdout, "issues/007-a-letter-7-words.md\n");
    let text = scratch.read("issues/007-a-letter-7-words.md");
    let body = text.split("---\n").nth(2).expect("the front matter has an end");
    assert_eq!(body.trim().split("\n\n").count(), 4, "{body}");
    assert!(text.contains("title: \"A LETTER #7: WORDS\""), "{text}");
}

#[test]
fn it_says_its_result_as_json_and_names_no_file_twice() {
    let scratch = Scratch::weekly();
    let json = scratch.run("new Spring --json").ok().json();
    assert_eq!(json, serde_json::json!({"path": "issues/002-spring.md", "number": 2}));
    scratch.write("mine.md", "---\ntitle: Spring\nnumber: 2\n---\n");
    scratch.run("new --from mine.md").expect_code(1).says("002-spring.md already");
}

#[test]
fn what_is_missing_is_said_in_one_sentence() {
    let scratch = Scratch::weekly().file("empty.txt", " \n");
    scratch.run("new").expect_code(1).says("TITLE");
    scratch.run("new X --from none.txt").expect_code(1).says("there is no file none.txt");
    scratch.run("new X --from issues").expect_code(1).says("issues is a folder");
    scratch.run("new X --from empty.txt").expect_code(1).says("no text in it");
    scratch.write("latin.txt", b"caf\xe9");
    scratch.run("new X --from latin.txt").expect_code(1).says("latin.txt is not UTF-8").says("iconv");
    Scratch::empty().run("new X").expect_code(1).says("this is no workspace").says("courant init");
}

#[test]
fn it_works_from_a_folder_inside_and_from_anywhere_with_c() {
    let scratch = Scratch::weekly();
    let inside = scratch.courant(["new", "Inside"]).folder(&scratch.path("issues")).run().ok();
    assert_eq!(inside.stdout, "002-inside.md\n");
    let root = scratch.path("");
    let outside = ["-C", root.to_str().expect("a temporary folder has a plain name"), "new", "Outside"];
    let run = scratch.courant(outside).folder(std::path::Path::new("/")).run().ok();
    assert_eq!(run.stdout, "issues/003-outside.md\n");
}
