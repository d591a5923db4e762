//! Subscribing by `courant serve`: the form, the mail that asks to confirm, and what readers choose; by raw HTTP, through a
//! real mail server, and in a browser.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use courant::model::address::Address;
use courant::token::{Purpose, Secret};
use jiff::{SignedDuration, Timestamp};
use mail_parser::MessageParser;

use crate::harness::browser::{all_well, looks};
use crate::harness::hooks::{Answer, Serve, memory};
use crate::harness::postfix::Postfix;
use crate::harness::scratch::Scratch;

const FORM: &str = "application/x-www-form-urlencoded";
pub const LISTS: &str =
    "[lists.weekly]\ntitle = \"The Weekly\"\npublic = true\n[subscribe]\nlists = [\"weekly\"]\n";
const OUTBOX: &str = "TRANSPORT_URL=outbox:outbox\n";
const MEMBERS: &str =
    "SELECT key, origin FROM membership WHERE ended_at IS NULL AND origin = 'person' ORDER BY key";
const STATES: &str = "SELECT key, state FROM consent ORDER BY id";
/// What happens on another thread or in another process happens within this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A workspace with a form, and its server.
struct Club {
    scratch: Scratch,
    serve: Serve,
}

impl Club {
    fn open() -> Club {
        Club::of(Scratch::weekly().settings(LISTS))
    }

    /// Its mails land in the outbox, where no `.env` says otherwise.
    fn of(scratch: Scratch) -> Club {
        if !scratch.path(".env").exists() {
            scratch.write(".env", OUTBOX);
        }
        scratch.run("subscribers sync").ok();
        let serve = Serve::start(&scratch);
        Club { scratch, serve }
    }

    fn secret(&self) -> Secret {
        Secret::open(&self.scratch.path(".courant/secret")).unwrap().unwrap()
    }

    /// The stamp of a form that was shown a minute ago.
    fn stamp(&self) -> String {
        self.secret().stamp(Purpose::Form, Timestamp::now() - SignedDuration::from_mins(1))
    }

    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let answer = self.serve.ask(method, path, &format!("{headers}Content-Type: {FORM}\r\n"), body);
        let head = &answer.head;
        assert!(!head.contains("\nset-cookie") && !head.contains("\nlocation:"), "{head}");
        answer
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", "")
    }

    fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, "", body)
    }

    /// Fills in the form as a person would.
    fn subscribe(&self, address: &str) -> Answer {
        self.post("/subscribe", &format!("email={address}&website=&t={}&lang=en", self.stamp()))
    }

    /// The path in the newest mail in the outbox, once so many have come.
    fn link_of_mail(&self, number: usize) -> String {
        until("a mail", || self.mails().len() >= number);
        let mail = self.mails().pop().expect("a mail has come");
        link_in(mail.as_bytes())
    }

    /// The mails that ask to confirm, in the order of their names.
    fn mails(&self) -> Vec<String> {
        let all = self.scratch.files("outbox/new").into_iter().map(|path| self.scratch.read(&path));
        all.filter(|mail| mail.contains("Auto-Submitted: auto-generated")).collect()
    }

    fn rows(&self, query: &str) -> Vec<String> {
        self.scratch.sqlite(query)
    }
}

#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The path of the link that confirms.
fn link_in(mail: &[u8]) -> String {
    let mail = MessageParser::default().parse(mail).expect("it is a mail");
    let (text, html) = (mail.body_text(0).unwrap().into_owned(), mail.body_html(0).unwrap().into_owned());
    let link =
        text.lines().find_map(|line| line.strip_prefix("https://weekly.example")).expect("there is a link");
    assert!(html.contains(&format!("href=\"https://weekly.example{link}\"")), "{html}");
    link.trim().to_owned()
}

