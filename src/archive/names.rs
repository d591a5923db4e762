//! Which ids can be the names of folders.

use super::feed;
use crate::model::issue::IssueId;
use crate::model::path;

/// What the archive has for itself, besides what ends as its pages and feeds do.
const OWN: [&str; 5] = ["page", "images", "feed.json", "style.css", "robots.txt"];

/// What an id that cannot be the name of a folder on every host is wrong with. `url` is where the archive is.
pub(super) fn unfit(id: &IssueId, url: Option<&str>) -> Option<&'static str> {
    let is_odd =
        |c: char| c.is_control() || matches!(c, '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*');
    let lower = id.0.to_lowercase();
    match () {
        () if id.0.is_empty() || id.0.starts_with('.') => Some("begins with a dot"),
        () if id.0.ends_with(['.', ' ']) => Some("ends with a dot or a blank"),
        () if id.0.chars().any(is_odd) => {
            Some("has a character that no name of a folder may have everywhere")
        }
        () if id.0.len() > 200 => Some("is longer than 200 bytes"),
        () if OWN.contains(&lower.as_str()) || lower.contains(".xml") || lower.ends_with(".html") => {
            Some("is a name that the archive needs itself")
        }
        () if url.is_some_and(feed::is_whole_host) && path::ALL.contains(&lower.as_str()) => {
            Some("is a path that `courant serve` needs itself")
        }
        () => None,
    }
}

/// The same for two ids of which a disk or a host may make one: their case and the way in which accents are written
/// make no difference.
pub fn folded(id: &IssueId) -> String {
    use unicode_normalization::UnicodeNormalization;
    id.0.nfc().collect::<String>().to_lowercase().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_no_folder_can_have_are_told() {
        let whole_host = |id: &str| unfit(&IssueId(id.to_owned()), Some("https://archive.example")).is_some();
        assert!(["confirm", "health", "u"].into_iter().all(whole_host) && !whole_host("health-2"));
        let unfit = |id: &str| unfit(&IssueId(id.to_owned()), Some("https://a.example/archive")).is_some();
        for id in ["", ".x", "page", "Images", "feed.xml", "a/b", "a\\b", "a:b", "x.", &"x".repeat(201)] {
            assert!(unfit(id), "{id}");
        }
        for id in ["001-welcome", "naïve", "日本", "a b", "health"] {
            assert!(!unfit(id), "{id}");
        }
        let folded = |id: &str| folded(&IssueId(id.to_owned()));
        assert_eq!(folded("Ärger"), folded("a\u{308}rger"));
    }
}
