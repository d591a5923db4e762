//! An issue as its author wrote it: front matter and Markdown, with spans back into the file.

use std::fmt;

use super::source::{Source, Span};

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

/// What stands between the `---` or `+++` lines. Every key is optional.
#[derive(Debug, Clone, Default)]
pub struct FrontMatter {
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
    pub draft: bool,
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

    pub fn markdown(&self) -> &str {
        &self.source.text()[self.body.clone()]
    }
}
