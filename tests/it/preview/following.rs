//! What changes while the page is open.

use std::fs;

use serde_json::{Value, json};

use crate::harness::preview::Preview;
use crate::harness::scratch::Scratch;
use crate::harness::tools::fixture;
use crate::harness::web::Web;

const HELLO: &str = "issues/001-hello.md";

fn is_hello(data: &Value) -> bool {
    data["id"] == "001-hello"
}

#[test]
fn a_save_is_told_and_shown_however_the_editor_saves() {
    let scratch = Scratch::weekly();
    let preview = Preview::start(&scratch, "");
    let before = preview.issue("001-hello");
    let mut events = preview.events();
    scratch.write(HELLO, scratch.read(HELLO).replace("this is the weekly", "this was changed in place"));
    let told = events.wait("changed", is_hello);
    let view = preview.issue("001-hello");
    assert!(view["text"].as_str().unwrap().contains("changed in place"));
    assert!(told["revision"].as_u64() > before["revision"].as_u64());
    scratch.write("issues/.001-hello.md.swp", "not an issue");
    scratch.write("issues/4913", scratch.read(HELLO).replace("in place", "by another file"));
    fs::rename(scratch.path("issues/4913"), scratch.path(HELLO)).unwrap();
    preview.until("api/issue/001-hello", |view| view["text"].as_str().unwrap().contains("by another file"));
}

#[test]
fn a_template_that_is_broken_is_an_error_with_its_place_until_it_is_mended() {
    let scratch = Scratch::weekly();
    let mended = scratch.run("template eject letter").ok();
    assert_eq!(mended.code, Some(0));
    let whole = scratch.read("templates/letter.mjml");
    let preview = Preview::start(&scratch, "");
    let good = preview.issue("001-hello");
    assert_eq!((&good["error"], &good["stale"]), (&Value::Null, &json!(false)));
    let mut events = preview.events();
    scratch.write("templates/letter.mjml", whole.replacen("</mj-body>", "{{ ttile }}</mj-body>", 1));
    events.wait("changed", is_hello);
    let broken = preview.json("api/issue/001-hello");
    let line = whole.lines().position(|line| line.contains("</mj-body>")).unwrap() + 1;
    assert_eq!(broken["error"]["place"]["file"], "templates/letter.mjml");
    assert_eq!(broken["error"]["place"]["line"], line);
    assert!(broken["error"]["message"].as_str().unwrap().contains("`ttile`"));
    assert_eq!((&broken["stale"], &broken["html"]), (&json!(true), &good["html"]));
    assert_eq!(preview.get("message/001-hello/html").status, 200);
    scratch.write("templates/letter.mjml", whole);
    events.wait("changed", is_hello);
    let mended = preview.issue("001-hello");
    assert_eq!((&mended["error"], &mended["html"]), (&Value::Null, &good["html"]));
}

#[test]
fn a_file_that_is_deleted_is_an_error_in_the_page_until_it_is_back() {
    let scratch = Scratch::weekly().issue("002-other", "# Other\n\nx\n");
    let preview = Preview::start(&scratch, "1");
    let text = scratch.read(HELLO);
    preview.issue("001-hello");
    let mut events = preview.events();
    fs::remove_file(scratch.path(HELLO)).unwrap();
    events.wait("changed", is_hello);
    let gone = preview.json("api/issue/001-hello");
    assert_eq!((&gone["error"]["place"]["file"], &gone["stale"]), (&json!(HELLO), &json!(true)));
    assert!(gone["html"].as_str().unwrap().contains("this is the weekly"));
    scratch.write(HELLO, text);
    events.wait("changed", is_hello);
    assert_eq!(preview.issue("001-hello")["error"], Value::Null);
    fs::remove_dir_all(scratch.path("issues")).unwrap();
    preview.until("api/issue/001-hello", |view| view["error"].is_object());
    scratch.write(HELLO, "# Back\n\nAgain.\n");
    let back = preview.until("api/issue/001-hello", |view| view["error"].is_null());
    assert!(back["text"].as_str().unwrap().contains("Again."));
}

