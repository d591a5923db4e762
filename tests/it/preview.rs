//! `courant preview`: what a page is told, and when. How the page itself looks and behaves is proven in a browser.

use std::fs;
use std::net::TcpListener;

use scraper::{Html, Selector};
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
fn a_page_is_told_of_the_workspace_and_of_the_newest_issue() {
    let scratch = Scratch::weekly()
        .issue("002-draft", "---\ntitle: Second\nnumber: 2\ndraft: true\n---\n\nNot yet.\n")
        .issue("003-broken", "---\ntitel: Third\n---\n\nWrong.\n")
        .issue(
            "004-later",
            "---\ntitle: Later\nsend_at: 2099-01-01T08:00+00:00\ndate: 2098-12-01\n---\n\nx\n",
        );
    let preview = Preview::start(&scratch, "1");
    let told = preview.json("api/workspace");
    assert_eq!(
        (&told["name"], &told["current"], &told["lone"]),
        (&json!("The Weekly"), &json!("001-hello"), &json!(false))
    );
    let mut states: Vec<_> = told["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| (issue["id"].as_str(), issue["state"].as_str()))
        .collect();
    states.sort();
    let pair = |id, state| (Some(id), Some(state));
    assert_eq!(
        states,
        [
            pair("001-hello", "ready"),
            pair("002-draft", "draft"),
            pair("003-broken", "broken"),
            pair("004-later", "scheduled")
        ]
    );
    assert_eq!(told["transport"]["live"], false);
    assert_eq!(told["preview_to"], json!(["wendy@weekly.example"]));
    let broken = preview.json("api/issue/003-broken");
    assert_eq!((&broken["error"]["place"]["line"], &broken["html"]), (&json!(2), &json!("")));
    assert_eq!(broken["error"]["excerpt"][1], json!({"line": 2, "text": "titel: Third"}));
}

#[test]
fn a_letter_is_shown_with_all_its_parts_for_whoever_is_chosen() {
    let scratch = Scratch::weekly();
    let preview = Preview::start(&scratch, "");
    let view = preview.issue("001-hello?as=bob%40example.org");
    assert_eq!(view["envelope"]["subject"], "Hello");
    assert_eq!(view["envelope"]["to_address"], "bob@example.org");
    assert_eq!(view["envelope"]["preheader"], "The first letter of the weekly, and the shortest");
    assert!(view["text"].as_str().unwrap().contains("Dear Bob,"));
    assert!(view["html"].as_str().unwrap().contains("Dear Bob,"));
    assert_eq!(view["tree"]["children"][1]["type"], "text/html");
    assert_eq!(view["headers"][2], json!(["Subject", "Hello"]));
    assert_eq!(view["sizes"]["letter"], view["eml"].as_str().unwrap().len());
    assert_eq!(view["sizes"]["html"], view["html"].as_str().unwrap().len());
    assert_eq!(view["people"]["total"], 3);
    assert_eq!(view["values"], json!([["name", "Bob"]]));
    let html = preview.get("message/001-hello/html?as=bob%40example.org");
    assert_eq!(html.text(), view["html"].as_str().unwrap());
    let policy = html.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("sandbox allow-same-origin; default-src 'none'; img-src 'self' data:;"),
        "{policy}"
    );
    let remote = preview.get("message/001-hello/html?remote=1");
    assert!(remote.header("content-security-policy").unwrap().contains("img-src 'self' data: https:;"));
    assert!(remote.text().contains("Dear Ada,"), "the first subscriber is shown where nobody is named");
}

#[test]
fn the_findings_are_those_of_the_check_each_with_its_block() {
    let body = "---\ntitle: Hello\n---\n\n# Hello\n\nFine.\n\nTODO: say more, [here](#).\n";
    let scratch = Scratch::weekly().issue("001-hello", body);
    let preview = Preview::start(&scratch, "");
    let view = preview.issue("001-hello");
    let checked = scratch.run("check 1 --offline --json").json();
    // SpamAssassin is asked by `check` alone: it takes its time.
    let rules = |found: &Value| {
        let rules =
            found.as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap().to_owned());
        rules.collect::<Vec<_>>()
    };
    assert_eq!(rules(&view["findings"]), rules(&checked["issues"][0]["findings"]));
    assert_eq!(rules(&view["skipped"]), rules(&checked["issues"][0]["skipped"]));
    assert_eq!(view["counts"]["error"], checked["counts"]["error"]);
    let finding = view["findings"].as_array().unwrap().iter().find(|finding| finding["line"] == 9).unwrap();
    let selector = Selector::parse(finding["selector"].as_str().unwrap()).unwrap();
    let document = Html::parse_document(view["html"].as_str().unwrap());
    let text: String = document.select(&selector).next().unwrap().text().collect();
    assert!(text.starts_with("TODO: say more"), "{text}");
}

