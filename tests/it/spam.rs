//! What SpamAssassin says, asked at its socket and by its command.

use serde_json::Value;

use crate::harness::program::Program;
use crate::harness::scratch::Scratch;
use crate::harness::spamd::Spamd;

/// What every spam filter takes for spam, so that it can be tested.
const GTUBE: &str = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

fn with(settings: &str) -> Scratch {
    let scratch =
        Scratch::weekly().issue("002-spam", &format!("---\ntitle: Spam\n---\n\nRead `{GTUBE}` now.\n"));
    scratch.settings(&format!("[check]\nspamassassin = \"{settings}\""))
}

/// The report of an issue, where `PATH` leads to the programs of this machine.
fn checked(scratch: &Scratch, issue: &str) -> Value {
    let check: Program = scratch.courant(["check", issue, "--offline", "--fail-on", "never", "--json"]);
    let report = check.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").run().ok().json();
    report["issues"][0].clone()
}

fn spam_of(report: &Value) -> Option<&Value> {
    report["findings"].as_array()?.iter().find(|finding| finding["rule"] == "spam-score")
}

fn why_skipped(report: &Value) -> Option<&str> {
    let skipped = report["skipped"].as_array()?.iter().find(|skip| skip["rule"] == "spam-score")?;
    skipped["why"].as_str().or(skipped["reason"].as_str())
}

fn finds_spam(report: &Value) {
    let found = spam_of(report).unwrap_or_else(|| panic!("{report:#}"));
    assert_eq!(found["severity"], "error");
    assert!(found["message"].as_str().is_some_and(|text| text.contains("points; 5.0 are spam")), "{found}");
    assert!(found["help"].as_str().is_some_and(|text| text.contains("+1000.0 GTUBE (")), "{found}");
}

#[test]
fn a_daemon_is_asked_by_its_port_and_by_its_socket() {
    let home = Scratch::empty();
    let spamd = Spamd::start(&home.path(""));
    let by_port = with(&spamd.host);
    finds_spam(&checked(&by_port, "2"));
    let report = checked(&by_port, "1");
    assert_eq!((spam_of(&report), why_skipped(&report)), (None, None), "{report:#}");
    finds_spam(&checked(&with(&spamd.socket.display().to_string()), "2"));
    // Whoever names a daemon has it asked before a send, too.
    by_port.run("send 2 --yes --offline").expect_code(2).says("SpamAssassin gives the letter");
}

#[test]
fn without_a_daemon_the_command_is_asked_and_writes_nothing() {
    let scratch = with("auto");
    finds_spam(&checked(&scratch, "2"));
    let left = scratch.files("");
    assert!(!left.iter().any(|file| file.contains(".spamassassin")), "{left:?}");
    scratch.run("send 2 --yes --offline").ok();
}

#[test]
fn who_cannot_be_asked_is_skipped_and_not_passed() {
    let report = checked(&with("off"), "2");
    assert_eq!(why_skipped(&report), Some("`[check] spamassassin` is off"), "{report:#}");
    let nobody = checked(&with("/nowhere/spamd.sock"), "2");
    assert!(
        why_skipped(&nobody).is_some_and(|why| why.contains("cannot be reached at /nowhere")),
        "{nobody:#}"
    );
    let scratch = with("auto");
    let report = scratch.run("check 2 --offline --fail-on never --json").ok().json();
    let why = why_skipped(&report["issues"][0]).map(str::to_owned);
    assert_eq!(why.as_deref(), Some("SpamAssassin is not installed"), "without PATH nothing is found");
}