#[test]
fn from_the_form_through_a_real_mail_server_to_the_next_issue() {
    let postfix = Postfix::start(&[]);
    let scratch = Scratch::weekly().settings(LISTS).file(".env", format!("SMTP_URL={}\n", postfix.url()));
    let club = Club::of(scratch);
    club.get("/subscribe").says(200, "name=\"email\"").says(200, "name=\"t\" value=\"");
    club.subscribe("Zoe%40Example.net").says(200, "Look into your mailbox");
    let mail = postfix.wait_for_messages(1).remove(0);
    assert_eq!(mail.header("Subject").unwrap(), "Please confirm: The Weekly");
    assert_eq!(mail.header("Auto-Submitted").unwrap(), "auto-generated");
    for name in ["List-Unsubscribe", "List-Id", "List-Unsubscribe-Post"] {
        assert_eq!(mail.header(name), None, "it is no letter of a list");
    }
    let link = link_in(&mail.raw);
    // A scanner opens everything, more than once.
    for method in ["GET", "HEAD", "GET"] {
        assert_eq!(club.ask(method, &link, "", "").status, 200);
    }
    club.get(&link).says(200, "Subscribe?").says(200, "name=\"confirm\"");
    club.post(&link, "x=1").says(200, "Subscribe?");
    assert_eq!(club.rows(MEMBERS), Vec::<String>::new(), "nobody who looks subscribes anybody");
    club.post(&link, "confirm=yes").says(200, "You are subscribed");
    club.post(&link, "confirm=yes").says(200, "You are subscribed");
    club.get(&link).says(404, "This link has done its work");
    assert_eq!(club.rows(MEMBERS), ["zoe@example.net|person"]);
    club.scratch.run("send 1 --yes --offline").ok();
    let messages = postfix.wait_for_messages(5);
    let to: Vec<String> = messages.iter().flat_map(|message| message.recipients.clone()).collect();
    assert_eq!(to.iter().filter(|to| *to == "Zoe@example.net").count(), 2, "{to:?}");
    let shown = club.scratch.run("subscribers show zoe@example.net").ok();
    shown
        .prints("asked for `weekly`")
        .prints("(form 1, en: “I want to get letters from The Weekly by e-mail.");
    shown.prints("confirmed").prints("from 127.0.0.1");
    let json = club.scratch.run("subscribers show Zoe@example.net --json").json();
    assert_eq!(json["consents"][0]["state"], "confirmed", "{json}");
    // The file knows nothing of them, and takes nobody off who joined by themselves.
    club.scratch.run("subscribers sync").ok();
    assert_eq!(club.rows(MEMBERS).len(), 1);
}

#[test]
fn nobody_learns_whom_the_ledger_knows() {
    let club = Club::open();
    club.scratch.run("subscribers suppress bob@example.org --reason complained").ok();
    club.scratch.run("subscribers suppress eve@example.org --reason unsubscribed").ok();
    let answers: Vec<Answer> = ["ada", "bob", "eve", "zoe", "zoe"]
        .iter()
        .map(|name| club.subscribe(&format!("{name}@example.org")))
        .collect();
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &answers[0].body));
    }
    until("the last request", || {
        club.rows(STATES).iter().all(|row| !row.ends_with("asked") && !row.ends_with("mailing"))
    });
    let expected = [
        "ada@example.org|mailed",
        "bob@example.org|withheld",
        "eve@example.org|mailed",
        "zoe@example.org|mailed",
        "zoe@example.org|withheld",
    ];
    assert_eq!(club.rows(STATES), expected, "one mail an address and a day, and none to whoever complained");
    assert_eq!(club.mails().len(), 3);
}

#[test]
fn whoever_had_left_and_confirms_anew_gets_the_next_issue() {
    let club = Club::open();
    club.scratch.run("subscribers suppress ada@example.org --reason unsubscribed").ok();
    club.subscribe("ada@example.org").says(200, "Look into your mailbox");
    club.post(&club.link_of_mail(1), "confirm=yes").says(200, "You are subscribed");
    assert_eq!(club.rows("SELECT * FROM suppression"), Vec::<String>::new());
    let shown = club.scratch.run("subscribers show ada@example.org").ok();
    shown.prints("lifted").prints("by confirmed; it was unsubscribed (courant subscribers suppress)");
}

