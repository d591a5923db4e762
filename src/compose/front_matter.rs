//! The front matter between `---` (YAML) or `+++` (TOML) lines → [`Issue`].

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::compose::{ComposeError, dialect};
use crate::model::address::Mailbox;
use crate::model::issue::{At, FrontMatter, Issue, IssueId, SendAt};
use crate::model::source::{Source, Span};
use crate::model::theme::Changes;
use crate::model::tree::{Misfit, Table};
use crate::settings::file::{is_language, is_web_page};
use crate::settings::theme::changes;

/// Every key of the front matter.
pub const KEYS: [&str; 22] = [
    "title",
    "subject",
    "preheader",
    "number",
    "series",
    "author",
    "date",
    "lang",
    "slug",
    "template",
    "lists",
    "segment",
    "send_at",
    "from",
    "reply_to",
    "attachments",
    "web_version",
    "draft",
    "archive",
    "tracking",
    "theme",
    "vars",
];

/// Takes a file apart into front matter and Markdown. Without front matter the first heading is the title.
/// A wrong key or value is an error with its place and a suggestion.
pub fn parse_issue(source: Source) -> Result<Issue, ComposeError> {
    match take_apart(source.text()) {
        Ok((front, body)) => Ok(Issue { id: id(&source, &front), source, front, body }),
        Err(Misfit { message, span, help }) => {
            Err(ComposeError::Broken { message, place: Some(source.at(span)), help })
        }
    }
}

fn take_apart(text: &str) -> Result<(FrontMatter, Span), Misfit> {
    let Some(block) = fenced(text)? else {
        let body = 0..text.len();
        let front = FrontMatter { title: first_heading(text, &body), ..FrontMatter::default() };
        return Ok((front, body));
    };
    let inside = &text[block.inside.clone()];
    let table = match block.fence {
        Fence::Yaml => Table::from_yaml(inside, block.inside.start),
        Fence::Toml => Table::from_toml(inside, block.inside.start),
    };
    let mut front = front_matter(&table?)?;
    let body = block.end..text.len();
    front.title = front.title.or_else(|| first_heading(text, &body));
    Ok((front, body))
}

