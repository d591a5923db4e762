//! Which file an author means by a path, an id or a number.

use std::path::{Path, PathBuf};

use super::{STANDARD_INPUT, Workspace, WorkspaceError, has_ending, shown_path, stem};

/// An issue's file with the names it answers to.
struct Named {
    path: PathBuf,
    stem: String,
    /// `slug` of the front matter.
    slug: Option<String>,
    /// `number` of the front matter, else the digits that the stem begins with.
    number: Option<u64>,
}

impl Workspace {
    /// Finds the file an author means: a path, an id (the stem or `slug`), or a number; `-` is standard
    /// input. Ambiguous and unknown names are errors that list what there is.
    pub fn find_issue(&self, name: &str) -> Result<PathBuf, WorkspaceError> {
        if name == STANDARD_INPUT {
            return Ok(PathBuf::from(name));
        }
        if let Some(path) = self.by_path(name)? {
            return Ok(path);
        }
        let issues = self.named_issues()?;
        let by_id = issues.iter().filter(|issue| issue.id() == name);
        if let Some(path) = only(name, by_id)? {
            return Ok(path);
        }
        let by_stem = issues.iter().filter(|issue| issue.stem == name);
        if let Some(path) = only(name, by_stem)? {
            return Ok(path);
        }
        if let Ok(number) = name.trim_start_matches('#').parse::<u64>()
            && let Some(path) = only(name, issues.iter().filter(|issue| issue.number == Some(number)))?
        {
            return Ok(path);
        }
        Err(self.unknown(name, &issues))
    }

    /// The numbers that issues have: `number` of the front matter, else the digits their names begin with.
    pub fn numbers(&self) -> Result<Vec<u64>, WorkspaceError> {
        Ok(self.named_issues()?.into_iter().filter_map(|issue| issue.number).collect())
    }

    /// The highest of them; 0 where there is none.
    pub fn highest_number(&self) -> Result<u64, WorkspaceError> {
        Ok(self.numbers()?.into_iter().max().unwrap_or(0))
    }

    /// The file at `name`, from the current folder or the workspace's root. A name with a slash or the ending
    /// of a Markdown file is meant as a path, so that there must be a file.
    fn by_path(&self, name: &str) -> Result<Option<PathBuf>, WorkspaceError> {
        let path = Path::new(name);
        let looks_like_path = name.contains('/') || has_ending(path, &["md", "markdown"]);
        for candidate in [path.to_path_buf(), self.root().join(path), self.root().join("issues").join(path)] {
            if candidate.is_file() {
                return Ok(Some(candidate));
            }
            if looks_like_path && candidate.is_dir() {
                return Err(WorkspaceError::Folder { path: shown_path(&candidate), place: None });
            }
        }
        Ok(None)
    }

    fn named_issues(&self) -> Result<Vec<Named>, WorkspaceError> {
        Ok(self.issue_files()?.into_iter().map(|path| self.named(path)).collect())
    }

    /// A file that cannot be read keeps the names that its path gives.
    fn named(&self, path: PathBuf) -> Named {
        let stem = stem(&path);
        let source = self.read_text(&path).ok();
        let value = |key| source.as_ref().and_then(|source| front_value(source.text(), key));
        let number = value("number").and_then(|text| text.parse().ok()).or_else(|| leading_number(&stem));
        Named { slug: value("slug"), number, stem, path }
    }

    fn unknown(&self, name: &str, issues: &[Named]) -> WorkspaceError {
        let path = Path::new(name);
        let known: Vec<String> = match has_ending(path, &["md", "markdown"]) {
            true => issues.iter().map(|issue| shown_path(&issue.path).display().to_string()).collect(),
            false => issues.iter().map(|issue| issue.id().to_owned()).collect(),
        };
        if known.is_empty() && has_ending(path, &["md", "markdown"]) {
            return WorkspaceError::NoFile { path: path.to_path_buf(), place: None };
        }
        WorkspaceError::NoIssue { name: name.to_owned(), known }
    }
}

impl Named {
    fn id(&self) -> &str {
        self.slug.as_deref().unwrap_or(&self.stem)
    }
}

/// The only one of them, or none. Several are an error.
fn only<'a>(name: &str, found: impl Iterator<Item = &'a Named>) -> Result<Option<PathBuf>, WorkspaceError> {
    let found: Vec<&Named> = found.collect();
    match found[..] {
        [] => Ok(None),
        [one] => Ok(Some(one.path.clone())),
        _ => Err(WorkspaceError::Ambiguous {
            name: name.to_owned(),
            candidates: found.iter().map(|issue| shown_path(&issue.path).display().to_string()).collect(),
        }),
    }
}

/// `1` for `001-welcome`; a date such as `2024-05-01-news` is no number.
pub(super) fn leading_number(stem: &str) -> Option<u64> {
    let digits = &stem[..stem.len() - stem.trim_start_matches(|c: char| c.is_ascii_digit()).len()];
    let rest = &stem[digits.len()..];
    let is_date =
        digits.len() == 4 && rest.starts_with('-') && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    if is_date { None } else { digits.parse().ok() }
}

/// The value of a simple key at the top of a file. This is a light look that finds a file by its name; the
/// front matter is read in earnest, with its errors, when the issue is opened.
fn front_value(text: &str, key: &str) -> Option<String> {
    let (fence, sign) = match text.lines().next()?.trim_end() {
        "---" => ("---", ':'),
        "+++" => ("+++", '='),
        _ => return None,
    };
    let lines = text.lines().skip(1).take_while(|line| line.trim_end() != fence && !line.starts_with('['));
    let mut values = lines.filter_map(|line| {
        let (name, value) = line.split_once(sign)?;
        (name.trim_end() == key).then(|| value.split(" #").next().unwrap_or(value).trim())
    });
    let value = values.next()?.trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}