#[test]
fn what_programs_send_is_answered_and_forgotten() {
    let club = Club::open();
    let stamp = club.stamp();
    club.post("/subscribe", &format!("email=zoe@example.org&website=buy&t={stamp}"))
        .says(200, "Look into your");
    for stamp in ["", "x", &club.secret().stamp(Purpose::Form, Timestamp::now())] {
        let answer = club.post("/subscribe", &format!("email=zoe%40example.org&t={stamp}"));
        answer.says(400, "press the button once more").says(400, "value=\"zoe@example.org\"");
    }
    let day = SignedDuration::from_hours(25);
    let old = club.secret().stamp(Purpose::Form, Timestamp::now() - day);
    club.post("/subscribe", &format!("email=zoe%40example.org&t={old}")).says(400, "open for too long");
    for address in ["", "zoe", "zoe@", "<script>alert(1)</script>@x.org", "a@b.org%0d%0aBcc:x@y.org"] {
        let answer = club.post("/subscribe", &format!("email={address}&t={stamp}"));
        answer.says(400, "This is no e-mail address");
        assert!(!answer.body.contains("<script>"), "{}", answer.body);
    }
    club.post("/subscribe", &"x".repeat(64 * 1024)).says(413, "Nothing was changed");
    assert_eq!(club.ask("DELETE", "/subscribe", "", "").status, 405);
    assert_eq!(club.rows(STATES), Vec::<String>::new());
    assert_eq!(club.mails().len(), 0);
}

#[test]
fn without_a_form_in_the_settings_there_is_none() {
    let scratch = Scratch::weekly();
    scratch.run("subscribers sync").ok();
    let club = Club { serve: Serve::start(&scratch), scratch };
    assert_eq!(club.get("/subscribe").status, 404);
    assert_eq!(club.post("/subscribe", "email=zoe@example.org").status, 404);
    let run = club.scratch.run("subscribers form");
    assert_eq!(run.code, Some(1));
    run.says("offers no list in a form");
}

#[test]
fn a_form_that_offers_what_is_not_public_is_refused_at_the_start() {
    let scratch = Scratch::weekly().settings("[subscribe]\nlists = [\"weekly\"]\n");
    scratch.run("subscribers sync").ok();
    let run = scratch.run("serve --listen 0");
    assert_eq!(run.code, Some(1));
    run.says("which is not public").says("public = true");
    let scratch = Scratch::weekly().settings(LISTS);
    let run = scratch.run("serve --listen 0");
    assert_eq!(run.code, Some(1));
    run.says("there is no ledger yet").says("courant subscribers sync");
}

#[test]
fn a_lost_env_sends_no_mail_into_a_folder_that_nobody_reads() {
    let scratch = Scratch::weekly().settings(LISTS);
    scratch.run("subscribers sync").ok();
    let run = scratch.run("serve --listen 0");
    assert_eq!(run.code, Some(1));
    run.says("the form of [subscribe] sends mails, but no transport is named").says("set SMTP_URL in .env");
    let club = Club::of(scratch);
    club.subscribe("zoe@example.org").says(200, "Look into your mailbox");
    assert!(club.link_of_mail(1).starts_with("/confirm/"), "an outbox that is named is one");
}

