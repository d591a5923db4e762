//! The archive as `courant archive build` made it: what it made and nothing else, whatever lies beside it. What is on
//! its way to visitors is counted, so that slow ones fill no memory.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Response, StatusCode};
use percent_encoding::percent_decode_str;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::below::{Below, path_of};
use super::plain::{Answer, later, not_allowed, plain};
use crate::archive::{MANIFEST, Manifest, disk};

/// A folder that is shown, and where.
#[derive(Debug, Clone)]
pub struct Archive {
    dir: PathBuf,
    /// The path of its address, without a slash at its end.
    place: String,
    /// The same as a proxy may pass it on.
    behind: String,
    known: Arc<Mutex<Known>>,
    room: Arc<Semaphore>,
}

/// So many bytes are on their way at a time, and so many at least are counted for a file.
const ROOM: u32 = 64 << 20;
const LEAST: u32 = 1 << 12;

/// The list of what was made, as it was read last.
#[derive(Debug, Default)]
struct Known {
    at: Option<SystemTime>,
    manifest: Arc<Manifest>,
}

impl Archive {
    /// `url` is the address of the archive; without one it is at `/archive`.
    pub fn new(dir: impl Into<PathBuf>, url: Option<&str>, below: &Below) -> Archive {
        let place = url.and_then(path_of).unwrap_or_else(|| "/archive".to_owned());
        let behind = below.inner(&place).unwrap_or(&place).to_owned();
        let room = Arc::new(Semaphore::new((ROOM / LEAST) as usize));
        Archive { dir: dir.into(), place, behind, known: Arc::default(), room }
    }

    /// Where it begins, for whoever asks this server itself.
    pub fn path(&self) -> String {
        format!("{}/", self.behind)
    }

    /// The answer to a request for something of the archive; `None` where the path is of something else.
    pub(super) async fn answer(&self, head: &Parts) -> Option<Answer> {
        let (own, path) = (self.clone(), head.uri.path().to_owned());
        let wanted = [&self.place, &self.behind].into_iter().find_map(|place| {
            let below = path.strip_prefix(place.as_str())?;
            (below.is_empty() || below.starts_with('/')).then(|| below.to_owned())
        })?;
        let found = tokio::task::spawn_blocking(move || own.find(&wanted)).await.ok()?;
        match found {
            // An archive that is a whole host leaves to others what it does not have.
            Found::Nothing if self.behind.is_empty() => None,
            _ if !matches!(head.method, Method::GET | Method::HEAD) => Some(not_allowed("GET, HEAD")),
            Found::Nothing => Some(nothing()),
            Found::Folder => Some(moved(&path)),
            Found::Crowded => Some(later("too much at once: come again\n", 10)),
            Found::File { path, held } => Some(file(&path, held, &head.headers)),
        }
    }

    fn find(&self, below: &str) -> Found {
        let Ok(below) = percent_decode_str(below).decode_utf8() else { return Found::Nothing };
        let manifest = self.manifest();
        let inner = below.strip_prefix('/').unwrap_or(&below);
        let index = format!("{inner}index.html");
        let path = if inner.is_empty() || inner.ends_with('/') { &index } else { inner };
        if below.is_empty() || manifest.hash_of(&format!("{inner}/index.html")).is_some() {
            return Found::Folder;
        }
        let Some(file) = disk::place(&self.dir, &manifest, path) else { return Found::Nothing };
        self.read(&file).map_or(Found::Nothing, |held| match held {
            Some(held) => Found::File { path: path.to_owned(), held },
            None => Found::Crowded,
        })
    }

    /// `None` where there is no room for it just now.
    fn read(&self, file: &Path) -> std::io::Result<Option<Held>> {
        let length = std::fs::metadata(file)?.len();
        let parts = u32::try_from(length.div_ceil(u64::from(LEAST)).max(1)).unwrap_or(u32::MAX);
        let Ok(place) = Arc::clone(&self.room).try_acquire_many_owned(parts) else { return Ok(None) };
        let mut bytes = Vec::new();
        std::fs::File::open(file)?.take(length).read_to_end(&mut bytes)?;
        Ok(Some(Held { bytes, _place: place }))
    }

