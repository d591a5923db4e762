//! TOML → tree.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{At, Misfit, Node, Plain, Table, Value};

impl Table {
    /// Reads TOML. Spans are those of `text` plus `offset`.
    pub fn from_toml(text: &str, offset: usize) -> Result<Table, Misfit> {
        match DeTable::parse(text) {
            Ok(table) => Ok(Reader { text, offset }.table(table.get_ref())),
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let message = error.message().replace('\n', ", ");
                let misfit = Misfit::new(message, span.start + offset..span.end + offset);
                Err(match remedy(error.message()) {
                    Some(help) => misfit.help(help),
                    None => misfit,
                })
            }
        }
    }
}

/// What to do about the errors that authors make most.
fn remedy(message: &str) -> Option<&'static str> {
    match message {
        _ if message.contains("duplicate key") => Some("it stands further up already: keep one of the two"),
        _ if message.contains("must be quoted") => Some("write a text in quotes: key = \"value\""),
        _ if message.contains("invalid basic string") => {
            Some("close the quotes; a `\"` within is written `\\\"`")
        }
        _ => None,
    }
}

struct Reader<'a> {
    text: &'a str,
    offset: usize,
}

impl Reader<'_> {
    fn table(&self, table: &DeTable<'_>) -> Table {
        let mut entries: Vec<_> =
            table.iter().map(|(key, value)| (self.key(key), self.node(value))).collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        Table { entries }
    }

    fn key(&self, key: &Spanned<std::borrow::Cow<'_, str>>) -> At<String> {
        At { value: key.get_ref().clone().into_owned(), span: self.shifted(key.span()) }
    }

    fn node(&self, value: &Spanned<DeValue<'_>>) -> Node {
        let written = || self.text.get(value.span()).unwrap_or_default().to_owned();
        let value_of = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.clone().into_owned()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Value::Plain { written: number.to_string(), is: Plain::Whole(number) },
                Err(_) => Value::Plain { written: written(), is: Plain::Fraction(f64::NAN) },
            },
            DeValue::Float(number) => {
                let number = number.as_str().parse().unwrap_or(f64::NAN);
                Value::Plain { written: written(), is: Plain::Fraction(number) }
            }
            DeValue::Boolean(truth) => Value::Plain { written: written(), is: Plain::Truth(*truth) },
            DeValue::Datetime(_) => Value::Plain { written: written(), is: Plain::Moment },
            DeValue::Array(items) => Value::List(items.iter().map(|item| self.node(item)).collect()),
            DeValue::Table(table) => Value::Table(self.table(table)),
        };
        Node { value: value_of, span: self.shifted(value.span()) }
    }

    fn shifted(&self, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
        span.start + self.offset..span.end + self.offset
    }
}
