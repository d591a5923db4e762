//! `courant archive build`: what is published, what is not, and what the folder holds then.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::faults::weekly_to;
use crate::harness::hooks::Serve;
use crate::harness::program::Program;
use crate::harness::reference::faults_of_pages;
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;
use crate::harness::tools::{fixture, installed, tool};
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
    let paths = scratch.files("public").into_iter().filter(|path| path.ends_with(".html"));
    paths.map(|path| scratch.path(&path)).collect()
}

/// Every byte that would be put on the web.
fn everything(scratch: &Scratch) -> String {
    let files = scratch.files("public").into_iter();
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
    let all = everything(&scratch);
    for personal in ["@example.org", "wendy@", "/u/", "Ada", "mailto:", "{{", "{%", "unsubscribe_url"] {
        assert!(!all.contains(personal), "{personal} is on the web");
    }
    let page = scratch.read("public/001-hello/index.html");
    assert!(
        page.contains("Dear, you are in town. <a>Leave</a>") || page.contains("Dear, you are  in town."),
        "{page}"
    );
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
        scratch.run(&format!("send {name} --yes --offline")).ok();
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
    let all = everything(&scratch);
    assert!(!all.contains("For some.") && !all.contains("inner circle") && !all.contains("Not for the web"));
    scratch.run("archive build").ok().prints("002-segment is left out: it is for a segment");
    // Even who asks for what was not sent does not get what is not for everybody.
    let all = scratch.run("archive build --all --json").ok().json();
    assert_eq!(left_out(&all), ["002-segment segment", "003-inner private-list", "004-off off"]);
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
    scratch.run("archive build --all").expect_code(2).says("`titel`");
}

#[test]
fn ids_that_are_one_folder_or_none_are_told() {
    let scratch = unsent()
        .issue("a", &issue("slug: Spring\n", "One."))
        .issue("b", &issue("slug: spring\n", "Two."))
        .issue("c", &issue("slug: page\n", "Three."))
        .issue("d", &issue("slug: übung-日1\n", "Four."));
    let run = scratch.run("archive build --all").expect_code(2);
    run.says("differ only in case")
        .prints("page is left out: its id is a name that the archive needs itself");
    assert!(scratch.read("public/index.html").contains("./%C3%BCbung-%E6%97%A51/"));
    assert!(scratch.read("public/übung-日1/index.html").contains("Four."));
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
    scratch.run("archive build --all").ok();
    let page = scratch.read("public/001-hello/index.html");
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
    scratch.run("archive build --all").ok().says("the archive has no address");
    let names = ["index.html", "001-hello/index.html", "style.css", ".courant-archive.json"];
    let expected: BTreeSet<String> = names.iter().map(|name| format!("public/{name}")).collect();
    assert_eq!(scratch.files("public").into_iter().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn an_archive_is_built_by_the_send_itself_where_the_settings_say_so() {
    let sink = SmtpSink::start(&[]);
    let scratch = weekly_to(&sink.url()).settings("[archive]\nbuild = \"after-send\"");
    scratch.run("send 1 --yes --offline").ok().says("Built public: 1 issue");
    assert!(scratch.path("public/001-hello/index.html").exists());
}

#[test]
fn links_to_the_own_archive_wait_for_it() {
    let scratch = unsent().issue("001-hello", &issue("", "[Before](https://weekly.example/archive/000/)"));
    let run = scratch.run("check 1");
    assert!(run.stdout.contains("a page of your own archive"), "{run}");
}

/// An answer over the wire.
fn ask(serve: &Serve, method: &str, path: &str, headers: &str) -> (u16, String, String) {
    let mut stream = serve.connect();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")
        .expect("it reads");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("the server answers");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
    (status, head.to_ascii_lowercase(), body.to_owned())
}

#[test]
fn serve_shows_what_was_built_and_nothing_else() {
    let scratch = sent();
    let serve = Serve::start(&scratch);
    assert_eq!(ask(&serve, "GET", "/archive/", "").0, 404, "nothing is built yet");
    scratch.run("archive build").ok();
    scratch.write("public/secret.txt", "mine");
    let (status, head, body) = ask(&serve, "GET", "/archive/001-hello/", "");
    assert_eq!(status, 200);
    assert!(
        body.contains("this is the weekly") && head.contains("content-type: text/html; charset=utf-8"),
        "{head}"
    );
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag").trim();
    let (status, _, body) = ask(&serve, "GET", "/archive/001-hello/", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((status, body.as_str()), (304, ""));
    let (status, head, body) = ask(&serve, "HEAD", "/archive/feed.xml", "");
    assert_eq!((status, body.as_str()), (200, ""));
    assert!(
        head.contains("content-type: application/rss+xml") && head.contains("cache-control: public"),
        "{head}"
    );
    for (path, location) in [("/archive", "./archive/"), ("/archive/001-hello", "./001-hello/")] {
        let (status, head, _) = ask(&serve, "GET", path, "");
        assert!(status == 308 && head.lines().any(|line| line == format!("location: {location}")), "{head}");
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
        assert_eq!(ask(&serve, "GET", path, "").0, 404, "{path}");
    }
    assert_eq!(ask(&serve, "POST", "/archive/", "Content-Length: 0\r\n").0, 405);
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
fn every_page_is_well_formed_and_feeds_are_xml_and_json() {
    let scratch = samples();
    scratch.run("archive build --all").ok();
    let pages = pages(&scratch);
    assert!(pages.len() > 25, "{}", pages.len());
    let paths: Vec<&Path> = pages.iter().map(PathBuf::as_path).collect();
    assert_eq!(faults_of_pages(&paths, &scratch.path("")), Vec::<String>::new());
    let parse = "import sys, xml.dom.minidom\nfor path in sys.argv[1:]: xml.dom.minidom.parse(path)";
    let files = ["public/feed.xml", "public/sitemap.xml"].map(|path| scratch.path(path));
    let python =
        Program::new(&installed("python/bin/python"), &scratch.path("")).args(["-c", parse]).args(files);
    python.run().ok();
    let feed: Value = serde_json::from_str(&scratch.read("public/feed.json")).expect("it is JSON");
    assert_eq!(feed["items"].as_array().map(Vec::len), Some(20));
    assert!(!everything(&scratch).contains("courant-picture:"), "a mark of our own is left");
}

#[test]
fn its_pages_are_right_on_a_phone_and_a_desk_in_light_and_dark() {
    let scratch = samples();
    scratch.run("archive build --all").ok();
    let run = Program::new(&tool("node"), &scratch.path(""))
        .args([fixture("archive.mjs"), installed("node/node_modules"), scratch.path("public")])
        .env("HOME", scratch.path(""))
        .patience(Duration::from_secs(600))
        .run()
        .ok();
    let looks: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("each line is a look")).collect();
    assert_eq!(looks.len(), 7 * 4, "{run}");
    for look in looks {
        assert_eq!(look["faults"], serde_json::json!([]), "{look:#}");
    }
}
