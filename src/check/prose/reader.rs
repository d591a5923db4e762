//! Markdown → [`Prose`].

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::passage::{NOTHING, OTHER, Passage, PassageKind};
use super::{Grid, Heading, Listing, Picture, Prose};
use crate::compose::dialect;
use crate::model::source::Span;

/// `markdown` begins at the byte `start` of its file.
pub fn read(markdown: &str, start: usize) -> Prose {
    let body = without_fences(without_merge_syntax(markdown));
    let mut reader = Reader {
        start,
        markdown,
        body: &body,
        prose: Prose::default(),
        kind: PassageKind::Paragraph,
        passage: None,
        code: None,
        in_link: false,
        picture: None,
        heading: None,
    };
    let events = Parser::new_ext(&body, dialect::options()).into_offset_iter();
    events.for_each(|(event, span)| reader.read(event, span));
    reader.flush();
    reader.prose
}

struct Reader<'a> {
    start: usize,
    /// As it was written.
    markdown: &'a str,
    /// Without merge syntax; as long.
    body: &'a str,
    prose: Prose,
    kind: PassageKind,
    /// The part of the body that the open passage covers, and the parts of it that are seen.
    passage: Option<(Span, Vec<(Span, bool)>)>,
    /// Whether the open block of code is shown.
    code: Option<bool>,
    in_link: bool,
    picture: Option<Picture>,
    heading: Option<Heading>,
}

impl Reader<'_> {
    fn read(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Start(tag) => self.open(tag, span),
            Event::End(tag) => self.close(tag),
            Event::Text(text) if self.code.is_none() => self.text(&text, span),
            Event::Text(text) => self.code_line(&text, span),
            Event::Code(text) => {
                self.in_heading(&text);
                self.cover(span, false);
            }
            Event::SoftBreak | Event::HardBreak => self.in_heading(" "),
            Event::Rule => self.flush(),
            _ => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>, span: Span) {
        if !is_inline(&tag) {
            self.flush();
        }
        match tag {
            Tag::CodeBlock(kind) => self.open_code(!dialect::is_mjml(&kind)),
            Tag::Link { .. } => self.in_link = true,
            Tag::Image { dest_url, title, .. } => {
                self.open_image(dest_url.into_string(), title.into_string(), span);
            }
            Tag::Heading { level, .. } => self.open_heading(level, span),
            Tag::Table(columns) => self.open_table(columns.len(), span),
            Tag::TableCell => self.kind = PassageKind::Cell,
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript => return,
            TagEnd::Link => return self.in_link = false,
            TagEnd::Image => return self.prose.images.extend(self.picture.take()),
            _ => self.flush(),
        }
        match tag {
            TagEnd::CodeBlock => self.code = None,
            TagEnd::Heading(_) => self.prose.headings.extend(self.heading.take()),
            _ => {}
        }
        self.kind = PassageKind::Paragraph;
    }

    fn open_code(&mut self, is_shown: bool) {
        self.code = Some(is_shown);
        if is_shown {
            self.prose.listings.push(Listing { lines: Vec::new() });
        }
    }

    fn open_image(&mut self, src: String, title: String, span: Span) {
        self.cover(span.clone(), false);
        let span = span.start + self.start..span.end + self.start;
        self.picture = Some(Picture { src, alt: String::new(), title, is_linked: self.in_link, span });
    }

    fn open_heading(&mut self, level: HeadingLevel, span: Span) {
        let end = span.start + self.body[span.clone()].trim_end().len();
        let span = span.start + self.start..end + self.start;
        self.heading = Some(Heading { level: level as u8, text: String::new(), span });
        self.kind = PassageKind::Heading;
    }

    fn open_table(&mut self, columns: usize, span: Span) {
        let head = self.body[span.clone()].lines().next().unwrap_or_default().trim_end();
        let head = span.start + self.start..span.start + head.len() + self.start;
        self.prose.tables.push(Grid { columns, head });
    }

    fn text(&mut self, text: &str, span: Span) {
        self.in_heading(text);
        if let Some(picture) = &mut self.picture {
            picture.alt.push_str(text);
        } else {
            self.cover(span.clone(), true);
        }
        let begin = span.start + self.start;
        let text = &self.body[span];
        // pulldown-cmark gives a bracket that opens no link as a text of its own.
        match self.prose.texts.last_mut() {
            Some((start, last)) if *start + last.len() == begin => last.push_str(text),
            _ => self.prose.texts.push((begin, text.to_owned())),
        }
    }

    fn code_line(&mut self, text: &str, span: Span) {
        let Some(listing) = self.prose.listings.last_mut().filter(|_| self.code == Some(true)) else {
            return;
        };
        let mut start = span.start + self.start;
        for line in text.split_inclusive('\n') {
            let shown =
                self.markdown.get(start - self.start..start - self.start + line.len()).unwrap_or(line);
            listing.lines.push((start, shown.trim_end_matches(['\n', '\r']).to_owned()));
            start += line.len();
        }
    }

    fn in_heading(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
    }

    /// `span` of the body belongs to the open passage; `seen` says whether it holds words of the author.
    fn cover(&mut self, span: Span, seen: bool) {
        let (whole, parts) = self.passage.get_or_insert_with(|| (span.clone(), Vec::new()));
        whole.start = whole.start.min(span.start);
        whole.end = whole.end.max(span.end);
        parts.push((span, seen));
    }

    fn flush(&mut self) {
        let Some((whole, parts)) = self.passage.take() else { return };
        let mut text = blanked(&self.body[whole.clone()], NOTHING);
        for (span, seen) in parts {
            let part = match seen {
                true => without_values(&self.body[span.clone()], &self.markdown[span.clone()]),
                false => String::from(OTHER).repeat(span.len()),
            };
            text.replace_range(span.start - whole.start..span.end - whole.start, &part);
        }
        self.prose.passages.push(Passage { kind: self.kind, start: whole.start + self.start, text });
    }
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. }
            | Tag::Image { .. }
    )
}