#[test]
fn settings_lists_and_images_are_followed_too() {
    let scratch = Scratch::weekly()
        .issue("001-hello", "# Hello\n\n![A dot](dot.png)\n\nDear {{ name | default(\"you\") }}.\n");
    let preview = Preview::start(&scratch, "");
    assert!(has_no_image(&preview.issue("001-hello")));
    let mut events = preview.events();
    fs::copy(fixture("issues/pictures/hill@2x.png"), scratch.path("issues/dot.png")).unwrap();
    events.wait("changed", is_hello);
    let shown = preview.until("api/issue/001-hello", |view| view["checking"] == false && !has_no_image(view));
    assert_eq!(shown["sizes"]["images"][0]["name"], "dot.png");
    assert!(preview.get("message/001-hello/html").text().contains("src=\"data:image/png;base64,"));
    assert!(shown["html"].as_str().unwrap().contains("src=\"cid:"));
    scratch.write("subscribers/weekly.csv", "email,name\nzoe@example.org,Zoe\n");
    preview.until("api/issue/001-hello", |view| {
        view["people"]["total"] == 1 && view["people"]["chosen"]["name"] == "Zoe"
    });
    scratch.write("courant.toml", scratch.read("courant.toml") + "wrong = 1\n");
    let wrong = preview.until("api/issue/001-hello", |view| view["error"].is_object());
    assert_eq!((&wrong["error"]["place"]["file"], &wrong["stale"]), (&json!("courant.toml"), &json!(true)));
    scratch.write(
        "courant.toml",
        scratch.read("courant.toml").replace("wrong = 1\n", "").replace("The Weekly", "The Daily"),
    );
    preview.until("api/issue/001-hello", |view| {
        view["error"].is_null() && view["text"].as_str().unwrap().contains("The Daily")
    });
    scratch.write(".env", "FROM=New <new@weekly.example>\n");
    preview.until("api/issue/001-hello", |view| view["envelope"]["from_address"] == "new@weekly.example");
}

#[test]
fn issues_that_come_and_go_are_listed() {
    let scratch = Scratch::weekly();
    let preview = Preview::start(&scratch, "");
    preview.json("api/workspace");
    let mut events = preview.events();
    scratch.write("issues/002-new.md", "# New\n\nx\n");
    events.wait("changed", |data| data["id"].is_null());
    assert_eq!(ids(&preview.json("api/workspace")), ["002-new", "001-hello"]);
    assert_eq!(preview.issue("002-new")["envelope"]["subject"], "New");
    fs::remove_file(scratch.path("issues/002-new.md")).unwrap();
    events.wait("changed", |data| data["id"].is_null());
    assert_eq!(ids(&preview.json("api/workspace")), ["001-hello"]);
}

#[test]
fn an_issue_answers_to_its_old_id_after_its_slug_was_changed() {
    let scratch = Scratch::weekly();
    let preview = Preview::start(&scratch, "");
    preview.issue("001-hello");
    scratch.write(HELLO, scratch.read(HELLO).replacen("title: Hello", "title: Hello\nslug: greetings", 1));
    preview.until("api/workspace", |told| told["current"] == "greetings");
    assert_eq!(preview.issue("001-hello")["id"], "greetings");
    assert_eq!(preview.issue("greetings")["id"], "greetings");
}

