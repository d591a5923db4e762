//! What is wrong with a template, where it stands, and what to write instead.

use std::ops::Range;

use minijinja::{Error, ErrorKind};

use super::{NAMES, PARTS};
use crate::compose::ComposeError;
use crate::model::finding::suggest;
use crate::model::source::Source;
use crate::model::template::Template;

/// The file that an error or a piece of output comes from.
pub fn file_of<'t>(template: &'t Template, name: Option<&str>) -> &'t Source {
    name.and_then(|name| template.part(name)).unwrap_or(&template.main)
}

pub fn explain(error: &Error, template: &Template) -> ComposeError {
    let error = innermost(error);
    let file = file_of(template, error.name());
    let span = span(error, file.text());
    let (message, help) = match error.kind() {
        ErrorKind::UndefinedError => unknown_name(file.text()[span.clone()].trim()),
        ErrorKind::TemplateNotFound => unknown_part(error, template),
        _ if detail(error).contains("recursion limit") => (
            "the template includes itself without end".to_owned(),
            "a part must not include itself, nor a part that includes it".to_owned(),
        ),
        _ => (
            format!("the template cannot be read: {}", detail(error)),
            "placeholders are written as in MiniJinja: `{{ title }}`, `{% if footer %}…{% endif %}`"
                .to_owned(),
        ),
    };
    ComposeError::Broken { message, place: Some(file.at(span)), help: Some(help) }
}

/// An error in a part comes wrapped in one of the template that includes it.
fn innermost(error: &Error) -> &Error {
    let mut innermost = error;
    while let Some(cause) = std::error::Error::source(innermost).and_then(|cause| cause.downcast_ref()) {
        innermost = cause;
    }
    innermost
}

fn unknown_name(name: &str) -> (String, String) {
    let help = match suggest(name, NAMES.into_iter().chain(PARTS)) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("a template may use {}", NAMES.join(", ")),
    };
    (format!("the template does not know `{name}`"), help)
}

fn unknown_part(error: &Error, template: &Template) -> (String, String) {
    let detail = error.detail().unwrap_or_default();
    let name = detail.split(['\'', '"']).nth(1).unwrap_or_default();
    let known: Vec<&str> = template.parts.iter().map(|(name, _)| name.as_str()).collect();
    let help = match suggest(name, known.iter().copied()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("there are {}; your own go into templates/parts/", known.join(", ")),
    };
    (format!("there is no part `{name}`"), help)
}

fn detail(error: &Error) -> String {
    let kind = error.kind().to_string();
    error.detail().map_or(kind.clone(), |detail| format!("{kind}: {detail}"))
}

fn span(error: &Error, text: &str) -> Range<usize> {
    let span = error.range().unwrap_or_else(|| line_span(text, error.line().unwrap_or(1)));
    text.floor_char_boundary(span.start)..text.ceil_char_boundary(span.end.min(text.len()))
}

fn line_span(text: &str, line: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let length = text[start.min(text.len())..].split('\n').next().map_or(0, str::len);
    start.min(text.len())..(start + length).min(text.len())
}
