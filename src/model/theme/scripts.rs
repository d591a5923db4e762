//! Fonts for writing beyond Latin, Greek and Cyrillic, which the usual stacks have.

use super::Theme;

/// What is put before the generic family: for sans-serif stacks, and for serif ones.
struct Fonts {
    tags: &'static str,
    sans: &'static str,
    serif: &'static str,
}

const SCRIPTS: [Fonts; 8] = [
    Fonts {
        tags: "zh-hant zh-tw zh-hk zh-mo",
        sans: "'PingFang TC', 'Microsoft JhengHei', 'Noto Sans CJK TC'",
        serif: "'Songti TC', PMingLiU, 'Noto Serif CJK TC'",
    },
    Fonts {
        tags: "zh",
        sans: "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC'",
        serif: "'Songti SC', SimSun, 'Noto Serif CJK SC'",
    },
    Fonts {
        tags: "ja",
        sans: "'Hiragino Sans', 'Yu Gothic', Meiryo, 'Noto Sans CJK JP'",
        serif: "'Hiragino Mincho ProN', 'Yu Mincho', 'Noto Serif CJK JP'",
    },
    Fonts {
        tags: "ko",
        sans: "'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans CJK KR'",
        serif: "AppleMyungjo, Batang, 'Noto Serif CJK KR'",
    },
    Fonts {
        tags: "ar fa ur ckb ps sd ug",
        sans: "'Geeza Pro', Tahoma, 'Noto Sans Arabic'",
        serif: "'Geeza Pro', 'Times New Roman', 'Noto Naskh Arabic'",
    },
    Fonts {
        tags: "he yi",
        sans: "'Arial Hebrew', Arial, 'Noto Sans Hebrew'",
        serif: "David, 'Noto Serif Hebrew'",
    },
    Fonts {
        tags: "hi mr ne sa",
        sans: "'Kohinoor Devanagari', 'Nirmala UI', 'Noto Sans Devanagari'",
        serif: "'Devanagari MT', 'Nirmala UI', 'Noto Serif Devanagari'",
    },
    Fonts {
        tags: "th",
        sans: "Thonburi, 'Leelawadee UI', 'Noto Sans Thai'",
        serif: "'Leelawadee UI', 'Noto Serif Thai'",
    },
];

impl Theme {
    /// The theme with fonts for the script of a BCP 47 language, behind the author's own and before the generic
    /// family.
    pub fn for_language(mut self, lang: &str) -> Theme {
        let Some(fonts) = fonts(lang) else { return self };
        for stack in [&mut self.font, &mut self.heading_font] {
            *stack = with_fonts(stack, fonts);
        }
        self
    }
}

fn fonts(lang: &str) -> Option<&'static Fonts> {
    let lang = lang.to_ascii_lowercase().replace('_', "-");
    let is_one = |tag: &str| lang == tag || lang.strip_prefix(tag).is_some_and(|rest| rest.starts_with('-'));
    SCRIPTS.iter().find(|fonts| fonts.tags.split(' ').any(is_one))
}

fn with_fonts(stack: &str, fonts: &Fonts) -> String {
    let (own, generic) = stack.rsplit_once(',').unwrap_or(("", stack));
    let (own, generic) = (own.trim(), generic.trim());
    match generic {
        "serif" => joined(own, fonts.serif, generic),
        "sans-serif" | "system-ui" => joined(own, fonts.sans, generic),
        _ => stack.to_owned(),
    }
}

fn joined(own: &str, added: &str, generic: &str) -> String {
    let parts = [own, added, generic].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_brings_the_fonts_of_its_script_before_the_generic_family() {
        let theme = Theme { font: "Georgia, serif".to_owned(), ..Theme::default() };
        let [taiwan, japan, france] = ["zh-TW", "ja", "fr"].map(|lang| theme.clone().for_language(lang));
        assert_eq!(taiwan.font, "Georgia, 'Songti TC', PMingLiU, 'Noto Serif CJK TC', serif");
        assert!(japan.heading_font.ends_with("Meiryo, 'Noto Sans CJK JP', sans-serif"));
        assert_eq!(france, theme);
    }

    #[test]
    fn a_stack_without_a_generic_family_is_the_authors_word() {
        let theme = Theme { font: "Comic Sans MS".to_owned(), ..Theme::default() };
        assert_eq!(theme.for_language("ja").font, "Comic Sans MS");
    }
}
