//! The filter language: `city = "Minsk" and not plan in ("free", "trial")`.
//!
//! * `field` alone: the subscriber has a value for it.
//! * `=`, `!=`: the same text, whether in capitals or not; or the same number, if the value is written without
//!   quotation marks. Somebody without a value has no city, so that `city != "Minsk"` takes them too.
//! * `<`, `<=`, `>`, `>=`: as numbers if the value is a number (a subscriber whose value is none is left out), else
//!   as text, which is right for dates such as `2025-01-31`. Nobody without a value is taken.
//! * `contains`, `starts with`, `in ("a", "b")`, `not in (…)`: on text, whether in capitals or not.
//! * `not` binds closest, then `and`, then `or`; parentheses group. Keywords may be in capitals; fields are as
//!   `subscribers show --fields` lists them; `email` and `name` are fields.

mod parser;
#[cfg(test)]
mod tests;
mod words;

use std::cmp::Ordering;
use std::fmt;

use crate::model::finding::{Explain, suggest};
use crate::model::issue::At;
use crate::model::source::{Place, Source, Span};
use crate::model::subscriber::Subscriber;

/// A parsed filter. Two are equal if they test the same in the same order, however they were typed.
#[derive(Debug, Clone)]
pub struct Segment {
    test: Test,
    /// The fields it asks for, and where in its text.
    asked: Vec<(String, Span)>,
}

impl PartialEq for Segment {
    fn eq(&self, other: &Segment) -> bool {
        self.test == other.test
    }
}

impl Eq for Segment {}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Has(String),
    Compare { field: String, operator: Operator, value: Value },
    In { field: String, values: Vec<Value> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    Contains,
    StartsWith,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    /// It stood in quotation marks.
    Text(String),
    /// A number or a date, as written.
    Number(String),
}

impl Segment {
    /// Fails with the bytes of `text` that are wrong, and what to write instead.
    pub fn parse(text: &str) -> Result<Segment, SegmentError> {
        parser::parse(text).map(|(test, asked)| Segment { test, asked })
    }

    pub fn matches(&self, subscriber: &Subscriber) -> bool {
        self.test.holds(&|field| subscriber.field(field))
    }

    /// The same for somebody of whom `value` tells the value of a field; an empty one is none.
    pub fn matches_values(&self, value: &dyn Fn(&str) -> Option<String>) -> bool {
        self.test.holds(&|field| value(field).filter(|value| !value.is_empty()))
    }

    /// The fields it asks for, in order and each once.
    pub fn fields(&self) -> Vec<&str> {
        let mut fields: Vec<&str> = Vec::new();
        for (field, _) in &self.asked {
            if !fields.contains(&field.as_str()) {
                fields.push(field);
            }
        }
        fields
    }

    /// Fails if it asks for a field that is neither `email` nor `name` nor one of `known`: a mistyped field would
    /// choose nobody, or everybody, in silence.
    pub fn check_fields(&self, known: &[&str]) -> Result<(), SegmentError> {
        let all = || known.iter().copied().chain(["email", "name"]);
        match self.asked.iter().find(|(field, _)| !all().any(|name| name == field)) {
            None => Ok(()),
            Some((field, span)) => {
                let meant = suggest(&field.to_lowercase(), all()).map(str::to_owned);
                Err(SegmentError::new(
                    SegmentFault::UnknownField { field: field.clone(), meant },
                    span.clone(),
                ))
            }
        }
    }
}

impl Test {
    fn holds(&self, value_of: &dyn Fn(&str) -> Option<String>) -> bool {
        match self {
            Test::All(tests) => tests.iter().all(|test| test.holds(value_of)),
            Test::Any(tests) => tests.iter().any(|test| test.holds(value_of)),
            Test::Not(test) => !test.holds(value_of),
            Test::Has(field) => value_of(field).is_some(),
            Test::Compare { field, operator, value } => operator.holds(value_of(field).as_deref(), value),
            Test::In { field, values } => {
                let found = value_of(field);
                values.iter().any(|value| Operator::Equal.holds(found.as_deref(), value))
            }
        }
    }
}

impl Operator {
    const MARKS: [(&str, Operator); 6] = [
        ("=", Operator::Equal),
        ("!=", Operator::Unequal),
        ("<", Operator::Less),
        ("<=", Operator::AtMost),
        (">", Operator::More),
        (">=", Operator::AtLeast),
    ];

    fn from_mark(mark: &str) -> Option<Operator> {
        Operator::MARKS.into_iter().find(|(known, _)| *known == mark).map(|(_, operator)| operator)
    }

    fn name(self) -> &'static str {
        match self {
            Operator::Contains => "contains",
            Operator::StartsWith => "starts with",
            other => {
                Operator::MARKS.into_iter().find(|(_, known)| *known == other).map_or("", |(mark, _)| mark)
            }
        }
    }

    /// Whether `found`, a subscriber's value, stands in this relation to `value`.
    fn holds(self, found: Option<&str>, value: &Value) -> bool {
        let found_text = found.unwrap_or_default();
        match self {
            Operator::Equal => value.equals(found_text),
            Operator::Unequal => !value.equals(found_text),
            Operator::Contains => folded(found_text).contains(&folded(value.text())),
            Operator::StartsWith => folded(found_text).starts_with(&folded(value.text())),
            Operator::Less => self.orders(found, value, Ordering::is_lt),
            Operator::AtMost => self.orders(found, value, Ordering::is_le),
            Operator::More => self.orders(found, value, Ordering::is_gt),
            Operator::AtLeast => self.orders(found, value, Ordering::is_ge),
        }
    }

    fn orders(self, found: Option<&str>, value: &Value, wanted: fn(Ordering) -> bool) -> bool {
        found.and_then(|found| value.compared_with(found)).is_some_and(wanted)
    }
}

