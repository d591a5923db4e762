//! The expression language of merge syntax: MiniJinja, set up the same for checking and for pressing.

use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};
use std::borrow::Cow;

use minijinja::value::Rest;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

use crate::subscribers::segment::{Segment, SegmentError};

/// The names that are the same for every subscriber of an edition.
pub const ROOTS: [&str; 4] = ["issue", "theme", "site", "vars"];

/// The merge name that holds the address at which this subscriber leaves the list.
pub const UNSUBSCRIBE_URL: &str = "unsubscribe_url";

/// The merge name that holds what tells this subscriber's links from those of others.
pub const READER_TOKEN: &str = "reader_token";

/// Whether `name` is neither a field nor a root, but made for each letter.
pub fn is_own(name: &str) -> bool {
    [UNSUBSCRIBE_URL, READER_TOKEN].contains(&name)
}

/// The words of an expression that may be names.
pub fn words_of(expression: &str) -> impl Iterator<Item = &str> {
    expression.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// What stands in a link that counts readers for the token of this one; authors have no use for it.
pub const TRACKING: &str = "courant_tracking";

/// The one function there is for authors besides filters and tests.
const RANGE: &str = "range";

/// Whether the filter in the first argument takes somebody whose values of its fields are the others: what
/// `::: segment` asks.
const SEGMENT: &str = "segment";

/// What one expression or part may cost: enough for a letter of some megabytes, too little for a loop
/// that does not end.
const FUEL: u64 = 1_000_000;

/// How a format of [`date`] looks if none is given: `25 November 2026`.
const DATE_FORMAT: &str = "%-d %B %Y";

/// Strict as the design asks: what has no value cannot be printed, but can be asked for with `if`.
pub fn strict() -> Environment<'static> {
    environment(UndefinedBehavior::SemiStrict)
}

/// Everything unknown is empty: for trying out an expression before any value is known.
pub fn lenient() -> Environment<'static> {
    environment(UndefinedBehavior::Chainable)
}

/// Whether `name` is neither a field nor a local name but part of the language.
pub fn is_builtin(name: &str) -> bool {
    [RANGE, SEGMENT, TRACKING].contains(&name)
}

fn environment(undefined: UndefinedBehavior) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(undefined);
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    // Values are escaped by where they stand: what would mark them as safe, or escape them twice, is not
    // in the language.
    for filter in ["safe", "escape", "e", "tojson", "pprint"] {
        environment.remove_filter(filter);
    }
    for global in ["debug", "dict", "namespace"] {
        environment.remove_global(global);
    }
    environment.add_filter("urlencode", urlencode);
    environment.add_filter("date", date);
    environment.add_filter("list", list);
    environment.add_function(SEGMENT, segment);
    environment
}

/// As in MiniJinja, but marked so that a URL does not encode it again.
fn urlencode(value: &Value) -> Result<Value, Error> {
    minijinja::filters::urlencode(value).map(Value::from_safe_string)
}

/// `{% for topic in interests | list %}`: what stands between the semicolons of a value, or between its commas
/// where it has none; a list as it is.
pub(in crate::compose) fn list(value: &Value) -> Result<Vec<Value>, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    let Some(text) = value.as_str() else { return value.try_iter().map(Iterator::collect) };
    let mark = if text.contains(';') { ';' } else { ',' };
    let items = text.split(mark).map(str::trim).filter(|item| !item.is_empty());
    Ok(items.map(Value::from).collect())
}

/// `{{ issue.date | date("%d.%m.%Y") }}`: takes `2026-11-25`, with or without a time of day.
fn date(value: String, format: Option<String>) -> Result<String, Error> {
    let format = format.as_deref().unwrap_or(DATE_FORMAT);
    let broken = |error: jiff::Error| Error::new(ErrorKind::InvalidOperation, error.to_string());
    let written = match value.parse::<Timestamp>() {
        Ok(instant) => jiff::fmt::strtime::format(format, &instant.to_zoned_datetime(TimeZone::UTC)),
        Err(_) => jiff::fmt::strtime::format(format, value.parse::<DateTime>().map_err(broken)?),
    };
    written.map_err(broken)
}

