//! What the pages and the mail that asks to confirm say, one file for each language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::finding::Explain;

/// The words of one language. `{}` in a text is the name of the newsletter, `{list}` the lists that it is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web::serve) struct Words {
    pub leave: String,
    pub leave_list: String,
    pub leave_all: String,
    pub mistake: String,
    pub undo: String,
    pub choose: String,
    pub asked: Saying,
    pub asked_list: Saying,
    pub left: Saying,
    pub left_list: Saying,
    pub gone: Saying,
    pub stayed: Saying,
    pub stayed_list: Saying,
    pub too_late: Saying,
    pub proof: Saying,
    pub unknown: Saying,
    pub trouble: Saying,
    pub shut: Saying,
    pub preferences: Saying,
    pub save: String,
    pub saved: String,
    pub join: Saying,
    pub join_email: String,
    pub join_lists: String,
    pub join_consent: String,
    pub join_button: String,
    pub join_no_address: String,
    pub join_no_list: String,
    pub join_stale: String,
    pub join_asked: Saying,
    pub join_slow: Saying,
    pub confirm: Saying,
    pub confirm_button: String,
    pub confirmed: Saying,
    pub confirm_old: Saying,
    pub mail: MailWords,
}

/// What the mail that asks to confirm says.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web::serve) struct MailWords {
    pub subject: String,
    pub text: String,
    pub button: String,
    pub ignore: String,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web::serve) struct Saying {
    pub title: String,
    pub text: String,
}

/// The first is spoken where we know none.
const FILES: [(&str, &str); 4] = [
    ("en", include_str!("words/en.toml")),
    ("de", include_str!("words/de.toml")),
    ("fr", include_str!("words/fr.toml")),
    ("es", include_str!("words/es.toml")),
];

/// The words of every language there is: built in, and from files of the author.
#[derive(Debug, Clone)]
pub struct Vocabulary(BTreeMap<String, Words>);

#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    #[error("{} cannot be read: {why}", path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error("{} is no file of words: {why}", path.display())]
    Unfit { path: PathBuf, why: String },
}

impl Explain for WordsError {
    fn help(&self) -> Option<String> {
        match self {
            WordsError::Unreadable { .. } => Some("mend it, or move it out of words/".to_owned()),
            WordsError::Unfit { .. } => {
                Some("docs/subscribe.md names what may stand in it; what is left out is English".to_owned())
            }
        }
    }
}

impl Vocabulary {
    pub fn built_in() -> Vocabulary {
        let each = FILES.iter().map(|(lang, text)| {
            let words = toml::from_str(text).expect("a test reads every file of words");
            ((*lang).to_owned(), words)
        });
        Vocabulary(each.collect())
    }

    /// With the files `LANG.toml` of this folder, which need not be there. What such a file leaves out is said as before,
    /// or in English.
    pub fn with_folder(mut self, folder: &Path) -> Result<Vocabulary, WordsError> {
        let unreadable = |error: std::io::Error| WordsError::Unreadable {
            path: folder.to_owned(),
            why: error.to_string(),
        };
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries.collect::<Result<Vec<_>, _>>().map_err(unreadable)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(self),
            Err(error) => return Err(unreadable(error)),
        };
        let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "toml")) {
            self.add(path)?;
        }
        Ok(self)
    }

    fn add(&mut self, path: &Path) -> Result<(), WordsError> {
        let unreadable = |why: String| WordsError::Unreadable { path: path.to_owned(), why };
        let unfit = |why: String| WordsError::Unfit { path: path.to_owned(), why: one_line(&why) };
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        let lang = path.file_stem().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let built_in = FILES.iter().find(|(known, _)| *known == lang).unwrap_or(&FILES[0]).1;
        let mut table: toml::Table = built_in.parse().expect("a test reads every file of words");
        let own: toml::Table =
            text.parse().map_err(|error: toml::de::Error| unfit(error.message().to_owned()))?;
        overlay(&mut table, own);
        let words = table.try_into().map_err(|error: toml::de::Error| unfit(error.message().to_owned()))?;
        self.0.insert(lang, words);
        Ok(())
    }

    /// The words for a BCP 47 language: of `pt-BR`, else of `pt`.
    pub(super) fn find(&self, lang: &str) -> Option<(&str, &Words)> {
        let lang = lang.to_ascii_lowercase().replace('_', "-");
        let primary = lang.split('-').next().unwrap_or_default();
        let found = self.0.get_key_value(&lang).or_else(|| self.0.get_key_value(primary));
        found.map(|(lang, words)| (lang.as_str(), words))
    }

    /// The same, else English.
    pub(super) fn find_or_first(&self, lang: &str) -> (&str, &Words) {
        self.find(lang).or_else(|| self.find(FILES[0].0)).expect("English is always there")
    }
}

/// Puts every value of `own` in the place of the one before.
fn overlay(table: &mut toml::Table, own: toml::Table) {
    for (key, value) in own {
        match (table.get_mut(&key), value) {
            (Some(toml::Value::Table(before)), toml::Value::Table(own)) => overlay(before, own),
            (_, value) => {
                table.insert(key, value);
            }
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_everything_and_names_the_newsletter() {
        let all = Vocabulary::built_in();
        let (_, english) = all.find_or_first("en");
        for (name, _) in FILES {
            let (spoken, words) = all.find_or_first(&format!("{name}-XX"));
            assert_eq!(spoken, name);
            assert!(name == "en" || words != english);
            assert!(words.asked.text.contains("{}") && words.left.text.contains("{}"), "{name}");
            assert!(words.join_consent.contains("{}") && words.mail.subject.contains("{list}"), "{name}");
            assert!(words.left_list.text.contains("{list}") && words.leave_list.contains("{list}"), "{name}");
        }
    }

    #[test]
    fn a_language_that_is_not_known_is_english_and_says_so() {
        let all = Vocabulary::built_in();
        assert_eq!(all.find_or_first("tlh").0, "en");
        assert_eq!(all.find_or_first("DE_at").0, "de");
    }

    #[test]
    fn an_author_adds_a_language_or_changes_a_word_and_hears_of_what_means_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("it.toml", "leave = \"Disiscriviti\"\n[left]\ntitle = \"Fatto\"\n");
        write("de.toml", "leave = \"Weg\"\n");
        let all = Vocabulary::built_in().with_folder(folder.path()).unwrap();
        let (spoken, italian) = all.find_or_first("it-IT");
        assert_eq!(
            (spoken, italian.leave.as_str(), italian.left.title.as_str()),
            ("it", "Disiscriviti", "Fatto")
        );
        assert_eq!(italian.undo, all.find_or_first("en").1.undo);
        let german = all.find_or_first("de").1;
        assert_eq!((german.leave.as_str(), german.undo.as_str()), ("Weg", "Rückgängig machen"));
        write("it.toml", "leav = \"x\"\n");
        let error = Vocabulary::built_in().with_folder(folder.path()).unwrap_err();
        assert!(error.to_string().contains("it.toml") && error.to_string().contains("leav"), "{error}");
        assert!(Vocabulary::built_in().with_folder(&folder.path().join("none")).is_ok());
    }
}