/// `slug`, else the stem of the file's name.
fn id(source: &Source, front: &FrontMatter) -> IssueId {
    if let Some(slug) = &front.slug {
        return IssueId(slug.value.clone());
    }
    let stem = source.path().file_stem().map(|stem| stem.to_string_lossy().replace(char::is_control, "-"));
    match stem.as_deref() {
        None | Some("-" | "") => IssueId("standard-input".to_owned()),
        Some(stem) => IssueId(stem.to_owned()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fence {
    Yaml,
    Toml,
}

impl Fence {
    fn opened_by(line: &str) -> Option<Fence> {
        match line.trim_end() {
            "---" => Some(Fence::Yaml),
            "+++" => Some(Fence::Toml),
            _ => None,
        }
    }

    fn is_closed_by(self, line: &str) -> bool {
        match self {
            Fence::Yaml => matches!(line.trim_end(), "---" | "..."),
            Fence::Toml => line.trim_end() == "+++",
        }
    }
}

struct Block {
    fence: Fence,
    /// Between the two lines.
    inside: Span,
    /// Where the Markdown begins.
    end: usize,
}

/// The block at the top of the file, if there is one; empty lines may come before it.
fn fenced(text: &str) -> Result<Option<Block>, Misfit> {
    let top = text.find(|c: char| !matches!(c, '\n' | ' ' | '\t')).unwrap_or(text.len());
    let top = text[..top].rfind('\n').map_or(0, |newline| newline + 1);
    let Some(first) = text[top..].split_inclusive('\n').next() else { return Ok(None) };
    let Some(fence) = Fence::opened_by(first) else { return Ok(None) };
    let start = top + first.len();
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if fence.is_closed_by(line) {
            return Ok(Some(Block { fence, inside: start..at, end: at + line.len() }));
        }
        at += line.len();
    }
    Err(unclosed(first.trim_end(), top))
}

fn unclosed(fence: &str, top: usize) -> Misfit {
    let help = match fence {
        "---" => {
            "write a line `---` after the last key; a rule at the top of the text can be written as `***`"
        }
        _ => "write a line `+++` after the last key",
    };
    let message = format!("the front matter that begins with `{fence}` has no end");
    Misfit::new(message, top..top + fence.len()).help(help)
}

fn front_matter(table: &Table) -> Result<FrontMatter, Misfit> {
    table.only("the front matter", &KEYS)?;
    Ok(FrontMatter {
        title: line(table, "title")?,
        subject: line(table, "subject")?,
        preheader: line(table, "preheader")?,
        number: table.whole("number", 0..=u64::MAX)?,
        series: line(table, "series")?,
        author: line(table, "author")?,
        date: date(table)?,
        lang: lang(table)?,
        slug: slug(table)?,
        template: line(table, "template")?,
        lists: lines(table, "lists")?,
        segment: line(table, "segment")?,
        send_at: send_at(table)?,
        from: mailbox(table, "from")?,
        reply_to: mailbox(table, "reply_to")?,
        attachments: lines(table, "attachments")?,
        web_version: web_version(table)?,
        draft: table.truth("draft")?.is_some_and(|at| at.value),
        archive: table.truth("archive")?,
        tracking: table.truth("tracking")?.map(|at| at.value),
        theme: theme(table)?,
        vars: table.table("vars")?.map(Table::to_json).unwrap_or_default(),
    })
}

fn web_version(table: &Table) -> Result<Option<At<String>>, Misfit> {
    match line(table, "web_version")? {
        Some(at) if !is_web_page(&at.value) => {
            let message = format!("`{}` is no address of a web page", at.value);
            Err(Misfit::new(message, at.span).help("write it as `https://news.example.org/spring`"))
        }
        address => Ok(address),
    }
}

fn theme(table: &Table) -> Result<Changes, Misfit> {
    match table.table("theme")? {
        Some(table) => changes(table, "`theme`"),
        None => Ok(Changes::default()),
    }
}

fn line(table: &Table, key: &str) -> Result<Option<At<String>>, Misfit> {
    table.text_as_written(key)?.map(|at| one_line(key, at)).transpose()
}

fn lines(table: &Table, key: &str) -> Result<Vec<At<String>>, Misfit> {
    table.texts(key)?.into_iter().map(|at| one_line(key, at)).collect()
}

/// A value that ends up in a header or a name: one line without control characters (RFC 5322 2.2). The line
/// end that a YAML block brings along is taken off.
fn one_line(key: &str, at: At<String>) -> Result<At<String>, Misfit> {
    let value = at.value.trim();
    if value.chars().any(char::is_control) {
        let message = format!("`{key}` is one line without control characters");
        return Err(
            Misfit::new(message, at.span).help("write it on one line; a line break has no place in it")
        );
    }
    if value.is_empty() {
        let message = format!("`{key}` is empty");
        return Err(Misfit::new(message, at.span).help("write something, or leave the key out"));
    }
    Ok(At { value: value.to_owned(), span: at.span })
}

fn date(table: &Table) -> Result<Option<At<jiff::civil::Date>>, Misfit> {
    let Some(At { value, span }) = line(table, "date")? else { return Ok(None) };
    let day = value.get(..10).filter(|_| value.len() == 10 || value[10..].starts_with(['T', 't', ' ']));
    match day.and_then(|day| day.parse().ok()) {
        Some(value) => Ok(Some(At { value, span })),
        None => Err(Misfit::new(format!("`{value}` is no date"), span).help("write it as 2027-05-31")),
    }
}

fn lang(table: &Table) -> Result<Option<At<String>>, Misfit> {
    match line(table, "lang")? {
        Some(at) if !is_language(&at.value) => {
            let message = format!("`{}` is no language tag", at.value);
            Err(Misfit::new(message, at.span).help("write it as `en` or `en-GB`"))
        }
        lang => Ok(lang),
    }
}

/// A slug is part of addresses on the web and of file names.
fn slug(table: &Table) -> Result<Option<At<String>>, Misfit> {
    let fits = |slug: &str| {
        slug.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')) && !slug.starts_with('.')
    };
    match line(table, "slug")? {
        Some(at) if !fits(&at.value) => Err(Misfit::new(format!("`{}` is no slug", at.value), at.span)
            .help("a slug has letters, digits, `-`, `_` and `.`, and does not begin with a dot")),
        slug => Ok(slug),
    }
}

fn send_at(table: &Table) -> Result<Option<At<String>>, Misfit> {
    match line(table, "send_at")? {
        Some(at) if SendAt::parse(&at.value).is_none() => {
            let message = format!("`{}` is no date and time", at.value);
            Err(Misfit::new(message, at.span)
                .help("write it as 2027-05-31T08:00, with an offset such as +02:00 or with `timezone` in courant.toml"))
        }
        moment => Ok(moment),
    }
}

fn mailbox(table: &Table, key: &str) -> Result<Option<At<String>>, Misfit> {
    let Some(at) = line(table, key)? else { return Ok(None) };
    match Mailbox::parse(&at.value) {
        Ok(_) => Ok(Some(at)),
        Err(error) => Err(Misfit::new(format!("`{key}` is no e-mail address: {error}"), at.span)
            .help("write it as `Name <name@example.org>`")),
    }
}

/// The text of the first heading, without its markup, and where that text stands.
pub(super) fn first_heading(text: &str, body: &Span) -> Option<At<String>> {
    let events = Parser::new_ext(&text[body.clone()], dialect::options()).into_offset_iter();
    let inside = events
        .skip_while(|(event, _)| !matches!(event, Event::Start(Tag::Heading { .. })))
        .skip(1)
        .take_while(|(event, _)| !matches!(event, Event::End(TagEnd::Heading(_))));
    let (mut title, mut span) = (String::new(), None::<Span>);
    for (event, at) in inside {
        match event {
            Event::Text(words) | Event::Code(words) => title.push_str(&words),
            Event::SoftBreak | Event::HardBreak => title.push(' '),
            _ => continue,
        }
        span = Some(span.map_or(at.start, |span| span.start)..at.end);
    }
    let value: String = title.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "");
    let span = span?;
    (!value.is_empty()).then(|| At { value, span: span.start + body.start..span.end + body.start })
}

#[cfg(test)]
mod tests;
