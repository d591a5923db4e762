//! What `archive build` did, for people and for programs.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::archive::disk::Written;
use crate::archive::{Entry, LeftOut, Why};
use crate::model::finding::{Finding, Severity};
use crate::model::issue::IssueId;
use crate::model::subscriber::ListId;
use crate::report::findings;
use crate::report::words::counted;

/// The archive as it is now.
#[derive(Debug, Clone)]
pub struct Built {
    /// As a person would type it.
    pub dir: PathBuf,
    pub url: Option<String>,
    pub entries: Vec<Entry>,
    /// Those whose file is not what was sent.
    pub changed: Vec<IssueId>,
    pub left_out: Vec<LeftOut>,
    /// Those whose page stays as it was.
    pub kept: Vec<IssueId>,
    pub findings: Vec<Finding>,
    pub written: Written,
}

/// A word for programs.
fn name(why: &Why) -> &'static str {
    match why {
        Why::Off => "off",
        Why::Segment => "segment",
        Why::Private(_) => "private-list",
        Why::Unlisted(_) => "unknown-list",
        Why::NotSent => "not-sent",
        Why::HeldBack => "held-back",
        Why::Draft => "draft",
        Why::Gone => "gone",
        Why::Unfit(_) => "id",
    }
}

fn words(why: &Why) -> String {
    let publishes = "`archive: true` in its front matter publishes it";
    match why {
        Why::Off => "`archive: false` in its front matter".to_owned(),
        Why::Segment => format!("it is for a segment; {publishes}"),
        Why::Private(lists) => format!("`archive = false` of its list ({}); {publishes}", names(lists)),
        Why::Unlisted(lists) => {
            format!("its list is not in the workspace any more ({}); {publishes}", names(lists))
        }
        Why::NotSent => "it was not sent yet".to_owned(),
        Why::HeldBack => "only a part of its letters was sent, and the rest is held back".to_owned(),
        Why::Draft => "it is a draft".to_owned(),
        Why::Gone => "no file in issues/ has this id any more".to_owned(),
        Why::Unfit(why) => format!("its id {why}; give it a `slug` in its front matter"),
    }
}

/// The lists, for people.
pub fn names(lists: &[ListId]) -> String {
    lists.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Built {
    /// Whether an issue that should be there could not be made.
    pub fn has_failed(&self) -> bool {
        self.findings.iter().any(|found| found.severity == Severity::Error)
            || self.left_out.iter().any(|left| left.why.is_failure())
    }
}

pub fn human(built: &Built) -> String {
    let Written { written, unchanged, removed } = built.written;
    let number = |number: usize, one: &str, many: &str| counted(number as u64, one, many);
    let mut text = format!(
        "Built {}: {}; {} written, {unchanged} unchanged, {removed} removed.\n",
        built.dir.display(),
        number(built.entries.len(), "issue", "issues"),
        number(written, "file", "files"),
    );
    if let Some(url) = &built.url {
        text += &format!("  {url}/\n");
    }
    for issue in &built.changed {
        text +=
            &format!("  {issue}: its file was changed since it was sent; the page says what the file says\n");
    }
    for LeftOut { issue, why } in built.left_out.iter().filter(|left| left.why != Why::NotSent) {
        text += &format!("  {issue} is left out: {}\n", words(why));
    }
    for issue in &built.kept {
        text += &format!("  {issue} keeps the page that it has\n");
    }
    text += &unsent(built);
    text.trim_end().to_owned()
}

/// Those that wait are so many that their names say nothing.
fn unsent(built: &Built) -> String {
    let waiting = built.left_out.iter().filter(|left| left.why == Why::NotSent).count();
    match (waiting, built.entries.is_empty()) {
        (0, _) => String::new(),
        (_, true) => {
            "  no issue was sent live yet; `courant archive build --all -o preview` shows what it will be\n"
                .to_owned()
        }
        (waiting, false) => {
            format!("  {} not sent yet\n", counted(waiting as u64, "issue was", "issues were"))
        }
    }
}

/// Stable: documented in `docs/json.md`.
pub fn json(built: &Built) -> Value {
    let issue = |entry: &Entry| {
        json!({
            "issue": entry.id.0,
            "title": entry.title,
            "url": built.url.as_ref().map(|url| entry.address(url)),
            "sent": entry.sent.map(|sent| sent.to_string()),
            "changed": built.changed.contains(&entry.id),
        })
    };
    let left_out =
        |left: &LeftOut| json!({ "issue": left.issue.0, "why": name(&left.why), "words": words(&left.why) });
    json!({
        "dir": built.dir,
        "url": built.url,
        "issues": built.entries.iter().map(issue).collect::<Vec<_>>(),
        "left_out": built.left_out.iter().map(left_out).collect::<Vec<_>>(),
        "kept": built.kept.iter().map(|issue| &issue.0).collect::<Vec<_>>(),
        "files": {
            "written": built.written.written,
            "unchanged": built.written.unchanged,
            "removed": built.written.removed,
        },
        "findings": findings::json(&built.findings),
    })
}
