//! `courant bounces collect`: what comes back by mail reaches the ledger, once, and only on proof.

use std::fs;

use courant::model::address::Address;
use courant::model::attempt::Phase;
use courant::token::{Purpose, Secret};
use rusqlite::Connection;
use serde_json::Value;

use crate::harness::mail::Received;
use crate::harness::postfix::Postfix;
use crate::harness::program::Run;
use crate::harness::scratch::Scratch;
use crate::harness::server::Server;
use crate::harness::server::script::{Act, Script, Who};

const MAILBOX: &str = "[mailbox]\naddress = \"bounces@weekly.example\"\nsource = \"Maildir\"";

/// A weekly that was sent, and what the server took.
pub struct Sent {
    pub scratch: Scratch,
    server: Server,
}

impl Sent {
    pub fn with(settings: &[&str]) -> Sent {
        let server = Server::start(Script::default());
        let scratch = Scratch::weekly().file(".env", format!("SMTP_URL={}\n", server.url()));
        let scratch = settings.iter().fold(scratch, |scratch, lines| scratch.settings(lines));
        scratch.run("send 1 --yes --offline").ok();
        Sent { scratch, server }
    }

    fn new() -> Sent {
        Sent::with(&[MAILBOX])
    }

    /// The newest letter to somebody at example.org.
    pub fn letter(&self, name: &str) -> Received {
        let address = format!("{name}@example.org");
        let all = self.server.received();
        all.into_iter().rfind(|letter| letter.recipients.contains(&address)).expect("a letter went to them")
    }

    fn ledger(&self) -> Connection {
        Connection::open(self.scratch.path(".courant/ledger.db")).expect("there is a ledger")
    }

    pub fn state(&self, name: &str) -> String {
        let sql = "SELECT d.state FROM delivery d JOIN letter l ON l.id = d.letter WHERE l.key = ?1 ORDER BY d.id DESC";
        self.ledger().query_row(sql, [format!("{name}@example.org")], |row| row.get(0)).unwrap()
    }

    /// Name, scope and reason, in order of name.
    pub fn suppressed(&self) -> Vec<String> {
        let ledger = self.ledger();
        let mut query =
            ledger.prepare("SELECT key, scope, reason FROM suppression ORDER BY key, scope").unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            let [key, scope, reason]: [String; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
            Ok(format!("{}{scope} {reason}", key.replace("@example.org", "")))
        };
        query.query_map([], row).unwrap().map(Result::unwrap).collect()
    }

    fn collect(&self, mails: &[String]) -> Value {
        for (number, mail) in mails.iter().enumerate() {
            self.scratch.write(&format!("mails/{number}.eml"), mail);
        }
        let told = self.scratch.run("bounces collect mails --json").ok().json();
        fs::remove_dir_all(self.scratch.path("mails")).unwrap();
        told
    }

    /// Collects on a terminal, and answers what is asked.
    fn answer(&self, source: &str, keys: &str) -> Run {
        self.scratch.courant(["bounces", "collect", source]).on_terminal().input(keys).run().ok()
    }

    pub fn numbers(told: &Value) -> [u64; 4] {
        ["new", "known", "unmatched", "forged"].map(|key| told[key].as_u64().expect("it is a number"))
    }
}

/// A report about `address`, come back to `to`, with these headers of the letter.
pub fn report(to: &str, address: &str, status: &str, said: &str, returned: &str) -> String {
    format!(
        "From: MAILER-DAEMON@relay.test\nTo: {to}\nSubject: Undelivered Mail Returned to Sender\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nIt could not be delivered.\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.test\n\n\
         Final-Recipient: rfc822; {address}\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n\n\
         --b\nContent-Type: text/rfc822-headers\n\n{returned}\n--b--\n"
    )
}

pub fn gone(to: &str, address: &str, returned: &str) -> String {
    report(to, address, "5.1.1", &format!("550 5.1.1 <{address}>: User unknown"), returned)
}

pub fn full(to: &str, address: &str) -> String {
    report(to, address, "5.2.2", "552 5.2.2 mailbox full", "")
}

fn complaint(letter: &Received) -> String {
    format!(
        "From: feedback@provider.test\nTo: abuse@weekly.example\nSubject: complaint\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nSpam.\n\n\
         --b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nUser-Agent: x\n\n\
         --b\nContent-Type: message/rfc822\n\nMessage-ID: {}\nSubject: Hello\n\nx\n\n--b--\n",
        letter.message_id()
    )
}

