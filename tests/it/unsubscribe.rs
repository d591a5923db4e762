//! `courant serve` behind the unsubscribe links of real letters: by raw HTTP, and in a browser.

use std::collections::BTreeSet;
use std::fs;

use courant::model::address::Address;
use courant::token::{Purpose, Secret};
use mail_parser::MessageParser;

use crate::harness::browser::{all_well, looks};
use crate::harness::hooks::{Answer, Serve};
use crate::harness::scratch::Scratch;

const ONE_CLICK: &str = "List-Unsubscribe=One-Click";
const FORM: &str = "application/x-www-form-urlencoded";
const STATE: &str = "SELECT key, scope, reason, source FROM suppression ORDER BY key, scope";

/// A weekly whose first issue lies in the outbox, and the server that its links lead to.
struct Weekly {
    scratch: Scratch,
    serve: Serve,
}

impl Weekly {
    fn sent(scratch: Scratch) -> Weekly {
        scratch.run("send 1 --yes --offline").ok();
        let serve = Serve::start(&scratch);
        Weekly { scratch, serve }
    }

    fn secret(&self) -> Secret {
        Secret::open(&self.scratch.path(".courant/secret")).unwrap().unwrap()
    }

    /// The path of this reader's link.
    fn link(&self, name: &str, purpose: Purpose) -> String {
        let secret = self.secret();
        let key = Address::parse(&format!("{name}@example.org")).unwrap().key();
        format!("/u/{}", secret.token(purpose, secret.person(&key)))
    }

    fn ask(&self, method: &str, path: &str, kind: &str, body: &str) -> Answer {
        self.serve.ask(method, path, &format!("Content-Type: {kind}\r\n"), body)
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, FORM, "")
    }

    fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, FORM, body)
    }

    /// Each suppression: key, scope, reason, source.
    fn suppressed(&self) -> Vec<String> {
        self.scratch.sqlite(STATE)
    }

    /// Who finds a letter about `subject` in the outbox.
    fn recipients_of(&self, subject: &str) -> BTreeSet<String> {
        let letters = self.scratch.files("outbox/new");
        let letters = letters.iter().map(|path| self.scratch.read(path));
        let about = letters.filter(|letter| letter.contains(&format!("Subject: {subject}\r\n")));
        about.map(|letter| header(&letter, "To: ")).collect()
    }
}

fn header(letter: &str, name: &str) -> String {
    let line = letter.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("there is no {name}")).trim().to_owned()
}

#[test]
fn one_click_in_either_encoding_is_taken_at_once_and_as_often_as_it_comes() {
    let weekly = Weekly::sent(Scratch::weekly());
    let multipart =
        "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    let (ada, bob) = (weekly.link("ada", Purpose::Unsubscribe), weekly.link("bob", Purpose::Unsubscribe));
    for _ in 0..2 {
        let answer = weekly.post(&ada, ONE_CLICK);
        answer.says(200, "You are unsubscribed");
        assert!(!answer.head.contains("location:") && !answer.head.contains("set-cookie"), "{}", answer.head);
        weekly.ask("POST", &bob, "multipart/form-data; boundary=b", multipart).says(200, "unsubscribed");
        let expected = ["ada", "bob"].map(|name| format!("{name}@example.org||unsubscribed|one-click"));
        assert_eq!(weekly.suppressed(), expected);
    }
    weekly.scratch.run("subscribers show ada@example.org").ok().prints("unsubscribed (one-click)");
}

#[test]
fn a_scanner_that_opens_every_address_of_a_letter_changes_nothing() {
    let weekly = Weekly::sent(Scratch::weekly());
    let mut opened = 0;
    for path in weekly.scratch.files("outbox/new") {
        let raw = fs::read(weekly.scratch.path(&path)).unwrap();
        let letter = MessageParser::default().parse(&raw).unwrap();
        let parts = [letter.body_text(0).unwrap(), letter.body_html(0).unwrap()].concat();
        let all = format!("{} {parts}", String::from_utf8_lossy(&raw));
        for piece in all.split("https://weekly.example").skip(1) {
            let path =
                piece.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '/').next().unwrap();
            for method in ["GET", "HEAD"] {
                let answer = weekly.ask(method, path, FORM, "");
                opened += usize::from(path.starts_with("/u/") && answer.status == 200);
                assert!(method == "GET" || answer.body.is_empty(), "HEAD has no body: {}", answer.body);
            }
        }
    }
    assert!(opened >= 3 * 3 * 2, "three letters name it in a header and both parts: {opened}");
    assert_eq!(weekly.suppressed(), Vec::<String>::new());
}

