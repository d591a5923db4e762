//! Words and phrases in a text, and where they stand.

use std::collections::HashMap;

use crate::model::source::Span;

/// The first place where `phrase` stands in `text` as whole words, whatever the capitals, spaces and marks of
/// emphasis. `phrase` is in lower case, with single spaces.
pub fn find(text: &str, phrase: &str) -> Option<Span> {
    beginnings(text).find_map(|(at, _)| Some(at..at + length_of(&text[at..], phrase)?))
}

/// Many phrases, looked for in one pass.
pub struct Phrases {
    /// By their first character.
    by_first: HashMap<char, Vec<&'static str>>,
}

impl Phrases {
    /// Each in lower case, with single spaces.
    pub fn new(phrases: impl IntoIterator<Item = &'static str>) -> Phrases {
        let mut by_first: HashMap<char, Vec<&'static str>> = HashMap::new();
        for phrase in phrases {
            by_first.entry(phrase.chars().next().unwrap_or_default()).or_default().push(phrase);
        }
        Phrases { by_first }
    }

    /// Every place where one of them stands, as [`find`] understands it, in order.
    pub fn find_all<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Span> + 'a {
        beginnings(text).flat_map(move |(at, c)| self.at(text, at, c))
    }

    /// Whether `text` begins with one of them.
    pub fn begin(&self, text: &str) -> bool {
        text.chars().next().is_some_and(|c| self.at(text, 0, c).next().is_some())
    }

    /// Those that begin at `at`, where `c` stands.
    fn at<'a>(&'a self, text: &'a str, at: usize, c: char) -> impl Iterator<Item = Span> + 'a {
        let lower = c.to_lowercase().next().unwrap_or(c);
        let phrases = self.by_first.get(&lower).into_iter().flatten();
        phrases.filter_map(move |phrase| Some(at..at + length_of(&text[at..], phrase)?))
    }
}

/// Where a word or something else than a word begins.
fn beginnings(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut is_within = false;
    text.char_indices().filter(move |(_, c)| {
        let was_within = std::mem::replace(&mut is_within, is_of_a_word(*c));
        !c.is_alphanumeric() || !was_within
    })
}

/// How much of the beginning of `text` is `phrase`, if it begins with it and a word ends there.
fn length_of(text: &str, phrase: &str) -> Option<usize> {
    let mut rest = text;
    for wanted in phrase.chars() {
        if wanted == ' ' {
            let gap = rest.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
            rest = (gap.len() < rest.len()).then_some(gap)?;
            continue;
        }
        let c = rest.chars().next()?;
        let same =
            c == wanted || c.to_lowercase().eq(std::iter::once(wanted)) || (wanted == '\'' && c == '’');
        rest = same.then(|| &rest[c.len_utf8()..])?;
    }
    let ends = !phrase.ends_with(char::is_alphanumeric) || !rest.chars().next().is_some_and(is_of_a_word);
    ends.then_some(text.len() - rest.len())
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a word is all capitals, of which it has at least two.
pub fn is_shouted(word: &str) -> bool {
    word.chars().filter(|c| c.is_uppercase()).count() >= 2 && !word.chars().any(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_whole_words_whatever_stands_between_them() {
        assert_eq!(find("Please Click\n\u{2}\u{2}Here!", "click here"), Some(7..19));
        assert_eq!(find("clicked here, click hereby", "click here"), None);
        assert_eq!(find("ÜBER uns", "über uns"), Some(0..9));
        assert_eq!(find("so I’ve attached it", "i've attached"), Some(3..18));
    }

    #[test]
    fn many_phrases_are_found_in_one_pass() {
        let phrases = Phrases::new(["the", "the cat", "über uns"]);
        let found = |text| phrases.find_all(text).collect::<Vec<_>>();
        assert_eq!(found("The other THE; _the"), [0..3, 10..13]);
        assert_eq!(found("the  cat ÜBER uns"), [0..3, 0..8, 9..18]);
        assert!(phrases.begin("The end") && !phrases.begin("In the end"));
    }

    #[test]
    fn a_word_is_shouted_if_it_has_no_small_letters() {
        assert!(is_shouted("SALE") && is_shouted("COVID-19"));
        assert!(!is_shouted("A") && !is_shouted("McCARTHY") && !is_shouted("2026") && !is_shouted("漢字"));
    }
}
