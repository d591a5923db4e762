//! `[archive]`: the issues as pages on the web.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::file::is_web_page;
use super::values::{choice, line_at};
use crate::model::issue::At;
use crate::model::tree::{Misfit, Table};

/// The archive of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveSettings {
    /// Whether `courant.toml` has the table: only then do letters lead to the archive.
    pub is_on: bool,
    /// The folder that it is built into, from the workspace. Default `public`.
    pub dir: PathBuf,
    /// Where that folder is on the web, without a slash at its end: `url`, else `BASE_URL/archive`.
    pub url: Option<String>,
    /// `title`, else the name of the workspace.
    pub title: Option<String>,
    pub description: Option<String>,
    /// Where visitors of the archive may subscribe, if not by the form of `courant serve`.
    pub subscribe_url: Option<String>,
    /// What stands in the place of a subscriber's values.
    pub fields: BTreeMap<String, String>,
    pub build: Rebuild,
}

/// When the archive is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebuild {
    /// By `courant archive build`.
    ByHand,
    /// Also whenever `send` or `run` has sent an issue.
    AfterSend,
}

impl Default for ArchiveSettings {
    fn default() -> ArchiveSettings {
        ArchiveSettings {
            is_on: false,
            dir: PathBuf::from("public"),
            url: None,
            title: None,
            description: None,
            subscribe_url: None,
            fields: BTreeMap::new(),
            build: Rebuild::ByHand,
        }
    }
}

impl ArchiveSettings {
    /// Where each issue is on the web, as `web_version` of the settings says it; `None` where no letter leads there.
    pub fn pattern(&self) -> Option<String> {
        self.url.as_ref().filter(|_| self.is_on).map(|url| format!("{url}/{{id}}/"))
    }
}

/// Reads the table.
pub fn read(root: &Table, base_url: Option<&str>) -> Result<ArchiveSettings, Misfit> {
    let below_base = base_url.map(|base| format!("{base}/archive"));
    let default = ArchiveSettings { url: below_base, ..ArchiveSettings::default() };
    let Some(table) = root.table("archive")? else { return Ok(default) };
    let keys = ["dir", "url", "title", "description", "subscribe_url", "fields", "build"];
    table.only("`[archive]`", &keys)?;
    Ok(ArchiveSettings {
        is_on: true,
        dir: dir(table)?.unwrap_or(default.dir),
        url: page(table, "url")?.map(|url| url.trim_end_matches('/').to_owned()).or(default.url),
        title: line_at(table, "title")?,
        description: line_at(table, "description")?,
        subscribe_url: page(table, "subscribe_url")?,
        fields: fields(table)?,
        build: choice(table, "build", &[("by-hand", Rebuild::ByHand), ("after-send", Rebuild::AfterSend)])?
            .unwrap_or(default.build),
    })
}

fn dir(table: &Table) -> Result<Option<PathBuf>, Misfit> {
    let Some(At { value, span }) = table.text("dir")? else { return Ok(None) };
    match value.trim().is_empty() || value.contains('\0') {
        true => Err(Misfit::new("`dir` names no folder", span).help("write it as \"public\"")),
        false => Ok(Some(PathBuf::from(value))),
    }
}

/// An address without a query: what is built stands below it.
fn page(table: &Table, key: &str) -> Result<Option<String>, Misfit> {
    let Some(at) = table.text(key)? else { return Ok(None) };
    let is_bare = |url: &str| key != "url" || !url.contains(['?', '#']);
    match is_web_page(&at.value) && is_bare(&at.value) {
        true => Ok(Some(at.value)),
        false => Err(Misfit::new(format!("`{}` is no address of a web page", at.value), at.span)
            .help("write it as \"https://news.example.org/archive\"")),
    }
}

/// An address would be somebody's.
fn fields(table: &Table) -> Result<BTreeMap<String, String>, Misfit> {
    let Some(fields) = table.table("fields")? else { return Ok(BTreeMap::new()) };
    let each = fields.entries.iter().map(|(name, _)| match name.value.as_str() {
        "email" => Err(Misfit::new("nobody's address is shown on the web", name.span.clone())
            .help("take `email` out; where a text names it, the page leaves it out")),
        key => Ok((key.to_owned(), line_at(fields, key)?.unwrap_or_default())),
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(text: &str, base: Option<&str>) -> Result<ArchiveSettings, String> {
        let table = Table::from_toml(text, 0).unwrap();
        read(&table, base).map_err(|misfit| misfit.message)
    }

    #[test]
    fn letters_lead_to_the_archive_only_where_there_is_a_table_and_an_address() {
        let base = Some("https://news.example.org");
        assert_eq!(read_from("", base).unwrap().pattern(), None);
        assert_eq!(read_from("[archive]", None).unwrap().pattern(), None);
        let pattern = read_from("[archive]", base).unwrap().pattern();
        assert_eq!(pattern.as_deref(), Some("https://news.example.org/archive/{id}/"));
        let own = read_from("[archive]\nurl = \"https://a.example/\"", base).unwrap();
        assert_eq!(own.pattern().as_deref(), Some("https://a.example/{id}/"));
        assert_eq!(own.dir, PathBuf::from("public"));
    }

    #[test]
    fn an_address_that_is_none_and_the_address_of_a_person_are_refused() {
        for wrong in
            ["url = \"a.example\"", "url = \"https://a.example/?x\"", "fields = { email = \"a@b.example\" }"]
        {
            assert!(read_from(&format!("[archive]\n{wrong}"), None).is_err(), "{wrong}");
        }
    }
}
