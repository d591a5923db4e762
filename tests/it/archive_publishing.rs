//! `courant archive build`: what is published, what is not, and what is kept from everybody.

use std::fs;

use crate::harness::archive::{everything, issue, left_out, published, sent, unsent};
use crate::harness::hooks::Serve;
use crate::harness::scratch::{Scratch, weekly_to};
use crate::harness::sink::SmtpSink;
use crate::json::{documented, keys};

#[test]
fn an_issue_is_published_once_it_was_sent_at_the_address_that_its_letters_lead_to() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url()).settings("[archive]").issue("002-next", &issue("", "Later."));
    let before = scratch.run("archive build --json").ok().json();
    assert_eq!((published(&before), before["left_out"].as_array().map(Vec::len)), (vec![], Some(2)));
    scratch.run("send 1 --yes --offline").ok().says("courant archive build");
    let built = scratch.run("archive build --json").ok().json();
    assert_eq!(published(&built), ["001-hello"]);
    assert_eq!(left_out(&built), ["002-next not-sent"]);
    assert_eq!(keys(&built), keys(&documented("archive build")));
    assert_eq!(built["issues"][0]["url"], "https://weekly.example/archive/001-hello/");
    for message in sink.messages() {
        let letter = String::from_utf8_lossy(&message.raw).replace("=\r\n", "");
        assert!(letter.contains("https://weekly.example/archive/001-hello/"), "{letter}");
        assert!(letter.contains("List-Archive: <https://weekly.example/archive/>"), "{letter}");
    }
    let page = scratch.read("public/001-hello/index.html");
    assert!(page.contains("Dear reader, this is the weekly."), "{page}");
    assert!(scratch.read("public/index.html").contains("./001-hello/"));
}

#[test]
fn nothing_of_a_subscriber_is_in_any_file() {
    let text = "Dear {{ name }}, you are {{ email }} in {{ city | default(\"town\") }}. [Leave]({{ unsubscribe_url }})\n\n\
                {% if name %}Only for {{ name }}.{% else %}For everybody.{% endif %}";
    let scratch = sent().issue("001-hello", &issue("", text));
    let run = scratch.run("archive build").ok();
    run.says("{{ name }}").says("{{ email }}").says("{{ unsubscribe_url }}").says("of whom nothing is known");
    let all = everything(&scratch, "public");
    for personal in ["@example.org", "wendy@", "/u/", "Ada", "mailto:", "{{", "{%", "unsubscribe_url"] {
        assert!(!all.contains(personal), "{personal} is on the web");
    }
    let page = scratch.read("public/001-hello/index.html");
    assert!(page.contains("<p>Dear, you are  in town. <a>Leave</a></p>"), "{page}");
    assert!(page.contains("For everybody.") && !page.contains("Only for"), "{page}");
}

#[test]
fn what_went_to_a_few_is_published_only_if_its_author_says_so() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url())
        .settings("[archive]")
        .settings("default_lists = [\"weekly\"]")
        .settings("[lists.inner]\narchive = false")
        .list("inner", "email,name\nivy@example.org,Ivy\n")
        .issue("002-segment", &issue("segment: name = \"Ada\"\n", "For some."))
        .issue("003-inner", &issue("lists: [inner]\n", "For the inner circle."))
        .issue("004-off", &issue("archive: false\n", "Not for the web."))
        .issue("005-asked", &issue("segment: name = \"Ada\"\narchive: true\n", "For all."))
        .issue("006-both", &issue("lists: [inner, weekly]\n", "For both."));
    for name in ["002-segment", "003-inner", "004-off", "005-asked", "006-both"] {
        let run = scratch.run(&format!("send {name} --yes --offline")).ok();
        let is_for_all = ["005-asked", "006-both"].contains(&name);
        assert_eq!(run.stderr.contains("courant archive build"), is_for_all, "{run}");
    }
    let built = scratch.run("archive build --json").ok().json();
    assert_eq!(published(&built), ["005-asked", "006-both"]);
    assert_eq!(
        left_out(&built),
        ["002-segment segment", "003-inner private-list", "004-off off", "001-hello not-sent"]
    );
    let leads_there = |id: &str| {
        let letters = sink.messages().into_iter().map(|message| message.parts().0);
        letters.filter(|text| text.contains(&format!("/archive/{id}/"))).count()
    };
    assert_eq!(
        ["002-segment", "003-inner", "004-off"].map(leads_there),
        [0, 0, 0],
        "no letter leads to no page"
    );
    assert_eq!(leads_there("005-asked"), 1);
    let all = everything(&scratch, "public");
    assert!(!all.contains("For some.") && !all.contains("inner circle") && !all.contains("Not for the web"));
    scratch.run("archive build").ok().prints("002-segment is left out: it is for a segment");
    // Even who asks for what was not sent does not get what is not for everybody.
    let all = scratch.run("archive build --all -o preview --json").ok().json();
    assert_eq!(left_out(&all), ["002-segment segment", "003-inner private-list", "004-off off"]);
    // Nor does what went to a few become everybody's because a line is gone from its file.
    scratch.write("issues/002-segment.md", issue("", "For some."));
    let built = scratch.run("archive build --json").ok().json();
    assert!(left_out(&built).contains(&"002-segment segment".to_owned()), "{built}");
}

