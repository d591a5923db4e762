//! The author's own words with their places: the Markdown without code and merge syntax.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::compose::dialect;
use crate::model::issue::Issue;
use crate::model::source::Span;

/// Text and images of an issue as they stand in the file.
#[derive(Debug, Clone, Default)]
pub struct Prose {
    /// Stretches of text with where they begin in the file; merge syntax in them is blanked out.
    pub texts: Vec<(usize, String)>,
    pub images: Vec<Picture>,
}

/// `![alt](src)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub src: String,
    pub alt: String,
    /// Whether it leads somewhere.
    pub is_linked: bool,
    pub span: Span,
}

impl Prose {
    pub fn of(issue: &Issue) -> Prose {
        let body = without_merge_syntax(issue.markdown());
        let mut reader = Reader {
            start: issue.body.start,
            body: &body,
            prose: Prose::default(),
            in_code: false,
            in_link: false,
            picture: None,
        };
        let events = Parser::new_ext(&body, dialect::options()).into_offset_iter();
        events.for_each(|(event, span)| reader.read(event, span));
        reader.prose
    }
}

struct Reader<'a> {
    start: usize,
    /// Without merge syntax.
    body: &'a str,
    prose: Prose,
    in_code: bool,
    in_link: bool,
    picture: Option<Picture>,
}

impl Reader<'_> {
    fn read(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => self.in_code = true,
            Event::End(TagEnd::CodeBlock) => self.in_code = false,
            Event::Start(Tag::Link { .. }) => self.in_link = true,
            Event::End(TagEnd::Link) => self.in_link = false,
            Event::Start(Tag::Image { dest_url, .. }) => {
                let span = span.start + self.start..span.end + self.start;
                let (src, alt, is_linked) = (dest_url.into_string(), String::new(), self.in_link);
                self.picture = Some(Picture { src, alt, is_linked, span });
            }
            Event::End(TagEnd::Image) => self.prose.images.extend(self.picture.take()),
            Event::Text(text) if !self.in_code => self.text(&text, span),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, span: Span) {
        if let Some(picture) = &mut self.picture {
            picture.alt.push_str(text);
        }
        let begin = span.start + self.start;
        let text = &self.body[span];
        // pulldown-cmark gives a bracket that opens no link as a text of its own.
        match self.prose.texts.last_mut() {
            Some((start, last)) if *start + last.len() == begin => last.push_str(text),
            _ => self.prose.texts.push((begin, text.to_owned())),
        }
    }
}

/// Every `{{ … }}`, `{% … %}` and `{# … #}` becomes as many letters as it has bytes.
pub(super) fn without_merge_syntax(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, syntax, after)) = next_syntax(rest) {
        out.push_str(before);
        out.extend(std::iter::repeat_n('x', syntax));
        rest = after;
    }
    out + rest
}

fn next_syntax(text: &str) -> Option<(&str, usize, &str)> {
    let opens = text.match_indices('{').find_map(|(at, _)| {
        let close = match text.as_bytes().get(at + 1)? {
            b'{' => "}}",
            b'%' => "%}",
            b'#' => "#}",
            _ => return None,
        };
        let length = text[at..].find(close)? + 2;
        (!text[at..at + length].contains("\n\n")).then_some((at, length))
    });
    opens.map(|(at, length)| (&text[..at], length, &text[at + length..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::issue::{FrontMatter, IssueId};
    use crate::model::source::Source;

    #[test]
    fn code_and_merge_syntax_are_left_out_and_places_hold() {
        let text =
            "Dear {{ name | default(\"TODO\") }}, see `TODO` and ![a *cat*](c.png)\n\n    TODO\n\n[Name] é";
        let issue = Issue {
            id: IssueId("1".into()),
            source: Source::new("1.md", text),
            front: FrontMatter::default(),
            body: 0..text.len(),
        };
        let prose = Prose::of(&issue);
        assert!(prose.texts.iter().any(|(_, text)| text == "[Name] é"), "{:?}", prose.texts);
        assert_eq!(
            prose.texts.iter().find(|(_, text)| text.starts_with("[Name]")).unwrap().0,
            text.find("[Name]").unwrap()
        );
        assert!(!prose.texts.iter().any(|(_, text)| text.contains("TODO")));
        assert_eq!((prose.images[0].alt.as_str(), prose.images[0].src.as_str()), ("a cat", "c.png"));
    }
}
