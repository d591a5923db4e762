//! What is sent to a provider is what its own description of its API allows: fifty different letters, recorded and put
//! before prism, which answers only to calls that fit.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::harness::api::{Family, Provider, Request};
use crate::harness::scratch::Scratch;
use crate::harness::tools::{Daemon, fixture, free_port, installed};

/// A server that knows nothing but a description.
struct Prism {
    port: u16,
    _daemon: Daemon,
}

impl Prism {
    fn start(description: &str) -> Prism {
        let port = free_port();
        let mut command = Command::new(installed("node/node_modules/.bin/prism"));
        command.args(["mock", "--errors", "--host", "127.0.0.1", "--port", &port.to_string()]);
        command.arg(fixture("specs").join(description)).stderr(Stdio::null());
        Prism { port, _daemon: Daemon::listening_on(port, &mut command) }
    }

    /// The status of the answer, and the answer.
    fn ask(&self, request: &Request) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("prism listens");
        let mut head = format!("POST {} HTTP/1.1\r\nconnection: close\r\n", request.path);
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let whole = [head.as_bytes(), b"\r\n", &request.body].concat();
        stream.write_all(&whole).expect("prism reads a call to its end");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("prism answers");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
        (status.unwrap_or_else(|| panic!("no answer: {answer}")), answer)
    }
}

/// Names that are hard to write down.
const PEOPLE: &str = "email,name\n\
    ada@example.org,\"Lovelace, Ada \"\"the Countess\"\"\"\n\
    li@example.org,李雷\n\
    zoe@example.org,Zoë O’Neil <zoe>\n\
    eve@example.org,\n\
    max@xn--mnchen-3ya.example,\"Maximilian Alexander Friedrich von und zu der sehr langen Strasse am Ende des \
    kleinen Dorfes hinter den sieben Bergen, der seinen Namen nie ganz auf eine Zeile bekam\"\n";

/// Front matter and text of each issue; five people get each.
const ISSUES: [(&str, &str); 10] = [
    ("title: Hello", "Hello {{ name | default(\"reader\") }}."),
    ("title: Grüße 👋 aus München", "Schöne Grüße, {{ name | default(\"du\") }} — “bis bald”."),
    ("title: Files\nattachments: [notes.txt, plan.pdf, Größe.csv]", "Three files."),
    ("title: Pictures", "![a dot](dot.png)\n\nAnd ![again](dot.png)."),
    ("title: Both\nattachments: [plan.pdf]", "![a dot](dot.png)"),
    ("title: Answers\nreply_to: Редакция <answers@weekly.example>", "Write back."),
    ("title: \"Quotes \\\" and \\\\ and <tags> & {more}\"", "`code` and <https://weekly.example/?a=b&c=d>"),
    (
        "title: A very long subject that goes on and on until it has to be folded twice, or thrice, on the wire of any mail",
        "Long.",
    ),
    ("title: Code", "```rust\nfn main() { println!(\"{}\", 1); }\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
    ("title: 日本語の件名 with English\nfrom: Wendy Ünlü <wendy@weekly.example>", "本文です。\n\n- 一\n- 二"),
];

/// A transparent dot.
const DOT: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\
    \xcfP\x0f\0\x03\x86\x01\x80Z4}k\0\0\0\0IEND\xaeB`\x82";

fn workspace() -> Scratch {
    let mut scratch = Scratch::weekly()
        .list("weekly", PEOPLE)
        .settings("transport = \"api\"")
        .settings(
            "[lists.weekly]\ntitle = \"Die wöchentliche Rundschau für alle, die gerne lange Titel lesen\"",
        )
        .file("issues/notes.txt", "notes\n")
        .file("issues/plan.pdf", b"%PDF-1.4\n%\xff\xfe\n")
        .file("issues/Größe.csv", "a,b\n1,2\n")
        .file("issues/dot.png", DOT);
    for (number, (front, text)) in ISSUES.iter().enumerate() {
        let issue =
            format!("---\n{front}\npreheader: What this issue is about, in one line\n---\n\n{text}\n");
        scratch = scratch.issue(&format!("{:03}-issue", number + 1), &issue);
    }
    std::fs::remove_file(scratch.path("issues/001-hello.md")).expect("the weekly has a first issue");
    scratch
}

/// Sends all issues, and gives the calls.
fn recorded(family: Family, batch: usize) -> Vec<Request> {
    let provider = Provider::start(family, |_| None);
    let scratch = workspace().settings(&provider.settings(batch, ""));
    for number in 1..=ISSUES.len() {
        scratch.run(&format!("send {number:03}-issue --yes --offline")).ok();
    }
    let taken: usize = provider.taken().values().sum();
    assert_eq!(taken, 5 * ISSUES.len());
    provider.requests()
}

fn fit(family: Family, batch: usize, description: &str) {
    let calls = recorded(family, batch);
    let prism = Prism::start(description);
    for call in &calls {
        let (status, answer) = prism.ask(call);
        assert!((200..300).contains(&status), "{answer}\n{}", String::from_utf8_lossy(&call.body));
    }
    let mut broken = calls[0].clone();
    broken.body = b"{\"from\": 7}".to_vec();
    broken.headers.insert("content-length".to_owned(), broken.body.len().to_string());
    assert!(prism.ask(&broken).0 >= 400, "prism looks at nothing");
}

#[test]
fn calls_to_resend_fit_its_own_description() {
    fit(Family::Resend, 2, "resend.yaml");
}

#[test]
fn calls_to_sendgrid_fit_its_own_description() {
    fit(Family::Sendgrid, 1, "sendgrid.json");
}
