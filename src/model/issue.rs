//! An issue as its author wrote it: front matter and Markdown, with spans back into the file.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use super::finding::Explain;
use super::source::{Place, Source, Span};

/// `slug` of the front matter, else the stem of the file name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IssueId(pub String);

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value of the front matter and where it stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct At<T> {
    pub value: T,
    pub span: Span,
}

impl<T> At<T> {
    pub fn new(value: T, span: Span) -> At<T> {
        At { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> At<U> {
        At { value: change(self.value), span: self.span }
    }

    pub fn as_ref(&self) -> At<&T> {
        At { value: &self.value, span: self.span.clone() }
    }
}

/// What `send_at` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendAt {
    Moment(Timestamp),
    /// Without an offset: a time on the clocks of the workspace's time zone.
    Local(DateTime),
}

impl SendAt {
    /// `2027-05-31T08:00+02:00`, `2027-05-31T08:00[Europe/London]`, or `2027-05-31 08:00`; a day alone is
    /// `None`, since nobody means midnight by it.
    pub fn parse(text: &str) -> Option<SendAt> {
        if !text.contains(':') {
            return None;
        }
        let zoned = || text.parse::<ZonedDateTime>().ok().map(|zoned| zoned.timestamp());
        if let Some(moment) = text.parse::<Timestamp>().ok().or_else(zoned) {
            return Some(SendAt::Moment(moment));
        }
        text.parse().ok().map(SendAt::Local)
    }
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum SendAtError {
    #[error("`send_at` has no offset, and courant.toml no `timezone`")]
    NoZone { place: Box<Place> },
    #[error("on {local} the clocks are changed: that time does not come exactly once")]
    NoSuchTime { local: DateTime, place: Box<Place> },
    #[error("`send_at` is no date and time")]
    NoTime { place: Box<Place> },
}

impl Explain for SendAtError {
    fn place(&self) -> Option<Place> {
        match self {
            SendAtError::NoZone { place }
            | SendAtError::NoSuchTime { place, .. }
            | SendAtError::NoTime { place } => Some((**place).clone()),
        }
    }

    fn help(&self) -> Option<String> {
        Some("write the offset, as in 2027-05-31T08:00+02:00".to_owned())
    }
}

/// What stands between the `---` or `+++` lines. Every key is optional.
#[derive(Debug, Clone, Default)]
pub struct FrontMatter {
    /// The first heading of the text where the front matter has none; see [`Issue::title_is_heading`].
    pub title: Option<At<String>>,
    pub subject: Option<At<String>>,
    pub preheader: Option<At<String>>,
    pub number: Option<At<u64>>,
    pub series: Option<At<String>>,
    pub author: Option<At<String>>,
    pub date: Option<At<jiff::civil::Date>>,
    pub lang: Option<At<String>>,
    pub slug: Option<At<String>>,
    pub template: Option<At<String>>,
    pub lists: Vec<At<String>>,
    pub segment: Option<At<String>>,
    /// As written; settings decide what an absent offset means.
    pub send_at: Option<At<String>>,
    pub from: Option<At<String>>,
    pub reply_to: Option<At<String>>,
    /// Paths relative to the issue's folder.
    pub attachments: Vec<At<String>>,
    /// Where it can be read on the web.
    pub web_version: Option<At<String>>,
    pub draft: bool,
    /// Whether it is for everybody to read; `None` leaves it to its lists and its segment.
    pub archive: Option<At<bool>>,
    /// `false`: its opens and clicks are not counted, whatever the workspace says.
    pub tracking: Option<bool>,
    /// What it changes of the look.
    pub theme: super::theme::Changes,
    pub vars: serde_json::Map<String, serde_json::Value>,
}

/// One Markdown file, read and taken apart.
#[derive(Debug, Clone)]
pub struct Issue {
    pub id: IssueId,
    pub source: Source,
    pub front: FrontMatter,
    /// The Markdown, without the front matter.
    pub body: Span,
}

impl Issue {
    /// `title` of the front matter, else the first heading of the text, else the id.
    pub fn title(&self) -> &str {
        match &self.front.title {
            Some(title) => &title.value,
            None => &self.id.0,
        }
    }

    /// Whether the title is not a key of the front matter but the first heading, which is in the text, too.
    pub fn title_is_heading(&self) -> bool {
        self.front.title.as_ref().is_some_and(|title| title.span.start >= self.body.start)
    }

    /// The value of `send_at` as a moment. A value without an offset is meant in `zone`, and without one it is
    /// an error; so is a time that the clocks of `zone` skip or strike twice.
    pub fn send_at(&self, zone: Option<&TimeZone>) -> Result<Option<Timestamp>, SendAtError> {
        let Some(at) = &self.front.send_at else { return Ok(None) };
        let place = || Box::new(self.source.at(at.span.clone()));
        match SendAt::parse(&at.value) {
            Some(SendAt::Moment(moment)) => Ok(Some(moment)),
            Some(SendAt::Local(local)) => {
                let zone = zone.ok_or_else(|| SendAtError::NoZone { place: place() })?;
                let moment = zone.to_ambiguous_timestamp(local).unambiguous();
                moment.map(Some).map_err(|_| SendAtError::NoSuchTime { local, place: place() })
            }
            None => Err(SendAtError::NoTime { place: place() }),
        }
    }

    pub fn markdown(&self) -> &str {
        &self.source.text()[self.body.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send_at(text: &str, zone: Option<&str>) -> Result<String, String> {
        let front = FrontMatter { send_at: Some(At::new(text.to_owned(), 0..1)), ..FrontMatter::default() };
        let issue =
            Issue { id: IssueId("x".to_owned()), source: Source::new("x.md", "x"), front, body: 0..1 };
        let zone = zone.map(|name| TimeZone::get(name).unwrap());
        issue.send_at(zone.as_ref()).map(|moment| moment.unwrap().to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_time_with_an_offset_needs_no_zone_and_one_without_does() {
        assert_eq!(send_at("2027-05-31T08:00+02:00", None).unwrap(), "2027-05-31T06:00:00Z");
        assert_eq!(send_at("2027-05-31T08:00[Europe/London]", None).unwrap(), "2027-05-31T07:00:00Z");
        assert_eq!(send_at("2027-05-31 08:00", Some("Europe/Berlin")).unwrap(), "2027-05-31T06:00:00Z");
        assert!(send_at("2027-05-31 08:00", None).unwrap_err().contains("timezone"));
    }

    #[test]
    fn a_time_that_the_clocks_skip_or_repeat_is_refused() {
        assert!(send_at("2027-03-28 02:30", Some("Europe/Berlin")).is_err());
        assert!(send_at("2027-10-31 02:30", Some("Europe/Berlin")).is_err());
    }

    #[test]
    fn a_day_is_no_time() {
        assert_eq!(SendAt::parse("2027-05-31"), None);
        assert_eq!(SendAt::parse("soon: really"), None);
    }
}