#[test]
fn every_block_is_found_once_in_the_message_that_is_shown() {
    let mut scratch =
        Scratch::weekly().list("weekly", "email,name,city,plan\nada@example.org,Ada,London,free\n");
    let names: Vec<String> = fs::read_dir(fixture("issues"))
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().into_string().unwrap().strip_suffix(".md").map(str::to_owned)
        })
        .collect();
    for name in &names {
        scratch = scratch.issue(name, &fs::read_to_string(fixture(&format!("issues/{name}.md"))).unwrap());
    }
    let preview = Preview::start(&scratch, "001-hello");
    for name in &names {
        let view = preview.issue(name);
        let document = Html::parse_document(view["html"].as_str().unwrap());
        let blocks = view["blocks"].as_array().unwrap();
        assert!(!blocks.is_empty() || view["html"] == "", "{name}: {}", view["error"]);
        for block in blocks {
            let selector = block["selector"].as_str().unwrap();
            assert_eq!(document.select(&Selector::parse(selector).unwrap()).count(), 1, "{name}: {selector}");
            assert!(
                block["line"].as_u64().unwrap() <= block["end_line"].as_u64().unwrap(),
                "{name}: {block}"
            );
        }
    }
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
    let image = |view: &Value| {
        view["findings"].as_array().unwrap().iter().any(|found| found["rule"] == "image-local")
    };
    assert!(image(&preview.issue("001-hello")));
    let mut events = preview.events();
    fs::copy(fixture("issues/pictures/hill@2x.png"), scratch.path("issues/dot.png")).unwrap();
    events.wait("changed", is_hello);
    let shown = preview.until("api/issue/001-hello", |view| view["checking"] == false && !image(view));
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
    let ids = |told: &Value| {
        told["issues"].as_array().unwrap().iter().map(|issue| issue["id"].clone()).collect::<Vec<_>>()
    };
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

/// The letter with its Date and its token replaced, since a preview is of another moment and its links change nothing.
fn settled(letter: &str) -> String {
    let unfolded = letter.replace("\r\n ", " ");
    let token = unfolded
        .split("/u/")
        .nth(1)
        .and_then(|rest| rest.split('>').next())
        .expect("it can be unsubscribed")
        .to_owned();
    // Where quoted-printable breaks a line within the token, the break is at the same place in both.
    let mut settled = String::new();
    let mut rest = letter;
    while let Some((at, length)) = find_broken(rest, &token) {
        settled.push_str(&rest[..at]);
        settled.push_str("TOKEN");
        settled.push_str(&"\r\n".repeat(rest[at..at + length].matches("\r\n").count()));
        rest = &rest[at + length..];
    }
    settled.push_str(rest);
    let date =
        settled.split("\r\n").find(|line| line.starts_with("Date: ")).expect("it has a date").to_owned();
    settled.replace(&date, "Date: DATE")
}

/// Where `token` stands, whether or not a soft line break or a folded line is within it.
fn find_broken(text: &str, token: &str) -> Option<(usize, usize)> {
    (0..text.len()).filter(|at| text.is_char_boundary(*at)).find_map(|at| {
        let (mut rest, mut length) = (&text[at..], 0);
        for c in token.chars() {
            for gap in ["=\r\n", "\r\n "] {
                if length > 0
                    && let Some(after) = rest.strip_prefix(gap)
                {
                    rest = after;
                    length += gap.len();
                }
            }
            rest = rest.strip_prefix(c)?;
            length += c.len_utf8();
        }
        Some((at, length))
    })
}

