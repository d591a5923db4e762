//! What an expression asks for: the plain ones are answered without MiniJinja.

use minijinja::{Environment, Error};

use crate::compose::expression::{READER_TOKEN, ROOTS, TRACKING, UNSUBSCRIBE_URL, is_builtin, is_own};

/// What is put into a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// `name`
    Field(String),
    /// `name | default("reader")`
    FieldOr(String, String),
    /// `unsubscribe_url`
    Unsubscribe,
    /// `reader_token`
    Token,
    /// The token of links that count readers.
    Tracking,
    /// Anything else, with the fields it names in the order in which it names them.
    Expression(Vec<String>),
}

impl Ask {
    /// Fails where the expression does not parse.
    pub(super) fn new(environment: &Environment<'static>, expression: &str) -> Result<Ask, Error> {
        let names = fields_of(environment, expression)?;
        let plain = |name: &str| names == [name];
        let (name, rest) = split_name(expression.trim());
        Ok(match (rest.trim(), default_of(rest)) {
            ("", _) if name == UNSUBSCRIBE_URL => Ask::Unsubscribe,
            ("", _) if name == READER_TOKEN => Ask::Token,
            ("", _) if name == TRACKING => Ask::Tracking,
            ("", _) if plain(name) => Ask::Field(name.to_owned()),
            (_, Some(default)) if plain(name) && !is_own(name) => {
                Ask::FieldOr(name.to_owned(), default.to_owned())
            }
            _ => Ask::Expression(names),
        })
    }

    /// The fields of the subscriber that it names.
    pub(super) fn fields(&self) -> &[String] {
        match self {
            Ask::Field(name) | Ask::FieldOr(name, _) => std::slice::from_ref(name),
            Ask::Unsubscribe | Ask::Token | Ask::Tracking => &[],
            Ask::Expression(names) => names,
        }
    }
}

/// The names in an expression that are neither roots nor part of the language.
pub(super) fn fields_of(environment: &Environment<'static>, expression: &str) -> Result<Vec<String>, Error> {
    let compiled = environment.compile_expression_owned(expression.to_owned())?;
    let names = compiled.undeclared_variables(false);
    let mut names: Vec<String> = names.into_iter().filter(|name| is_field(name)).collect();
    names.sort_by_key(|name| (expression.find(name.as_str()), name.clone()));
    Ok(names)
}

/// Whether a name that an expression does not declare is looked up for each subscriber.
pub(super) fn is_field(name: &str) -> bool {
    !ROOTS.contains(&name) && !is_builtin(name)
}

fn split_name(expression: &str) -> (&str, &str) {
    let end = expression.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    expression.split_at(end.unwrap_or(expression.len()))
}

/// The text in `| default("text")`, if there is nothing else and nothing in it is escaped.
fn default_of(rest: &str) -> Option<&str> {
    let filter = rest.trim().strip_prefix('|')?.trim_start().strip_prefix("default")?.trim_start();
    let argument = filter.strip_prefix('(')?.strip_suffix(')')?.trim();
    let quote = argument.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let text = argument.strip_prefix(quote)?.strip_suffix(quote)?;
    (!text.contains([quote, '\\'])).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(expression: &str) -> Ask {
        Ask::new(&crate::compose::expression::strict(), expression).unwrap()
    }

    #[test]
    fn plain_expressions_are_recognised() {
        assert_eq!(ask("name"), Ask::Field("name".into()));
        assert_eq!(ask(" name|default( 'you' ) "), Ask::FieldOr("name".into(), "you".into()));
        assert_eq!(ask("unsubscribe_url"), Ask::Unsubscribe);
        assert_eq!(ask("reader_token"), Ask::Token);
    }

    #[test]
    fn everything_else_is_left_to_minijinja() {
        for (expression, fields) in [
            ("name | default('a\\'b')", &["name"][..]),
            ("name | default('a') | upper", &["name"]),
            ("name | default('a' ~ 'b')", &["name"]),
            ("name | default('a', true)", &["name"]),
            ("b ~ a ~ site.name", &["b", "a"]),
            ("true", &[]),
            ("range(2) | length", &[]),
        ] {
            assert_eq!(
                ask(expression),
                Ask::Expression(fields.iter().map(|f| (*f).into()).collect()),
                "{expression}"
            );
        }
    }
}