/// A list that is gone from the workspace: its file and what the settings say of it.
fn drop_list(scratch: &Scratch, name: &str, other: &str) {
    let settings = scratch.read("courant.toml").replace(&format!("\n[lists.{name}]\narchive = false\n"), "");
    let default = |list: &str| format!("default_lists = [\"{list}\"]");
    scratch.write("courant.toml", settings.replace(&default(name), &default(other)));
    fs::remove_file(scratch.path(&format!("subscribers/{name}.csv"))).expect("it was there");
}

#[test]
fn what_went_to_a_list_that_is_gone_does_not_come_onto_the_web_and_a_page_that_is_there_stays() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url())
        .settings("default_lists = [\"board\"]\n")
        .settings("[archive]")
        .settings("[lists.board]\narchive = false")
        .list("board", "email,name\nivy@example.org,Ivy\n")
        .issue("008-board", &issue("", "What the board has to know."));
    scratch.run("send 8 --yes --offline").ok();
    drop_list(&scratch, "board", "weekly");
    let built = scratch.run("archive build --json").ok().json();
    assert_eq!(left_out(&built), ["008-board unknown-list", "001-hello not-sent"]);
    scratch.run("send 1 --yes --offline").ok();
    scratch.run("archive build").ok().prints("its list is not in the workspace any more (board)");
    assert!(!everything(&scratch, "public").contains("the board has to know"));
    scratch.write("subscribers/news.csv", "email,name\nada@example.org,Ada\n");
    drop_list(&scratch, "weekly", "news");
    let built = scratch.run("archive build --json").ok().json();
    assert_eq!(published(&built), ["001-hello"], "its page was for everybody");
    assert_eq!(built["findings"][0]["rule"], "archive-list");
}

#[test]
fn an_issue_without_a_page_has_no_rest_to_read_there() {
    let scratch = unsent()
        .issue("002-off", &issue("archive: false\n", "Before.\n\n::: fold\nThe rest.\n:::"))
        .issue("003-id", &issue("slug: page\n", "Before.\n\n::: fold\nThe rest.\n:::"));
    for name in ["2", "page"] {
        scratch.run(&format!("check {name} --offline")).expect_code(2).prints("the fold leads nowhere");
    }
}

#[test]
fn a_ledger_that_is_lost_takes_no_page_away() {
    let scratch = sent();
    scratch.run("archive build").ok();
    let before = scratch.files("public");
    fs::rename(scratch.path(".courant/ledger.db"), scratch.path("ledger.aside")).expect("there is a ledger");
    let lost = scratch.run("archive build").expect_code(1);
    lost.says("the ledger knows of no issue that was sent").says("courant db restore");
    assert_eq!(scratch.files("public"), before);
    fs::rename(scratch.path("ledger.aside"), scratch.path(".courant/ledger.db")).expect("it was moved there");
    scratch.run("archive build").ok().prints("0 removed");
}

#[test]
fn what_was_not_sent_is_never_put_where_everybody_reads() {
    let scratch = sent().issue("002-next", &issue("draft: true\n", "Not yet."));
    for folder in ["", " -o public", " -o ./public", " -o public/look"] {
        let run = scratch.run(&format!("archive build --drafts{folder}")).expect_code(1);
        run.says("nothing is published before it is sent").says("-o preview");
    }
    assert!(!scratch.path("public").exists());
    scratch.run("archive build --drafts -o preview").ok();
    assert!(scratch.read("preview/002-next/index.html").contains("Not yet."));
}

#[test]
fn an_issue_of_which_a_part_was_sent_by_hand_waits_for_the_rest() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url()).settings("[archive]");
    scratch.run("send 1 --yes --offline --limit 1").expect_code(75);
    let built = scratch.run("archive build --json").ok().json();
    assert_eq!((published(&built), left_out(&built)), (vec![], vec!["001-hello held-back".to_owned()]));
    scratch.run("send 1 --yes --offline").ok();
    assert_eq!(published(&scratch.run("archive build --json").ok().json()), ["001-hello"]);
}