#[test]
fn the_message_is_byte_for_byte_what_a_send_hands_to_that_subscriber() {
    let merged = "---\ntitle: For {{ name }}\npreheader: Only for {{ name }}\nattachments: [note.txt]\n---\n\n\
        Dear {{ name | upper }}, [your page](https://weekly.example/{{ city }}).\n\n{% if plan == \"free\" %}\n\nIt is free – grüße.\n\n\
        {% endif %}\n\n![A boat](boat.png)\n\nLeave: <{{ unsubscribe_url }}>\n";
    let boat = fs::read(fixture("issues/pictures/hill@2x.png")).unwrap();
    let people =
        "email,name,city,plan\nada@example.org,Ada Löve,Zürich,free\nbob@example.org,Bob,Paris,gold\n";
    let scratch = Scratch::weekly()
        .issue("001-hello", merged)
        .file("issues/boat.png", boat)
        .file("issues/note.txt", "A note.\n")
        .list("weekly", people);
    scratch.run("dkim keygen --selector news").ok();
    scratch.run("send 1 --yes --offline").ok();
    let letters: Vec<String> = scratch.files("outbox/new").iter().map(|path| scratch.read(path)).collect();
    assert_eq!(letters.len(), 2);
    let preview = Preview::start(&scratch, "");
    for address in ["ada@example.org", "bob@example.org"] {
        let shown = preview.get(&format!("message/001-hello/eml?as={address}"));
        assert_eq!(shown.header("content-type"), Some("message/rfc822"));
        let shown = shown.text();
        let sent = letters.iter().find(|letter| letter.contains(&format!("<{address}>\r\n"))).unwrap();
        assert_eq!(shown.len(), sent.len(), "{address}");
        assert_eq!(settled(&shown), settled(sent), "{address}");
        assert_eq!(preview.issue(&format!("001-hello?as={address}"))["eml"], shown);
    }
}

#[test]
fn every_branch_of_the_conditions_is_counted_and_named_by_somebody() {
    let body = "# Hi\n\n{% if plan == \"gold\" %}\n\nGold.\n\n{% elif plan == \"free\" %}\n\nSome plan.\n\n{% else %}\n\nNone.\n\n{% endif %}\n\n\
        {% if city %}in {{ city }}{% endif %}\n\n::: segment plan = \"gold\"\nOnly gold.\n:::\n";
    let people = "email,name,city,plan\na@example.org,A,,gold\nb@example.org,B,Paris,free\nc@example.org,C,,trial\nd@example.org,D,,gold\n";
    let scratch = Scratch::weekly().issue("001-hello", body).list("weekly", people);
    let preview = Preview::start(&scratch, "");
    let branches = &preview.issue("001-hello")["people"]["branches"];
    let found: Vec<(String, u64, Option<&str>)> = branches
        .as_array()
        .unwrap()
        .iter()
        .map(|way| {
            (
                way["words"].as_str().unwrap().to_owned(),
                way["count"].as_u64().unwrap(),
                way["address"].as_str(),
            )
        })
        .collect();
    let way = |words: &str, count, address| (words.to_owned(), count, address);
    assert_eq!(
        found,
        [
            way("{% if plan == \"gold\" %} is true", 2, Some("a@example.org")),
            way("{% elif plan == \"free\" %} is true", 1, Some("b@example.org")),
            way("{% else %}", 1, Some("c@example.org")),
            way("{% if city %} is true", 1, Some("b@example.org")),
            way("{% if city %} is not true", 3, Some("a@example.org")),
            way("::: segment plan = \"gold\" is true", 2, Some("a@example.org")),
            way("::: segment plan = \"gold\" is not true", 2, Some("b@example.org")),
        ]
    );
    assert_eq!(branches[0]["line"], 3);
}

#[test]
fn somebody_made_up_shows_what_real_lists_rarely_do() {
    let body = "# Hi\n\nDear {{ first_name }} of {{ city | default(\"nowhere\") }}.\n";
    let people = "email,first_name,city\nada@example.org,Ada,London\n";
    let scratch = Scratch::weekly().issue("001-hello", body).list("weekly", people);
    let preview = Preview::start(&scratch, "");
    let personas = preview.issue("001-hello")["people"]["personas"].clone();
    assert_eq!(personas.as_array().unwrap().len(), 5);
    let long = preview.issue("001-hello?as=persona:long-name");
    assert!(
        long["text"].as_str().unwrap().contains("Dear Maximiliane-Wilhelmine of London"),
        "{}",
        long["text"]
    );
    let bare = preview.issue("001-hello?as=persona:bare");
    assert_eq!(bare["error"]["place"]["line"], 3);
    assert!(bare["error"]["message"].as_str().unwrap().contains("`first_name` has no value"));
    assert_eq!(preview.get("message/001-hello/html?as=persona:bare").status, 422);
    assert_eq!(preview.get("api/issue/001-hello?as=persona:nobody").status, 400);
    assert_eq!(preview.issue("001-hello?as=ada%40example.org")["error"], Value::Null);
}

