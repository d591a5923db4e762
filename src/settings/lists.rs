//! Which lists there are, and which of them an issue goes to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{ListSettings, Settings};
use crate::model::address::Mailbox;
use crate::model::finding::{Explain, suggest};
use crate::model::issue::At;
use crate::model::source::{Place, Source};
use crate::model::subscriber::ListId;

/// A list with its settings filled in: a `[lists.NAME]` table, a file in `subscribers/`, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// As issues and the command line name it.
    pub name: String,
    pub id: ListId,
    /// Shown to readers.
    pub title: String,
    /// Shown to readers who choose what they get.
    pub description: Option<String>,
    /// Whether readers may choose it by themselves.
    pub is_open: bool,
    pub from: Option<Mailbox>,
    pub reply_to: Option<Mailbox>,
    /// The value of List-Id, if it is set in words.
    pub list_id: Option<String>,
    pub template: Option<String>,
    pub footer: Option<String>,
    /// Whether its issues are for everybody to read.
    pub is_archived: bool,
    /// Its CSV file: the one that is named, else the one in `subscribers/`; `None` for a list that lives
    /// only in the ledger.
    pub file: Option<PathBuf>,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum ListsError {
    /// Without a place it is `default_lists` that names it.
    #[error("there is no list `{name}`{}", if place.is_none() { ", which `default_lists` of courant.toml names" } else { "" })]
    Unknown { name: String, known: Vec<String>, place: Option<Box<Place>> },
    #[error("the issue names no list, and there are {}", known.len())]
    NoneChosen { known: Vec<String> },
    #[error("there is no list yet")]
    NoLists,
}

impl Explain for ListsError {
    fn place(&self) -> Option<Place> {
        match self {
            ListsError::Unknown { place, .. } => place.as_deref().cloned(),
            ListsError::NoneChosen { .. } | ListsError::NoLists => None,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            ListsError::Unknown { name, known, .. } => {
                match suggest(name, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => format!("put the subscribers into subscribers/{name}.csv"),
                    None => format!("the lists are: {}", known.join(", ")),
                }
            }
            ListsError::NoneChosen { known } => format!(
                "write `lists: [{}]` into the front matter, or `default_lists` into courant.toml; the lists are: {}",
                known.first().map_or("", String::as_str),
                known.join(", ")
            ),
            ListsError::NoLists => "put a CSV file with a column `email` into subscribers/".to_owned(),
        })
    }
}

impl Settings {
    /// Every list, by name. `files` are the CSV files of `subscribers/`, as `Workspace::list_files` gives
    /// them; a file that a table names by `file` makes no second list.
    pub fn all_lists(&self, files: &[(String, PathBuf)]) -> Vec<List> {
        let named: Vec<&PathBuf> = self.lists.values().filter_map(|list| list.file.as_ref()).collect();
        let mut lists: BTreeMap<&str, List> = BTreeMap::new();
        for (name, path) in files.iter().filter(|(_, path)| !named.contains(&path)) {
            lists.insert(name, List::plain(name, Some(path.clone())));
        }
        for (name, settings) in &self.lists {
            let file = lists.remove(name.as_str()).and_then(|list| list.file);
            lists.insert(name, List::plain(name, file).with(settings));
        }
        lists.into_values().collect()
    }

    /// The lists of an issue, in the order it names them: those of its front matter, else `default_lists`,
    /// else the only list there is. Fails for a name that is no list, or if there is nothing to go by.
    pub fn chosen_lists(
        &self,
        named: &[At<String>],
        issue: &Source,
        files: &[(String, PathBuf)],
    ) -> Result<Vec<List>, ListsError> {
        let all = self.all_lists(files);
        if !named.is_empty() {
            let each = named
                .iter()
                .map(|at| find(&all, &at.value, Some(Box::new(issue.at(at.span.clone())))).cloned());
            return each.collect::<Result<Vec<List>, _>>().map(without_repeats);
        }
        if !self.default_lists.is_empty() {
            let each = self.default_lists.iter().map(|name| find(&all, name, None).cloned());
            return each.collect::<Result<Vec<List>, _>>().map(without_repeats);
        }
        match all.len() {
            0 => Err(ListsError::NoLists),
            1 => Ok(all),
            _ => Err(ListsError::NoneChosen { known: names(&all) }),
        }
    }
}