#[test]
fn an_issue_that_cannot_be_read_keeps_its_page_and_says_so() {
    let scratch = sent();
    scratch.run("archive build").ok();
    let page = scratch.read("public/001-hello/index.html");
    let good = scratch.read("issues/001-hello.md");
    scratch.write("issues/001-hello.md", good.replacen("title", "titel", 1));
    let broken = scratch.run("archive build").expect_code(2);
    broken.says("`titel`").prints("001-hello keeps the page that it has");
    assert!(!broken.stdout.contains("no file in issues/"), "it is there: {broken}");
    assert_eq!(scratch.read("public/001-hello/index.html"), page);
    fs::remove_file(scratch.path("issues/001-hello.md")).unwrap();
    scratch.run("archive build").ok().prints("no file in issues/ has this id any more");
    assert_eq!(scratch.read("public/001-hello/index.html"), page);
    scratch.write("issues/001-hello.md", &good);
    scratch.write("issues/other.md", good.replacen("title", "slug: 001-hello\ntitle", 1));
    scratch.run("archive build").expect_code(2).says("are both the issue `001-hello`");
    assert_eq!(scratch.read("public/001-hello/index.html"), page);
    fs::remove_file(scratch.path("issues/other.md")).unwrap();
    // What was never sent may be half written.
    scratch.write("issues/002-half.md", "---\ntitel: Half\n---\n");
    assert!(!scratch.run("archive build").ok().stderr.contains("titel"));
    scratch.run("archive build --all -o preview").expect_code(2).says("`titel`");
}

#[test]
fn ids_that_are_one_folder_or_none_are_told() {
    let scratch = unsent()
        .issue("a", &issue("slug: Spring\n", "One."))
        .issue("b", &issue("slug: spring\n", "Two."))
        .issue("c", &issue("slug: page\n", "Three."))
        .issue("d", &issue("slug: übung-日1\n", "Four."));
    let run = scratch.run("archive build --all -o preview").expect_code(2);
    run.says("differ only in case")
        .prints("page is left out: its id is a name that the archive needs itself");
    assert!(scratch.read("preview/index.html").contains("./%C3%BCbung-%E6%97%A51/"));
    assert!(scratch.read("preview/übung-日1/index.html").contains("Four."));
}

#[test]
fn an_archive_is_built_by_the_send_itself_where_the_settings_say_so() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url()).settings("[archive]\nbuild = \"after-send\"");
    scratch.run("send 1 --yes --offline").ok().says("Built public: 1 issue");
    assert!(scratch.path("public/001-hello/index.html").exists());
}

#[test]
fn an_archive_that_could_not_be_built_after_a_send_is_told_however_quiet() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url()).settings("[archive]\nbuild = \"after-send\"");
    scratch.run("archive build").ok();
    scratch.write("public/style.css", "body{color:teal}");
    let sent = scratch.run("-q send 1 --yes --offline").ok();
    sent.says("public/style.css was changed since the archive made it")
        .says("help: move it away and build again");
    sent.says("`courant archive build` builds it");
    assert!(!scratch.path("public/001-hello").exists());
}

#[test]
fn links_to_the_own_archive_wait_for_it() {
    let scratch = unsent().issue("001-hello", &issue("", "[Before](https://weekly.example/archive/000/)"));
    let run = scratch.run("check 1");
    assert!(run.stdout.contains("a page of your own archive"), "{run}");
}

#[test]
fn serve_shows_what_was_built_and_nothing_else() {
    let scratch = sent();
    let serve = Serve::start(&scratch);
    let get = |path: &str| serve.ask("GET", path, "", "");
    assert_eq!(get("/archive/").status, 404, "nothing is built yet");
    scratch.run("archive build").ok();
    scratch.write("public/secret.txt", "mine");
    let page = get("/archive/001-hello/");
    page.says(200, "this is the weekly");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let known = format!("If-None-Match: {}\r\n", page.header("etag").expect("a tag"));
    let same = serve.ask("GET", "/archive/001-hello/", &known, "");
    assert_eq!((same.status, same.body.as_str()), (304, ""));
    let feed = serve.ask("HEAD", "/archive/feed.xml", "", "");
    assert_eq!((feed.status, feed.body.as_str()), (200, ""));
    assert!(feed.head.contains("\ncontent-type: application/rss+xml"), "{}", feed.head);
    assert!(feed.head.contains("\ncache-control: public"), "{}", feed.head);
    for (path, location) in [("/archive", "./archive/"), ("/archive/001-hello", "./001-hello/")] {
        let answer = get(path);
        assert_eq!((answer.status, answer.header("location")), (308, Some(location)));
    }
    for path in [
        "/archive/secret.txt",
        "/archive/.courant-archive.json",
        "/archive/../courant.toml",
        "/archive/%2e%2e/courant.toml",
        "/archive/..%2fcourant.toml",
        "/archive//etc/passwd",
        "/archive/images/",
        "/archive/%ff",
    ] {
        assert_eq!(get(path).status, 404, "{path}");
    }
    assert_eq!(serve.ask("POST", "/archive/", "", "").status, 405);
}