fn unsubscribe(token: &str) -> String {
    format!("From: eve@example.org\nTo: bounces@weekly.example\nSubject: unsubscribe {token}\n\nbye\n")
}

/// The token in the mailto of the letter.
fn unsubscribe_token(letter: &Received) -> String {
    let header = letter.header("List-Unsubscribe").expect("letters have one");
    let mailto = header.split("mailto:").nth(1).expect("one way is by mail");
    assert!(mailto.starts_with("bounces@weekly.example?"), "{header}");
    mailto.split("unsubscribe%20").nth(1).expect("a token is in the subject")[..45].to_owned()
}

#[test]
fn a_letter_comes_back_to_an_address_of_its_own_and_a_proof_does_not() {
    let sent = Sent::new();
    let senders: Vec<String> = ["ada", "bob", "eve"].map(|name| sent.letter(name).sender).into();
    for sender in &senders {
        let (local, domain) = sender.split_once('@').unwrap();
        assert!(local.starts_with("bounces+") && local.len() == 53 && domain == "weekly.example", "{sender}");
        assert_eq!(senders.iter().filter(|other| *other == sender).count(), 1);
    }
    sent.scratch.run("test 1").ok();
    assert_eq!(sent.server.received().last().unwrap().sender, "wendy@weekly.example");
}

#[test]
fn a_mailbox_that_leaves_no_room_for_a_token_is_refused_with_its_line() {
    let scratch = Scratch::weekly().settings("[mailbox]\naddress = \"nineteen-characters@weekly.example\"");
    scratch
        .run("check 1 --offline")
        .expect_code(1)
        .says("more than 18 octets before the `@`")
        .says("courant.toml:")
        .says("a token of 45 letters");
}

#[test]
fn every_class_leads_where_it_should_in_any_order_and_however_often() {
    let ends: Vec<_> = [false, true]
        .into_iter()
        .map(|is_reversed| {
            let sent = Sent::new();
            let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| sent.letter(name));
            let mut mails = vec![
                gone(&ada.sender, "ada@example.org", ""),
                full(&ada.sender, "ada@example.org"),
                complaint(&bob),
                gone(&bob.sender, "bob@example.org", ""),
                unsubscribe(&unsubscribe_token(&eve)),
                report(&eve.sender, "eve@example.org", "5.7.1", "554 5.7.1 blocked using a list", ""),
                report(&eve.sender, "eve@example.org", "5.0.0", "550 5.0.0 no", ""),
            ];
            if is_reversed {
                mails.reverse();
            }
            assert_eq!(Sent::numbers(&sent.collect(&mails)), [7, 0, 0, 0]);
            let end = (["ada", "bob", "eve"].map(|name| sent.state(name)), sent.suppressed());
            mails.rotate_left(3);
            assert_eq!(Sent::numbers(&sent.collect(&mails)), [0, 7, 0, 0]);
            assert_eq!(end, (["ada", "bob", "eve"].map(|name| sent.state(name)), sent.suppressed()));
            end
        })
        .collect();
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0].0, ["bounced", "complained", "refused"]);
    assert_eq!(ends[0].1, ["ada bounced", "bob complained", "eve unsubscribed"]);
}

#[test]
fn what_may_pass_is_about_us_or_is_not_explained_suppresses_nobody() {
    let sent = Sent::new();
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| sent.letter(name).sender);
    let mails = [
        full(&ada, "ada@example.org"),
        report(&bob, "bob@example.org", "5.7.1", "554 5.7.1 blocked using a list", ""),
        report(&eve, "eve@example.org", "5.0.0", "550 5.0.0 no", ""),
    ];
    assert_eq!(Sent::numbers(&sent.collect(&mails)), [3, 0, 0, 0]);
    assert_eq!(sent.suppressed(), Vec::<String>::new());
    sent.scratch
        .run("subscribers show ada@example.org")
        .ok()
        .prints("1 soft bounce in a row")
        .prints("5 over 14 days are too many");
}

