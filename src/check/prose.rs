//! The author's own words with their places: the Markdown without code and merge syntax.

mod passage;
mod reader;

use crate::model::issue::Issue;
use crate::model::source::Span;

pub use passage::{Passage, PassageKind, Word};
pub(super) use reader::without_merge_syntax;

/// Text, images and the blocks of an issue as they stand in the file.
#[derive(Debug, Clone, Default)]
pub struct Prose {
    /// Stretches of text with where they begin in the file; merge syntax in them is blanked out.
    pub texts: Vec<(usize, String)>,
    /// Paragraphs, headings and cells, in the order of the file.
    pub passages: Vec<Passage>,
    pub images: Vec<Picture>,
    /// Those of the text; one that is only the title of the issue again is not among them.
    pub headings: Vec<Heading>,
    pub tables: Vec<Grid>,
    pub listings: Vec<Listing>,
}

/// `![alt](src)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub src: String,
    pub alt: String,
    /// Shown as its caption; empty without.
    pub title: String,
    /// Whether it leads somewhere.
    pub is_linked: bool,
    pub span: Span,
}

/// `## Words`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// As the author wrote it: 1 to 6.
    pub level: u8,
    /// What a reader sees; the words in the place of an image are among it.
    pub text: String,
    pub span: Span,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    pub columns: usize,
    /// Its first row.
    pub head: Span,
}

/// A block of code; those that are MJML of the letter are not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Each line as it is shown, and where it begins in the file.
    pub lines: Vec<(usize, String)>,
}

impl Prose {
    pub fn of(issue: &Issue) -> Prose {
        let mut prose = reader::read(issue.markdown(), issue.body.start);
        let repeats = prose.headings.first().is_some_and(|first| {
            let starts = issue.source.text()[issue.body.start..first.span.start].trim().is_empty();
            starts && same_letters(&first.text, issue.title())
        });
        if repeats {
            prose.headings.remove(0);
        }
        prose
    }

    /// The passage in which the byte `at` of the file stands.
    pub fn passage_at(&self, at: usize) -> Option<&Passage> {
        self.passages.iter().find(|passage| passage.span().contains(&at))
    }
}

/// Whether two texts differ in nothing but marks, spaces and capitals.
pub fn same_letters(one: &str, other: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::issue::{FrontMatter, IssueId};
    use crate::model::source::Source;

    fn prose(text: &str) -> Prose {
        Prose::of(&Issue {
            id: IssueId("1".into()),
            source: Source::new("1.md", text),
            front: FrontMatter::default(),
            body: 0..text.len(),
        })
    }

    #[test]
    fn code_and_merge_syntax_are_left_out_and_places_hold() {
        let text =
            "Dear {{ name | default(\"TODO\") }}, see `TODO` and ![a *cat*](c.png)\n\n    TODO\n\n[Name] é";
        let prose = prose(text);
        assert!(prose.texts.iter().any(|(_, text)| text == "[Name] é"), "{:?}", prose.texts);
        assert_eq!(
            prose.texts.iter().find(|(_, text)| text.starts_with("[Name]")).unwrap().0,
            text.find("[Name]").unwrap()
        );
        assert!(!prose.texts.iter().any(|(_, text)| text.contains("TODO")));
        assert_eq!((prose.images[0].alt.as_str(), prose.images[0].src.as_str()), ("a cat", "c.png"));
    }

    #[test]
    fn a_passage_is_as_long_as_its_source_and_holds_only_what_is_read() {
        let text = "One **two**\n> [three](https://x.example \"four\")\n> five `six` {{ seven }}\n\n- eight\n- nine\n";
        let prose = prose(text);
        let words: Vec<Vec<&str>> =
            prose.passages.iter().map(|passage| passage.words().map(|word| word.text).collect()).collect();
        assert_eq!(words, [vec!["One", "two"], vec!["three", "five"], vec!["eight"], vec!["nine"]]);
        for word in prose.passages.iter().flat_map(Passage::words) {
            assert_eq!(&text[word.span.clone()], word.text);
        }
    }

    #[test]
    fn lines_of_colons_are_no_words() {
        let prose = prose("::: tip\nOne.\n:::\n\n```\n::: two\n```\n");
        let words: Vec<&str> = prose.passages.iter().flat_map(Passage::words).map(|word| word.text).collect();
        assert_eq!(words, ["One"]);
        assert_eq!(prose.listings[0].lines[0].1, "::: two");
    }

    #[test]
    fn blocks_are_known_by_what_they_are() {
        let text = "# One *two*\n\n##\n\n| a | b |\n|---|---|\n| c | d |\n\n```rust\nlet x;\n```\n\n```mjml\n<a/>\n```\n";
        let prose = prose(text);
        let headings: Vec<(u8, &str)> =
            prose.headings.iter().map(|heading| (heading.level, heading.text.as_str())).collect();
        assert_eq!(headings, [(1, "One two"), (2, "")]);
        assert_eq!((prose.tables[0].columns, &text[prose.tables[0].head.clone()]), (2, "| a | b |"));
        assert_eq!(prose.listings.len(), 1);
        let (start, line) = &prose.listings[0].lines[0];
        assert_eq!((&text[*start..start + 6], line.as_str()), ("let x;", "let x;"));
    }

    #[test]
    fn a_heading_that_is_the_title_again_is_no_heading_of_the_text() {
        let text = "# The *Title*\n\n## Next\n";
        let mut issue = Issue {
            id: IssueId("1".into()),
            source: Source::new("1.md", text),
            front: FrontMatter::default(),
            body: 0..text.len(),
        };
        issue.front.title = Some(crate::model::issue::At::new("The Title".into(), 2..13));
        assert_eq!(Prose::of(&issue).headings[0].text, "Next");
    }
}
