//! Letters are signed so that others verify them, and a change on the way shows.

use std::fs;
use std::path::{Path, PathBuf};

use courant::model::attempt::Phase;

use crate::harness::dkim::{verified, verified_letter};
use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::{Act, Script};
use crate::harness::sink::SmtpSink;
use crate::harness::tools::fixture;

const RSA: &str = "[[dkim]]\nselector = \"courant\"\nkey_file = \".courant/dkim-courant.pem\"";
const ED25519: &str =
    "[[dkim]]\nselector = \"courant-ed25519\"\nkey_file = \".courant/dkim-courant-ed25519.pem\"";

/// A weekly that signs with both kinds of key.
fn signed() -> Scratch {
    let scratch = Scratch::weekly();
    scratch.run("dkim keygen").ok();
    scratch.run("dkim keygen --ed25519").ok();
    scratch.settings(RSA).settings(ED25519)
}

/// Everything that can stand in a header, and files to carry.
const FULL: &str = "---\ntitle: \"Ein sehr langer Titel über Tee, Boote, Regen und alles, was der Frühling sonst \
                    noch in den Hafen spült – für {{ name }}\"\nfrom: \"Zoë «die Weberin» Übel <zoe@weekly.example>\"\n\
                    reply_to: answers@weekly.example\nattachments: [menu für alle.pdf, notes.txt]\n---\n\n\
                    # Tea\n\n![a hill](pictures/hill@2x.png)\n\n```\n  two  spaces \t and a tab\n\n\n```\n\nThe end.\n";

fn full() -> Scratch {
    signed()
        .issue("001-hello", FULL)
        .file("issues/menu für alle.pdf", [0, 13, 10, 32, 32, 10, 255].repeat(700))
        .file("issues/notes.txt", "  spaces  \r\n\t\n\n\n")
        .file(
            "issues/pictures/hill@2x.png",
            fs::read(fixture("issues/pictures/hill@2x.png")).expect("it is there"),
        )
        .list("weekly", "email,name\nada@example.org,Adá Lövell\n")
}

fn letter_of(scratch: &Scratch) -> String {
    scratch.run("render 1 --format eml -o one.eml").ok();
    scratch.read("one.eml")
}

#[test]
fn two_verifiers_of_others_accept_every_letter_by_both_keys() {
    let scratch = signed()
        .list("weekly", "email,name,city,plan,interests\nada@example.org,Ada,London,paid,tea; rain\n");
    for picture in ["hill@2x.png", "tick.gif"] {
        let path = format!("issues/pictures/{picture}");
        scratch.write(&path, fs::read(fixture(&path)).expect("the fixture is there"));
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(fixture("issues")).expect("the fixtures are there") {
        let path = entry.expect("the folder can be read").path();
        let Some(name) =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".md"))
        else {
            continue;
        };
        scratch.write(&format!("issues/{name}.md"), fs::read(&path).expect("the fixture can be read"));
        scratch.run(&format!("render {name} --format eml -o {name}.eml")).ok();
        files.push(scratch.path(&format!("{name}.eml")));
    }
    assert!(files.len() > 20, "{files:?}");
    let paths: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    for (file, verdicts) in paths.iter().zip(verified(&scratch, &paths)) {
        assert_eq!(verdicts, [true, true], "{}", file.display());
    }
}

#[test]
fn attachments_images_long_and_foreign_headers_are_signed_too() {
    let scratch = full();
    let letter = letter_of(&scratch);
    for part in ["multipart/mixed", "multipart/related", "filename*", "=?utf-8?", "Reply-To: answers"] {
        assert!(letter.contains(part), "{part} is not in\n{letter}");
    }
    assert_eq!(verified_letter(&scratch, letter.as_bytes()), [true, true]);
}

#[test]
fn whatever_is_changed_on_the_way_shows() {
    let scratch = full();
    let letter = letter_of(&scratch);
    let before = |field: &str| format!("{field}\r\n{letter}");
    let after = |field: &str| letter.replacen("\r\nMIME-Version", &format!("\r\n{field}\r\nMIME-Version"), 1);
    let replaced = |from: &str, to: &str| letter.replacen(from, to, 1);
    let mut changed = vec![
        replaced("The end", "The bend"),
        replaced("To: ", "To: Bob and "),
        replaced("Message-ID: <", "Message-ID: <x"),
        replaced("multipart/mixed", "multipart/digest"),
        replaced(" <https://weekly.example/u/", " <https://evil.example/u/"),
        replaced("List-Post: NO", "List-Post: YES"),
        replaced("AA0KICAK", "AB0KICAK"),
        letter.clone() + "one line more\r\n",
    ];
    let same = changed.iter().position(|changed| *changed == letter);
    assert_eq!(same, None, "the letter holds what is to be changed:\n{letter}");
    for field in [
        "From: Eve <eve@evil.example>",
        "Subject: You won",
        "To: everybody@example.org",
        "Cc: everybody@example.org",
        "Reply-To: eve@evil.example",
        "Date: Thu, 01 Jan 2026 00:00:00 +0000",
        "Message-ID: <other@example.org>",
        "Content-Type: text/html",
        "Content-Transfer-Encoding: base64",
        "List-Unsubscribe: <https://evil.example/>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Feedback-ID: a:b:c:evil1",
    ] {
        changed.extend([before(field), after(field)]);
    }
    let files: Vec<PathBuf> =
        (0..changed.len()).map(|number| scratch.path(&format!("changed-{number}.eml"))).collect();
    files.iter().zip(&changed).for_each(|(file, letter)| fs::write(file, letter).expect("there is room"));
    let paths: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    for (verdicts, letter) in verified(&scratch, &paths).iter().zip(&changed) {
        assert_eq!(*verdicts, [false, false], "{letter}");
    }
}