#[test]
fn ten_thousand_requests_from_one_network_send_as_many_mails_as_are_allowed() {
    let club = Club::open();
    let stamp = club.stamp();
    let send = |from: usize, to: usize| {
        let mut stream = club.serve.connect();
        for number in from..to {
            let body = format!("email=user{number}%40example{}.org&t={stamp}", number % 97);
            let length = body.len();
            let request = format!(
                "POST /subscribe HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 2001:db8:1:2::{number:x}\r\nContent-Type: \
                 {FORM}\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            stream.write_all(request.as_bytes()).expect("the server reads");
            read_answer(&mut stream);
        }
    };
    send(0, 100);
    let before = memory(club.serve.id(), "VmRSS");
    send(100, 10_000);
    let after = memory(club.serve.id(), "VmRSS");
    assert!(after < before + 8 * 1024, "{before} KiB became {after} KiB");
    until("the last mail", || club.rows("SELECT 1 FROM consent WHERE state <> 'mailed'").is_empty());
    assert_eq!((club.rows(STATES).len(), club.mails().len()), (20, 20), "of one /64, in an hour");
    let other = club.ask(
        "POST",
        "/subscribe",
        "X-Forwarded-For: 2001:db8:1:3::1\r\n",
        &format!("email=zoe%40example.org&t={stamp}"),
    );
    other.says(200, "Look into your mailbox");
    let spoofed = "X-Forwarded-For: 198.51.100.1, 2001:db8:1:2::1\r\n";
    let body = format!("email=yan%40example.org&t={stamp}");
    club.ask("POST", "/subscribe", spoofed, &body).says(429, "Too often");
    assert_eq!(
        club.rows("SELECT DISTINCT asked_from FROM consent WHERE key LIKE 'zoe%'"),
        ["2001:db8:1:3::1"]
    );
}

/// Reads one answer from a connection that stays.
fn read_answer(stream: &mut std::net::TcpStream) {
    let mut text = Vec::new();
    let mut some = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut some).expect("the server answers");
        assert!(read > 0, "the server hung up: {}", String::from_utf8_lossy(&text));
        text.extend_from_slice(&some[..read]);
        if text.windows(8).any(|end| end == b"</html>\n") {
            return;
        }
    }
}

#[test]
fn a_crash_loses_no_request_and_the_mail_leaves_after_the_next_start() {
    let club = Club::of(Scratch::weekly().settings(LISTS).file(".env", "SMTP_URL=smtp://127.0.0.1:9\n"));
    club.subscribe("zoe@example.org").says(200, "Look into your mailbox");
    until("a try", || club.rows("SELECT tries FROM consent WHERE state = 'asked' AND tries > 0") == ["1"]);
    let Club { scratch, serve } = club;
    serve.kill();
    scratch.write(".env", OUTBOX);
    scratch.sqlite("UPDATE consent SET due = 0");
    let club = Club { serve: Serve::start(&scratch), scratch };
    club.post(&club.link_of_mail(1), "confirm=yes").says(200, "You are subscribed");
    assert_eq!(club.rows("SELECT issue, outcome FROM proof"), ["confirm|not sent", "confirm|accepted"]);
}

#[test]
fn a_mail_server_that_says_nothing_holds_nobody_up_and_costs_no_request() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let env = format!("SMTP_URL=smtp://{}\n", silent.local_addr().unwrap());
    let mut club = Club::of(Scratch::weekly().settings(LISTS).file(".env", env));
    club.subscribe("zoe@example.org").says(200, "Look into your mailbox");
    for end in [
        |serve: Serve| drop(serve.kill()),
        |serve: Serve| {
            serve.signal("TERM");
            serve.finish().ok();
        },
    ] {
        let _knocking = silent.accept().expect("the mail is tried");
        let Club { scratch, serve } = club;
        end(serve);
        assert_eq!(
            scratch.sqlite("SELECT state, mailed_at, tries FROM consent"),
            ["asked||0"],
            "nothing left: it is due as it was"
        );
        club = Club { serve: Serve::start(&scratch), scratch };
    }
}

