//! Mailboxes whose server refuses something: what it hands out counts, and nothing is taken for read that did not come.

use crate::harness::meddler::Meddler;
use crate::mailbox_remote::{Inbox, mails};

fn answer(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Three mails, and a server of IMAP of which this is said in place of its own answers.
fn meddled(done: &str, say: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> (Inbox, Meddler) {
    let inbox = Inbox::new("imap", &format!("done = {done:?}"));
    let meddler = Meddler::to(inbox.dovecot.imap_port(), say);
    inbox.through(inbox.dovecot.imap_port(), meddler.port());
    inbox.deliver_three();
    (inbox, meddler)
}

#[test]
fn a_mail_that_the_server_cannot_read_is_named_and_holds_back_no_other() {
    let refused = "TAG NO Some messages could not be FETCHed\r\n";
    for (batch, alone) in [
        (refused, refused),
        ("TAG OK Done\r\n", "TAG OK Done\r\n"),
        (refused, "* 1 FETCH (UID 1 BODY[]<0> NIL)\r\nTAG OK Done\r\n"),
        ("* BYE Internal error\r\n", "* BYE Internal error\r\n"),
    ] {
        let (inbox, _meddler) = meddled("mark", move |line| match line {
            _ if line.contains(" UID FETCH 1:3 (UID BODY") => answer(batch),
            _ if line.contains(" UID FETCH 1 (UID BODY") => answer(alone),
            _ => None,
        });
        let told = inbox.collect("");
        assert_eq!(mails(&told), [2, 1, 0], "{alone}");
        assert_eq!(told["withheld"][0]["place"], "localhost/INBOX #1", "{told}");
        assert_eq!(inbox.sent.suppressed(), ["eve bounced"]);
        assert_eq!(mails(&inbox.collect("")), [0, 0, 0], "it is asked for once");
    }
}

#[test]
fn what_a_server_leaves_out_of_a_batch_comes_when_it_is_asked_for_again() {
    let (inbox, _meddler) =
        meddled("mark", |line| line.contains(" UID FETCH 1:3 (UID BODY").then(|| "TAG OK\r\n".to_owned()));
    assert_eq!(mails(&inbox.collect("")), [3, 2, 0]);
}

#[test]
fn a_server_that_hands_out_nothing_is_asked_for_all_of_it_another_time() {
    let (inbox, meddler) =
        meddled("mark", |line| line.contains("BODY.PEEK").then(|| "TAG NO The disk is away\r\n".to_owned()));
    let run = inbox.sent.scratch.run("bounces collect").expect_code(1);
    run.says("localhost refused to hand out the mails: The disk is away");
    meddler.stop();
    assert_eq!(mails(&inbox.collect("")), [3, 2, 0]);
}

#[test]
fn a_server_that_breaks_down_at_every_mail_is_in_trouble_and_no_mail_is_taken_for_read() {
    let (inbox, meddler) =
        meddled("mark", |line| line.contains("BODY.PEEK").then(|| "* BYE Internal error\r\n".to_owned()));
    let run = inbox.sent.scratch.run("bounces collect").expect_code(1);
    run.says("the connection to localhost broke: Internal error").says("run the same command again");
    meddler.stop();
    assert_eq!(mails(&inbox.collect("")), [3, 2, 0]);
}

#[test]
fn by_pop3_a_mail_that_did_not_come_is_asked_for_again() {
    let inbox = Inbox::new("pop3", "");
    let meddler = Meddler::to(inbox.dovecot.pop3_port(), |line| {
        (line == "RETR 1").then(|| "-ERR It is gone, or the disk is\r\n".to_owned())
    });
    inbox.through(inbox.dovecot.pop3_port(), meddler.port());
    inbox.deliver_three();
    let run = inbox.sent.scratch.run("bounces collect").ok();
    assert!(
        run.stdout.contains("was not read, the server does not hand it out (It is gone, or the disk is)"),
        "{run}"
    );
    assert_eq!(inbox.sent.suppressed(), ["eve bounced"]);
    inbox.sent.scratch.run("run").ok().says("was not read, the server does not hand it out");
    assert_eq!(inbox.sent.scratch.run("run").ok().stderr, "", "it is told once");
    meddler.stop();
    assert_eq!(mails(&inbox.collect("")), [1, 1, 0]);
}

#[test]
fn what_a_server_refuses_to_mark_or_to_move_counts_and_is_told_with_the_refusal() {
    for (done, word) in [("mark", "UID STORE"), ("move:Old", "UID MOVE")] {
        let (inbox, _meddler) =
            meddled(done, move |line| line.contains(word).then(|| "TAG NO [OVERQUOTA] Full\r\n".to_owned()));
        let run = inbox.sent.scratch.run("bounces collect --json").expect_code(1);
        run.says(" mails").says("Full");
        assert_eq!(mails(&run.json()), [3, 2, 0], "what was read is told first");
        assert_eq!(inbox.sent.suppressed(), ["ada bounced", "eve bounced"]);
        assert_eq!(mails(&inbox.collect("")), [0, 0, 0]);
    }
}

#[test]
fn who_is_left_in_peace_is_told_although_the_rest_could_not_be_read() {
    let (inbox, _meddler) =
        meddled("mark", |line| line.contains("UID STORE").then(|| "TAG NO Read only\r\n".to_owned()));
    let run = inbox.sent.scratch.run("run").ok();
    run.says("a…@example.org gets nothing any more").says("refused to mark mails as read: Read only");
}