#[test]
fn the_page_tells_nobody_its_address_and_runs_no_script() {
    let weekly = Weekly::sent(Scratch::weekly());
    let answer = weekly.get(&weekly.link("ada", Purpose::Unsubscribe));
    answer.says(200, "name=\"List-Unsubscribe\" value=\"One-Click\"");
    for header in [
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "x-robots-tag: noindex",
        "x-content-type-options: nosniff",
        "content-security-policy: default-src 'none'; style-src 'sha256-",
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ] {
        assert!(answer.head.contains(header), "`{header}` is not in {}", answer.head);
    }
    assert!(!answer.body.contains("<script") && !answer.body.contains("ada"), "{}", answer.body);
}

#[test]
fn a_forged_link_is_told_nothing_whoever_it_names() {
    let weekly = Weekly::sent(Scratch::weekly());
    let ours = weekly.link("ada", Purpose::Unsubscribe);
    let stranger = Secret::random().unwrap();
    let key = Address::parse("ada@example.org").unwrap().key();
    let mut bent = ours.clone();
    bent.replace_range(40..41, if &ours[40..41] == "a" { "b" } else { "a" });
    let mut forged = vec![
        bent,
        format!("/u/{}", stranger.token(Purpose::Unsubscribe, stranger.person(&key))),
        weekly.link("ada", Purpose::Bounce),
        ours[..ours.len() - 2].to_owned(),
        format!("{ours}/x"),
        "/u/".to_owned(),
        format!("/u/{}", "a".repeat(9000)),
        "/u/%00%ff".to_owned(),
    ];
    let first = weekly.get("/u/nothing");
    first.says(404, "This link leads nowhere");
    for path in forged.drain(..) {
        for answer in [weekly.get(&path), weekly.post(&path, ONE_CLICK), weekly.post(&path, "undo=yes")] {
            answer.says(404, "This link leads nowhere");
            assert_eq!(answer.body, first.body);
        }
    }
    assert_eq!(weekly.suppressed(), Vec::<String>::new());
    let upper = ours.replace("/u/", "").to_ascii_uppercase();
    weekly.post(&format!("/u/{upper}"), ONE_CLICK).says(200, "unsubscribed");
}

#[test]
fn the_link_of_a_proof_says_so_and_changes_nothing() {
    let weekly = Weekly::sent(Scratch::weekly());
    let link = weekly.link("ada", Purpose::Proof);
    weekly.get(&link).says(200, "This is the link of a proof");
    weekly.post(&link, ONE_CLICK).says(200, "This is the link of a proof");
    assert_eq!(weekly.suppressed(), Vec::<String>::new());
}

#[test]
fn a_form_that_says_neither_changes_nothing_and_shows_the_button_again() {
    let weekly = Weekly::sent(Scratch::weekly());
    let link = weekly.link("ada", Purpose::Unsubscribe);
    for body in ["", "List-Unsubscribe=No", "x=1"] {
        weekly.post(&link, body).says(400, "One-Click");
    }
    assert_eq!(weekly.ask("DELETE", &link, FORM, "").header("allow"), Some("GET, HEAD, POST"));
    weekly.post(&link, &"x".repeat(1024 * 1024 + 1)).says(413, "Nothing was changed");
    assert_eq!(weekly.suppressed(), Vec::<String>::new());
}