fn find<'a>(all: &'a [List], name: &str, place: Option<Box<Place>>) -> Result<&'a List, ListsError> {
    all.iter().find(|list| list.name == name).ok_or_else(|| ListsError::Unknown {
        name: name.to_owned(),
        known: names(all),
        place,
    })
}

fn names(lists: &[List]) -> Vec<String> {
    lists.iter().map(|list| list.name.clone()).collect()
}

fn without_repeats(lists: Vec<List>) -> Vec<List> {
    let mut once: Vec<List> = Vec::new();
    for list in lists {
        if once.iter().all(|seen| seen.name != list.name) {
            once.push(list);
        }
    }
    once
}

impl List {
    fn plain(name: &str, file: Option<PathBuf>) -> List {
        List {
            name: name.to_owned(),
            id: ListId(name.to_owned()),
            title: name.to_owned(),
            description: None,
            is_open: false,
            from: None,
            reply_to: None,
            list_id: None,
            template: None,
            footer: None,
            is_archived: true,
            file,
        }
    }

    fn with(self, settings: &ListSettings) -> List {
        List {
            id: settings.id.clone().unwrap_or(self.id),
            title: settings.title.clone().unwrap_or(self.title),
            description: settings.description.clone(),
            is_open: settings.is_open,
            from: settings.from.clone(),
            reply_to: settings.reply_to.clone(),
            list_id: settings.list_id.clone(),
            template: settings.template.clone(),
            footer: settings.footer.clone(),
            is_archived: settings.archive.unwrap_or(true),
            file: settings.file.clone().or(self.file),
            name: self.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Vec<(String, PathBuf)> {
        names
            .iter()
            .map(|name| ((*name).to_owned(), PathBuf::from(format!("/w/subscribers/{name}.csv"))))
            .collect()
    }

    fn chosen(settings: &Settings, named: &[&str], there: &[&str]) -> Result<Vec<String>, ListsError> {
        let source = Source::new("1.md", "lists: weekyl\n");
        let named: Vec<_> = named.iter().map(|name| At { value: (*name).to_owned(), span: 7..13 }).collect();
        settings.chosen_lists(&named, &source, &files(there)).map(|lists| names(&lists))
    }

    #[test]
    fn an_issue_goes_to_the_lists_it_names_in_its_own_order_and_once() {
        let settings = Settings::default();
        assert_eq!(chosen(&settings, &["b", "a", "b"], &["a", "b", "c"]).unwrap(), ["b", "a"]);
    }

    #[test]
    fn the_only_list_needs_no_naming_and_several_do() {
        let settings = Settings::default();
        assert_eq!(chosen(&settings, &[], &["a"]).unwrap(), ["a"]);
        assert!(matches!(chosen(&settings, &[], &[]), Err(ListsError::NoLists)));
        let error = chosen(&settings, &[], &["a", "b"]).unwrap_err();
        assert!(error.help().unwrap().contains("a, b"));
        let settings = Settings { default_lists: vec!["b".to_owned()], ..Settings::default() };
        assert_eq!(chosen(&settings, &[], &["a", "b"]).unwrap(), ["b"]);
    }

    #[test]
    fn a_mistyped_list_is_pointed_at_with_the_one_that_was_meant() {
        let error = chosen(&Settings::default(), &["weekyl"], &["weekly", "daily"]).unwrap_err();
        assert_eq!(error.place().unwrap().to_string(), "1.md:1:8");
        assert_eq!(error.help().unwrap(), "did you mean `weekly`?");
    }

    #[test]
    fn a_renamed_file_is_still_the_same_list_and_makes_no_second_one() {
        let table = ListSettings {
            id: Some(ListId("old".to_owned())),
            file: Some(PathBuf::from("/w/subscribers/new.csv")),
            ..ListSettings::default()
        };
        let settings =
            Settings { lists: BTreeMap::from([("weekly".to_owned(), table)]), ..Settings::default() };
        let all = settings.all_lists(&files(&["new"]));
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].name.as_str(), all[0].id.0.as_str()), ("weekly", "old"));
    }
}