#[test]
fn a_forged_token_changes_nothing_and_a_stranger_is_left_where_they_are() {
    let sent = Sent::new();
    let forge = |sender: &str| {
        let last = if sender.contains("a@weekly") { "b@weekly" } else { "a@weekly" };
        let (start, _) = sender.split_at(sender.find("@weekly").unwrap() - 1);
        format!("{start}{last}.example")
    };
    let [ada, eve] = ["ada", "eve"].map(|name| sent.letter(name));
    let forged = forge(&ada.sender);
    assert!(forged != ada.sender && forged.len() == ada.sender.len());
    let token = unsubscribe_token(&eve);
    let other = if token.starts_with('a') { 'b' } else { 'a' };
    let proof = {
        let secret = Secret::open(&sent.scratch.path(".courant/secret")).unwrap().unwrap();
        let key = Address::parse("eve@example.org").unwrap().key();
        secret.token(Purpose::Proof, secret.person(&key))
    };
    let mails = [
        gone(&forged, "ada@example.org", ""),
        unsubscribe(&format!("{other}{}", &token[1..])),
        unsubscribe(&proof),
        gone("wendy@weekly.example", "ada@example.org", "Message-ID: <another@weekly.example>\n"),
        gone("wendy@weekly.example", "nobody@example.org", ""),
        "From: ada@example.org\nTo: wendy@weekly.example\nSubject: hi\n\nA fine issue!\n".to_owned(),
    ];
    let told = sent.collect(&mails);
    assert_eq!(Sent::numbers(&told), [0, 0, 3, 1]);
    assert_eq!((&told["proofs"], &told["counts"]["human"]), (&1.into(), &1.into()));
    assert_eq!(["ada", "eve"].map(|name| sent.state(name)), ["accepted", "accepted"]);
    assert_eq!(sent.suppressed(), Vec::<String>::new());
}

#[test]
fn a_letter_is_found_by_its_message_id_even_forwarded() {
    let sent = Sent::with(&[]);
    assert_eq!(sent.letter("ada").sender, "wendy@weekly.example", "no mailbox, no token");
    let returned = format!("Message-ID: {}\n", sent.letter("ada").message_id());
    let told = sent.collect(&[gone("wendy@weekly.example", "forwarded@elsewhere.test", &returned)]);
    assert_eq!(Sent::numbers(&told), [1, 0, 0, 0]);
    assert_eq!(sent.suppressed(), ["ada bounced"]);
    let show = sent.scratch.run("subscribers show ada@example.org").ok();
    show.prints("bounced (mail, by its Message-ID, 001-hello: hard, no such user (“user unknown”))");
    sent.scratch.run("status 1 --why ada@example.org").ok().prints("mail, by its Message-ID");
}

#[test]
fn a_bounce_that_anybody_could_have_written_changes_nothing_until_a_person_says_so() {
    for sent in [Sent::new(), Sent::with(&[])] {
        let forged = gone("wendy@weekly.example", "bob@example.org", "");
        let told = sent.collect(&[forged.clone(), full("wendy@weekly.example", "eve@example.org")]);
        assert_eq!((Sent::numbers(&told), &told["unconfirmed"]), ([0, 0, 0, 0], &2.into()), "{told}");
        assert_eq!(["bob", "eve"].map(|name| sent.state(name)), ["accepted", "accepted"]);
        assert_eq!(sent.suppressed(), Vec::<String>::new());
        let open = told["open"].as_array().expect("it is a list");
        assert_eq!(open.len(), 1, "a mailbox that was full is nothing to act on: {told}");
        assert_eq!((&open[0]["email"], &open[0]["reason"]), (&"bob@example.org".into(), &"bounced".into()));
        sent.scratch.write("forged.eml", forged);
        let again = sent.scratch.run("bounces collect forged.eml").ok();
        again.prints("1 with an address and no proof").prints("1 mail is for you to answer");
        again.prints("somebody reports that bob@example.org bounced: hard, no such user");
        sent.answer("forged.eml", "\n").prints("Never write to them again?");
        assert_eq!(sent.suppressed(), Vec::<String>::new(), "Enter leaves it for later");
        sent.answer("forged.eml", "y\n");
        assert_eq!(sent.suppressed(), ["bob bounced"]);
        let show = sent.scratch.run("subscribers show bob@example.org").ok();
        show.prints("confirmed by hand, mails/0.eml: hard");
        assert!(!sent.answer("forged.eml", "").stderr.contains("Never write"), "it is asked once");
    }
}

#[test]
fn an_address_alone_says_nothing_of_a_letter_of_last_week() {
    let sent = Sent::with(&[]);
    let week = 7 * 24 * 3600 * 1000;
    sent.ledger().execute("UPDATE delivery SET first_begun = first_begun - ?1", [week]).unwrap();
    let told = sent.collect(&[gone("wendy@weekly.example", "bob@example.org", "")]);
    assert_eq!((Sent::numbers(&told), &told["unconfirmed"]), ([0, 0, 1, 0], &0.into()));
}