#[test]
fn a_mistake_is_undone_within_a_day_and_only_by_the_one_who_made_it() {
    let weekly = Weekly::sent(Scratch::weekly());
    let link = weekly.link("ada", Purpose::Unsubscribe);
    weekly.post(&link, ONE_CLICK).says(200, "name=\"undo\"");
    weekly.post(&weekly.link("bob", Purpose::Unsubscribe), ONE_CLICK).says(200, "unsubscribed");
    for _ in 0..2 {
        weekly.post(&link, "undo=yes").says(200, "subscribed again");
    }
    assert_eq!(weekly.suppressed(), ["bob@example.org||unsubscribed|one-click"]);
    weekly.scratch.sqlite("UPDATE suppression SET at = at - 24 * 3600 * 1000 - 1000");
    weekly.post(&weekly.link("bob", Purpose::Unsubscribe), "undo=yes").says(200, "cannot be undone here");
    assert_eq!(weekly.suppressed().len(), 1);
}

#[test]
fn undo_never_lifts_what_somebody_else_said() {
    let weekly = Weekly::sent(Scratch::weekly());
    let run = |line: &str| weekly.scratch.run(line).ok();
    run("subscribers suppress ada@example.org --reason complained");
    run("subscribers suppress bob@example.org --reason bounced");
    run("subscribers suppress eve@example.org --reason unsubscribed");
    for name in ["ada", "bob", "eve"] {
        let link = weekly.link(name, Purpose::Unsubscribe);
        let left = weekly.post(&link, ONE_CLICK);
        left.says(200, "You are unsubscribed");
        assert!(!left.body.contains("<button"), "{}", left.body);
        weekly.post(&link, "undo=yes").says(200, "cannot be undone here");
    }
    let expected = [
        "ada@example.org||complained|courant subscribers suppress",
        "bob@example.org||unsubscribed|one-click, after bounced",
        "eve@example.org||unsubscribed|courant subscribers suppress",
    ];
    assert_eq!(weekly.suppressed(), expected);
}

/// A workspace with two lists; ada is on both, and the first issue went to the weekly.
fn two_lists() -> Weekly {
    let second =
        "---\ntitle: Two\nsubject: The second\nnumber: 2\nlists: daily\n---\n\n# Two\n\nHello again.\n";
    let scratch = Scratch::weekly().issue("002-two", second).settings("default_lists = [\"weekly\"]\n");
    let titles =
        "[lists.weekly]\ntitle = \"The Long Read\"\n[lists.daily]\nid = \"d 1\"\ntitle = \"The <Daily>\"\n";
    let weekly =
        Weekly::sent(scratch.settings(titles).list("daily", "email\nada@example.org\nbob@example.org\n"));
    weekly.scratch.run("subscribers sync").ok();
    weekly
}

/// The path of the unsubscribe link in the letter to this reader, as it stands there.
fn link_in_letter(weekly: &Weekly, subject: &str, name: &str) -> String {
    let letters = weekly.scratch.files("outbox/new").into_iter().map(|path| weekly.scratch.read(&path));
    let is_theirs = |letter: &String| {
        letter.contains(&format!("Subject: {subject}\r\n")) && letter.contains(&format!("{name}@example.org"))
    };
    let letter = letters.into_iter().find(is_theirs).expect("there is a letter").replace("\r\n ", " ");
    let uris = header(&letter, "List-Unsubscribe: ");
    let page = uris.split(['<', '>']).nth(1).expect("there is a page");
    page.strip_prefix("https://weekly.example").expect("it is below base_url").to_owned()
}

#[test]
fn a_click_ends_the_list_of_its_letter_and_the_page_offers_everything() {
    let weekly = two_lists();
    let link = link_in_letter(&weekly, "Hello", "ada");
    assert!(link.ends_with("?l=weekly"), "{link}");
    let asked = weekly.get(&link);
    asked.says(200, "No more of “The Long Read”").says(200, "No more letters from The Weekly at all");
    for _ in 0..2 {
        let left = weekly.post(&link, ONE_CLICK);
        left.says(200, "You get no more letters of The Long Read").says(200, "name=\"all\"");
        assert_eq!(weekly.suppressed(), ["ada@example.org|weekly|unsubscribed|one-click"]);
    }
    weekly.scratch.run("send 2 --yes --offline").ok();
    assert_eq!(weekly.recipients_of("The second").len(), 2, "the other list is another list");
    weekly.post(&link, "undo=yes").says(200, "Letters of The Long Read come as before");
    assert_eq!(weekly.suppressed(), Vec::<String>::new());
    let daily = link_in_letter(&weekly, "The second", "bob");
    assert!(daily.ends_with("?l=d%201"), "{daily}");
    weekly.post(&daily, "all=yes").says(200, "no more letters from The Weekly").says(200, "value=\"all\"");
    assert_eq!(weekly.suppressed(), ["bob@example.org||unsubscribed|one-click"]);
    weekly.post(&daily, "undo=all").says(200, "come as before");
    weekly.post(&daily, ONE_CLICK).says(200, "no more letters of The &lt;Daily&gt;");
    assert_eq!(weekly.suppressed(), ["bob@example.org|d 1|unsubscribed|one-click"]);
}

