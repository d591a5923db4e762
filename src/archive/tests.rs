use std::collections::BTreeSet;

use super::*;

fn entry(id: &str) -> Entry {
    Entry {
        id: IssueId(id.to_owned()),
        masthead: Masthead {
            lang: "en-GB".to_owned(),
            dir: "ltr",
            kicker: vec!["#7".to_owned()],
            author: Some("Ada".to_owned()),
            date: Some(jiff::civil::date(2026, 11, 5)),
            minutes: 3,
        },
        title: format!("Tea & <{id}>"),
        heading: format!("Tea &amp; &lt;{id}&gt;"),
        preheader: Some("All \"about\" it".to_owned()),
        sent: Some("2026-11-05T08:03:09Z".parse().unwrap()),
        body: "<p>Hello <a href=\"#note-1\">1</a>\u{1}</p><img src=\"courant-picture:a.png\" alt=\"]]&gt;\">"
            .to_owned(),
        pictures: vec![Picture {
            name: "a.png".to_owned(),
            content_type: "image/png".to_owned(),
            bytes: b"png".to_vec(),
        }],
        theme: Theme::default(),
        elsewhere: None,
    }
}

fn site(url: Option<&str>) -> Site {
    Site {
        title: "Tide & Rope".to_owned(),
        description: None,
        lang: "en".to_owned(),
        url: url.map(str::to_owned),
        subscribe_url: Some("https://a.example/join?a=1&b=2".to_owned()),
        theme: Theme::default(),
        logo: None,
    }
}

fn templates() -> Templates {
    let text = |name: &str| crate::workspace::built_in(&format!("archive/{name}")).unwrap();
    Templates(TEMPLATES.iter().map(|name| ((*name).to_owned(), Source::new(*name, text(name)))).collect())
}

fn made(url: Option<&str>, entries: &[Entry]) -> Vec<File> {
    files(&site(url), entries, &templates()).unwrap()
}

fn text(files: &[File], path: &str) -> String {
    let file = files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("there is no {path}"));
    String::from_utf8(file.bytes.clone()).unwrap()
}

const URL: Option<&str> = Some("https://a.example/archive");

#[test]
fn every_value_is_text_wherever_it_stands() {
    let files = made(URL, &[entry("x")]);
    let page = text(&files, "x/index.html");
    assert!(page.contains("<title>Tea &amp; &lt;x&gt; · Tide &amp; Rope</title>"), "{page}");
    assert!(page.contains("content=\"All &quot;about&quot; it\""), "{page}");
    assert!(page.contains("<h1>Tea &amp; &lt;x&gt;</h1>"), "{page}");
    assert!(page.contains("src=\"../images/a.png\""), "{page}");
}

#[test]
fn each_issue_leads_to_its_neighbours_and_the_newest_stands_first() {
    let files = made(URL, &[entry("a"), entry("b"), entry("c")]);
    let page = text(&files, "b/index.html");
    assert!(
        page.contains("rel=\"prev\" href=\"../a/\"") && page.contains("rel=\"next\" href=\"../c/\""),
        "{page}"
    );
    assert!(page.contains("<link rel=\"canonical\" href=\"https://a.example/archive/b/\">"), "{page}");
    let index = text(&files, "index.html");
    assert!(index.find("./c/") < index.find("./b/") && index.find("./b/") < index.find("./a/"), "{index}");
}

#[test]
fn a_long_archive_has_pages_that_hold_every_issue_once() {
    let entries: Vec<Entry> = (0..250).map(|number| entry(&format!("n{number:03}"))).collect();
    let files = made(URL, &entries);
    let pages = ["index.html", "page/2/index.html", "page/3/index.html"].map(|path| text(&files, path));
    let listed: Vec<String> = pages
        .iter()
        .flat_map(|page| {
            page.split("<h2><a href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned())
        })
        .collect();
    assert_eq!(listed.len(), 250);
    assert_eq!(listed.iter().collect::<BTreeSet<_>>().len(), 250);
    assert_eq!(listed[0], "./n249/");
    let map = text(&files, "sitemap.xml");
    for page in ["", "page/2/", "page/3/"] {
        assert!(map.contains(&format!("<loc>https://a.example/archive/{page}</loc>")), "{page}");
    }
    assert!(!map.contains("page/4/"));
    assert!(
        pages[1].contains("href=\"../../\"") && pages[1].contains("href=\"../../page/3/\""),
        "{}",
        pages[1]
    );
}

#[test]
fn the_same_values_make_the_same_bytes() {
    let entries = [entry("a"), entry("b")];
    assert_eq!(made(URL, &entries), made(URL, &entries));
}

#[test]
fn feeds_name_whole_addresses_and_hold_what_xml_can_hold() {
    let files = made(URL, &[entry("x")]);
    let feed: rss::Channel = text(&files, "feed.xml").parse().unwrap();
    let item = &feed.items[0];
    assert_eq!(item.title.as_deref(), Some("Tea & <x>"));
    assert_eq!(item.link.as_deref(), Some("https://a.example/archive/x/"));
    let content = item.content.as_deref().unwrap();
    assert!(content.contains("href=\"https://a.example/archive/x/#note-1\""), "{content}");
    assert!(content.contains("src=\"https://a.example/archive/images/a.png\"") && !content.contains('\u{1}'));
    let json: serde_json::Value = serde_json::from_str(&text(&files, "feed.json")).unwrap();
    assert_eq!(json["items"][0]["id"], "https://a.example/archive/x/");
}

#[test]
fn a_page_alone_has_the_style_in_it_however_its_layout_asks_for_it() {
    let mut own = templates();
    let layout = own.0[0].1.text().to_owned();
    let link = "<link rel=\"stylesheet\" href=\"{{ page.root }}style.css\">";
    for other in
        ["<link href='{{ page.root }}style.css' rel=stylesheet>", "<link\n href=\"/archive/style.css?v=2\">"]
    {
        assert!(layout.contains(link));
        own.0[0].1 = Source::new("layout.html", layout.replace(link, other));
        let page = alone(&site(URL), &entry("x"), &own).unwrap();
        assert!(page.contains("<style>\n:root{") && !page.contains("style.css"), "{page}");
    }
}

#[test]
fn an_archive_without_an_address_has_pages_and_nothing_that_needs_one() {
    let files = made(None, &[entry("x")]);
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["images/a.png", "index.html", "style.css", "x/index.html"]);
}

#[test]
fn a_template_of_the_author_s_that_is_broken_is_shown_where_it_is() {
    use crate::model::finding::Explain;
    let mut own = templates();
    own.0[1].1 = Source::new("templates/archive/issue.html", "ok\n{{ isue.title }}");
    let error = files(&site(URL), &[entry("x")], &own).unwrap_err();
    assert_eq!(error.place().unwrap().to_string(), "templates/archive/issue.html:2:4");
}
