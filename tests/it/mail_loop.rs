//! The real loop: Postfix sends, does not deliver to some, and writes its reports into a mailbox of Dovecot's, which
//! are collected by IMAP and by POP3.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::harness::dovecot::{Dovecot, PASSWORD};
use crate::harness::postfix::Postfix;
use crate::harness::scratch::Scratch;
use crate::harness::tools::fixture;

/// Good, unknown, full and delayed, and where reports go.
const WAYS: &str = "transport_maps = inline:{{weekly.example = virtual:}, {ada@example.org = virtual:}, \
                    {bob@example.org = error:5.1.1 User unknown}, {eve@example.org = error:5.2.2 Mailbox full}, \
                    {zoe@example.org = retry:4.2.1 Try again later}}";

#[test]
fn postfix_reports_what_failed_into_dovecot_and_every_reader_is_found_by_token() {
    let dovecot = Dovecot::shared();
    // Without `dsn` the server tells of delays, too.
    for (scheme, user, query, reports) in
        [("imaps", "loop-imap", "", 2), ("pop3s", "loop-pop3", "?dsn=no", 3)]
    {
        let postfix =
            Postfix::start(&[WAYS, "delay_warning_time = 1s", "smtpd_reject_unlisted_recipient = no"]);
        dovecot.lend(user, &postfix.maildir());
        let mailbox = format!(
            "[mailbox]\naddress = \"bounces@weekly.example\"\nsource = \"{}\"\npassword = {PASSWORD:?}\ntls_ca = \"{}\"",
            dovecot.url(scheme, user),
            dovecot.certificate().display()
        );
        let scratch = Scratch::weekly()
            .list("weekly", "email\nada@example.org\nbob@example.org\neve@example.org\nzoe@example.org\n")
            .file(".env", format!("SMTP_URL={}{query}\n", postfix.url()))
            .settings(&mailbox);
        scratch.run("send 1 --yes --offline").ok();
        // Ada's letter, too.
        postfix.wait_for_messages(1 + reports);
        let deadline = Instant::now() + Duration::from_secs(60);
        while !postfix.log().contains("status=deferred") {
            assert!(Instant::now() < deadline, "zoe's letter was never put off\n{}", postfix.log());
            sleep(Duration::from_millis(50));
        }
        let told = scratch.run("bounces collect --json").ok().json();
        assert_eq!((&told["new"], &told["unmatched"]), (&reports.into(), &0.into()), "{scheme}: {told}");
        assert_eq!(told["suppressed"].as_array().map(Vec::len), Some(1), "{told}");
        let evidence = told["suppressed"][0]["evidence"].as_str().expect("it has some");
        assert!(evidence.starts_with("mail, by its token, 001-hello: hard, no such user"), "{evidence}");
        assert_eq!(told["suppressed"][0]["email"], "bob@example.org");
        let why = |name: &str| scratch.run(&format!("status 1 --why {name}@example.org")).ok();
        why("eve").prints("mail, by its token").prints("Mailbox full");
        let states = |state: &str| scratch.in_state(state).into_iter().collect::<Vec<_>>();
        assert_eq!(states("bounced"), ["bob@example.org", "eve@example.org"]);
        assert_eq!(states("accepted"), ["ada@example.org", "zoe@example.org"], "a delay is no failure");
    }
}

/// Returned by Exim 4.96 and OpenSMTPD 6.8.0p2 of Debian 12 in the same loop, run by hand (neither will be installed
/// beside Postfix): a server behind them knew no bob, had no room for eve, disliked ida's letter and put zoe's off. Exim
/// had itself no room for fay, and knew no way to carl; of delays it tells nobody.
#[test]
fn what_a_real_exim_and_opensmtpd_returned_is_judged_right_and_has_what_finds_its_letter() {
    let exim = [
        "bob failed hard no such user",
        "carl failed hard no such domain",
        "eve failed soft mailbox full",
        "fay failed soft mailbox full",
        "ida failed policy content",
    ];
    assert_eq!(verdicts("exim"), exim);
    let opensmtpd = [
        "bob failed hard no such user",
        "eve failed soft mailbox full",
        "ida failed policy content",
        "zoe delayed soft too much mail for the mailbox",
    ];
    assert_eq!(verdicts("opensmtpd"), opensmtpd);
}

fn verdicts(folder: &str) -> Vec<String> {
    let folder = fixture(folder);
    let run =
        Scratch::empty().courant(["bounces", "parse", "--json", folder.to_str().expect("it is text")]).run();
    let read = run.ok().json();
    let mails = read["mails"].as_array().expect("it is a list").iter();
    let verdict = |mail: &serde_json::Value| {
        let about = &mail["about"][0];
        assert_eq!(mail["keys"]["verp"].as_array().map(Vec::len), Some(1), "{mail:#}");
        assert_eq!(mail["keys"]["message_ids"].as_array().map(Vec::len), Some(1), "{mail:#}");
        let words =
            ["address", "action", "class", "reason"].map(|key| about[key].as_str().unwrap_or_default());
        words.join(" ").replace("@example.org", "")
    };
    mails.map(verdict).collect()
}