#[test]
fn the_page_speaks_the_language_of_the_issue() {
    let issue = "---\ntitle: Hallo\nsubject: Hallo\nlang: de-CH\n---\n\n# Hallo\n\nEin Brief.\n";
    let weekly = Weekly::sent(Scratch::weekly().issue("001-hello", issue));
    let link = link_in_letter(&weekly, "Hallo", "ada");
    assert!(link.ends_with("?lang=de-CH"), "{link}");
    weekly.get(&link).says(200, "<html lang=\"de\">").says(200, "Abmelden");
    weekly.post(&link, ONE_CLICK).says(200, "Abgemeldet");
    weekly.get(&link.replace("de-CH", "tlh")).says(200, "<html lang=\"en\">");
    assert_eq!(weekly.suppressed(), ["ada@example.org||unsubscribed|one-click"]);
}

#[test]
fn a_link_without_a_list_or_with_one_that_nobody_knows_means_everything() {
    let weekly = two_lists();
    let link = weekly.link("ada", Purpose::Unsubscribe);
    weekly.get(&link).says(200, "no more letters from The Weekly");
    for query in ["", "?l=gone", "?l=weekly&l=gone", "?x=1", "?l="] {
        weekly
            .post(&format!("{link}{query}"), ONE_CLICK)
            .says(200, "You get no more letters from The Weekly");
        assert_eq!(weekly.suppressed(), ["ada@example.org||unsubscribed|one-click"], "{query}");
        weekly.post(&format!("{link}{query}"), "undo=all").says(200, "subscribed again");
    }
    weekly.post(&format!("{link}?l=weekly&l=d%201"), ONE_CLICK).says(200, "The Long Read, The &lt;Daily&gt;");
    assert_eq!(weekly.suppressed().len(), 2);
}

#[test]
fn a_mail_that_unsubscribes_ends_the_list_that_its_link_names() {
    let weekly = two_lists();
    weekly.scratch.run("send 2 --yes --offline").ok();
    let secret = weekly.secret();
    let mailto = |name: &str, rest: &str| {
        let token = secret.token(
            Purpose::Unsubscribe,
            secret.person(&Address::parse(&format!("{name}@example.org")).unwrap().key()),
        );
        let subject = format!("unsubscribe {token}{rest}");
        format!("From: {name}@example.org\nTo: wendy@weekly.example\nSubject: {subject}\n\nbye\n")
    };
    let letter = weekly.scratch.files("outbox/new").into_iter().map(|path| weekly.scratch.read(&path));
    let uris: String = letter.filter(|letter| letter.contains("Subject: The second")).collect();
    assert!(uris.replace("\r\n ", "").contains("%20l%3Dd%25201>"), "{uris}");
    for (number, mail) in
        [mailto("ada", " L=WEEKLY"), mailto("bob", " l=d%201"), mailto("eve", "")].iter().enumerate()
    {
        weekly.scratch.write(&format!("mails/{number}.eml"), mail);
    }
    weekly.scratch.run("bounces collect mails").ok();
    let suppressed: Vec<String> = weekly
        .suppressed()
        .iter()
        .map(|line| line.split('|').take(3).collect::<Vec<_>>().join("|"))
        .collect();
    let expected = [
        "ada@example.org|weekly|unsubscribed",
        "bob@example.org|d 1|unsubscribed",
        "eve@example.org||unsubscribed",
    ];
    assert_eq!(suppressed, expected);
}