    /// Read again once the archive was built anew.
    fn manifest(&self) -> Arc<Manifest> {
        let at = std::fs::metadata(self.dir.join(MANIFEST)).and_then(|about| about.modified()).ok();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.at != at || at.is_none() {
            *known = Known { at, manifest: Arc::new(disk::manifest(&self.dir).unwrap_or_default()) };
        }
        Arc::clone(&known.manifest)
    }
}

/// A file that is on its way; its place is free once the last byte has left.
struct Held {
    bytes: Vec<u8>,
    _place: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

enum Found {
    File {
        path: String,
        held: Held,
    },
    /// Too much is on its way.
    Crowded,
    /// A page whose address ends with a slash.
    Folder,
    Nothing,
}

fn file(path: &str, held: impl AsRef<[u8]> + Send + 'static, asked: &HeaderMap) -> Answer {
    let tag = format!("\"{}\"", &HEXLOWER.encode(digest(&SHA256, held.as_ref()).as_ref())[..32]);
    let is_known = has_tag(asked, &tag);
    let mut answer = Response::new(Full::new(if is_known { Bytes::new() } else { Bytes::from_owner(held) }));
    if is_known {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = answer.headers_mut();
    // A picture's name is made from its bytes: another picture has another name.
    let age = if path.starts_with("images/") {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=300"
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(age));
    headers.insert(ETAG, HeaderValue::from_str(&tag).expect("hexadecimal digits in quotes are ASCII"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !is_known {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    }
    answer
}

/// RFC 9110 13.1.2: the weak comparison.
fn has_tag(asked: &HeaderMap, tag: &str) -> bool {
    let lists = asked.get_all(IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    let mut tags = lists.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

fn content_type(path: &str) -> &'static str {
    match Path::new(path).extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "gif" => "image/gif",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/feed+json",
        "xml" if path == "feed.xml" => "application/rss+xml; charset=utf-8",
        "xml" => "application/xml",
        _ => "application/octet-stream",
    }
}

fn nothing() -> Answer {
    plain(StatusCode::NOT_FOUND, "there is no such page\n")
}

/// A proxy may have taken away what the path begins with for the visitor: only its last part is named.
fn moved(path: &str) -> Answer {
    let last = path.rsplit_once('/').map_or(path, |(_, last)| last);
    let Ok(path) = HeaderValue::from_str(&format!("./{last}/")) else { return nothing() };
    let mut answer = plain(StatusCode::PERMANENT_REDIRECT, "it is there with a slash at its end\n");
    answer.headers_mut().insert(LOCATION, path);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_is_where_its_address_says_before_and_behind_a_proxy() {
        let place = |url, base| {
            let archive = Archive::new("/x", url, &Below::of(base));
            (archive.place, archive.behind)
        };
        let (both, own) = (|path: &str| (path.to_owned(), path.to_owned()), Some("https://a.example/news"));
        assert_eq!(place(None, None), both("/archive"));
        assert_eq!(
            place(Some("https://a.example/news/archive"), own),
            ("/news/archive".into(), "/archive".into())
        );
        assert_eq!(place(Some("https://archive.example"), own), both(""));
        assert_eq!(place(Some("https://a.example/newspaper"), own), both("/newspaper"));
    }

    #[test]
    fn what_is_on_its_way_has_a_bound_and_makes_room_when_it_has_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, vec![0; 40 << 20]).unwrap();
        let archive = Archive::new(folder.path(), None, &Below::default());
        let first = archive.read(&path).unwrap().expect("there is room for one");
        assert!(archive.read(&path).unwrap().is_none(), "and for no other");
        drop(Bytes::from_owner(first));
        assert!(archive.read(&path).unwrap().is_some());
    }

    #[test]
    fn a_copy_that_is_still_good_is_not_sent_again() {
        let mut asked = HeaderMap::new();
        asked.insert(IF_NONE_MATCH, HeaderValue::from_static("\"a\", W/\"b\""));
        assert!(has_tag(&asked, "\"b\"") && !has_tag(&asked, "\"c\""));
        let first = file("feed.xml", b"<rss/>".to_vec(), &HeaderMap::new());
        asked.insert(IF_NONE_MATCH, first.headers()[ETAG].clone());
        assert_eq!(file("feed.xml", b"<rss/>".to_vec(), &asked).status(), StatusCode::NOT_MODIFIED);
    }
}
