//! What a letter weighs, and which part of the issue the weight is in.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::prose::without_merge_syntax;
use crate::compose::dialect;
use crate::compose::html::{HEAD, TOP, sections};
use crate::compose::press::{MergeError, Press, Stamp, Unfolded};
use crate::model::issue::Issue;
use crate::model::letter::{Disposition, Edition};
use crate::model::subscriber::Subscriber;

/// Of the HTML part, decoded, Gmail shows so many bytes and hides the rest.
pub const CLIP: usize = 102 * 1024;

/// The bytes of one letter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The whole letter as it travels: headers, encoded parts, attachments.
    pub letter: usize,
    /// The HTML part, decoded: what [`CLIP`] is about.
    pub html: usize,
    /// The text part, decoded.
    pub text: usize,
    /// The HTML part from heading to heading, in order: together all of it.
    pub sections: Vec<Section>,
    /// Images that travel in the letter, before encoding.
    pub images: Vec<Weight>,
    /// Attachments, before encoding.
    pub attachments: Vec<Weight>,
}

/// A part of the HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The words of its heading; what has none is named in words of ours.
    pub name: String,
    /// Decoded.
    pub bytes: usize,
    /// The line of the issue's file where the heading stands, from 1; `None` where it is not the author's.
    pub line: Option<usize>,
}

/// A file in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weight {
    pub name: String,
    pub bytes: usize,
}

/// A pressed letter with its sizes: the rules look at that of whoever has most to be said to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pressed {
    /// As it travels, unless it is signed on the way.
    pub letter: Vec<u8>,
    /// The HTML part, decoded.
    pub html: String,
    pub sizes: Sizes,
}

impl Pressed {
    /// Fails where a hole cannot be filled for `to`.
    pub fn of(
        issue: &Issue,
        edition: &Edition,
        press: &Press,
        to: &Subscriber,
        stamp: &Stamp,
    ) -> Result<Pressed, MergeError> {
        let mut letter = Vec::new();
        press.press(to, stamp, &mut letter)?;
        let unfolded = press.unfold(to, stamp)?;
        let sizes = Sizes::of(issue, edition, letter.len(), &unfolded);
        Ok(Pressed { letter, html: unfolded.html, sizes })
    }
}

impl Sizes {
    /// Of a letter of `letter` bytes that says what `unfolded` does.
    pub fn of(issue: &Issue, edition: &Edition, letter: usize, unfolded: &Unfolded) -> Sizes {
        let files = |disposition| {
            let files = edition.attachments.iter().filter(move |file| file.disposition == disposition);
            files.map(|file| Weight { name: file.file_name.clone(), bytes: file.bytes.len() }).collect()
        };
        Sizes {
            letter,
            html: unfolded.html.len(),
            text: unfolded.text.len(),
            sections: parts(issue, &unfolded.html),
            images: files(Disposition::Inline),
            attachments: files(Disposition::Attachment),
        }
    }

    /// The sections by weight, the heaviest first.
    pub fn heaviest(&self) -> Vec<&Section> {
        let mut sections: Vec<&Section> = self.sections.iter().collect();
        sections.sort_by_key(|section| std::cmp::Reverse(section.bytes));
        sections
    }
}

/// The HTML from heading to heading, each with the line of its heading if the author wrote it.
pub fn parts(issue: &Issue, html: &str) -> Vec<Section> {
    let headings = headings(issue);
    let mut left = headings.as_slice();
    let mut line = |name: &str| {
        let wanted = letters(name);
        let at = left.iter().position(|heading| heading.letters == wanted)?;
        let found = left[at].line;
        left = &left[at + 1..];
        Some(found)
    };
    let named = |name: &str| [HEAD, TOP].contains(&name);
    let parts = sections(html).into_iter().map(|part| {
        let line = if named(&part.name) { None } else { line(&part.name) };
        Section { name: part.name, bytes: part.bytes, line }
    });
    parts.collect()
}

struct Heading {
    letters: String,
    line: usize,
}

/// The title, and every heading of the text.
fn headings(issue: &Issue) -> Vec<Heading> {
    let line = |offset| issue.source.position(offset).line;
    let title = issue
        .front
        .title
        .iter()
        .map(|title| Heading { letters: letters(&title.value), line: line(title.span.start) });
    let mut found: Vec<Heading> = title.collect();
    let body = without_merge_syntax(issue.markdown());
    let mut open: Option<Heading> = None;
    for (event, span) in Parser::new_ext(&body, dialect::options()).into_offset_iter() {
        match (event, &mut open) {
            (Event::Start(Tag::Heading { .. }), _) => {
                open = Some(Heading { letters: String::new(), line: line(span.start + issue.body.start) });
            }
            (Event::End(TagEnd::Heading(_)), _) => found.extend(open.take()),
            (Event::Text(text) | Event::Code(text), Some(heading)) => heading.letters += &letters(&text),
            _ => {}
        }
    }
    found
}

/// What a heading keeps on its way into HTML, whatever becomes of its punctuation.
fn letters(text: &str) -> String {
    let text = text.replace("&amp;", "").replace("&quot;", "").replace("&lt;", "").replace("&gt;", "");
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::front_matter::parse_issue;
    use crate::model::source::Source;

    #[test]
    fn sections_know_the_lines_of_their_headings() {
        let text = "---\ntitle: \"It's here\"\n---\n\nHi.\n\n## One & *two*\n\nx\n\n## Other\n\n## Other\n";
        let issue = parse_issue(Source::new("1.md", text)).unwrap();
        let html = "<head></head><body>a<h1>It’s here</h1><h2>One &amp; <em>two</em></h2><h2>Other</h2>b\
                    <h2>Other</h2><h2>Of the template</h2></body>";
        let found: Vec<(String, Option<usize>)> =
            parts(&issue, html).into_iter().map(|part| (part.name, part.line)).collect();
        let expected = [
            (HEAD, None),
            (TOP, None),
            ("It’s here", Some(2)),
            ("One &amp; two", Some(7)),
            ("Other", Some(11)),
            ("Other", Some(13)),
            ("Of the template", None),
        ];
        assert_eq!(found, expected.map(|(name, line)| (name.to_owned(), line)));
    }
}