#[test]
fn the_next_issue_skips_whoever_left_and_reaches_whoever_came_back() {
    let second = "---\ntitle: Two\nsubject: The second\nnumber: 2\n---\n\n# Two\n\nHello again.\n";
    let weekly = Weekly::sent(Scratch::weekly().issue("002-two", second));
    for name in ["ada", "bob"] {
        weekly.post(&weekly.link(name, Purpose::Unsubscribe), ONE_CLICK).says(200, "unsubscribed");
    }
    weekly.post(&weekly.link("bob", Purpose::Unsubscribe), "undo=yes").says(200, "subscribed again");
    weekly.scratch.run("send 2 --yes --offline").ok();
    let readers: Vec<String> = weekly.recipients_of("The second").into_iter().collect();
    assert_eq!(readers.len(), 2, "{readers:?}");
    assert!(readers[0].contains("bob@") && readers[1].contains("eve@"), "{readers:?}");
}

#[test]
fn whoever_the_ledger_does_not_know_is_told_so_and_so_is_the_author() {
    let weekly = Weekly::sent(Scratch::weekly());
    let link = weekly.link("mallory", Purpose::Unsubscribe);
    weekly.post(&link, ONE_CLICK).says(200, "no address that belongs to this link");
    assert_eq!(weekly.suppressed(), Vec::<String>::new());
    weekly.serve.signal("INT");
    let run = weekly.serve.finish().ok();
    run.says("whom this ledger does not know");
    assert!(!run.to_string().contains("mallory"), "{run}");
}

#[test]
fn who_was_taken_off_the_list_or_joined_it_since_can_leave_all_the_same() {
    let weekly = Weekly::sent(Scratch::weekly());
    weekly.post(&weekly.link("ada", Purpose::Unsubscribe), ONE_CLICK).says(200, "unsubscribed");
    weekly
        .scratch
        .write("subscribers/weekly.csv", "email\nada@example.org\nbob@example.org\nzoe@example.org\n");
    weekly.scratch.run("subscribers sync --yes").ok();
    for name in ["eve", "zoe"] {
        weekly.post(&weekly.link(name, Purpose::Unsubscribe), ONE_CLICK).says(200, "You get no more letters");
    }
    assert_eq!(weekly.suppressed().len(), 3);
}

#[test]
fn it_answers_below_a_path_whether_or_not_the_proxy_takes_that_off_and_in_the_language_of_the_newsletter() {
    let scratch = Scratch::weekly();
    let settings = scratch.read("courant.toml").replace("lang = \"en\"", "lang = \"de-AT\"");
    let settings = settings.replace("https://weekly.example", "https://weekly.example/news/");
    let weekly = Weekly::sent(scratch.file("courant.toml", settings));
    let link = weekly.link("ada", Purpose::Unsubscribe);
    for path in [link.clone(), format!("/news{link}")] {
        weekly.get(&path).says(200, "<html lang=\"de\">").says(200, "Abmelden");
    }
    assert_eq!(weekly.get(&format!("/other{link}")).status, 404);
    weekly.post(&format!("/news{link}"), ONE_CLICK).says(200, "Abgemeldet");
    assert_eq!(weekly.suppressed().len(), 1);
}

#[test]
fn before_the_first_letter_a_visitor_is_asked_to_come_again() {
    let scratch = Scratch::weekly();
    let serve = Serve::start(&scratch);
    let weekly = Weekly { scratch, serve };
    let answer = weekly.post("/u/x", ONE_CLICK);
    answer.says(503, "Nothing was changed");
    assert!(answer.head.contains("retry-after: 60"), "{}", answer.head);
}

#[test]
fn its_pages_work_in_a_browser_on_a_phone_and_a_desk_in_light_and_dark() {
    // One colour for both modes: hard to read on the card in the dark.
    let weekly = Weekly::sent(Scratch::weekly().settings("[theme]\nlink = \"#1a3d7c\"\n"));
    let paths = [
        weekly.link("ada", Purpose::Unsubscribe),
        weekly.link("ada", Purpose::Proof),
        "/u/forged".to_owned(),
    ];
    let urls = paths.map(|path| format!("http://{}{path}", weekly.serve.host));
    all_well(&looks("unsubscribe.mjs", urls), 5 * 4);
    assert_eq!(weekly.suppressed(), Vec::<String>::new(), "the last click took it back");
}
