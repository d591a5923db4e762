//! `courant archive build`: what is published, what is not, and what the folder holds then.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::faults::weekly_to;
use crate::harness::browser::{all_well, looks};
use crate::harness::hooks::Serve;
use crate::harness::program::Program;
use crate::harness::reference::{faults_of_pages, feed_of_others};
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;
use crate::harness::tools::{fixture, installed};
use crate::json::{documented, keys};

/// A weekly whose first issue was sent live, with an archive.
fn sent() -> Scratch {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url()).settings("[archive]");
    scratch.run("send 1 --yes --offline").ok();
    scratch
}

/// A weekly of which nothing was sent, with an archive.
fn unsent() -> Scratch {
    Scratch::weekly().settings("[archive]")
}

fn issue(front: &str, text: &str) -> String {
    format!("---\ntitle: An issue\n{front}---\n\n{text}\n")
}

/// The ids that are left out, each with the word for why.
fn left_out(built: &Value) -> Vec<String> {
    let all = built["left_out"].as_array().expect("a list");
    let word = |one: &Value, key: &str| one[key].as_str().expect("a text").to_owned();
    all.iter().map(|one| format!("{} {}", word(one, "issue"), word(one, "why"))).collect()
}

fn published(built: &Value) -> Vec<&str> {
    let all = built["issues"].as_array().expect("a list");
    all.iter().map(|one| one["issue"].as_str().expect("an id")).collect()
}

fn pages(scratch: &Scratch) -> Vec<PathBuf> {
    let paths = scratch.files("preview").into_iter().filter(|path| path.ends_with(".html"));
    paths.map(|path| scratch.path(&path)).collect()
}

/// Every byte that would be put on the web.
fn everything(scratch: &Scratch, folder: &str) -> String {
    let files = scratch.files(folder).into_iter();
    files.map(|path| String::from_utf8_lossy(&fs::read(scratch.path(&path)).unwrap()).into_owned()).collect()
}

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
fn what_the_author_changed_in_the_folder_stops_a_build() {
    let scratch = sent();
    scratch.run("archive build").ok();
    scratch.write("public/style.css", "body{color:teal}");
    let run = scratch.run("archive build").expect_code(1);
    run.says("public/style.css was changed since the archive made it");
    assert_eq!(scratch.read("public/style.css"), "body{color:teal}");
    fs::remove_file(scratch.path("public/style.css")).expect("it was there");
    scratch.write("public/001-hello/index.html", "mine");
    scratch.write("issues/001-hello.md", issue("archive: false\n", "Taken back."));
    scratch.run("archive build").expect_code(1).says("public/001-hello/index.html was changed");
    assert_eq!(scratch.read("public/001-hello/index.html"), "mine");
}

