//! MiniJinja templates for what depends on the subscriber in more than one value.
//!
//! Their literals are encoded already, and a filter encodes each value, so that what a template writes is
//! what a splice would have written.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, Value};

use super::MergeError;
use super::ask::Ask;
use super::fill::{Coding, Fill};
use super::part::{Body, Ready, literal};
use crate::compose::expression;
use crate::model::letter::{Piece, Pieces};
use crate::model::source::Span;

/// A template in the press's environment, and where its pieces stand in it.
pub(super) struct Script {
    name: String,
    source: String,
    /// The end of each piece in the source, and the hole or the place in the issue it is.
    stops: Vec<(usize, Stop)>,
}

#[derive(Clone)]
enum Stop {
    Literal,
    Hole(usize),
    Statement(Span),
}

/// Where in a script something went wrong.
pub(super) enum Fault {
    Hole(usize),
    Statement(Span),
}

/// Sets up an environment for scripts: delimiters that stand in no text.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = with_delimiters(expression::strict());
    Fill::teach(&mut environment);
    environment
}

/// The same in which everything unknown is empty, but cannot be printed.
pub(super) fn lenient_environment() -> Environment<'static> {
    let mut environment = with_delimiters(expression::lenient());
    Fill::teach_lenient(&mut environment);
    environment
}