impl Value {
    fn text(&self) -> &str {
        match self {
            Value::Text(text) | Value::Number(text) => text,
        }
    }

    fn equals(&self, found: &str) -> bool {
        let number = match self {
            Value::Text(_) => None,
            Value::Number(text) => number(text).zip(number(found)),
        };
        number.map_or_else(|| folded(found) == folded(self.text()), |(ours, theirs)| ours == theirs)
    }

    /// How `found` lies to this value; `None` if this is a number and `found` is not.
    fn compared_with(&self, found: &str) -> Option<Ordering> {
        match number(self.text()) {
            Some(ours) => number(found)?.partial_cmp(&ours),
            None => Some(folded(found).cmp(&folded(self.text()))),
        }
    }
}

fn number(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['+', '-']).starts_with(|first: char| first.is_ascii_digit());
    text.parse().ok().filter(|number: &f64| digits && number.is_finite())
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

impl fmt::Display for Segment {
    /// A form that [`Segment::parse`] reads again as the same filter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.test.fmt(f)
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::All(tests) => write_joined(f, tests, " and "),
            Test::Any(tests) => write_joined(f, tests, " or "),
            Test::Not(test) => write!(f, "not {}", Grouped(test)),
            Test::Has(field) => f.write_str(field),
            Test::Compare { field, operator, value } => write!(f, "{field} {} {value}", operator.name()),
            Test::In { field, values } => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                write!(f, "{field} in ({})", values.join(", "))
            }
        }
    }
}

fn write_joined(f: &mut fmt::Formatter<'_>, tests: &[Test], word: &str) -> fmt::Result {
    for (index, test) in tests.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        write!(f, "{}", Grouped(test))?;
    }
    Ok(())
}

/// In parentheses if it is made of several.
struct Grouped<'a>(&'a Test);

impl fmt::Display for Grouped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Test::All(_) | Test::Any(_) => write!(f, "({})", self.0),
            Test::Not(_) | Test::Has(_) | Test::Compare { .. } | Test::In { .. } => self.0.fmt(f),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            Value::Number(text) => f.write_str(text),
        }
    }
}

/// What is wrong with a filter, and which bytes of its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct SegmentError {
    pub fault: SegmentFault,
    /// Bytes of the filter's text.
    pub span: Span,
}

impl SegmentError {
    fn new(fault: SegmentFault, span: Span) -> SegmentError {
        SegmentError { fault, span }
    }

    /// Where it is, for a filter that is shown whole under the name `origin`.
    pub fn place_in(&self, origin: &str, text: &str) -> Place {
        Source::new(origin, text).at(self.span.clone())
    }

    /// Where it is in the file that the filter is written in; the whole value where escapes make it look
    /// otherwise there.
    pub fn place_of(&self, source: &Source, written: &At<String>) -> Place {
        let value = source.text()[written.span.clone()].find(&written.value);
        source.at(match value.map(|start| written.span.start + start) {
            Some(start) => start + self.span.start..start + self.span.end,
            None => written.span.clone(),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SegmentFault {
    #[error("the filter is empty")]
    Empty,
    #[error("the quotation mark is not closed")]
    OpenQuote,
    #[error("`{0}` means nothing in a filter")]
    Stray(char),
    #[error("`{found}` is no word of a filter")]
    Operator { found: &'static str, meant: &'static str },
    #[error("{wanted} is missing{}", found.as_ref().map(|word| format!(" before `{word}`")).unwrap_or_default())]
    Expected { wanted: &'static str, found: Option<String> },
    #[error("the value `{0}` is not in quotation marks")]
    Unquoted(String),
    #[error("`{word}` cannot stand here")]
    LeftOver { word: String, meant: Option<String> },
    #[error("parentheses and `not` stand too deep in each other")]
    TooDeep,
    #[error("`{field}` is not a field of the lists")]
    UnknownField { field: String, meant: Option<String> },
}

impl Explain for SegmentError {
    fn help(&self) -> Option<String> {
        Some(match &self.fault {
            SegmentFault::Empty => "leave it out, or write one such as `city = \"Minsk\"`".to_owned(),
            SegmentFault::OpenQuote => "put the second one".to_owned(),
            SegmentFault::Stray(_) => "put text in quotation marks: `city = \"Minsk\"`".to_owned(),
            SegmentFault::Operator { meant, .. } => format!("write `{meant}`"),
            SegmentFault::Expected { .. } => {
                "a filter looks like `city = \"Minsk\" and not plan in (\"free\", \"trial\")`".to_owned()
            }
            SegmentFault::Unquoted(value) => format!("write `\"{value}\"`"),
            SegmentFault::LeftOver { meant: Some(meant), .. } => format!("did you mean `{meant}`?"),
            SegmentFault::LeftOver { meant: None, .. } => "join two conditions by `and` or `or`".to_owned(),
            SegmentFault::TooDeep => "write it with fewer parentheses".to_owned(),
            SegmentFault::UnknownField { meant: Some(meant), .. } => {
                format!("did you mean `{meant}`? `courant subscribers show --fields` lists them")
            }
            SegmentFault::UnknownField { meant: None, .. } => {
                "`courant subscribers show --fields` lists them".to_owned()
            }
        })
    }
}
