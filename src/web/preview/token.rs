//! The word in the URL that lets a browser in.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rand;
use data_encoding::BASE32_NOPAD;

/// Nobody guesses so many random bytes.
const BYTES: usize = 20;

/// A secret of one run. It is shown once, in the URL that is printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new one. `None` if the system gives no random bytes.
    pub fn random() -> Option<Token> {
        let mut bytes = [0; BYTES];
        rand::fill(&mut bytes).ok()?;
        Some(Token(BASE32_NOPAD.encode(&bytes).to_lowercase()))
    }

    /// The word as it stands in the URL.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it is this one; how long that takes does not tell how much of it was right.
    pub fn is(&self, word: &str) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), word.as_bytes()).is_ok()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_differs_and_does_not_show_itself() {
        let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
        assert_eq!(one.reveal().len(), 32);
        assert!(
            one.is(one.reveal()) && !one.is(other.reveal()) && !one.is("") && !one.is(&one.reveal()[1..])
        );
        assert!(!format!("{one:?}").contains(one.reveal()));
    }
}
