//! Which characters may stand in an address.

use unicode_normalization::char::{is_combining_mark, is_public_assigned};

/// Whether `byte` is `atext` of RFC 5322 3.2.3: what an unquoted local part is made of, besides dots.
pub(super) fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// What makes a character unfit for an address that people read and compare, or `None` if it is fit.
/// RFC 6531 allows nearly all of Unicode; this leaves out what cannot be seen, what reorders the text around it,
/// and what has no meaning yet. Visible ASCII is not judged here.
pub(super) fn unsafe_kind(character: char) -> Option<&'static str> {
    match character {
        '!'..='~' => None,
        ' ' => Some("a space"),
        _ if character.is_control() => Some("a control character"),
        '\u{2028}' | '\u{2029}' => Some("a line separator"),
        _ if character.is_whitespace() => Some("a kind of space"),
        _ if reorders(character) => Some("a character that turns the direction of text"),
        _ if is_invisible(character) => Some("an invisible character"),
        _ if !is_public_assigned(character) => Some("a character without a public meaning"),
        _ => None,
    }
}

/// Whether `text` begins with a mark that would be drawn on the character before it.
pub(super) fn begins_with_mark(text: &str) -> bool {
    text.chars().next().is_some_and(is_combining_mark)
}

/// The explicit directional marks of UAX 9.
fn reorders(character: char) -> bool {
    matches!(character, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Format characters (general category Cf) and others that are drawn as nothing (`Default_Ignorable_Code_Point`).
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{6DD}' | '\u{70F}' | '\u{890}'..='\u{891}' | '\u{8E2}'
        | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200D}'
        | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_all_scripts_are_fit_and_what_cannot_be_seen_is_not() {
        for fit in ['é', 'ж', '葉', 'र', 'ा', 'ש', '＠', '😀'] {
            assert_eq!(unsafe_kind(fit), None, "{fit}");
        }
        for unfit in
            ['\0', '\n', ' ', '\u{A0}', '\u{2028}', '\u{200B}', '\u{202E}', '\u{E000}', '\u{FDEF}', '\u{378}']
        {
            assert!(unsafe_kind(unfit).is_some(), "{unfit:?}");
        }
    }
}