fn segment(filter: String, values: Rest<Value>) -> Result<bool, Error> {
    let broken = |error: SegmentError| Error::new(ErrorKind::InvalidOperation, error.to_string());
    let segment = Segment::parse(&filter).map_err(broken)?;
    let fields = segment.fields();
    Ok(segment.matches_values(&|name| {
        let index = fields.iter().position(|field| *field == name)?;
        values.get(index).filter(|value| !value.is_undefined() && !value.is_none()).map(ToString::to_string)
    }))
}

/// A statement as it is run: a loop over a lone name is one over the parts of its value, not its letters.
pub fn runnable(statement: &str) -> Cow<'_, str> {
    let Some((head, list)) =
        statement.split_once(" in ").filter(|(head, _)| head.trim_start().starts_with("for "))
    else {
        return Cow::Borrowed(statement);
    };
    let name = list.trim_start();
    let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
    let (name, rest) = name.split_at(end);
    let rest = rest.trim_start();
    let is_lone = rest.is_empty() || rest.starts_with("if ") || rest.starts_with("recursive");
    match is_lone && !name.is_empty() {
        true => Cow::Owned(format!("{head} in ({name} | list) {rest}")),
        false => Cow::Borrowed(statement),
    }
}

/// The error in MiniJinja's words, without its place in a template that nobody wrote.
pub fn reason(error: &Error) -> String {
    match error.kind() {
        ErrorKind::OutOfFuel => "it takes too long: is there a loop that does not end?".to_owned(),
        _ => error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn eval(expression: &str) -> Result<String, String> {
        let environment = strict();
        let compiled = environment.compile_expression(expression).map_err(|error| reason(&error))?;
        compiled.eval(context! { city => "Minsk" }).map(|value| value.to_string()).map_err(|e| reason(&e))
    }

    #[test]
    fn dates_are_written_as_asked() {
        assert_eq!(eval("'2026-11-05' | date").unwrap(), "5 November 2026");
        assert_eq!(eval("'2026-11-05T10:30:00' | date('%H:%M')").unwrap(), "10:30");
        assert!(eval("'yesterday' | date").is_err());
    }

    #[test]
    fn a_value_is_a_list_of_what_its_semicolons_or_commas_part() {
        assert_eq!(eval("'tea; ships ;rain' | list | join('|')").unwrap(), "tea|ships|rain");
        assert_eq!(eval("'tea, rain' | list | join('|')").unwrap(), "tea|rain");
        assert_eq!(eval("'' | list | length").unwrap(), "0");
        assert_eq!(eval("[1, 2] | list | length").unwrap(), "2");
    }

    #[test]
    fn a_loop_over_a_name_goes_through_its_parts() {
        assert_eq!(runnable("for x in tags"), "for x in (tags | list) ");
        assert_eq!(runnable("for x in tags if x"), "for x in (tags | list) if x");
        for other in ["for x in vars.tags", "for x in range(3)", "if a in b", "for x in [1]", "endfor"] {
            assert_eq!(runnable(other), other);
        }
    }

    #[test]
    fn no_column_of_a_list_can_have_a_name_of_the_language() {
        use crate::subscribers::csv::{CsvError, Rows};
        for name in ROOTS.into_iter().chain([UNSUBSCRIBE_URL, READER_TOKEN]) {
            let list = std::io::Cursor::new(format!("email,{name}\n"));
            let read = Rows::new(std::path::Path::new("a.csv"), list);
            assert!(matches!(read, Err(CsvError::Reserved { .. })), "{name}");
        }
    }

    #[test]
    fn nothing_can_be_marked_as_safe_and_nothing_runs_for_ever() {
        assert!(eval("city | safe").unwrap_err().contains("safe"));
        assert!(eval("('a' * 100000) * 100000").unwrap_err().contains("too long"));
        assert!(eval("debug()").is_err());
    }
}
