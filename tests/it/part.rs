//! Sending to a part first, and sending a changed text: what was asked for leaves, and nothing else does later.

use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;

fn weekly_to(sink: &SmtpSink) -> Scratch {
    Scratch::weekly().file(".env", format!("SMTP_URL={}\n", sink.url())).settings("[send]\nwait = \"0 s\"")
}

fn rewrite(scratch: &Scratch) {
    scratch.write("issues/001-hello.md", scratch.read("issues/001-hello.md") + "\nA new last line.\n");
}

#[test]
fn cron_leaves_the_rest_to_whoever_sent_to_a_part_first() {
    for part in ["--limit 1", "--only bob@example.org"] {
        let sink = SmtpSink::start(&[]);
        let scratch = weekly_to(&sink);
        scratch.run(&format!("send 1 --yes --offline {part}")).expect_code(75);
        let cron = scratch.run("run").ok();
        assert_eq!((cron.stdout.as_str(), cron.stderr.as_str()), ("", ""), "{part}");
        assert_eq!(sink.messages().len(), 1, "{part}");
        scratch.run("send 1 --yes --offline").ok().prints("3 of 3 have it");
        assert_eq!(sink.messages().len(), 3, "{part}");
    }
}

#[test]
fn cron_does_not_go_on_where_too_many_were_refused() {
    let sink = SmtpSink::start(&["-f", "RCPT"]);
    let scratch = Scratch::weekly_for(60)
        .file(".env", format!("SMTP_URL={}\n", sink.url()))
        .settings("[send]\nwait = \"0 s\"");
    scratch.run("send 1 --yes --offline").expect_code(4).prints("answers were refusals");
    let refused = || scratch.run("status 1 --json").json()["counts"]["refused"].clone();
    let before = refused();
    scratch.run("run").ok();
    assert_eq!(refused(), before, "a person looks at it first");
}

#[test]
fn somebody_who_is_not_in_the_audience_freezes_nothing() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink);
    let run = scratch.run("send 1 --yes --offline --only zoe@example.org").expect_code(1);
    run.says("zoe@example.org").says("not in the audience");
    scratch.run("run").ok();
    assert_eq!(sink.messages(), []);
    scratch.run("send 1 --yes --offline").ok().prints("3 of 3 have it");
    scratch.run("send 1 --yes --offline --only zoe@example.org").expect_code(1).says("not in the audience");
}

#[test]
fn the_same_command_again_goes_on_with_the_new_text_and_makes_no_third() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink);
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    rewrite(&scratch);
    scratch.run("send 1 --yes --offline --as-new --limit 1").expect_code(75);
    scratch.run("send 1 --yes --offline --as-new").ok().prints("2 of 2 have it");
    scratch.run("send 1 --yes --offline --as-new").ok().prints("complete");
    assert_eq!(sink.messages().len(), 3);
    assert_eq!(scratch.run("status").ok().stdout.matches("001-hello").count(), 2, "two editions");
}

#[test]
fn the_frozen_text_goes_on_though_its_template_is_gone() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink);
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    scratch.write(
        "issues/001-hello.md",
        scratch.read("issues/001-hello.md").replace("---\n\n", "template: lost\n---\n\n"),
    );
    assert_ne!(scratch.run("send 1 --yes --offline").code, Some(0));
    scratch.run("send 1 --yes --offline --frozen").ok().prints("3 of 3 have it");
}
