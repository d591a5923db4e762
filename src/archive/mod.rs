//! The issues as a web site that any host can show: pages, feeds, a site map. Values in, files out; only [`disk`]
//! touches a folder, and never a file that the archive did not make.

mod feed;
mod layout;
mod listing;
mod manifest;
mod names;
mod openness;
mod style;
mod words;
pub mod disk;
#[cfg(test)]
mod tests;

use data_encoding::BASE64;
use jiff::Timestamp;

use crate::compose::ComposeError;
use crate::compose::html::tag_length;
use crate::compose::masthead::Masthead;
use crate::compose::page::{PICTURE, Picture};
use crate::model::issue::IssueId;
use crate::model::source::Source;
use crate::model::theme::Theme;

pub use layout::TEMPLATES;
pub use manifest::{MANIFEST, Manifest};
pub use names::folded;
pub use openness::{LeftOut, Why, why_closed};
pub use words::Words;

/// So many issues stand on one page of the index.
const PER_PAGE: usize = 100;

/// So many of the newest issues are in the feeds, whole.
const IN_FEED: usize = 20;

/// What the archive says of itself.
#[derive(Debug, Clone)]
pub struct Site {
    pub title: String,
    pub description: Option<String>,
    /// BCP 47.
    pub lang: String,
    /// Where the folder is on the web, without a slash at its end. Without it nothing that needs a whole address is
    /// made: no feed, no site map.
    pub url: Option<String>,
    pub subscribe_url: Option<String>,
    pub theme: Theme,
    /// The `src` of the logo: an address, or [`PICTURE`] and a name.
    pub logo: Option<Logo>,
}

/// The picture in the head of every page.
#[derive(Debug, Clone)]
pub struct Logo {
    pub src: String,
    /// CSS pixels.
    pub width: u32,
    /// Where it lies beside the pages.
    pub picture: Option<Picture>,
}

/// An issue that is for everybody, with nothing of a subscriber in it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: IssueId,
    /// Its day is the author's, else that of sending.
    pub masthead: Masthead,
    pub title: String,
    /// HTML.
    pub heading: String,
    pub preheader: Option<String>,
    /// When the first letter went; `None` for one that was never sent.
    pub sent: Option<Timestamp>,
    /// HTML, with pictures at [`PICTURE`].
    pub body: String,
    pub pictures: Vec<Picture>,
    pub theme: Theme,
    /// Where the author says that it can be read, if that is not here.
    pub elsewhere: Option<String>,
}

impl Entry {
    /// Its address below that of the archive.
    pub fn address(&self, url: &str) -> String {
        format!("{url}/{}/", segment(&self.id))
    }
}

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// From the folder of the archive, with slashes.
    pub path: String,
    pub bytes: Vec<u8>,
    /// The issues that it is made for; empty for what belongs to all.
    pub issues: Vec<IssueId>,
}

/// The templates, by the names in [`TEMPLATES`]: the author's, else the built-in ones.
#[derive(Debug, Clone)]
pub struct Templates(pub Vec<(String, Source)>);

/// Every file of the archive of `entries`, which are in the order of sending. The same values give the same bytes.
/// Fails where a template does.
pub fn files(site: &Site, entries: &[Entry], templates: &Templates) -> Result<Vec<File>, ComposeError> {
    let layout = layout::Layout::new(site, templates)?;
    let mut files = vec![style::sheet(site, templates)];
    files.extend(listing::pages(&layout, entries)?);
    for (index, entry) in entries.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| &entries[before]);
        files.push(layout.issue(entry, before, entries.get(index + 1))?);
    }
    files.extend(pictures(site, entries));
    files.extend(feed::files(site, entries));
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

/// The page of one issue with its style and its pictures in it, to be looked at before there is an archive.
pub fn alone(site: &Site, entry: &Entry, templates: &Templates) -> Result<String, ComposeError> {
    let page = layout::Layout::new(site, templates)?.issue(entry, None, None)?;
    let sheet = style::sheet(site, templates);
    let [page, css] = [&page, &sheet].map(|file| String::from_utf8_lossy(&file.bytes));
    let page = with_sheet(&page, &css);
    let logo = site.logo.iter().filter_map(|logo| logo.picture.as_ref());
    Ok(entry.pictures.iter().chain(logo).fold(page, |page, picture| {
        let data = format!("data:{};base64,{}", picture.content_type, BASE64.encode(&picture.bytes));
        page.replace(&format!("src=\"../images/{}\"", picture.name), &format!("src=\"{data}\""))
    }))
}

/// The page with the style sheet in the place of the link to it, in whatever form the layout has that.
fn with_sheet(page: &str, css: &str) -> String {
    let mut tags = page.match_indices("<link").map(|(at, _)| (at, tag_length(&page[at..])));
    let is_to_sheet = |(at, length): &(usize, usize)| page[*at..at + length].contains("/style.css");
    let Some((at, length)) = tags.find(is_to_sheet) else { return page.to_owned() };
    format!("{}<style>\n{css}</style>{}", &page[..at], &page[at + length..])
}

/// Each picture once, for all issues that show it.
fn pictures(site: &Site, entries: &[Entry]) -> Vec<File> {
    let mut files: std::collections::BTreeMap<&str, File> = std::collections::BTreeMap::new();
    let of_entry = |entry| move |picture| (Some(entry), picture);
    let logo = site.logo.as_ref().and_then(|logo| logo.picture.as_ref()).map(|picture| (None, picture));
    let all = entries.iter().flat_map(|entry: &Entry| entry.pictures.iter().map(of_entry(entry)));
    for (entry, picture) in logo.into_iter().chain(all) {
        let file = files.entry(&picture.name).or_insert_with(|| File {
            path: format!("images/{}", picture.name),
            bytes: picture.bytes.clone(),
            issues: Vec::new(),
        });
        file.issues.extend(entry.map(|entry| entry.id.clone()));
    }
    files.into_values().collect()
}

/// The folder of an issue's page in an address.
fn segment(id: &IssueId) -> String {
    let mut out = String::new();
    crate::compose::escape::component(&id.0, "", &mut out);
    out
}

/// `html` with its pictures at `base`, such as `../images/`.
fn with_pictures(html: &str, base: &str) -> String {
    html.replace(&format!("src=\"{PICTURE}"), &format!("src=\"{base}"))
}
