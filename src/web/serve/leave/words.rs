//! What the pages say, one file for each language.

/// The words of one language. `{}` in a text is the name of the newsletter.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub asked: Saying,
    pub leave: String,
    pub left: Saying,
    pub mistake: String,
    pub undo: String,
    pub gone: Saying,
    pub stayed: Saying,
    pub too_late: Saying,
    pub proof: Saying,
    pub unknown: Saying,
    pub trouble: Saying,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saying {
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

impl Words {
    /// The words for a BCP 47 language, with the language that they are in.
    pub(super) fn of(lang: &str) -> (&'static str, Words) {
        let primary = lang.split(['-', '_']).next().unwrap_or_default();
        let found = FILES.iter().find(|(name, _)| name.eq_ignore_ascii_case(primary));
        let (name, text) = found.unwrap_or(&FILES[0]);
        (name, toml::from_str(text).expect("a test reads every file of words"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_everything_and_names_the_newsletter() {
        let (_, english) = Words::of("en");
        for (name, _) in FILES {
            let (spoken, words) = Words::of(&format!("{name}-XX"));
            assert_eq!(spoken, name);
            assert!(name == "en" || words != english);
            assert!(words.asked.text.contains("{}") && words.left.text.contains("{}"), "{name}");
        }
    }

    #[test]
    fn a_language_that_is_not_known_is_english_and_says_so() {
        assert_eq!(Words::of("tlh").0, "en");
        assert_eq!(Words::of("DE_at").0, "de");
    }
}
