//! `courant test`: the proof is the letter, and touches nothing.

use crate::harness::mail::for_recipient;
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;

#[test]
fn the_proof_goes_to_oneself_and_leaves_the_deliveries_alone() {
    let sink = SmtpSink::start(&[]);
    let scratch = Scratch::weekly().file(".env", format!("SMTP_URL={}\n", sink.url()));
    scratch.run("test 1").ok().prints("wendy@weekly.example");
    let messages = sink.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].recipients, ["wendy@weekly.example"]);
    assert_eq!(messages[0].header("Subject").unwrap(), "[Proof] Hello");
    scratch.run("send 1 --yes --offline").ok();
    assert_eq!(sink.messages().len(), 4);
}

#[test]
fn send_preview_is_the_same_as_test() {
    let sink = SmtpSink::start(&[]);
    let scratch = Scratch::weekly().file(".env", format!("SMTP_URL={}\n", sink.url()));
    scratch.run("send 1 --preview").ok();
    assert_eq!(sink.messages()[0].header("Subject").unwrap(), "[Proof] Hello");
}

/// What may differ between a proof and a letter: documented in docs/preview.md.
fn without_what_may_differ(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8(raw.to_vec()).unwrap();
    let differs = ["Subject:", "To:", "Date:", "Message-ID:", "List-Unsubscribe:", "X-Courant-Proof:"];
    let boundary = text
        .split("boundary=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a letter has a boundary")
        .to_owned();
    let text = text.replace(&boundary, "BOUNDARY").replace("\r\n ", " ");
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let head = head.split("\r\n").filter(|line| !differs.iter().any(|name| line.starts_with(name)));
    head.map(str::to_owned).chain([body.to_owned()]).collect()
}

#[test]
fn the_proof_of_a_subscriber_is_their_letter_but_for_a_few_headers() {
    let sink = SmtpSink::start(&[]);
    let body = "# Hi\n\nDear {{ name }} <{{ email }}>, you live in {{ city }}.\n";
    let scratch = Scratch::weekly()
        .issue("001-hello", body)
        .list("weekly", "email,name,city\nada@example.org,Ada,Zürich\n")
        .file(".env", format!("SMTP_URL={}\n", sink.url()));
    scratch.run("test 1 --as ada@example.org").ok();
    scratch.run("send 1 --yes --offline").ok();
    let messages = sink.messages();
    let proof = for_recipient(&messages, "wendy@weekly.example")[0];
    let letter = for_recipient(&messages, "ada@example.org")[0];
    let token_free = |raw: &[u8]| {
        let (text, _) = crate::harness::mail::Received {
            sender: String::new(),
            recipients: Vec::new(),
            raw: raw.to_vec(),
        }
        .parts();
        text.lines().filter(|line| !line.contains("weekly.example/")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(token_free(&proof.raw), token_free(&letter.raw));
    assert!(token_free(&proof.raw).join("\n").contains("ada@example.org"));
    let heads = |raw: &[u8]| without_what_may_differ(raw).into_iter().rev().skip(1).collect::<Vec<_>>();
    assert_eq!(heads(&proof.raw), heads(&letter.raw));
}

#[test]
fn a_lone_file_outside_any_workspace_can_be_rendered_and_checked() {
    let scratch = Scratch::empty().file("note.md", "# A note\n\nIt has [a link](https://example.org/x).\n");
    scratch.run("render note.md --format text").ok().prints("A note").prints("https://example.org/x");
    scratch.run("render note.md --format html").ok().prints("<html");
    scratch.run("check note.md --offline").ok();
}
