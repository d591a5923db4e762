//! The template around the blocks: MJML with MiniJinja placeholders. Its mistakes are reported where they
//! stand in the template, never in the MJML that was made from it.

mod balance;
mod lint;
mod variables;
#[cfg(test)]
mod tests;

use minijinja::{Environment, Error, OutputSpan, OutputSpanKind, UndefinedBehavior, Value};

use crate::compose::ComposeError;
use crate::compose::html::{Body, MjmlError, escape};
use crate::model::finding::Finding;
use crate::model::source::{Place, Source};

pub use balance::check as check_balance;
pub use lint::{lint, zeros_as_pixels};
pub use variables::{NAMES, PARTS, Variables};

/// Steps that a template may take before it is taken for one that never ends.
const FUEL: u64 = 2_000_000;
const NAME: &str = "template.mjml";

/// A template with everything in its place but what differs for every subscriber.
#[derive(Debug)]
pub struct Resolved {
    pub mjml: String,
    spans: Vec<OutputSpan>,
}

/// Fills in `variables`. A name that is not known is an error where it stands.
pub fn resolve(template: &Source, variables: Value) -> Result<Resolved, ComposeError> {
    let environment = environment();
    let rendered = environment
        .template_from_named_str(NAME, template.text())
        .and_then(|parsed| parsed.render_with_spans(variables));
    match rendered {
        Ok((mjml, spans)) => Ok(Resolved { mjml, spans }),
        Err(error) => Err(explain(&error, template)),
    }
}

/// What the template asks for: the names in it that it does not define itself.
pub fn asks_for(template: &Source) -> Vec<String> {
    let environment = environment();
    let Ok(parsed) = environment.template_from_named_str(NAME, template.text()) else { return Vec::new() };
    parsed.undeclared_variables(false).into_iter().collect()
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_debug(true);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_formatter(|output, _, value| write_value(output, value));
    environment
}

/// Escapes for MJML; single quotes stay, because font stacks in style sheets have them.
fn write_value(output: &mut minijinja::Output<'_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(minijinja::ErrorKind::UndefinedError));
    }
    let text = if value.is_none() { String::new() } else { value.to_string() };
    let written = if value.is_safe() { output.write_str(&text) } else { output.write_str(&escape(&text)) };
    written.map_err(Error::from)
}

fn explain(error: &Error, template: &Source) -> ComposeError {
    let text = template.text();
    let span = error.range().unwrap_or_else(|| line_span(text, error.line().unwrap_or(1)));
    let span = text.floor_char_boundary(span.start)..text.ceil_char_boundary(span.end.min(text.len()));
    let name = text[span.clone()].trim();
    let is_unknown = error.kind() == minijinja::ErrorKind::UndefinedError;
    let message = match is_unknown {
        true => format!("the template does not know `{name}`"),
        false => format!("the template cannot be read: {}", detail(error)),
    };
    let help = match crate::model::finding::suggest(name, NAMES.into_iter().chain(PARTS)) {
        Some(known) if is_unknown => format!("did you mean `{known}`?"),
        _ if is_unknown => format!("a template may use {}", NAMES.join(", ")),
        _ => "placeholders are written as in MiniJinja: `{{ title }}`, `{% if footer %}…{% endif %}`"
            .to_owned(),
    };
    ComposeError::Broken { message, place: Some(template.at(span)), help: Some(help) }
}

fn detail(error: &Error) -> String {
    let kind = error.kind().to_string();
    error.detail().map_or(kind.clone(), |detail| format!("{kind}: {detail}"))
}

fn line_span(text: &str, line: usize) -> std::ops::Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let length = text[start.min(text.len())..].split('\n').next().map_or(0, str::len);
    start.min(text.len())..(start + length).min(text.len())
}

impl Resolved {
    /// An error in the MJML, placed in the file that caused it: the template, or a block of the issue.
    pub fn blame(&self, error: MjmlError, template: &Source, issue: &Source, body: &Body) -> ComposeError {
        let place = error.offset.map(|offset| self.place(offset, template, issue, body));
        let help = match &place {
            Some(place) if place.source.path() == issue.path() => {
                "this text makes MJML that cannot be read; please report it as a bug of Courant"
            }
            _ => "every element of MJML must be closed, and every attribute quoted, as in XML",
        };
        ComposeError::Broken {
            message: format!("the template is not valid MJML: {error}"),
            place: Some(place.unwrap_or_else(|| template.at(0..0))),
            help: Some(help.to_owned()),
        }
    }

    fn place(&self, offset: usize, template: &Source, issue: &Source, body: &Body) -> Place {
        let holds = |span: &&OutputSpan| span.output_range().contains(&offset);
        let Some(span) = self.spans.iter().find(holds).or(self.spans.last()) else {
            return template.at(0..0);
        };
        let (output, source) = (span.output_range(), span.source_range());
        let within = offset.saturating_sub(output.start);
        match span.kind() {
            OutputSpanKind::Raw => {
                let at = (source.start + within).min(template.text().len());
                template.at(at..at)
            }
            _ if self.mjml.get(output) == Some(body.mjml.as_str()) && !body.mjml.is_empty() => {
                let block = body.origins.iter().rev().find(|(start, _)| *start <= within);
                issue.at(block.map_or(0..0, |(_, span)| span.clone()))
            }
            _ => template.at(source),
        }
    }
}

/// What is wrong with a template that resolves: traps of mrml and unknown elements.
pub fn findings(template: &Source) -> Vec<Finding> {
    lint(template)
}
