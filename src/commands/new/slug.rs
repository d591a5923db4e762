//! A title → the part of a file name that stands for it.

use unicode_normalization::UnicodeNormalization;

/// Long enough to recognise a title by.
const LONGEST: usize = 60;

/// Lower case, words joined by `-`; Latin letters become ASCII, others stay. Never empty.
pub fn slug(title: &str) -> String {
    let mut out = String::new();
    for char in title.nfc().flat_map(plain).flat_map(char::to_lowercase) {
        match char.is_alphanumeric() {
            true => out.push(char),
            false if matches!(char, '\'' | '’') => {}
            false if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            false => {}
        }
    }
    let out = shortened(out.trim_matches('-'));
    if out.is_empty() { "issue".to_owned() } else { out.to_owned() }
}

/// At most [`LONGEST`] characters, cut between words where that leaves enough.
fn shortened(slug: &str) -> &str {
    let Some((end, _)) = slug.char_indices().nth(LONGEST) else { return slug };
    match slug[..end].rfind('-') {
        Some(at) if at >= end / 2 => &slug[..at],
        _ => slug[..end].trim_end_matches('-'),
    }
}

/// The ASCII letters of a Latin letter; any other character as it is. Only Latin letters lose their accents: in
/// other scripts a letter with a mark is another letter.
fn plain(char: char) -> Vec<char> {
    let letters = match char {
        'ß' => "ss",
        'ẞ' => "SS",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' => "th",
        'Þ' => "Th",
        'ı' => "i",
        'ħ' => "h",
        'Ħ' => "H",
        '&' => " and ",
        _ => "",
    };
    if !letters.is_empty() {
        return letters.chars().collect();
    }
    let parts: Vec<char> = char.nfkd().collect();
    match parts.first() {
        Some(first) if first.is_ascii() && !char.is_ascii() => {
            parts.into_iter().filter(|part| part.is_ascii()).collect()
        }
        _ => vec![char],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn latin_titles_become_ascii_and_others_keep_their_letters() {
        assert_eq!(slug("Größe & Maß: Ein Überblick!"), "grosse-and-mass-ein-uberblick");
        assert_eq!(slug("Belarus Notes #12: U.S. Diplomacy"), "belarus-notes-12-u-s-diplomacy");
        assert_eq!(slug("What’s new?"), "whats-new");
        assert_eq!(slug("Йога и чай"), "йога-и-чай");
        assert_eq!(slug("Łódź, smørrebrød"), "lodz-smorrebrod");
        assert_eq!(slug("!?"), "issue");
        assert_eq!(slug("e\u{301}te\u{301}"), "ete");
    }

    #[test]
    fn a_long_title_is_cut_between_words() {
        let slug = slug(&"twelve words ".repeat(12));
        assert!(slug.chars().count() <= 60 && slug.ends_with("twelve") | slug.ends_with("words"), "{slug}");
    }

    proptest! {
        #[test]
        fn every_title_gives_a_name_that_a_file_can_have(title in "\\PC*") {
            let slug = slug(&title);
            prop_assert!(!slug.is_empty() && slug.chars().count() <= 60);
            prop_assert!(slug.chars().all(|c| c.is_alphanumeric() || c == '-'), "{}", slug);
        }
    }
}
