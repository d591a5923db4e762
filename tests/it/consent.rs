//! What is only shown, or declined, leaves no trace that a later run could act on.

use crate::harness::mail::for_recipient;
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;

fn sent_to(sink: &SmtpSink) -> Scratch {
    let scratch = Scratch::weekly()
        .file(".env", format!("SMTP_URL={}\n", sink.url()))
        .settings("[send]\nwait = \"0 s\"");
    scratch.run("send 1 --yes --offline").ok();
    scratch
}

fn zoe_joins(scratch: &Scratch) {
    scratch.write(
        "subscribers/weekly.csv",
        "email,name\nada@example.org,Ada\nbob@example.org,Bob\neve@example.org,\nzoe@example.org,Zoe\n",
    );
}

#[test]
fn a_dry_run_of_a_repetition_repeats_nothing_later() {
    let sink = SmtpSink::start(&[]);
    let scratch = sent_to(&sink);
    scratch.run("send 1 --yes --only bob@example.org --again --dry-run").ok().says("1 letter would go out");
    scratch.run("run").ok();
    scratch.run("send 1 --yes").ok().prints("complete");
    assert_eq!(for_recipient(&sink.messages(), "bob@example.org").len(), 1);
}

#[test]
fn a_declined_repetition_repeats_nothing_later() {
    let sink = SmtpSink::start(&[]);
    let scratch = sent_to(&sink);
    let asked = scratch.courant(["send", "1", "--only", "bob@example.org", "--again"]);
    asked.on_terminal().input("n\n").run().expect_code(1);
    scratch.run("run").ok();
    scratch.run("send 1 --yes").ok().prints("complete");
    assert_eq!(for_recipient(&sink.messages(), "bob@example.org").len(), 1);
}

#[test]
fn who_joined_since_is_not_added_by_a_dry_run_nor_by_a_no() {
    let sink = SmtpSink::start(&[]);
    let scratch = sent_to(&sink);
    zoe_joins(&scratch);
    scratch.run("send 1 --yes --also-new --dry-run").ok().says("1 letter would go out");
    scratch.courant(["send", "1", "--also-new"]).on_terminal().input("n\n").run().expect_code(1);
    scratch.run("run").ok();
    assert_eq!(sink.messages().len(), 3);
    scratch.run("send 1 --yes --also-new").ok().prints("4 of 4 have it");
    assert_eq!(for_recipient(&sink.messages(), "zoe@example.org").len(), 1);
}
