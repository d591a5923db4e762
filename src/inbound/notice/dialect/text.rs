//! The words of a notice, searched for phrases that may go on in the next line.

use super::super::found::{self, Found};
use super::super::open::Opened;

pub(super) struct Text<'a> {
    pub(super) mail: &'a Opened,
    /// All words in lower case, with single spaces.
    flat: String,
    /// Where each word begins in `flat`, its line, and where it ends in that line.
    words: Vec<(usize, usize, usize)>,
}

/// A phrase that occurs more often is not looked for again.
const MOST: usize = 50;
/// An address in the line of a phrase stands at most so far behind it.
const NEAR: usize = 40;

impl<'a> Text<'a> {
    pub(super) fn of(mail: &'a Opened) -> Text<'a> {
        let (mut flat, mut words) = (String::new(), Vec::new());
        for (line, at) in mail.voice.iter().zip(0..) {
            for word in line.split_whitespace() {
                let end = word.as_ptr() as usize - line.as_ptr() as usize + word.len();
                words.push((flat.len(), at, end));
                flat.push_str(&word.to_lowercase().replace('’', "'"));
                flat.push(' ');
            }
        }
        Text { mail, flat, words }
    }

    pub(super) fn says(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.flat.contains(phrase))
    }

    pub(super) fn lines(&self) -> &'a [String] {
        &self.mail.voice
    }

    /// The line and the column behind each phrase.
    fn ends(&self, phrase: &str) -> Vec<(usize, usize)> {
        let finds = memchr::memmem::find_iter(self.flat.as_bytes(), phrase.as_bytes()).take(MOST);
        let word_at = |end: usize| self.words.partition_point(|(start, _, _)| *start < end).checked_sub(1);
        finds
            .filter_map(|at| word_at(at + phrase.len()))
            .map(|word| (self.words[word].1, self.words[word].2))
            .collect()
    }

    /// The addresses behind phrases: in their line, or listed below.
    pub(super) fn after(&self, phrases: &[&str]) -> Vec<Found> {
        let ends = phrases.iter().flat_map(|phrase| self.ends(phrase));
        ends.flat_map(|(line, column)| self.here(line, column).unwrap_or_else(|| self.below(line))).collect()
    }

    fn here(&self, line: usize, column: usize) -> Option<Vec<Found>> {
        let rest = &self.lines()[line][column..];
        let address = found::addresses(rest)
            .next()
            .filter(|address| rest.find(address).is_some_and(|at| at <= NEAR))?;
        let start = rest.find(address)? + address.len();
        let more: Vec<&str> = self.lines()[line + 1..]
            .iter()
            .take_while(|line| !line.trim().is_empty())
            .map(String::as_str)
            .collect();
        let text = format!("{}\n{}", &rest[start..], more.join("\n"));
        Some(vec![Found { address: address.to_owned(), last: None, text }])
    }

    fn below(&self, line: usize) -> Vec<Found> {
        found::listed(&self.lines()[line + 1..])
    }
}
