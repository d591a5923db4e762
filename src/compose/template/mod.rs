//! The template around the blocks: MJML with MiniJinja placeholders. Its mistakes are reported where they
//! stand in the template, never in the MJML that was made from it.

mod attributes;
mod balance;
mod explain;
mod lint;
mod own_theme;
mod variables;
#[cfg(test)]
mod tests;

use minijinja::{Environment, Error, OutputSpan, OutputSpanKind, UndefinedBehavior, Value};

use crate::compose::ComposeError;
use crate::compose::html::{Body, MjmlError, escape};
use crate::model::finding::Finding;
use crate::model::source::{Place, Source};
use crate::model::template::Template;

use explain::{explain, file_of};

pub use attributes::attributes_of;
pub use balance::check as check_balance;
pub use lint::{lint, zeros_as_pixels};
pub use own_theme::{about, own_theme};
pub use variables::{NAMES, PARTS, Variables};

/// Steps that a template may take before it is taken for one that never ends.
const FUEL: u64 = 2_000_000;
/// How deep parts may include parts.
const DEPTH: usize = 32;

/// The template itself beside its parts, which have names of their own.
const MAIN: &str = "the template";

/// A template with everything in its place but what differs for every subscriber.
#[derive(Debug)]
pub struct Resolved {
    pub mjml: String,
    spans: Vec<OutputSpan>,
}

/// Fills in `variables`. A name that is not known is an error where it stands.
pub fn resolve(template: &Template, variables: Value) -> Result<Resolved, ComposeError> {
    let environment = environment(template);
    let rendered = environment
        .template_from_named_str(MAIN, template.main.text())
        .and_then(|parsed| parsed.render_with_spans(variables));
    match rendered {
        Ok((mjml, spans)) => Ok(Resolved { mjml, spans }),
        Err(error) => Err(explain(&error, template)),
    }
}

/// What the template and its parts ask for: the names in them that they do not define themselves.
pub fn asks_for(template: &Template) -> Vec<String> {
    let environment = environment(template);
    let asked = |text: &str| {
        let parsed = environment.template_from_named_str(MAIN, text).ok();
        parsed.map(|parsed| parsed.undeclared_variables(false)).unwrap_or_default()
    };
    template.texts().flat_map(asked).collect()
}

fn environment(template: &Template) -> Environment<'_> {
    let mut environment = Environment::new();
    environment.set_recursion_limit(DEPTH);
    let parts = template.parts.clone();
    environment.set_loader(move |name| {
        Ok(parts.iter().find(|(known, _)| known == name).map(|(_, source)| source.text().to_owned()))
    });
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

impl Resolved {
    /// An error in the MJML, placed in the file that caused it: the template, or a block of the issue.
    pub fn blame(&self, error: MjmlError, template: &Template, issue: &Source, body: &Body) -> ComposeError {
        let place = error.offset.map(|offset| self.place(offset, template, issue, body));
        let help = match &place {
            Some(place) if place.source.path() == issue.path() => {
                "this text makes MJML that cannot be read; please report it as a bug of Courant"
            }
            _ => "every element of MJML must be closed, and every attribute quoted, as in XML",
        };
        ComposeError::Broken {
            message: format!("the template is not valid MJML: {error}"),
            place: Some(place.unwrap_or_else(|| template.main.at(0..0))),
            help: Some(help.to_owned()),
        }
    }

    fn place(&self, offset: usize, template: &Template, issue: &Source, body: &Body) -> Place {
        let holds = |span: &&OutputSpan| span.output_range().contains(&offset);
        let Some(span) = self.spans.iter().find(holds).or(self.spans.last()) else {
            return template.main.at(0..0);
        };
        let (output, source) = (span.output_range(), span.source_range());
        let within = offset.saturating_sub(output.start);
        let template = file_of(template, Some(span.name()));
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
pub fn findings(template: &Template) -> Vec<Finding> {
    let parts = template.parts.iter().map(|(_, source)| source);
    [&template.main].into_iter().chain(parts).flat_map(lint).collect()
}
