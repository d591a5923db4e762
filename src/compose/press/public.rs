//! A text for everybody who comes by: what is known of no visitor is left out, and what depends on it is as it is for
//! somebody of whom nothing is known.

use minijinja::value::Serde;
use minijinja::{Environment, Value};

use super::MergeError;
use super::fill::Coding;
use super::part::{self, Ready};
use super::script::{self, Fault, Script};
use super::url::Urls;
use crate::model::letter::{Piece, Pieces};
use crate::model::source::Span;
use crate::model::subscriber::Fields;

/// A text without holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub text: String,
    /// Holes that nothing was put into.
    pub gaps: Vec<Gap>,
    /// Statements that ask for values of a subscriber.
    pub asked: Vec<Span>,
}

/// A hole that is empty for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub expression: String,
    /// Where in the issue; empty in a template.
    pub span: Span,
}

/// Fills in `fields`, which are the same for all, and the defaults that the author wrote; `is_markup` tells HTML from
/// plain text. Nobody's address and no address to unsubscribe at is ever put in. Fails where an expression does not
/// parse, or a statement cannot be decided.
pub fn for_everybody(
    pieces: &Pieces,
    roots: &serde_json::Value,
    fields: &Fields,
    is_markup: bool,
) -> Result<Filled, MergeError> {
    let mut environment = script::lenient_environment();
    environment.add_filter("list", list);
    let context = context(roots, fields);
    let asked = part::fields_of_statements(&environment, pieces)?;
    let mut asked: Vec<Span> = asked.into_iter().map(|(_, span)| span).collect();
    asked.dedup();
    let (mut pieces, mut gaps) = (pieces.clone(), Vec::new());
    loop {
        match attempt(&mut environment, &pieces, &context, is_markup)? {
            Ok(text) => return Ok(Filled { text, gaps, asked }),
            Err(hole) => {
                gaps.extend(
                    pieces
                        .holes()
                        .nth(hole)
                        .map(|hole| Gap { expression: hole.expression.clone(), span: hole.span.clone() }),
                );
                pieces = without(&pieces, hole);
            }
        }
    }
}

/// The text, or the hole that there is nothing for.
fn attempt(
    environment: &mut Environment<'static>,
    pieces: &Pieces,
    context: &Value,
    is_markup: bool,
) -> Result<Result<String, usize>, MergeError> {
    let places = Urls::places(pieces, is_markup);
    let ready =
        pieces.holes().zip(places).map(|(hole, place)| Ready::new(environment, hole, place, is_markup));
    let holes = ready.collect::<Result<Vec<_>, _>>()?;
    let script = Script::of_pieces("page".to_owned(), pieces, &holes, Coding::Raw, true);
    script.add(environment).map_err(|error| script.error(&error, &holes))?;
    script.run(environment, context).map(Ok).or_else(|error| match script.fault(&error) {
        Some(Fault::Hole(hole)) => Ok(Err(hole)),
        Some(Fault::Statement(_)) | None => Err(script.error(&error, &holes)),
    })
}

fn context(roots: &serde_json::Value, fields: &Fields) -> Value {
    let fields = fields.iter().filter(|(name, value)| *name != "email" && !value.is_empty());
    let fields = fields.map(|(name, value)| (Value::from(name.as_str()), Value::from(value.as_str())));
    let roots = roots.as_object().into_iter().flatten();
    let roots = roots.map(|(name, value)| (Value::from(name.as_str()), Value::from(Serde(value))));
    Value::from_pairs(fields.chain(roots))
}

/// A loop over the parts of a value that nobody has goes through none.
fn list(value: &Value) -> Result<Vec<Value>, minijinja::Error> {
    if value.is_undefined() { Ok(Vec::new()) } else { crate::compose::expression::list(value) }
}

/// The pieces without a hole. The space before it goes where a mark follows: `Dear {{ name }},` is `Dear,` then.
fn without(pieces: &Pieces, hole: usize) -> Pieces {
    let mut kept: Vec<Piece> = Vec::new();
    let (mut seen, mut is_behind) = (0, false);
    for piece in pieces.iter() {
        if matches!(piece, Piece::Hole(_)) {
            seen += 1;
            if seen == hole + 1 {
                is_behind = true;
                continue;
            }
        }
        if let (true, Piece::Literal(next), Some(Piece::Literal(before))) =
            (is_behind, piece, kept.last_mut())
            && next.starts_with([',', '.', ';', ':', '!', '?'])
        {
            before.truncate(before.trim_end_matches(' ').len());
        }
        is_behind = false;
        kept.push(piece.clone());
    }
    Pieces::new(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::testing::letter;

    fn filled(markdown: &str) -> Filled {
        let rendered = letter(markdown);
        let fields = Fields::from([("city".to_owned(), "Sea & Sand".to_owned())]);
        for_everybody(&rendered.text, &rendered.roots, &fields, false).unwrap()
    }

    #[test]
    fn defaults_and_values_for_everybody_are_put_in_and_what_is_nobody_s_is_left_out() {
        let filled = filled("Dear {{ name }}, of {{ city }}: {{ plan | default(\"any\") }} {{ email }}.\n");
        assert!(filled.text.contains("Dear, of Sea & Sand: any."), "{}", filled.text);
        let gaps: Vec<&str> = filled.gaps.iter().map(|gap| gap.expression.as_str()).collect();
        assert_eq!(gaps, ["name", "email", "unsubscribe_url"]);
    }

    #[test]
    fn what_depends_on_a_person_is_as_for_somebody_of_whom_nothing_is_known() {
        let text = "{% if plan == \"paid\" %}Thank you.{% else %}Join us.{% endif %}\n\n\
                    {% for tag in tags %}{{ tag }}{% endfor %}End.\n";
        let filled = filled(text);
        assert!(filled.text.contains("Join us.") && !filled.text.contains("Thank you"), "{}", filled.text);
        assert_eq!(filled.asked.len(), 2);
    }

    #[test]
    fn an_expression_that_fails_without_a_value_is_left_out_with_its_place() {
        let filled = filled("Hello{{ since | date }}!\n");
        assert!(filled.text.contains("Hello!"), "{}", filled.text);
        assert_eq!(filled.gaps[0].span, 5..23);
    }
}
