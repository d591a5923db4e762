//! `courant preview`: what a page is told, and when. How the page itself looks and behaves is proven in a browser.

use std::fs;

use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::harness::preview::Preview;
use crate::harness::scratch::Scratch;
use crate::harness::tools::fixture;

mod boxes;
mod following;
mod serving;

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
    assert_eq!((&bare["html"], &bare["values"][1]), (&json!(""), &json!(["first_name", null])));
    assert!(bare["mjml"].as_str().unwrap().starts_with("<mjml"), "{}", bare["mjml"]);
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

#[cfg(unix)]
#[test]
fn whoever_searches_a_list_that_takes_its_time_holds_nobody_up() {
    let people: String = (1..=60).map(|number| format!("user{number}@example.org,User\n")).collect();
    let scratch = Scratch::weekly()
        .settings("[lists.slow]\nfile = \"slow.csv\"")
        .list("weekly", &format!("email,name\n{people}"))
        .issue("001-hello", "---\ntitle: Hello\nlists: [weekly, slow]\n---\n\nHi.\n");
    // Whoever opens a pipe waits until somebody writes into it, which nobody does.
    let pipe = std::process::Command::new("mkfifo").arg(scratch.path("slow.csv")).status();
    assert!(pipe.is_ok_and(|status| status.success()), "mkfifo is part of every Unix");
    let preview = Preview::start(&scratch, "");
    let search = preview.begin("api/people/001-hello?q=nobody");
    for _ in 0..20 {
        let view = preview.json("api/issue/001-hello");
        assert_eq!(view["people"]["chosen"]["address"], "user1@example.org", "{view:#}");
    }
    drop(search);
}

#[test]
fn it_is_said_of_whom_no_list_knows() {
    let scratch = Scratch::weekly();
    let preview = Preview::start(&scratch, "--as mallory@example.org");
    let note = |query: &str| preview.issue(&format!("001-hello{query}"))["people"]["note"].clone();
    let of_mallory = "mallory@example.org is on none of the issue's lists and has no attributes";
    assert_eq!((note(""), note("?as=mallory%40example.org")), (json!(of_mallory), json!(of_mallory)));
    assert_eq!((note("?as=bob%40example.org"), note("?as=persona:rtl")), (Value::Null, Value::Null));
    scratch.write("subscribers/weekly.csv", "email,name\nmallory@example.org,Mallory\n");
    preview.until("api/issue/001-hello", |view| {
        view["people"]["note"].is_null() && view["people"]["chosen"]["name"] == "Mallory"
    });
}

#[test]
fn an_issue_without_a_sender_is_shown_as_of_nobody() {
    let scratch = Scratch::weekly();
    let settings = scratch.read("courant.toml");
    let without = settings.lines().filter(|line| !line.starts_with("from")).map(|line| format!("{line}\n"));
    scratch.write("courant.toml", without.collect::<String>());
    let preview = Preview::start(&scratch, "");
    let view = preview.issue("001-hello");
    assert_eq!(view["envelope"]["from_address"], "nobody@example.invalid");
    let message_id =
        view["headers"].as_array().unwrap().iter().find(|header| header[0] == "Message-ID").unwrap();
    assert!(message_id[1].as_str().unwrap().ends_with("@example.invalid>"), "{message_id}");
}