#[test]
fn whoever_asks_in_words_to_be_unsubscribed_is_unsubscribed_by_one_key() {
    let sent = Sent::new();
    let asks = |from: &str, more: &str| {
        format!("From: {from}\nTo: us\n{more}Subject: please unsubscribe me\n\nThanks\n")
    };
    let reply = format!("In-Reply-To: {}\n", sent.letter("eve").message_id());
    let away = asks("ada@example.org", "Auto-Submitted: auto-replied\n");
    let told = sent.collect(&[
        asks("Bob <bob@example.org>", ""),
        asks("eve@work.test", &reply),
        asks("stranger@elsewhere.test", ""),
        away,
    ]);
    assert_eq!(
        (&told["counts"]["unsubscribe_in_words"], &told["counts"]["auto_reply"]),
        (&3.into(), &1.into())
    );
    let open: Vec<&str> =
        told["open"].as_array().unwrap().iter().map(|one| one["email"].as_str().unwrap()).collect();
    assert_eq!(open, ["bob@example.org", "eve@example.org"]);
    assert_eq!(sent.suppressed(), Vec::<String>::new());
    sent.scratch.write("empty/x.txt", "");
    let run = sent.answer("empty", "n\ny\n");
    run.prints("bob@example.org asks to be unsubscribed: “please unsubscribe me”");
    run.prints("eve@example.org asks to be unsubscribed: eve@work.test writes “please unsubscribe me”");
    assert_eq!(sent.suppressed(), ["eve unsubscribed"]);
    assert!(!sent.answer("empty", "").stdout.contains("unsubscribed"), "each is asked once");
}

#[test]
fn an_address_is_given_up_after_as_many_soft_bounces_in_a_row_as_the_settings_say() {
    let sent = Sent::with(&[MAILBOX, "[bounces]\nsoft_limit = 2\nsoft_span = \"0 s\""]);
    let first = sent.letter("ada").sender;
    sent.collect(&[full(&first, "ada@example.org")]);
    sent.collect(&[full(&first, "ada@example.org").replace("It could", "Again it could")]);
    assert_eq!(sent.suppressed(), Vec::<String>::new(), "one issue counts once");
    let text = sent.scratch.read("issues/001-hello.md").replace("this is the weekly", "this is the second");
    sent.scratch.write("issues/002-again.md", text);
    sent.scratch.run("send 2 --yes --offline").ok();
    let told = sent.collect(&[full(&sent.letter("ada").sender, "ada@example.org")]);
    assert_eq!(sent.suppressed(), ["ada bounced"]);
    let evidence = told["suppressed"][0]["evidence"].as_str().unwrap();
    assert!(
        evidence.starts_with("2 soft bounces in a row, the last by mail, by its token, 002-again: soft"),
        "{evidence}"
    );
}

#[test]
fn in_a_maildir_what_was_understood_is_seen_and_the_rest_is_as_it_was() {
    let sent = Sent::new();
    let ada = sent.letter("ada").sender;
    sent.scratch.write("Maildir/new/1.host", gone(&ada, "ada@example.org", ""));
    sent.scratch.write(
        "Maildir/new/2.host",
        "From: bob@example.org\nTo: us\nSubject: please unsubscribe me\n\nThanks\n",
    );
    sent.scratch.write("Maildir/new/3.host", "From: eve@example.org\nTo: us\nSubject: hi\n\nA fine issue!\n");
    sent.scratch.write("Maildir/cur/0.host:2,R", gone("wendy@weekly.example", "x@example.org", ""));
    sent.scratch
        .run("bounces collect")
        .ok()
        .prints("4 mails: 2 bounce, 1 unsubscribe in words, 1 human")
        .prints("1 new, 0 known already; 1 about no letter of this ledger")
        .prints("a…@example.org gets nothing any more: bounced")
        .prints("bob@example.org asks to be unsubscribed: “please unsubscribe me” (");
    let after =
        ["Maildir/cur/0.host:2,R", "Maildir/cur/1.host:2,S", "Maildir/new/2.host", "Maildir/new/3.host"];
    assert_eq!(sent.scratch.files("Maildir"), after);
    sent.scratch.run("bounces collect").ok().prints("0 new, 1 known already");
    assert_eq!(sent.scratch.files("Maildir"), after);
    assert_eq!(sent.suppressed(), ["ada bounced"]);
}

