//! Words and phrases in a text, and where they stand.

use crate::model::source::Span;

/// The first place where `phrase` stands in `text` as whole words, whatever the capitals, spaces and marks of
/// emphasis. `phrase` is in lower case, with single spaces.
pub fn find(text: &str, phrase: &str) -> Option<Span> {
    find_all(text, phrase).next()
}

/// Every place where `phrase` stands in `text`, as [`find`] understands it.
pub fn find_all<'a>(text: &'a str, phrase: &'a str) -> impl Iterator<Item = Span> + 'a {
    let begins = text.char_indices().filter(move |(at, c)| {
        let before = text[..*at].chars().next_back();
        c.is_alphanumeric() && !before.is_some_and(is_of_a_word) || !c.is_alphanumeric()
    });
    begins.filter_map(move |(at, _)| Some(at..at + length_of(&text[at..], phrase)?))
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
        assert_eq!(find_all("the the the", "the").count(), 3);
    }

    #[test]
    fn a_word_is_shouted_if_it_has_no_small_letters() {
        assert!(is_shouted("SALE") && is_shouted("COVID-19"));
        assert!(!is_shouted("A") && !is_shouted("McCARTHY") && !is_shouted("2026") && !is_shouted("漢字"));
    }
}
