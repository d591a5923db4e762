//! A connection to the mailbox that drops at every command: the next run finishes the work, and nothing counts twice.

use crate::bounces_collect::{full, gone};
use crate::harness::cutter::Cutter;
use crate::mailbox_remote::Inbox;

/// Cuts after one command, after two, … until a whole run passes; how often it was cut.
fn cut_everywhere(scheme: &str, done: &str) -> usize {
    let mut cuts = 0;
    loop {
        let inbox = Inbox::new(scheme, &format!("done = {done:?}"));
        let port = if scheme == "imap" { inbox.dovecot.imap_port() } else { inbox.dovecot.pop3_port() };
        let cutter = Cutter::to(port);
        let scratch = &inbox.sent.scratch;
        let settings = scratch.read("courant.toml");
        scratch
            .write("courant.toml", settings.replace(&format!(":{port}\""), &format!(":{}\"", cutter.port())));
        let [ada, eve] = ["ada", "eve"].map(|name| inbox.sent.letter(name).sender);
        inbox.deliver(&[gone(&ada, "ada@example.org", ""), full(&eve, "eve@example.org")]);
        cutter.cut_after(cuts + 1);
        let run = scratch.run("bounces collect --json");
        let was_cut = cutter.has_cut();
        // A goodbye that was not answered is no trouble.
        if run.code != Some(0) {
            assert!(was_cut, "{run}");
            run.expect_code(1).says("the connection to localhost broke: ").says("run the same command again");
        }
        cutter.mend();
        scratch.run("bounces collect --json").ok();
        assert_eq!(inbox.sent.suppressed(), ["ada bounced"], "{scheme}, {done}, cut {cuts}");
        assert_eq!(inbox.sent.state("eve"), "bounced");
        let events = scratch.sqlite("SELECT kind, count(*) FROM event GROUP BY kind");
        assert_eq!(events, ["bounced_hard|1", "bounced_soft|1"], "each counts once");
        let told = scratch.run("bounces collect --json").ok().json();
        assert_eq!(told["mails"], 0, "{scheme}, {done}, cut {cuts}: {told}");
        let left = inbox.dovecot.mails(&inbox.user);
        match done {
            "delete" => assert_eq!(left, Vec::<String>::new(), "{scheme}, cut {cuts}"),
            "move:Old" => assert!(left.iter().all(|path| path.starts_with(".Old/")), "{left:?}"),
            _ => assert_eq!(left.len(), 2),
        }
        if !was_cut {
            return cuts;
        }
        cuts += 1;
    }
}

#[test]
fn by_imap_a_cut_at_any_command_loses_nothing_and_counts_nothing_twice() {
    assert!(cut_everywhere("imap", "mark") >= 6);
}

#[test]
fn neither_does_one_while_mails_are_moved() {
    assert!(cut_everywhere("imap", "move:Old") >= 6);
}

#[test]
fn by_pop3_a_cut_at_any_command_loses_nothing_and_counts_nothing_twice() {
    assert!(cut_everywhere("pop3", "mark") >= 7);
}

#[test]
fn neither_does_one_while_mails_are_deleted() {
    assert!(cut_everywhere("pop3", "delete") >= 9);
}