#[test]
fn two_workspaces_never_share_a_folder() {
    let [one, other] = [sent(), sent()];
    let settings = other.read("courant.toml");
    let id = settings.lines().find(|line| line.starts_with("id = ")).expect("it has an id");
    other.write("courant.toml", settings.replace(id, "id = \"w-other\""));
    let folder = one.path("shared").display().to_string();
    one.run(&format!("archive build -o {folder}")).ok();
    let before = one.files("shared");
    other.run(&format!("archive build -o {folder}")).expect_code(1).says("is of another workspace");
    assert_eq!(one.files("shared"), before);
    one.run(&format!("archive build -o {folder}")).ok().prints("0 files written");
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
fn building_again_writes_nothing_and_an_issue_taken_back_goes_with_its_pictures() {
    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x04\0\0\0\x02\x08\x02\0\0\0"[..], &[0; 8]].concat();
    let text = issue("", "![A boat](boat.png)");
    let scratch = sent().issue("001-hello", &text).file("issues/boat.png", png);
    scratch.write("public/CNAME", "news.example");
    let first = scratch.run("archive build --json").ok().json();
    assert_eq!(first["issues"][0]["changed"], true, "the file is not what was sent");
    let page = scratch.read("public/001-hello/index.html");
    assert!(page.contains("width=\"4\" height=\"2\" src=\"../images/"), "{page}");
    let before = scratch.files("public");
    let again = scratch.run("archive build --json").ok().json();
    assert_eq!((&again["files"]["written"], &again["files"]["removed"]), (&0.into(), &0.into()));
    assert_eq!(scratch.files("public"), before);
    scratch.write("issues/001-hello.md", text.replacen("title", "archive: false\ntitle", 1));
    scratch.run("archive build").ok().prints("2 removed");
    let kept: BTreeSet<String> = scratch.files("public").into_iter().collect();
    assert!(kept.contains("public/CNAME") && kept.contains("public/index.html"), "{kept:?}");
    assert!(!kept.iter().any(|path| path.contains("images/") || path.contains("001-hello")), "{kept:?}");
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
fn a_file_of_somebody_else_a_folder_that_cannot_be_and_a_full_disk_stop_it_with_nothing_half_written() {
    let scratch = sent().file("public/index.html", "mine");
    scratch.run("archive build").expect_code(1).says("public/index.html is not of the archive");
    assert_eq!(scratch.files("public"), ["public/index.html"]);
    scratch.run("archive build -o courant.toml").expect_code(1).says("courant.toml");
    let text = "Words, many of them. ".repeat(4000);
    let scratch = sent().issue("001-hello", &issue("", &text));
    let courant = env!("CARGO_BIN_EXE_courant");
    let script = format!("trap '' XFSZ; ulimit -f 80; exec {courant} archive build -o out");
    let full = Program::new(Path::new("/bin/sh"), &scratch.path("")).args(["-c", &script]).run();
    full.expect_code(1).says("cannot be written");
    assert!(
        !scratch.files("out").iter().any(|path| path.contains("001-hello")),
        "{:?}",
        scratch.files("out")
    );
    scratch.run("archive build -o out").ok();
    assert!(scratch.read("out/001-hello/index.html").ends_with("</html>\n"));
}

#[test]
fn a_picture_that_is_gone_leaves_its_words() {
    let scratch = sent().issue("001-hello", &issue("", "![A boat on the tide](boat.png)"));
    scratch.run("archive build").expect_code(2).says("there is no image `boat.png`");
    assert!(scratch.read("public/001-hello/index.html").contains(">A boat on the tide</span>"));
}

#[test]
fn the_picture_that_stands_for_an_issue_is_the_first_that_it_shows() {
    let png = |colour: u8| {
        [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x04\0\0\0\x02\x08\x02\0\0\0"[..], &[colour; 8]].concat()
    };
    let scratch = unsent()
        .issue("002-one", &issue("", "![A](a.png) ![B](b.png) ![A](a.png)"))
        .issue("003-other", &issue("", "![B](b.png) ![A](a.png)"))
        .file("issues/a.png", png(1))
        .file("issues/b.png", png(2));
    scratch.run("archive build --all -o preview").ok();
    for id in ["002-one", "003-other"] {
        let page = scratch.read(&format!("preview/{id}/index.html"));
        let first =
            page.split("src=\"../images/").nth(1).and_then(|rest| rest.split('"').next()).expect("a picture");
        let stands =
            format!("<meta property=\"og:image\" content=\"https://weekly.example/archive/images/{first}\">");
        assert!(page.contains(&stands), "{page}");
    }
}

#[test]
fn what_is_a_reader_s_own_is_for_letters() {
    let text = "You are {{ email }}: {{ reader_token }}.";
    let built = unsent().issue("002-own", &issue("", text)).run("archive build --all -o preview").ok();
    assert_eq!(built.stderr.matches("that is a reader's own").count(), 2, "{built}");
    assert!(!built.stderr.contains("write a default"), "{built}");
}

#[test]
fn an_image_whose_address_is_a_reader_s_leaves_its_words() {
    let text = "<img alt=\"A face\" src=\"{{ photo }}\">\n\nText.";
    let scratch = unsent().issue("002-own", &issue("", text));
    scratch.run("archive build --all -o preview").ok().says("write a default");
    let page = scratch.read("preview/002-own/index.html");
    assert!(page.contains("<span class=\"no-image\">A face</span>") && !page.contains("<img"), "{page}");
}

#[test]
fn a_page_can_say_where_it_is() {
    let scratch = unsent().issue("002-here", &issue("", "::: web\nCopy {{ web_version }}.\n:::"));
    let run = scratch.run("archive build --all -o preview").ok();
    assert!(!run.stderr.contains("web_version"), "{run}");
    let page = scratch.read("preview/002-here/index.html");
    assert!(page.contains("Copy https://weekly.example/archive/002-here/."), "{page}");
}

#[test]
fn an_issue_whose_title_is_a_reader_s_name_is_called_by_its_id() {
    let scratch = unsent().issue("002-name", "---\ntitle: \"{{ name }}\"\n---\n\nHello.\n");
    let run = scratch.run("archive build --all -o preview").ok();
    run.says("the title is empty; the page is called `002-name`");
    assert!(scratch.read("preview/index.html").contains("./002-name/\">002-name</a>"));
    assert!(scratch.read("preview/002-name/index.html").contains("<h1>002-name</h1>"));
}

#[test]
fn the_author_s_own_template_goes_before_the_built_in_one() {
    let scratch = sent();
    scratch.run("template eject archive/issue.html").ok().prints("templates/archive/issue.html");
    let own = scratch.read("templates/archive/issue.html").replace("<article>", "<article class=\"mine\">");
    scratch.write("templates/archive/issue.html", &own);
    scratch.run("archive build").ok();
    assert!(scratch.read("public/001-hello/index.html").contains("<article class=\"mine\">"));
    scratch.run("template list").ok().prints("archive/style.css");
    scratch.write("templates/archive/issue.html", own.replace("{{ issue.body }}", "{{ isue.body }}"));
    scratch.run("archive build").expect_code(1).says("templates/archive/issue.html:");
}

#[test]
fn visitors_are_led_to_the_form_of_the_workspace_where_it_has_one() {
    let scratch =
        unsent().settings("[subscribe]\nlists = [\"weekly\"]").settings("[lists.weekly]\npublic = true");
    scratch.run("archive build --all -o preview").ok();
    let page = scratch.read("preview/001-hello/index.html");
    assert!(
        page.contains("<a class=\"subscribe\" href=\"https://weekly.example/subscribe\">Subscribe</a>"),
        "{page}"
    );
}

#[test]
fn a_page_can_be_looked_at_alone_before_it_is_published() {
    let scratch = unsent();
    let page = scratch.run("render 1 --format web").ok();
    page.prints("Dear reader, this is the weekly.").prints("<style>").prints("--card:");
    assert!(!page.stdout.contains("style.css"), "{page}");
}

#[test]
fn without_an_address_there_are_pages_and_no_feeds() {
    let settings = Scratch::weekly().read("courant.toml").replace("base_url", "# base_url");
    let scratch = unsent().file("courant.toml", settings + "\n[archive]\n");
    scratch.run("archive build --all -o preview").ok().says("the archive has no address");
    let names = ["index.html", "001-hello/index.html", "style.css", ".courant-archive.json"];
    let expected: BTreeSet<String> = names.iter().map(|name| format!("preview/{name}")).collect();
    assert_eq!(scratch.files("preview").into_iter().collect::<BTreeSet<_>>(), expected);
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

/// Everything that Markdown and the archive have, on many pages.
fn samples() -> Scratch {
    let scratch = Scratch::weekly().settings(
        "[archive]\ndescription = \"Letters, and more\"\nsubscribe_url = \"https://weekly.example/join\"\nfields = { name = \"reader\" }",
    );
    let folder = fixture("issues");
    for entry in fs::read_dir(&folder).expect("the fixtures are there") {
        let path = entry.expect("it can be read").path();
        if path.is_file() {
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            scratch.write(&format!("issues/{name}"), fs::read(&path).expect("it can be read"));
        }
    }
    for entry in fs::read_dir(folder.join("pictures")).expect("there are pictures") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        scratch.write(&format!("issues/pictures/{name}"), fs::read(&path).expect("it can be read"));
    }
    scratch
}

#[test]
fn every_page_and_the_site_map_are_well_formed() {
    let scratch = samples();
    scratch.run("archive build --all -o preview").ok();
    let pages = pages(&scratch);
    assert!(pages.len() > 25, "{}", pages.len());
    let paths: Vec<&Path> = pages.iter().map(PathBuf::as_path).collect();
    assert_eq!(faults_of_pages(&paths, &scratch.path("")), Vec::<String>::new());
    let parse = ["-c", "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])"];
    let python = Program::new(&installed("python/bin/python"), &scratch.path("")).args(parse);
    python.args([scratch.path("preview/sitemap.xml")]).run().ok();
    assert!(!everything(&scratch, "preview").contains("courant-picture:"), "a mark of our own is left");
}

/// Holds the feed in JSON against what a reader that others wrote makes of that in XML; the number of items.
fn both_feeds_agree(scratch: &Scratch, folder: &str) -> usize {
    let theirs = feed_of_others(&scratch.path(&format!("{folder}/feed.xml")), &scratch.path(""));
    let json = scratch.read(&format!("{folder}/feed.json"));
    let ours: Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(
        (&theirs["version"], &ours["version"]),
        (&"rss20".into(), &"https://jsonfeed.org/version/1.1".into())
    );
    assert_eq!(theirs["feed_url"], ours["feed_url"].as_str().unwrap().replace(".json", ".xml"));
    for key in ["title", "home_page_url", "description"] {
        assert_eq!(theirs[key], ours[key], "{key}");
    }
    let items = |feed: &Value| feed["items"].as_array().expect("a list").clone();
    let (theirs, ours) = (items(&theirs), items(&ours));
    assert_eq!(theirs.len(), ours.len());
    for (theirs, ours) in theirs.iter().zip(&ours) {
        for key in ["id", "url", "title"] {
            assert_eq!(theirs[key], ours[key], "{key}");
        }
        let content = ours["content_html"].as_str().map(str::trim);
        assert_eq!(theirs["content_html"].as_str(), content);
        // Where there is no summary, readers show how the text begins.
        assert_eq!(theirs["summary"].as_str(), ours["summary"].as_str().or(content));
        assert_eq!(theirs["author"], ours["authors"][0]["name"]);
        assert_eq!(theirs["published"], ours["date_published"]);
    }
    ours.len()
}

#[test]
fn a_reader_of_feeds_finds_the_same_in_both() {
    let scratch = samples();
    scratch.run("archive build --all -o preview").ok();
    assert_eq!(both_feeds_agree(&scratch, "preview"), 20);
    let written = issue(
        "author: Ada & \"Bob\" <b>\npreheader: A <short> letter & more\n",
        "Dear **reader** & friends.",
    );
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url())
        .settings("[archive]\ndescription = \"Letters <&> more\"")
        .issue("001-hello", &written);
    scratch.run("send 1 --yes --offline").ok();
    scratch.run("archive build").ok();
    assert_eq!(both_feeds_agree(&scratch, "public"), 1);
    assert!(scratch.read("public/feed.json").contains("\"date_published\": \"20"), "it is dated");
}

#[test]
fn its_pages_are_right_on_a_phone_and_a_desk_in_light_and_dark() {
    // One colour for both modes: hard to read on the card in the dark.
    let scratch = samples().settings("[theme]\nlink = \"#1a3d7c\"");
    scratch.run("archive build --all -o preview").ok();
    all_well(&looks("archive.mjs", [scratch.path("preview")]), 8 * 4);
}