/// White space stays; everything else becomes as many `blank` as it has bytes.
fn blanked(text: &str, blank: char) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_whitespace() {
            true => out.push(c),
            false => out.extend(std::iter::repeat_n(blank, c.len_utf8())),
        }
    }
    out
}

/// What differs between `body` and `written` is merge syntax, and becomes [`OTHER`]: both are as long.
fn without_values(body: &str, written: &str) -> String {
    if body == written {
        return body.to_owned();
    }
    let mut out = String::with_capacity(body.len());
    let mut rest = written;
    while let Some((before, syntax, after)) = next_syntax(rest) {
        out.push_str(before);
        out.extend(std::iter::repeat_n(OTHER, syntax));
        rest = after;
    }
    // Syntax that is cut off by markup within it is letters in the body.
    if rest.len() + out.len() == body.len() { out + rest } else { String::from(OTHER).repeat(body.len()) }
}

/// Every `{{ … }}`, `{% … %}` and `{# … #}` becomes as many letters as it has bytes.
pub fn without_merge_syntax(text: &str) -> String {
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

/// Every line that begins or ends a container becomes a rule of the same length, as where the letter is made.
fn without_fences(mut text: String) -> String {
    if !text.contains(":::") {
        return text;
    }
    let code = dialect::code(&text);
    let mut start = 0;
    let mut lines: Vec<Span> = Vec::new();
    for line in text.split_inclusive('\n') {
        let shown = start..start + line.trim_end().len();
        let in_code = code.iter().any(|span| span.contains(&start));
        lines.extend((line.starts_with(":::") && !in_code).then_some(shown));
        start += line.len();
    }
    for line in lines {
        let rule = format!("***{}", " ".repeat(line.len() - 3));
        text.replace_range(line, &rule);
    }
    text
}
