//! The letters that were sent, looked at in the page.

use std::fs;

use serde_json::json;

use crate::harness::preview::Preview;
use crate::harness::scratch::Scratch;

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
    let came = events.wait("mail", |data| data["box"] == "outbox" && data["came"] != json!([]));
    let found = preview.json("api/mailbox/outbox?q=dear%20BOB");
    assert_eq!(found["total"], 1);
    let letter = &found["letters"][0];
    assert_eq!((&came["came"], &came["went"]), (&json!([letter["id"]]), &json!([])));
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
fn a_letter_that_is_deleted_is_no_new_one() {
    let letter = |subject: &str| format!("Subject: {subject}\r\n\r\nx\r\n");
    let scratch = Scratch::weekly().file("kept/1.eml", letter("Kept"));
    let preview = Preview::start(&scratch, "--box kept");
    let mut events = preview.events();
    let mut heard = || {
        events.wait("mail", |data| {
            data["box"] == "kept" && *data != json!({"box": "kept", "came": [], "went": []})
        })
    };
    fs::remove_file(scratch.path("kept/1.eml")).unwrap();
    assert_eq!(heard(), json!({"box": "kept", "came": [], "went": ["1.eml"]}));
    scratch.write("kept/2.eml", letter("New"));
    assert_eq!(heard(), json!({"box": "kept", "came": ["2.eml"], "went": []}));
    fs::remove_dir_all(scratch.path("kept")).unwrap();
    assert_eq!(heard(), json!({"box": "kept", "came": [], "went": ["2.eml"]}));
}
