//! `courant archive build`: what its folder holds, and how its pages and feeds are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::archive::{everything, issue, pages, samples, sent, unsent};
use crate::harness::browser::{all_well, looks};
use crate::harness::program::Program;
use crate::harness::reference::{faults_of_pages, feed_of_others};
use crate::harness::scratch::{Scratch, weekly_to};
use crate::harness::sink::SmtpSink;
use crate::harness::tools::installed;

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