#[test]
fn a_pipe_an_mbox_and_a_mail_of_the_same_bounce_count_once() {
    let sent = Sent::new();
    let mail = gone(&sent.letter("ada").sender, "ada@example.org", "");
    let mbox = format!("From x@y Thu Jan 1 00:00:00 1970\n{mail}\n");
    sent.scratch.write("in.mbox", &mbox);
    sent.scratch
        .courant(["bounces", "collect", "-"])
        .input(mail.replace('\n', "\r\n"))
        .run()
        .ok()
        .prints("1 new");
    sent.scratch.run("bounces collect in.mbox").ok().prints("0 new, 1 known already");
    assert_eq!(sent.scratch.read("in.mbox"), mbox, "the file is not touched");
}

#[test]
fn run_reads_the_mailbox_and_says_once_who_is_left_in_peace() {
    let sent = Sent::new();
    let missing = sent.scratch.run("run").ok();
    missing.says("Maildir cannot be read");
    sent.scratch.write("Maildir/cur/.keep", "");
    sent.scratch.write("Maildir/new/1", gone(&sent.letter("ada").sender, "ada@example.org", ""));
    sent.scratch.run("run").ok().says("a…@example.org gets nothing any more");
    assert_eq!(sent.scratch.run("run").ok().stderr, "");
    assert_eq!(sent.suppressed(), ["ada bounced"]);
    sent.scratch.write("Maildir/new/2", gone("us@weekly.example", "bob@example.org", ""));
    sent.scratch.run("run").ok().says("1 mail is for you to answer: `courant bounces collect`");
    assert_eq!(sent.scratch.run("run").ok().stderr, "");
}

#[test]
fn run_reads_the_mailbox_before_it_sends_so_that_nobody_who_left_gets_the_next_issue() {
    let sent = Sent::new();
    sent.scratch.write("Maildir/cur/.keep", "");
    sent.scratch.write("Maildir/new/1", gone(&sent.letter("ada").sender, "ada@example.org", ""));
    let issue = sent.scratch.read("issues/001-hello.md").replace("this is the weekly", "this is the second");
    let due = issue.replacen("---\n", &format!("---\nsend_at: {}\n", jiff::Timestamp::now()), 1);
    sent.scratch.write("issues/002-second.md", due);
    sent.scratch.run("run").ok().says("a…@example.org gets nothing any more").prints("2 of 2 have it");
}

#[test]
fn without_a_mailbox_or_a_ledger_it_says_what_to_do() {
    let scratch = Scratch::weekly();
    scratch.run("bounces collect").expect_code(1).says("no mailbox is named").says("[mailbox]");
    scratch.run("bounces collect x").expect_code(1).says("nothing was sent yet");
    let sent = Sent::new();
    sent.scratch.run("bounces collect nowhere").expect_code(1).says("nowhere cannot be read");
}

#[test]
fn what_a_real_postfix_returns_finds_its_letters_by_token() {
    let refusing =
        Script::default().always(Phase::Recipient, Who::Anyone, Act::reply("550 5.1.1 User unknown"));
    let next = Server::start(refusing);
    let postfix = Postfix::start(&[
        &format!("virtual_transport = smtp:[127.0.0.1]:{}", next.port()),
        "transport_maps = inline:{{weekly.example = virtual:}}",
    ]);
    let scratch = Scratch::weekly()
        .file(".env", format!("SMTP_URL={}\n", postfix.url()))
        .settings("[mailbox]\naddress = \"bounces@weekly.example\"");
    scratch.run("send 1 --yes --offline").ok();
    let mails = postfix.wait_for_messages(3);
    for (number, mail) in mails.iter().enumerate() {
        scratch.write(&format!("mails/{number}.eml"), &mail.raw);
    }
    let told = scratch.run("bounces collect mails --json").ok().json();
    assert_eq!((&told["new"], &told["unmatched"]), (&3.into(), &0.into()), "{told}");
    let evidence: Vec<&str> =
        told["suppressed"].as_array().unwrap().iter().map(|one| one["evidence"].as_str().unwrap()).collect();
    assert!(evidence.iter().all(|words| words.starts_with("mail, by its token")), "{evidence:?}");
    assert_eq!(scratch.run("status 1 --json").ok().json()["counts"]["bounced"], 3);
}
