//! A configuration text, TOML or YAML, as a tree that knows where each key and value stands, and the words
//! for what does not fit. What the keys mean is the reader's business.

mod from_toml;
mod from_yaml;

use super::finding::suggest;
use super::issue::At;
use super::source::Span;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub value: Value,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text, in quotes or (YAML) a plain one that reads as nothing else.
    Text(String),
    /// A number, truth value or moment, with the characters it was written in.
    Plain {
        written: String,
        is: Plain,
    },
    Null,
    List(Vec<Node>),
    Table(Table),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plain {
    Whole(i64),
    Fraction(f64),
    Truth(bool),
    /// A date or a time of TOML.
    Moment,
}

/// Keys and values in the order of the file. No key stands twice: both parsers refuse that.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub entries: Vec<(At<String>, Node)>,
}

/// Something in a configuration text that is not as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Misfit {
    /// Lower case, without a full stop.
    pub message: String,
    pub span: Span,
    pub help: Option<String>,
}

impl Misfit {
    pub fn new(message: impl Into<String>, span: Span) -> Misfit {
        Misfit { message: message.into(), span, help: None }
    }

    pub fn help(mut self, help: impl Into<String>) -> Misfit {
        self.help = Some(help.into());
        self
    }

    /// `word` is none of `known`: suggests the nearest, else names them all.
    pub fn unknown(what: &str, word: &str, known: &[&str], span: Span) -> Misfit {
        Misfit::new(format!("`{word}` is not {what}"), span).help(nearest(word, known))
    }
}

/// "did you mean …", or all there are.
pub fn nearest(word: &str, known: &[&str]) -> String {
    match suggest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.join(", ")),
    }
}

impl Value {
    /// What a person would call it.
    fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "a text",
            Value::Plain { is: Plain::Whole(_) | Plain::Fraction(_), .. } => "a number",
            Value::Plain { is: Plain::Truth(_), .. } => "true or false",
            Value::Plain { is: Plain::Moment, .. } => "a date or time",
            Value::Null => "nothing",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

impl Table {
    /// The value of `key`; a key with nothing behind it (YAML) counts as absent.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let (_, node) = self.entries.iter().find(|(name, _)| name.value == key)?;
        (node.value != Value::Null).then_some(node)
    }

    /// Fails at the first key that is none of `known`; `owner` as in "is not a key of `[send]`".
    pub fn only(&self, owner: &str, known: &[&str]) -> Result<(), Misfit> {
        match self.entries.iter().find(|(key, _)| !known.contains(&key.value.as_str())) {
            Some((key, _)) => {
                Err(Misfit::unknown(&format!("a key of {owner}"), &key.value, known, key.span.clone()))
            }
            None => Ok(()),
        }
    }

    /// A text in quotes.
    pub fn text(&self, key: &str) -> Result<Option<At<String>>, Misfit> {
        self.get(key).map(|node| node.text(key)).transpose()
    }

    /// A text, or a number or truth value as it was written: YAML needs no quotes around `title: 1984`.
    pub fn text_as_written(&self, key: &str) -> Result<Option<At<String>>, Misfit> {
        self.get(key).map(|node| node.text_as_written(key)).transpose()
    }

    /// One text, or a list of texts.
    pub fn texts(&self, key: &str) -> Result<Vec<At<String>>, Misfit> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(Node { value: Value::List(items), .. }) => {
                items.iter().map(|item| item.text_as_written(key)).collect()
            }
            Some(node) => match node.text_as_written(key) {
                Ok(text) => Ok(vec![text]),
                Err(_) => Err(node.misfit(key, "a text or a list of texts")),
            },
        }
    }

    /// A whole number within `range`.
    pub fn whole(&self, key: &str, range: std::ops::RangeInclusive<u64>) -> Result<Option<At<u64>>, Misfit> {
        self.get(key).map(|node| node.whole(key, range)).transpose()
    }

    pub fn truth(&self, key: &str) -> Result<Option<At<bool>>, Misfit> {
        let Some(node) = self.get(key) else { return Ok(None) };
        match node.value {
            Value::Plain { is: Plain::Truth(value), .. } => Ok(Some(At { value, span: node.span.clone() })),
            _ => Err(node.misfit(key, "true or false")),
        }
    }

    pub fn table(&self, key: &str) -> Result<Option<&Table>, Misfit> {
        let Some((name, node)) = self.entries.iter().find(|(name, _)| name.value == key) else {
            return Ok(None);
        };
        match &node.value {
            Value::Table(table) => Ok(Some(table)),
            Value::Null => Ok(None),
            _ => Err(Node { value: node.value.clone(), span: name.span.clone() }.misfit(key, "a table")),
        }
    }

    /// The tables in the table `key`, by name.
    pub fn tables(&self, key: &str) -> Result<Vec<(&At<String>, &Table)>, Misfit> {
        let Some(table) = self.table(key)? else { return Ok(Vec::new()) };
        let each = table.entries.iter().map(|(name, node)| match &node.value {
            Value::Table(inner) => Ok((name, inner)),
            _ => Err(node.misfit(&format!("{key}.{}", name.value), "a table")),
        });
        each.collect()
    }
}

impl Node {
    fn misfit(&self, key: &str, wanted: &str) -> Misfit {
        Misfit::new(format!("`{key}` must be {wanted}, not {}", self.value.kind()), self.span.clone())
    }

    pub fn text(&self, key: &str) -> Result<At<String>, Misfit> {
        match &self.value {
            Value::Text(text) => Ok(At { value: text.clone(), span: self.span.clone() }),
            Value::Plain { written, .. } => {
                Err(self.misfit(key, "a text").help(format!("put it in quotes: {key} = \"{written}\"")))
            }
            _ => Err(self.misfit(key, "a text")),
        }
    }

    pub fn text_as_written(&self, key: &str) -> Result<At<String>, Misfit> {
        match &self.value {
            Value::Plain { written, .. } => Ok(At { value: written.clone(), span: self.span.clone() }),
            _ => self.text(key),
        }
    }

    fn whole(&self, key: &str, range: std::ops::RangeInclusive<u64>) -> Result<At<u64>, Misfit> {
        let wanted = match *range.end() {
            u64::MAX => format!("a whole number from {}", range.start()),
            end => format!("a whole number from {} to {end}", range.start()),
        };
        let written = match &self.value {
            Value::Plain { written, is: Plain::Whole(_) | Plain::Fraction(_) } => written.replace('_', ""),
            _ => return Err(self.misfit(key, &wanted)),
        };
        let value = written.parse().ok().filter(|number| range.contains(number));
        let value = value.ok_or_else(|| {
            Misfit::new(format!("`{key}` must be {wanted}, not {written}"), self.span.clone())
        })?;
        Ok(At { value, span: self.span.clone() })
    }

    /// The value without its places, for merge expressions.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Text(text) => text.as_str().into(),
            Value::Plain { is: Plain::Whole(number), .. } => (*number).into(),
            Value::Plain { is: Plain::Fraction(number), written } => {
                serde_json::Number::from_f64(*number).map_or_else(|| written.as_str().into(), Into::into)
            }
            Value::Plain { is: Plain::Truth(truth), .. } => (*truth).into(),
            Value::Plain { is: Plain::Moment, written } => written.as_str().into(),
            Value::Null => serde_json::Value::Null,
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Table(table) => table.to_json().into(),
        }
    }
}

impl Table {
    pub fn to_json(&self) -> serde_json::Map<String, serde_json::Value> {
        self.entries.iter().map(|(key, node)| (key.value.clone(), node.to_json())).collect()
    }
}
