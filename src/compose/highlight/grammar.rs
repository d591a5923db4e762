//! The words and marks of a language, as data.

/// The words and marks of a language.
#[derive(Debug)]
pub struct Grammar {
    pub names: &'static str,
    /// What begins a comment that ends with the line.
    pub line_comments: &'static [&'static str],
    pub block_comment: Option<(&'static str, &'static str)>,
    /// Characters around a string.
    pub quotes: &'static str,
    /// Those of `quotes` whose string may go over several lines.
    pub long_quotes: &'static str,
    /// Whether a word before a `:` or `=` at its line's beginning, or a string before a `:`, is a key.
    pub has_keys: bool,
    /// Whether `SELECT` and `select` are one word.
    pub folds_case: bool,
    /// Characters that belong to a word besides letters, digits and `_`.
    pub in_words: &'static str,
    pub keywords: &'static str,
    pub constants: &'static str,
}

impl Grammar {
    pub fn is_keyword(&self, word: &str) -> bool {
        self.holds(self.keywords, word)
    }

    pub fn is_constant(&self, word: &str) -> bool {
        self.holds(self.constants, word)
    }

    fn holds(&self, list: &str, word: &str) -> bool {
        list.split_ascii_whitespace()
            .any(|known| known == word || self.folds_case && known.eq_ignore_ascii_case(word))
    }
}