#[test]
fn two_thousand_subscribers_are_merged_counted_and_searched() {
    let scratch = Scratch::weekly_for(2000);
    let preview = Preview::start(&scratch, "--as user77@example9.org");
    let view = preview.issue("001-hello");
    assert_eq!(
        (&view["people"]["total"], &view["people"]["chosen"]["name"]),
        (&json!(2000), &json!("User 77"))
    );
    assert_eq!(view["people"]["some"].as_array().unwrap().len(), 50);
    let found = preview.json("api/people/001-hello?q=USER%20199");
    let names: Vec<&str> =
        found["some"].as_array().unwrap().iter().filter_map(|person| person["name"].as_str()).collect();
    assert_eq!((names.len(), names[0], names[1]), (11, "User 199", "User 1990"));
    assert_eq!(preview.json("api/people/001-hello?q=nobody")["some"], json!([]));
}

#[test]
fn a_test_is_sent_as_courant_test_sends_it_and_is_found_in_the_outbox() {
    let scratch = Scratch::weekly();
    let preview = Preview::start(&scratch, "");
    assert_eq!(preview.json("api/mailbox/outbox"), json!({"letters": [], "total": 0}));
    let mut events = preview.events();
    let sent = preview.post("api/test", &json!({"id": "001-hello", "as": "bob@example.org", "to": null}));
    assert_eq!(
        (sent.status, &sent.json()["ok"], &sent.json()["outcome"]),
        (200, &json!(true), &json!("accepted")),
        "{}",
        sent.text()
    );
    events.wait("mail", |data| data["box"] == "outbox");
    let found = preview.json("api/mailbox/outbox?q=dear%20BOB");
    assert_eq!(found["total"], 1);
    let letter = &found["letters"][0];
    assert_eq!(
        (&letter["subject"], &letter["to"], &letter["proof"]),
        (&json!("[Proof] Hello"), &json!("wendy@weekly.example"), &json!(true))
    );
    assert_eq!(preview.json("api/mailbox/outbox?q=nothing%20like%20it")["total"], 0);
    let id = letter["id"].as_str().unwrap().replace('@', "%40");
    let whole = preview.json(&format!("api/mailbox/outbox/{id}"));
    assert!(whole["text"].as_str().unwrap().contains("Dear Bob,") && whole["html"] == true);
    assert!(preview.get(&format!("mailbox/outbox/{id}/html")).text().contains("Dear Bob,"));
    let kept = scratch.files("outbox/new");
    assert_eq!(preview.get(&format!("mailbox/outbox/{id}/eml")).text(), scratch.read(&kept[0]));
    let other = preview.post("api/test", &json!({"id": "001-hello", "to": "other@example.org"}));
    assert!(other.json()["words"].as_str().unwrap().contains("other@example.org"));
    for wrong in
        [json!({"id": "none"}), json!({"id": "001-hello", "to": "nobody"}), json!({"id": 1}), json!({})]
    {
        let refused = preview.post("api/test", &wrong);
        assert!(
            (400..500).contains(&refused.status) && refused.json()["error"].is_string(),
            "{wrong}: {}",
            refused.text()
        );
    }
    assert_eq!(preview.get("api/mailbox/outbox/..%2F..%2Fcourant.toml").status, 404);
    assert_eq!(preview.get("api/mailbox/none").status, 404);
    scratch.run("status 1").expect_code(1).says("was not sent yet");
}

#[test]
fn a_sink_of_its_own_takes_the_tests_and_other_folders_are_boxes_too() {
    let letter = "From: a@example.org\r\nSubject: Kept\r\n\r\nText\r\n";
    let scratch = Scratch::weekly().file("kept/000001.eml", letter);
    let preview = Preview::start(&scratch, "--sink --box kept");
    let told = preview.json("api/workspace");
    assert_eq!(
        told["transport"],
        json!({"name": "sink", "live": false, "words": told["transport"]["words"]})
    );
    let names: Vec<&str> =
        told["boxes"].as_array().unwrap().iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["outbox", "sink", "kept"]);
    let mut events = preview.events();
    assert_eq!(preview.post("api/test", &json!({"id": "001-hello"})).json()["ok"], true);
    events.wait("mail", |data| data["box"] == "sink");
    let found = preview.until("api/mailbox/sink", |found| found["total"] == 1);
    assert_eq!(found["letters"][0]["subject"], "[Proof] Hello");
    assert_eq!(preview.json("api/mailbox/kept")["letters"][0]["subject"], "Kept");
    assert!(scratch.files("outbox").is_empty());
    preview.interrupt().expect_code(0);
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