#[test]
fn links_are_visited_once_and_told_as_they_answer() {
    let web = Web::start(|request| {
        let is_gone = request.contains("/gone");
        Some(if is_gone { "HTTP/1.1 404 Not Found\r\n" } else { "HTTP/1.1 200 OK\r\n" }.to_owned())
    });
    let body = format!("# Hi\n\n[one]({}) and [two]({}).\n", web.url("/one"), web.url("/gone"));
    let scratch =
        Scratch::weekly().issue("001-hello", &body).settings("[links]\nallow_private = true\nretries = 0");
    let preview = Preview::start_as_it_is(&scratch, "--listen 127.0.0.1:0");
    let view = preview.until("api/issue/001-hello", |view| {
        view["checking"] == false
            && view["links"].as_array().unwrap().iter().all(|link| link["state"] != "waiting")
    });
    let states: Vec<_> = view["links"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| (link["text"].as_str().unwrap(), link["state"].as_str().unwrap(), link["line"].as_u64()))
        .collect();
    assert!(states.contains(&("two", "dead", Some(3))), "{states:?}");
    preview.until("api/issue/001-hello", |view| {
        view["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|found| found["rule"] == "link-dead" && found["line"] == 3)
    });
    let asked = web.asked().len();
    let mut events = preview.events();
    scratch.write(
        HELLO,
        body.replace("# Hi", "# Hello").replace("two]", "three]")
            + &format!("\n[new]({})\n", web.url("/new")),
    );
    events.wait("changed", is_hello);
    let told = events.wait("link", is_hello);
    assert_eq!(told["url"], web.url("/new"));
    events.wait("links", |data| data["done"] == data["total"]);
    let asked: Vec<String> = web.asked().split_off(asked);
    assert!(!asked.is_empty() && asked.iter().all(|request| request.contains("/new")), "{asked:?}");
}

#[test]
fn an_image_above_the_issues_leaves_the_settings_followed() {
    let scratch = Scratch::weekly().issue("001-hello", "# Hello\n\n![A hill](../hill.png)\n");
    fs::copy(fixture("issues/pictures/hill@2x.png"), scratch.path("hill.png")).unwrap();
    let preview = Preview::start(&scratch, "");
    assert_eq!(preview.issue("001-hello")["error"], Value::Null);
    scratch.write(".env", "FROM=New <new@weekly.example>\n");
    preview.until("api/issue/001-hello", |view| view["envelope"]["from_address"] == "new@weekly.example");
    scratch.write("courant.toml", scratch.read("courant.toml").replace("The Weekly", "The Daily"));
    preview.until("api/issue/001-hello", |view| view["text"].as_str().unwrap().contains("The Daily"));
    let mut events = preview.events();
    fs::remove_file(scratch.path("hill.png")).unwrap();
    events.wait("changed", is_hello);
    preview.until("api/issue/001-hello", has_no_image);
}

fn has_no_image(view: &Value) -> bool {
    view["findings"].as_array().unwrap().iter().any(|found| found["rule"] == "image-local")
}

#[test]
fn a_workspace_named_by_a_detour_is_followed_and_its_issues_are_listed_once() {
    let weekly = Scratch::weekly();
    let scratch = Scratch::empty()
        .file("here/note.txt", "")
        .file("w/courant.toml", weekly.read("courant.toml"))
        .file("w/issues/001-hello.md", "# Hello\n\nx\n");
    let preview = Preview::start_as_it_is(
        &scratch,
        "-C here --config ../w/courant.toml --offline --listen 127.0.0.1:0",
    );
    let told = preview.json("api/workspace");
    assert_eq!(told["issues"].as_array().unwrap().len(), 1, "{told:#}");
    scratch.write("w/issues/001-hello.md", "# Hello\n\nChanged.\n");
    preview.until("api/issue/001-hello", |view| view["text"].as_str().unwrap().contains("Changed."));
}

#[test]
fn a_folder_of_images_that_appears_is_replaced_or_goes_is_noticed() {
    let scratch = Scratch::weekly().issue("001-hello", "# Hello\n\n![A hill](img/small/hill.png)\n");
    let preview = Preview::start(&scratch, "");
    assert!(has_no_image(&preview.issue("001-hello")));
    let made = |folder: &str| {
        let folder = scratch.path(folder).join("small");
        fs::create_dir_all(&folder).unwrap();
        fs::copy(fixture("issues/pictures/hill@2x.png"), folder.join("hill.png")).unwrap();
    };
    let shows =
        || preview.until("api/issue/001-hello", |view| view["checking"] == false && !has_no_image(view));
    made("copied");
    fs::rename(scratch.path("copied"), scratch.path("issues/img")).unwrap();
    shows();
    made("other");
    fs::rename(scratch.path("issues/img"), scratch.path("before")).unwrap();
    fs::rename(scratch.path("other"), scratch.path("issues/img")).unwrap();
    shows();
    fs::remove_file(scratch.path("issues/img/small/hill.png")).unwrap();
    preview.until("api/issue/001-hello", has_no_image);
    fs::remove_dir_all(scratch.path("issues/img")).unwrap();
    made("issues/img");
    shows();
}

#[test]
fn the_images_of_an_issue_that_is_opened_later_are_followed_too() {
    let scratch = Scratch::weekly()
        .issue("002-other", "# Other\n\n![A hill](../pictures/hill.png)\n")
        .file("pictures/note.txt", "");
    let preview = Preview::start(&scratch, "1");
    assert!(has_no_image(&preview.issue("002-other")));
    fs::copy(fixture("issues/pictures/hill@2x.png"), scratch.path("pictures/hill.png")).unwrap();
    preview.until("api/issue/002-other", |view| view["checking"] == false && !has_no_image(view));
}

#[test]
fn a_page_is_told_of_an_issue_that_it_opened_long_ago() {
    let others: Vec<String> = (2..=10).map(|number| format!("{number:03}-other")).collect();
    let made = Scratch::weekly().issue("001-hello", "# Hello\n\n![A hill](../pictures/hill.png)\n");
    let scratch = others.iter().fold(made, |made, name| made.issue(name, "# Other\n\nx\n"));
    let preview = Preview::start(&scratch, "1");
    preview.issue("001-hello");
    let long_ago = || others.iter().for_each(|name| drop(preview.issue(name)));
    long_ago();
    let mut events = preview.events();
    scratch.write("pictures/note.txt", "");
    events.wait("changed", is_hello);
    assert!(has_no_image(&preview.issue("001-hello")));
    long_ago();
    scratch.write(HELLO, "# Hello\n\nChanged.\n");
    events.wait("changed", is_hello);
    assert!(preview.issue("001-hello")["text"].as_str().unwrap().contains("Changed."));
}

fn ids(told: &Value) -> Vec<&str> {
    told["issues"].as_array().unwrap().iter().map(|issue| issue["id"].as_str().unwrap()).collect()
}

#[test]
fn two_files_with_one_id_are_two_issues() {
    let copied = "---\ntitle: The copy\nslug: 001-hello\n---\n\nCopied.\n";
    let scratch = Scratch::weekly().issue("002-copy", copied);
    let preview = Preview::start(&scratch, HELLO);
    let told = preview.json("api/workspace");
    assert_eq!(
        (ids(&told), &told["current"]),
        (vec!["issues/002-copy.md", "001-hello"], &json!("001-hello"))
    );
    assert_eq!(preview.issue("001-hello")["envelope"]["subject"], "Hello");
    let copy = preview.issue("issues%2F002-copy.md");
    assert_eq!(
        (&copy["id"], &copy["envelope"]["subject"]),
        (&json!("issues/002-copy.md"), &json!("The copy"))
    );
    for part in ["html", "eml"] {
        assert!(
            preview.get(&format!("message/issues%2F002-copy.md/{part}")).text().contains("Copied."),
            "{part}"
        );
    }
    let sent = preview.post("api/test", &json!({"id": "issues/002-copy.md", "to": "me@example.org"}));
    assert_eq!(sent.status, 200, "{}", sent.text());
    assert!(scratch.read(&scratch.files("outbox/new")[0]).contains("The copy"));
    let mut events = preview.events();
    scratch.write("issues/002-copy.md", copied.replace("Copied", "Changed"));
    events.wait("changed", |data| data["id"] == "issues/002-copy.md");
}

#[test]
fn an_issue_keeps_its_id_when_another_takes_the_same() {
    let scratch = Scratch::weekly().issue("002-other", "# Other\n\nx\n");
    let preview = Preview::start(&scratch, HELLO);
    assert_eq!(preview.issue("001-hello")["id"], "001-hello");
    scratch.write(HELLO, "---\ntitle: Hello\nslug: 002-other\n---\n\nx\n");
    let told = preview.until("api/workspace", |told| told["current"] == HELLO);
    assert_eq!(ids(&told), ["002-other", HELLO]);
    assert_eq!(preview.issue("002-other")["envelope"]["subject"], "Other");
    assert_eq!(preview.issue("001-hello")["id"], HELLO);
}

#[test]
fn an_issue_outside_of_the_workspace_is_not_taken_for_one_of_the_same_name() {
    let scratch = Scratch::empty()
        .file("w/courant.toml", Scratch::weekly().read("courant.toml"))
        .file("w/issues/001-hello.md", "# Inside\n\nx\n")
        .file("out/001-hello.md", "# Outside\n\nx\n");
    let preview =
        Preview::start_as_it_is(&scratch, "-C w ../out/001-hello.md --offline --listen 127.0.0.1:0");
    let told = preview.json("api/workspace");
    assert_eq!(preview.issue(told["current"].as_str().unwrap())["envelope"]["subject"], "Outside");
}

#[test]
fn an_issue_is_found_by_its_slug_while_its_front_matter_is_broken() {
    let slugged = "---\ntitle: Hello\nslug: greetings\n---\n\nx\n";
    let scratch = Scratch::weekly().issue("001-hello", slugged).issue("002-other", "# Other\n\nx\n");
    let preview = Preview::start(&scratch, "002-other");
    preview.issue("greetings");
    scratch.write(HELLO, slugged.replace("title", "titel"));
    let broken = preview.until("api/issue/greetings", |view| view["error"].is_object());
    assert_eq!((&broken["id"], &broken["stale"]), (&json!("001-hello"), &json!(true)));
    assert_eq!(
        (&broken["error"]["place"]["file"], &broken["error"]["place"]["line"]),
        (&json!(HELLO), &json!(2))
    );
    scratch.write(HELLO, slugged);
    preview.until("api/issue/001-hello", |view| view["error"].is_null() && view["id"] == "greetings");
}

#[test]
fn a_list_that_cannot_be_read_is_an_error_with_its_place_over_the_letter_of_somebody_made_up() {
    let scratch = Scratch::weekly().list("weekly", "nome,city\nAda,London\n");
    let preview = Preview::start(&scratch, "");
    let (list, place) = ("subscribers/weekly.csv", |view: &Value| view["error"]["place"].clone());
    let seen = |view: Value| {
        assert_eq!((&view["stale"], &view["people"]["some"]), (&json!(false), &json!([])));
        assert!(view["html"].as_str().unwrap().contains("Dear Ada Example,"), "{view:#}");
        assert_eq!((&view["people"]["note"], &place(&view)["file"]), (&Value::Null, &json!(list)));
        place(&view)["line"].clone()
    };
    let headed = preview.issue("001-hello");
    assert_eq!(headed["error"]["excerpt"][0]["text"], "nome,city");
    assert_eq!(seen(headed), 1);
    assert!(preview.get("message/001-hello/html").text().contains("Dear Ada Example,"));
    assert!(
        preview.json("api/issue/001-hello?as=persona:rtl")["html"]
            .as_str()
            .unwrap()
            .contains("\u{5e8}\u{5d7}\u{5dc}")
    );
    assert_eq!(preview.get("api/people/001-hello?q=a").status, 422);
    scratch.write(list, "");
    assert_eq!(seen(preview.until("api/issue/001-hello", |view| view["error"]["excerpt"] == json!([]))), 1);
    scratch.write(list, "email,name\nzoe@example.org,Zoe\n");
    preview.until("api/issue/001-hello", |view| {
        view["error"].is_null() && view["people"]["chosen"]["name"] == "Zoe"
    });
}