fn with_delimiters(mut environment: Environment<'static>) -> Environment<'static> {
    let syntax = SyntaxConfig::builder()
        .block_delimiters("\u{1}", "\u{2}")
        .variable_delimiters("\u{3}", "\u{4}")
        .comment_delimiters("\u{5}", "\u{6}")
        .keep_trailing_newline(true)
        .build()
        .expect("six different control characters are fit for delimiters");
    environment.set_syntax(syntax);
    environment
}

/// Scripts for pieces with statements.
pub(super) fn body(
    environment: &mut Environment<'static>,
    name: &str,
    pieces: &Pieces,
    holes: &[Ready],
) -> Result<Body, MergeError> {
    let mut script = |kind: &str, coding, literals| {
        let script = Script::of_pieces(format!("{name} {kind}"), pieces, holes, coding, literals);
        script.add(environment).map_err(|error| script.error(&error, holes))?;
        Ok(script)
    };
    Ok(Body::Scripted {
        raw: script("raw", Coding::Raw, true)?,
        quoted: script("quoted", Coding::Quoted, true)?,
        probe: script("probe", Coding::Raw, false)?,
    })
}

/// Scripts for the single holes that need one.
pub(super) fn answer(
    environment: &mut Environment<'static>,
    name: &str,
    holes: &mut [Ready],
) -> Result<(), MergeError> {
    for (index, hole) in holes.iter_mut().enumerate() {
        if matches!(hole.ask, Ask::Expression(_)) {
            let script =
                |kind, fill| Script::of_hole(format!("{name} {kind} {index}"), &hole.expression, fill);
            let scripts = [script("raw", hole.raw), script("quoted", hole.quoted)];
            for script in &scripts {
                script.add(environment).map_err(|error| MergeError::failed(&error, &hole.span))?;
            }
            hole.scripts = Some(scripts);
        }
    }
    Ok(())
}

impl Script {
    pub(super) fn of_pieces(
        name: String,
        pieces: &Pieces,
        holes: &[Ready],
        coding: Coding,
        literals: bool,
    ) -> Script {
        let mut script = Script { name, source: String::new(), stops: Vec::new() };
        let mut next = 0;
        for piece in pieces.iter() {
            let stop = match piece {
                Piece::Literal(_) if !literals => continue,
                Piece::Literal(text) => {
                    script.source.push_str(&String::from_utf8_lossy(&literal(text, coding)));
                    Stop::Literal
                }
                Piece::Hole(hole) => {
                    script.source.push_str(&variable(&hole.expression, holes[next].fill(coding)));
                    next += 1;
                    Stop::Hole(next - 1)
                }
                Piece::Logic { statement, span } => {
                    script.source.push_str(&self::statement(&expression::runnable(statement)));
                    Stop::Statement(span.clone())
                }
            };
            script.stops.push((script.source.len(), stop));
        }
        script
    }

    fn of_hole(name: String, expression: &str, fill: Fill) -> Script {
        let source = variable(expression, fill);
        Script { name, stops: vec![(source.len(), Stop::Hole(0))], source }
    }

    pub(super) fn add(&self, environment: &mut Environment<'static>) -> Result<(), Error> {
        environment.add_template_owned(self.name.clone(), self.source.clone())
    }

    pub(super) fn source_length(&self) -> usize {
        self.source.len()
    }

    /// The names that it looks up and does not make itself.
    pub(super) fn names(&self, environment: &Environment<'static>) -> Vec<String> {
        let template = environment.get_template(&self.name);
        template
            .map(|template| template.undeclared_variables(false).into_iter().collect())
            .unwrap_or_default()
    }

    pub(super) fn run(&self, environment: &Environment<'static>, context: &Value) -> Result<String, Error> {
        environment.get_template(&self.name)?.render(context)
    }

    /// Runs it without the holes in `without`, to find what else is wrong.
    pub(super) fn run_without(
        &self,
        environment: &Environment<'static>,
        context: &Value,
        without: &[usize],
    ) -> Result<(), Error> {
        environment.render_named_str(&self.name, &self.without(without), context).map(drop)
    }

    /// The source with spaces for the holes in `without`, so that places in it stay the same.
    fn without(&self, without: &[usize]) -> String {
        let mut source = self.source.clone();
        let mut start = 0;
        for (end, stop) in &self.stops {
            if matches!(stop, Stop::Hole(hole) if without.contains(hole)) {
                source.replace_range(start..*end, &" ".repeat(end - start));
            }
            start = *end;
        }
        source
    }

    /// The piece that an error is about.
    pub(super) fn fault(&self, error: &Error) -> Option<Fault> {
        let at = error.range()?.start;
        let index = self.stops.partition_point(|(end, _)| *end <= at);
        match &self.stops.get(index)?.1 {
            Stop::Hole(hole) => Some(Fault::Hole(*hole)),
            Stop::Statement(span) => Some(Fault::Statement(span.clone())),
            Stop::Literal => None,
        }
    }

    pub(super) fn error(&self, error: &Error, holes: &[Ready]) -> MergeError {
        match self.fault(error) {
            Some(Fault::Hole(hole)) => MergeError::failed(error, &holes[hole].span),
            Some(Fault::Statement(span)) => MergeError::failed(error, &span),
            None => MergeError::failed(error, &(0..0)),
        }
    }
}

/// A statement between the delimiters of scripts.
pub(super) fn statement(runnable: &str) -> String {
    format!("\u{1} {runnable} \u{2}")
}

/// The brackets keep an `if` or an `or` inside what is filtered.
fn variable(expression: &str, fill: Fill) -> String {
    format!("\u{3} ({expression})|{} \u{4}", fill.filter())
}

/// The expression in a statement that has one.
pub(super) fn expression_of(statement: &str) -> Option<&str> {
    let (keyword, rest) = statement.split_once(|letter: char| letter.is_whitespace() || letter == '(')?;
    match keyword {
        "if" | "elif" => Some(statement[keyword.len()..].trim()),
        "for" => {
            let over = rest.split_once(" in ")?.1.trim();
            let over = over.strip_suffix(" recursive").unwrap_or(over);
            // The condition names the loop's own variables.
            Some(over.split_once(" if ").map_or(over, |(over, _)| over).trim())
        }
        "set" => Some(rest.split_once('=')?.1.trim()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expression_of_a_statement_is_found() {
        for (statement, expression) in [
            ("if a > 1", Some("a > 1")),
            ("if(a)", Some("(a)")),
            ("elif b", Some("b")),
            ("for x in xs if x.y recursive", Some("xs")),
            ("for k, v in m", Some("m")),
            ("set a = b == c", Some("b == c")),
            ("else", None),
            ("endif", None),
        ] {
            assert_eq!(expression_of(statement), expression, "{statement}");
        }
    }
}
