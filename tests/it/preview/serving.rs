//! Where the page is served, to whom, and of what.

use std::net::TcpListener;

use serde_json::json;

use crate::harness::preview::Preview;
use crate::harness::scratch::Scratch;

#[test]
fn the_page_is_served_with_everything_it_needs_and_nothing_from_elsewhere() {
    let scratch = Scratch::weekly();
    let preview = Preview::start(&scratch, "");
    let page = preview.get("");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let html = page.text();
    let assets: Vec<&str> =
        html.split("assets/").skip(1).filter_map(|rest| rest.split(['"', '#']).next()).collect();
    assert!(!assets.is_empty());
    for name in assets {
        let asset = preview.get(&format!("assets/{name}"));
        assert_eq!((asset.status, asset.header("x-content-type-options")), (200, Some("nosniff")), "{name}");
        assert_eq!(asset.header("cache-control"), Some("no-store"));
    }
    for path in
        ["assets/other.js", "assets/..%2Fpage.rs", "assets/%2Fetc%2Fpasswd", "other", "api/issue/none"]
    {
        let missing = preview.get(path);
        assert_eq!(missing.status, 404, "{path}");
        assert!(missing.json()["error"].is_string() && missing.json()["help"].is_string(), "{path}");
    }
}

#[test]
fn a_lone_file_needs_no_workspace() {
    let scratch = Scratch::empty().file("note.md", "# A note\n\nOnly *this*.\n");
    let preview = Preview::start(&scratch, "note.md");
    let told = preview.json("api/workspace");
    assert_eq!((&told["lone"], &told["current"]), (&json!(true), &json!("note")));
    assert!(preview.issue("note")["text"].as_str().unwrap().contains("A note"));
    let mut events = preview.events();
    scratch.write("note.md", "# A note\n\nAnd more.\n");
    events.wait("changed", |data| data["id"] == "note");
    assert!(preview.issue("note")["text"].as_str().unwrap().contains("And more."));
    drop(preview);
    assert_eq!(scratch.files(""), ["note.md"]);
}

#[test]
fn what_is_typed_into_standard_input_is_shown() {
    let scratch = Scratch::weekly().file("typed.md", "# Typed\n\nJust now.\n");
    let preview = Preview::start(&scratch, "- < typed.md");
    let current = preview.json("api/workspace")["current"].as_str().unwrap().to_owned();
    let view = preview.issue(&current);
    assert!(view["text"].as_str().unwrap().contains("Just now."), "{view:#}");
}

#[test]
fn only_whom_it_is_for_is_answered() {
    let scratch = Scratch::weekly();
    let preview = Preview::start(&scratch, "");
    let (host, origin) = (preview.host().to_owned(), format!("http://{}", preview.host()));
    let status =
        |method: &str, path: &str, headers: &[(&str, &str)]| preview.ask(method, path, headers, "{}").status;
    assert_eq!(status("GET", "/", &[("Host", &host)]), 200);
    assert_eq!(status("GET", "/", &[("Host", &host.replace("127.0.0.1", "localhost"))]), 200);
    assert_eq!(status("GET", "/", &[("Host", "rebound.example")]), 403);
    assert_eq!(status("GET", "/api/workspace", &[("Host", "127.0.0.1:1")]), 403);
    let json = ("Content-Type", "application/json");
    assert_eq!(status("POST", "/api/test", &[("Host", &host), json]), 403);
    assert_eq!(
        status(
            "POST",
            "/api/test",
            &[("Host", &host), json, ("Origin", "http://evil.example"), ("X-Courant", "1")]
        ),
        403
    );
    assert_eq!(status("POST", "/api/test", &[("Host", &host), json, ("Origin", &origin)]), 403);
    assert_eq!(status("POST", "/", &[("Host", &host), ("Origin", &origin), ("X-Courant", "1")]), 405);
    let large = format!("{{\"id\": \"{}\"}}", "x".repeat(100_000));
    let sent = preview.ask(
        "POST",
        "/api/test",
        &[("Host", &host), json, ("Origin", &origin), ("X-Courant", "1")],
        &large,
    );
    assert_eq!(sent.status, 400, "{}", sent.text());
}

#[test]
fn a_token_is_asked_for_where_there_is_one() {
    let scratch = Scratch::weekly().file(".env", "SMTP_URL=smtps://user:hunter2@mail.example:465\n");
    let preview = Preview::start(&scratch, "--token");
    let (host, url) = (preview.host().to_owned(), preview.url.clone());
    assert!(url.contains("/t/") && url.ends_with('/'), "{url}");
    assert_eq!(preview.get("").status, 200);
    let told = preview.get("api/workspace");
    assert_eq!(told.json()["transport"]["live"], true);
    assert!(!told.text().contains("hunter2"));
    let path = &url["http://".len() + host.len()..];
    let named = host.replace("127.0.0.1", "desk.example");
    assert_eq!(
        preview.ask("GET", path, &[("Host", &named)], "").status,
        200,
        "any name of the machine will do"
    );
    for path in ["/", "/api/workspace", "/t/", "/t/wrong/", "/t/wrong/api/workspace"] {
        assert_eq!(preview.ask("GET", path, &[("Host", &host)], "").status, 403, "{path}");
    }
}

#[test]
fn beyond_this_machine_there_is_always_a_token() {
    let scratch = Scratch::weekly();
    let preview = Preview::start(&scratch, "--listen 0.0.0.0:0");
    assert!(preview.url.contains("/t/"), "{}", preview.url);
}

#[test]
fn a_port_that_is_taken_is_an_error_with_what_to_type() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let run = Scratch::weekly().run(&format!("preview --listen {address}")).expect_code(1);
    run.says(&format!("{address} cannot be listened on")).says("--listen 127.0.0.1:0");
    Scratch::weekly().run("preview --listen nowhere").expect_code(1).says("127.0.0.1:8026");
    Scratch::weekly().run("preview 77").expect_code(1);
    Scratch::empty().run("preview").expect_code(1).says("courant init");
}

#[test]
fn what_is_printed_for_programs_is_as_documented() {
    let scratch = Scratch::weekly();
    let preview = Preview::start(&scratch, "");
    let printed = json!({ "url": preview.url });
    assert_eq!(crate::json::keys(&printed), crate::json::keys(&crate::json::documented("preview ISSUE")));
}

#[test]
fn two_previews_at_once_take_a_port_each() {
    let (one, two) = (Scratch::weekly(), Scratch::weekly());
    let first = Preview::start_as_it_is(&one, "--offline");
    let second = Preview::start_as_it_is(&two, "--offline");
    assert_ne!(first.url, second.url);
    assert_eq!((first.get("").status, second.get("").status), (200, 200));
}

#[test]
fn an_open_page_does_not_hold_it_and_nothing_is_left_behind() {
    let scratch = Scratch::weekly();
    let preview = Preview::start(&scratch, "");
    preview.issue("001-hello");
    let events = preview.events();
    preview.interrupt().expect_code(0);
    assert!(events.ended());
    assert!(scratch.files(".courant").is_empty(), "{:?}", scratch.files(".courant"));
}

#[test]
fn a_person_reads_where_it_is() {
    let scratch = Scratch::weekly();
    let running = scratch.courant(["preview", "--offline", "--listen", "127.0.0.1:0"]).start();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    running.signal("INT");
    let run = running.finish().ok();
    run.prints("Preview of issues/001-hello.md on http://127.0.0.1:").prints("/ (Ctrl-C ends it)");
}
