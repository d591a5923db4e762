//! Copies of pages in a web archive: asked for only when somebody wants to know, and only for what is dead.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Deserialize;
use url::Url;

/// A copy that the archive has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub url: Url,
    /// When it was taken.
    pub at: Timestamp,
}

/// Where the archive says whether it has a copy of `address` (Wayback Availability JSON API).
pub fn question(archive: &Url, address: &Url) -> Option<Url> {
    let mut question = archive.join("/wayback/available").ok()?;
    question.query_pairs_mut().append_pair("url", address.as_str());
    Some(question)
}

/// The copy in an answer of the archive, if it has one that is a good page.
pub fn answer(json: &[u8]) -> Option<Snapshot> {
    let closest = serde_json::from_slice::<Available>(json).ok()?.archived_snapshots.closest?;
    if !closest.available || !closest.status.is_none_or(|status| status.starts_with('2')) {
        return None;
    }
    let taken = DateTime::strptime("%Y%m%d%H%M%S", &closest.timestamp).ok()?;
    let at = jiff::tz::TimeZone::UTC.to_timestamp(taken).ok()?;
    Some(Snapshot { url: secured(Url::parse(&closest.url).ok()?), at })
}

/// The archive names its copies with http and serves them with https.
fn secured(mut url: Url) -> Url {
    if url.host_str().is_some_and(|host| host.ends_with("archive.org")) {
        // An http address can always become one of https.
        let _ = url.set_scheme("https");
    }
    url
}

#[derive(Deserialize)]
struct Available {
    #[serde(default)]
    archived_snapshots: Snapshots,
}

#[derive(Deserialize, Default)]
struct Snapshots {
    closest: Option<Closest>,
}

#[derive(Deserialize)]
struct Closest {
    #[serde(default)]
    available: bool,
    url: String,
    timestamp: String,
    status: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_is_asked_for_one_address() {
        let archive = Url::parse("https://archive.org").unwrap();
        let address = Url::parse("https://a.example/x?y=1&z=2").unwrap();
        assert_eq!(
            question(&archive, &address).unwrap().as_str(),
            "https://archive.org/wayback/available?url=https%3A%2F%2Fa.example%2Fx%3Fy%3D1%26z%3D2"
        );
    }

    #[test]
    fn a_copy_has_an_address_and_a_date() {
        let json = br#"{"url": "a.example", "archived_snapshots": {"closest": {"status": "200", "available": true,
            "url": "http://web.archive.org/web/20230919044612/https://a.example/", "timestamp": "20230919044612"}}}"#;
        let snapshot = answer(json).unwrap();
        assert_eq!(snapshot.url.as_str(), "https://web.archive.org/web/20230919044612/https://a.example/");
        assert_eq!(snapshot.at.to_string(), "2023-09-19T04:46:12Z");
    }

    #[test]
    fn no_copy_and_nonsense_are_no_copy() {
        for json in [
            r#"{"archived_snapshots": {}}"#,
            "{}",
            "<html>",
            r#"{"archived_snapshots": {"closest":
            {"status": "404", "available": true, "url": "http://x.example", "timestamp": "20230919044612"}}}"#,
        ] {
            assert_eq!(answer(json.as_bytes()), None, "{json}");
        }
    }
}
