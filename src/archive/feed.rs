//! What programs read: RSS 2.0, JSON Feed 1.1, a site map.

use jiff::Timestamp;
use rss::extension::{Extension, ExtensionMap, dublincore::DublinCoreExtension};
use rss::{Channel, Guid, Item};
use serde::Serialize;

use super::{Entry, File, IN_FEED, PER_PAGE, Site, with_pictures};
use crate::compose::html;
use crate::compose::press::date;

/// Nothing where the site has no address: readers of feeds are elsewhere and have to find what is named.
pub(super) fn files(site: &Site, entries: &[Entry]) -> Vec<File> {
    let Some(url) = &site.url else { return Vec::new() };
    let newest: Vec<&Entry> = entries.iter().rev().take(IN_FEED).collect();
    let mut files = vec![
        file("feed.xml", rss(site, url, &newest)),
        file("feed.json", json(site, url, &newest)),
        file("sitemap.xml", map(url, entries)),
    ];
    // A host's own is not ours: only where the archive is all of it.
    if is_whole_host(url) {
        files.push(file("robots.txt", format!("User-agent: *\nAllow: /\nSitemap: {url}/sitemap.xml\n")));
    }
    files
}

fn file(path: &str, text: String) -> File {
    File { path: path.to_owned(), bytes: text.into_bytes(), issues: Vec::new() }
}

pub(super) fn is_whole_host(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.path() == "/")
}

/// The text as it can be read anywhere: every address whole.
fn content(url: &str, entry: &Entry) -> String {
    let html = with_pictures(&entry.body, &format!("{url}/images/"));
    let html = html.replace(" href=\"#", &format!(" href=\"{}#", entry.address(url)));
    html.replace(" tabindex=\"0\"", "")
}

fn rss(site: &Site, url: &str, newest: &[&Entry]) -> String {
    let mut channel = Channel {
        title: xml(&site.title),
        link: format!("{url}/"),
        description: xml(site.description.as_deref().unwrap_or(&site.title)),
        language: Some(site.lang.clone()),
        last_build_date: newest.iter().filter_map(|entry| entry.sent).max().map(date),
        items: newest.iter().map(|entry| item(url, entry)).collect(),
        extensions: self_link(&format!("{url}/feed.xml")),
        ..Channel::default()
    };
    channel.namespaces.insert("atom".to_owned(), "http://www.w3.org/2005/Atom".to_owned());
    format!("{channel}\n")
}

fn item(url: &str, entry: &Entry) -> Item {
    let creators: Vec<String> = entry.masthead.author.iter().map(|author| xml(author)).collect();
    let is_named = !creators.is_empty();
    Item {
        title: Some(xml(&entry.title)),
        link: Some(entry.address(url)),
        guid: Some(Guid { value: entry.address(url), permalink: true }),
        description: entry.preheader.as_deref().map(xml),
        pub_date: entry.sent.map(date),
        content: Some(xml(&content(url, entry))),
        dublin_core_ext: is_named.then(|| DublinCoreExtension { creators, ..Default::default() }),
        ..Item::default()
    }
}

/// Where the feed is itself, as validators want it.
fn self_link(href: &str) -> ExtensionMap {
    let attrs = [("href", href), ("rel", "self"), ("type", "application/rss+xml")];
    let link = Extension {
        name: "atom:link".to_owned(),
        attrs: attrs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        ..Extension::default()
    };
    let links = std::collections::BTreeMap::from([("link".to_owned(), vec![link])]);
    ExtensionMap::from([("atom".to_owned(), links)])
}

/// Without what XML 1.0 cannot hold, however it is written.
fn xml(text: &str) -> String {
    let fits = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(fits).filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

/// RFC 3339, to the second.
pub(super) fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// JSON Feed 1.1.
#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: String,
    feed_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    language: &'a str,
    items: Vec<JsonItem<'a>>,
}

#[derive(Serialize)]
struct JsonItem<'a> {
    id: String,
    url: String,
    title: &'a str,
    content_html: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    language: &'a str,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

fn json(site: &Site, url: &str, newest: &[&Entry]) -> String {
    let feed = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: &site.title,
        home_page_url: format!("{url}/"),
        feed_url: format!("{url}/feed.json"),
        description: site.description.as_deref(),
        language: &site.lang,
        items: newest.iter().map(|entry| json_item(url, entry)).collect(),
    };
    let text = serde_json::to_string_pretty(&feed).expect("texts and lists are always JSON");
    text + "\n"
}

fn json_item<'e>(url: &str, entry: &'e Entry) -> JsonItem<'e> {
    JsonItem {
        id: entry.address(url),
        url: entry.address(url),
        title: &entry.title,
        content_html: content(url, entry),
        summary: entry.preheader.as_deref(),
        image: entry.pictures.first().map(|picture| format!("{url}/images/{}", picture.name)),
        date_published: entry.sent.map(rfc3339),
        authors: entry.masthead.author.iter().map(|name| Author { name }).collect(),
        language: &entry.masthead.lang,
    }
}

/// The site map of sitemaps.org: the pages of the index, and every issue that is nowhere else.
fn map(url: &str, entries: &[Entry]) -> String {
    let line = |address: &str, at: Option<Timestamp>| {
        let changed = at.map(|at| format!("<lastmod>{}</lastmod>", rfc3339(at))).unwrap_or_default();
        format!("<url><loc>{}</loc>{changed}</url>\n", html::escape(address))
    };
    let newest = entries.iter().filter_map(|entry| entry.sent).max();
    let pages = (2..=entries.len().div_ceil(PER_PAGE)).map(|number| format!("{url}/page/{number}/"));
    let index: String =
        std::iter::once(format!("{url}/")).chain(pages).map(|address| line(&address, newest)).collect();
    let here = entries.iter().filter(|entry| entry.elsewhere.is_none());
    let lines: String = here.map(|entry| line(&entry.address(url), entry.sent)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{index}{lines}</urlset>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_each_format_wants_it() {
        let at = "2026-11-05T08:03:09Z".parse().unwrap();
        assert_eq!(date(at), "Thu, 05 Nov 2026 08:03:09 +0000");
        assert_eq!(rfc3339(at), "2026-11-05T08:03:09Z");
    }

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(xml("a\u{0}b\u{b}c\u{ffff}\n😀"), "abc\n😀");
    }

    #[test]
    fn only_who_has_the_whole_host_tells_robots() {
        assert!(is_whole_host("https://archive.example") && !is_whole_host("https://a.example/archive"));
    }
}