#[test]
fn a_form_on_another_site_works_and_answers_in_its_language() {
    let lists = format!("{LISTS}[lists.daily]\ntitle = \"Täglich\"\npublic = true\n")
        .replace("[\"weekly\"]", "[\"weekly\", \"daily\"]");
    let club = Club::of(Scratch::weekly().settings(&lists).list("daily", "email\nada@example.org\n"));
    let html = club.scratch.run("subscribers form --lang de").ok().stdout;
    assert!(html.starts_with("<form action=\"https://weekly.example/subscribe\" method=\"post\""), "{html}");
    assert!(html.contains("value=\"daily\" checked> Täglich") && html.contains("Anmelden"), "{html}");
    let stamp = html.split("name=\"t\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let body = format!("email=zoe%40example.org&l=daily&website=&t={stamp}&lang=de");
    let origin = "Origin: https://elsewhere.example\r\n";
    club.ask("POST", "/subscribe", origin, &body).says(200, "Bitte ins Postfach sehen");
    let link = club.link_of_mail(1);
    assert!(club.mails()[0].to_ascii_lowercase().contains("subject: =?utf-8?"), "{}", club.mails()[0]);
    club.get(&link).says(200, "<html lang=\"de\">").says(200, "Täglich");
    club.post(&link, "confirm=yes").says(200, "Angemeldet");
    assert_eq!(club.rows("SELECT form, lists FROM consent"), ["snippet 1|[\"daily\"]"]);
    let none = format!("email=yan%40example.org&t={stamp}&lang=de");
    club.post("/subscribe", &none).says(400, "Bitte mindestens eines ankreuzen");
    let french = club.ask("GET", "/subscribe", "Accept-Language: fr-CH, en;q=0.5\r\n", "");
    french.says(200, "<html lang=\"fr\">");
    let german = club.ask("GET", "/subscribe", "Accept-Language: nl,en;q=0.2,de;q=0.8\r\n", "");
    german.says(200, "<html lang=\"de\">");
    club.get("/subscribe?lang=es").says(200, "<html lang=\"es\">");
}

#[test]
fn an_author_s_own_words_are_spoken() {
    let scratch = Scratch::weekly().settings(LISTS).file("words/it.toml", "join_button = \"Iscriviti\"\n");
    let club = Club::of(scratch);
    club.get("/subscribe?lang=it").says(200, "<html lang=\"it\">").says(200, "<button>Iscriviti</button>");
    club.scratch.write("words/it.toml", "join_buton = \"Iscriviti\"\n");
    let run = club.scratch.run("serve --listen 0");
    assert_eq!(run.code, Some(1));
    run.says("it.toml is no file of words").says("join_buton");
}

/// ada is on the weekly and the daily, and nobody but bob on the public monthly.
fn preferences() -> (Club, String) {
    let lists = "[lists.weekly]\ntitle = \"The Weekly\"\n[lists.daily]\ntitle = \"The Daily\"\ndescription = \
                 \"Every morning, <short>\"\n[lists.monthly]\ntitle = \"The Monthly\"\npublic = true\n";
    let scratch = Scratch::weekly()
        .file(".env", OUTBOX)
        .settings("default_lists = [\"weekly\"]\npreferences_url = \"https://weekly.example/p/{token}\"\n")
        .settings(lists)
        .list("daily", "email\nada@example.org\n")
        .list("monthly", "email\nbob@example.org\n");
    scratch.run("subscribers sync").ok();
    scratch.run("send 1 --yes --offline").ok();
    let club = Club { serve: Serve::start(&scratch), scratch };
    let secret = club.secret();
    let ada = secret.person(&Address::parse("ada@example.org").unwrap().key());
    let link = format!("/p/{}", secret.token(Purpose::Unsubscribe, ada));
    (club, link)
}

fn ticked(page: &str) -> Vec<String> {
    let boxes = page.split("<input type=\"checkbox\" name=\"l\" value=\"").skip(1);
    let ticked = boxes.filter(|rest| rest.split('>').next().is_some_and(|tag| tag.ends_with("checked")));
    ticked.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn readers_choose_what_they_get_on_a_page_that_every_letter_leads_to() {
    let (club, link) = preferences();
    let letter = club.scratch.files("outbox/new").into_iter().map(|path| club.scratch.read(&path));
    let letter = letter.into_iter().find(|letter| letter.contains("To: Ada")).expect("ada got a letter");
    let parsed = MessageParser::default().parse(letter.as_bytes()).unwrap();
    assert!(parsed.body_html(0).unwrap().contains(&format!("https://weekly.example{link}")), "{letter}");
    assert!(parsed.body_text(0).unwrap().contains(&format!("https://weekly.example{link}")), "{letter}");
    let page = club.get(&link);
    page.says(200, "What you get").says(200, "Every morning, &lt;short&gt;").says(200, "value=\"monthly\"");
    assert_eq!(ticked(&page.body), ["daily", "weekly"]);
    club.post(&link, "x=1");
    assert_eq!(
        club.rows("SELECT count(*) FROM suppression"),
        ["0"],
        "a form of somebody else changes nothing"
    );
    let saved = club.post(&link, "l=weekly&l=monthly&save=yes");
    saved.says(200, "Saved.");
    assert_eq!(ticked(&saved.body), ["monthly", "weekly"]);
    assert_eq!(
        club.rows("SELECT key, scope, source FROM suppression"),
        ["ada@example.org|daily|preferences"]
    );
    assert_eq!(
        club.rows("SELECT form, lists, state FROM consent"),
        ["preferences 1|[\"monthly\"]|confirmed"]
    );
    let back = club.post(&link, "l=weekly&l=daily&l=monthly&save=yes");
    assert_eq!(ticked(&back.body), ["daily", "monthly", "weekly"], "a mistake is undone by ticking it again");
    assert_eq!(club.rows("SELECT count(*) FROM suppression"), ["0"]);
    club.post(&link, "all=yes")
        .says(200, "You get no more letters from The Weekly")
        .says(200, "value=\"all\"");
    assert_eq!(ticked(&club.get(&link).body), Vec::<String>::new());
    club.post(&link, "undo=all").says(200, "subscribed again");
    club.scratch.run("subscribers suppress ada@example.org --reason complained").ok();
    club.get(&link).says(200, "This cannot be changed here");
    club.post(&link, "l=weekly&save=yes").says(200, "This cannot be changed here");
    club.get(&format!("{link}x")).says(404, "This link leads nowhere");
}

#[test]
fn a_suppression_that_is_lifted_by_hand_keeps_its_note() {
    let club = Club::open();
    let run = |line: &str| club.scratch.run(line).ok();
    run("subscribers suppress ada@example.org --reason complained");
    club.scratch
        .courant(["subscribers", "unsuppress", "ada@example.org", "--note", "asked for it\nby phone"])
        .run()
        .ok();
    let shown = run("subscribers show ada@example.org");
    shown.prints("by courant subscribers unsuppress: “asked for it by phone”; it was complained");
    let json = run("subscribers show ada@example.org --json").json();
    assert_eq!(json["lifted"][0]["note"], "asked for it by phone", "{json}");
}

#[test]
fn its_pages_work_in_a_browser_on_a_phone_and_a_desk_in_light_and_dark() {
    let (club, preferences) = preferences();
    let Club { scratch, serve } = club;
    drop(serve.kill());
    let scratch = scratch.settings("[subscribe]\nlists = [\"monthly\"]\nper_network = \"1000/min\"\n");
    let lists = scratch.read("courant.toml").replace("[\"monthly\"]", "[\"monthly\", \"weekly\"]");
    let lists = lists.replace("title = \"The Weekly\"\n", "title = \"The Weekly\"\npublic = true\n");
    let scratch = scratch.file("courant.toml", lists);
    let club = Club { serve: Serve::start(&scratch), scratch };
    for number in 0..4 {
        let body = format!("email=u{number}%40example.org&l=weekly&l=monthly&t={}", club.stamp());
        club.post("/subscribe", &body).says(200, "Look into your mailbox");
    }
    club.link_of_mail(4);
    let links: Vec<String> = club.mails().iter().map(|mail| link_in(mail.as_bytes())).collect();
    let url = |path: &str| format!("http://{}{path}", club.serve.host);
    let pages = [url("/subscribe"), url(&preferences)].into_iter().chain(links.iter().map(|link| url(link)));
    all_well(&looks("subscribe.mjs", pages), 6 * 4);
}