#[test]
fn what_servers_do_to_white_space_and_add_above_is_no_change() {
    let scratch = full();
    let letter = letter_of(&scratch);
    let (header, body) = letter.split_once("\r\n\r\n").expect("a letter has a body");
    let header = header.replace("\r\n ", "\r\n\t  ").replace("Subject: ", "SUBJECT:   ");
    let received =
        "Return-Path: <x@example.org>\r\nReceived: from a by b; Thu, 01 Jan 2026 00:00:00 +0000\r\n";
    let passed_on = format!("{received}{header}\r\n\r\n{}\r\n\r\n", body.replace("\r\n", " \t\r\n"));
    assert_eq!(verified_letter(&scratch, passed_on.as_bytes()), [true, true]);
}

#[test]
fn what_a_server_receives_is_signed_and_so_is_a_proof() {
    let sink = SmtpSink::start(&[]);
    let scratch = full().file(".env", format!("SMTP_URL={}\n", sink.url()));
    scratch.run("send 1 --yes --offline").ok();
    scratch.run("test 1").ok();
    let received = sink.messages();
    assert_eq!(received.len(), 2);
    for letter in &received {
        assert_eq!(verified_letter(&scratch, &letter.raw), [true, true]);
    }
    assert!(received.iter().any(|letter| letter.header("X-Courant-Proof").is_some()));
}

#[test]
fn a_letter_that_goes_out_again_has_the_same_signatures() {
    let script = Script::default().once(Phase::Answer, "ada@example.org", Act::KeepAndCut).once(
        Phase::Answer,
        "ada@example.org",
        Act::reply("451 4.3.0 later"),
    );
    let server = Server::start(script);
    let scratch = full()
        .file(".env", format!("SMTP_URL={}\n", server.url()))
        .settings("[send]\non_uncertain = \"resend\"\nretry_after = [\"2 s\"]");
    scratch.run("send 1 --yes --offline").ok();
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].raw, received[1].raw);
}

#[test]
fn each_sender_is_signed_for_by_the_keys_of_their_domain() {
    let scratch = Scratch::weekly()
        .list("daily", "email\nada@example.org\n")
        .issue("002-daily", "---\ntitle: Daily\nlists: [daily]\n---\n\nHi.\n")
        .issue("003-other", "---\ntitle: Other\nlists: [weekly]\nfrom: x@third.example\n---\n\nHi.\n")
        .issue("001-hello", "---\ntitle: Hello\nlists: [weekly]\n---\n\nHi.\n")
        .settings("[lists.daily]\nfrom = \"Dan <dan@mail.daily.example>\"");
    for (selector, domain) in [("w", "weekly.example"), ("d", "daily.example")] {
        scratch.run(&format!("dkim keygen --selector {selector} --domain {domain}")).ok();
    }
    let table = |selector: &str, domain: &str| {
        format!(
            "[[dkim]]\ndomain = \"{domain}\"\nselector = \"{selector}\"\nkey_file = \".courant/dkim-{selector}.pem\""
        )
    };
    let scratch = scratch.settings(&table("w", "weekly.example")).settings(&table("d", "daily.example"));
    for (issue, place) in [(1, "d=weekly.example; s=w;"), (2, "d=daily.example; s=d;")] {
        let run = scratch.run(&format!("render {issue} --format eml")).ok();
        run.prints(place);
        assert_eq!(run.stdout.matches("DKIM-Signature").count(), 1);
        assert_eq!(verified_letter(&scratch, run.stdout.as_bytes()), [true]);
    }
    assert!(!scratch.run("render 3 --format eml").ok().stdout.contains("DKIM-Signature"));
    let check = scratch.run("check 3 --offline");
    check
        .prints("from-mismatch")
        .prints("third.example are not signed")
        .prints("weekly.example, daily.example");
}
