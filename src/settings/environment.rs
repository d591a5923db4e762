//! The variables that settings are made of: the real environment, then `.env`. The process's own environment
//! is never changed.

use std::collections::BTreeMap;
use std::path::Path;

use super::dotenv::{self, Line};
use crate::model::source::{Source, Span};
use crate::model::tree::{Misfit, Node, Table, Value};

/// A value, and where it was found in words fit for a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    pub value: String,
    /// `FROM`, or `FROM (line 3 of .env)`.
    pub named: String,
}

pub struct Environment<'a> {
    real: &'a BTreeMap<String, String>,
    file: BTreeMap<String, Line>,
    file_name: String,
}

impl<'a> Environment<'a> {
    pub fn new(
        real: &'a BTreeMap<String, String>,
        file: Option<&Source>,
    ) -> Result<Environment<'a>, dotenv::DotenvError> {
        Ok(Environment {
            real,
            file: file.map(dotenv::parse).transpose()?.unwrap_or_default(),
            file_name: file.map_or(Path::new(".env"), Source::path).display().to_string(),
        })
    }

    /// The real environment wins; an empty value is no value.
    pub fn get(&self, name: &str) -> Option<Variable> {
        if let Some(value) = self.real.get(name).filter(|value| !value.trim().is_empty()) {
            return Some(Variable { value: value.clone(), named: name.to_owned() });
        }
        let Line { value, line } = self.file.get(name).filter(|line| !line.value.trim().is_empty())?;
        let named = format!("{name} (line {line} of {})", self.file_name);
        Some(Variable { value: value.clone(), named })
    }

    /// Whether the file holds anything that others should not read.
    pub fn file_holds_secrets(&self) -> bool {
        let public = ["FROM", "POSTAL_ADDRESS", "REPLY_TO", "PREVIEW_TO", "DKIM_SELECTOR"];
        self.file.iter().any(|(name, line)| !public.contains(&name.as_str()) && !line.value.is_empty())
    }

    /// Puts values for every `${NAME}` in the texts of `table`; `$${` stands for `${`. `source` is the file
    /// that the table was read from.
    pub fn fill(&self, table: &mut Table, source: &Source) -> Result<(), Misfit> {
        table.entries.iter_mut().try_for_each(|(_, node)| self.fill_node(node, source))
    }

    fn fill_node(&self, node: &mut Node, source: &Source) -> Result<(), Misfit> {
        match &mut node.value {
            Value::Text(text) if text.contains("${") => {
                *text = self.filled(text).map_err(|gap| gap.at(source, &node.span, &self.file_name))?;
                Ok(())
            }
            Value::List(items) => items.iter_mut().try_for_each(|item| self.fill_node(item, source)),
            Value::Table(table) => self.fill(table, source),
            Value::Text(_) | Value::Plain { .. } | Value::Null => Ok(()),
        }
    }

    fn filled(&self, text: &str) -> Result<String, Gap> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(at) = rest.find("${") {
            let (before, after) = (&rest[..at], &rest[at + 2..]);
            if let Some(before) = before.strip_suffix('$') {
                out.push_str(before);
                out.push_str("${");
                rest = after;
                continue;
            }
            let (name, tail) = after.split_once('}').ok_or(Gap::Unclosed)?;
            let variable = self.get(name.trim()).ok_or_else(|| Gap::Missing(name.to_owned()))?;
            out.push_str(before);
            out.push_str(&variable.value);
            rest = tail;
        }
        Ok(out + rest)
    }
}

enum Gap {
    Unclosed,
    Missing(String),
}

impl Gap {
    /// Points at the `${NAME}` itself where it can be seen in the file as it is.
    fn at(self, source: &Source, span: &Span, file_name: &str) -> Misfit {
        match self {
            Gap::Unclosed => Misfit::new("`${` is not closed by `}`", narrowed(source, span, "${"))
                .help("write `$${` if the characters are meant as they are"),
            Gap::Missing(name) => {
                let written = format!("${{{name}}}");
                let name = name.trim();
                Misfit::new(format!("`{name}` is not set"), narrowed(source, span, &written))
                    .help(format!("write a line {name}=… into {file_name}, or set it in the environment"))
            }
        }
    }
}

fn narrowed(source: &Source, span: &Span, written: &str) -> Span {
    let text = source.text().get(span.clone()).unwrap_or_default();
    match text.find(written) {
        Some(at) => span.start + at..span.start + at + written.len(),
        None => span.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, Misfit> {
        let real = BTreeMap::from([("A".to_owned(), "real".to_owned())]);
        let file = Source::new(".env", "A=file\nB=two\n");
        let environment = Environment::new(&real, Some(&file)).unwrap();
        let source = Source::new("courant.toml", text);
        let mut table = Table::from_toml(text, 0).unwrap();
        environment.fill(&mut table, &source)?;
        table.text("k").map(|at| at.unwrap().value)
    }

    #[test]
    fn the_real_environment_wins_over_the_file() {
        assert_eq!(filled("k = 'x ${A} y ${B}'").unwrap(), "x real y two");
        assert_eq!(filled("k = '$${A} ${ B }'").unwrap(), "${A} two");
    }

    #[test]
    fn a_variable_that_nobody_set_is_pointed_at() {
        let misfit = filled("k = 'x ${NOPE}'").unwrap_err();
        assert_eq!((misfit.message.as_str(), misfit.span), ("`NOPE` is not set", 7..14));
        assert!(misfit.help.unwrap().contains("NOPE=… into .env"));
        assert_eq!(filled("k = 'a ${B'").unwrap_err().span, 7..9);
    }
}
