//! The small values of the configuration: lengths of time, rates, colours, addresses.

use std::num::NonZeroU32;
use std::time::Duration;

use super::transport::Rate;
use crate::model::address::{Address, Mailbox};
use crate::model::issue::At;
use crate::model::tree::{Misfit, Table};

/// A length of time such as `10 min`, `24h`, `90 s` or `1h 30min`; a bare number has no unit and is none.
pub fn duration(text: &str) -> Option<Duration> {
    let (mut total, mut rest) = (Duration::ZERO, text.trim());
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let tail = tail.trim_start();
        let letters = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (name, tail) = tail.split_at(letters);
        total = total.checked_add(unit(name)?.checked_mul(number.parse().ok()?)?)?;
        rest = tail.trim_start();
    }
    Some(total)
}

/// `s`, `min`, `hours`… as their length.
pub fn unit(name: &str) -> Option<Duration> {
    Some(match name {
        "ms" => Duration::from_millis(1),
        "s" | "sec" | "second" | "seconds" => Duration::from_secs(1),
        "m" | "min" | "minute" | "minutes" => Duration::from_secs(60),
        "h" | "hour" | "hours" => Duration::from_secs(3600),
        "d" | "day" | "days" => Duration::from_secs(24 * 3600),
        "week" | "weeks" => Duration::from_secs(7 * 24 * 3600),
        "year" | "years" => Duration::from_secs(365 * 24 * 3600),
        _ => return None,
    })
}

/// Letters per time such as `50/s`, `600/min` or `50000/day`; at least one.
pub fn rate(text: &str) -> Option<Rate> {
    let (letters, per) = text.split_once('/')?;
    let letters: NonZeroU32 = letters.trim().parse().ok()?;
    Some(Rate { letters, per: unit(per.trim())? })
}

/// What [`duration`] takes, in words.
pub const DURATION_HELP: &str = "write a number and a unit, such as \"90 s\", \"10 min\" or \"24h\"";
pub const RATE_HELP: &str = "write letters per time, such as \"50/s\", \"600/min\" or \"50000/day\"";

/// What [`mailbox`] takes, in words.
pub const MAILBOX_HELP: &str = "write it as Name <name@your-domain>; several addresses go between commas";

/// Whether no time at all is a sensible value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zero {
    Fine,
    Nonsense,
}

/// The length of time at `key`, else `default`.
pub fn duration_at(table: &Table, key: &str, zero: Zero, default: Duration) -> Result<Duration, Misfit> {
    match table.text(key)? {
        None => Ok(default),
        Some(at) => duration_of(key, &at, zero),
    }
}

pub fn duration_of(key: &str, at: &At<String>, zero: Zero) -> Result<Duration, Misfit> {
    match duration(&at.value) {
        Some(Duration::ZERO) if zero == Zero::Nonsense => {
            Err(Misfit::new(format!("`{key}` cannot be zero"), at.span.clone()).help(DURATION_HELP))
        }
        Some(time) => Ok(time),
        None => {
            let message = format!("`{}` is no length of time", at.value);
            Err(Misfit::new(message, at.span.clone()).help(DURATION_HELP))
        }
    }
}

/// The rate at `key`, if there is one.
pub fn rate_at(table: &Table, key: &str) -> Result<Option<Rate>, Misfit> {
    let Some(at) = table.text(key)? else { return Ok(None) };
    let misfit = || Misfit::new(format!("`{}` is no rate", at.value), at.span.clone()).help(RATE_HELP);
    rate(&at.value).ok_or_else(misfit).map(Some)
}

/// A text of one line, without control characters: fit for a header.
pub fn line_at(table: &Table, key: &str) -> Result<Option<String>, Misfit> {
    let Some(at) = table.text(key)? else { return Ok(None) };
    if at.value.chars().any(char::is_control) {
        let message = format!("`{key}` must be one line without control characters");
        return Err(Misfit::new(message, at.span).help("write it on one line"));
    }
    Ok(Some(at.value))
}

/// The value that a word at `key` stands for.
pub fn choice<T: Copy>(table: &Table, key: &str, words: &[(&str, T)]) -> Result<Option<T>, Misfit> {
    let Some(at) = table.text(key)? else { return Ok(None) };
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    match words.iter().find(|(word, _)| *word == at.value) {
        Some((_, value)) => Ok(Some(*value)),
        None => Err(Misfit::unknown(&format!("a value of `{key}`"), &at.value, &known, at.span)),
    }
}

pub fn mailbox_at(table: &Table, key: &str) -> Result<Option<Mailbox>, Misfit> {
    table
        .text(key)?
        .map(|at| {
            mailbox(&at.value).map_err(|message| Misfit::new(message, at.span.clone()).help(MAILBOX_HELP))
        })
        .transpose()
}

/// A name and an address on one line; the error says what is wrong without showing the address.
pub fn mailbox(text: &str) -> Result<Mailbox, String> {
    if text.chars().any(char::is_control) {
        return Err("a sender is one line without control characters".to_owned());
    }
    Mailbox::parse(text).map_err(|error| format!("this is no e-mail address: {error}"))
}

/// Addresses between commas.
pub fn addresses(text: &str) -> Result<Vec<Address>, String> {
    let each = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    each.map(|part| Ok(mailbox(part)?.address)).collect()
}

/// `#rgb` or `#rrggbb`, as `#rrggbb` in lower case.
pub fn colour(at: &At<String>) -> Result<String, Misfit> {
    let digits = at.value.strip_prefix('#').filter(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()));
    match digits {
        Some(digits) if digits.len() == 6 => Ok(at.value.to_ascii_lowercase()),
        Some(digits) if digits.len() == 3 => {
            let doubled = digits.chars().flat_map(|digit| [digit, digit]);
            Ok(format!("#{}", doubled.collect::<String>().to_ascii_lowercase()))
        }
        _ => Err(Misfit::new(format!("`{}` is no colour", at.value), at.span.clone())
            .help("write it as \"#rrggbb\", such as \"#0b57d0\"")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_of_time_are_a_number_and_a_unit() {
        let seconds = |text| duration(text).map(|time| time.as_secs());
        assert_eq!(seconds("10 min"), Some(600));
        assert_eq!(seconds("24h"), Some(86_400));
        assert_eq!(seconds("90 s"), Some(90));
        assert_eq!(seconds("1h 30min"), Some(5_400));
        assert_eq!(seconds("2 days"), Some(172_800));
        assert_eq!(duration("5ms"), Some(Duration::from_millis(5)));
        for nonsense in [
            "",
            "10",
            "min",
            "-1 s",
            "1.5 h",
            "1 fortnight",
            "99999999999999999999 s",
            "18446744073709551615 d",
        ] {
            assert_eq!(duration(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn rates_are_letters_per_time_and_never_none() {
        let parts = |text| rate(text).map(|rate| (rate.letters.get(), rate.per.as_secs()));
        assert_eq!(parts("50/s"), Some((50, 1)));
        assert_eq!(parts("600 / min"), Some((600, 60)));
        assert_eq!(parts("50000/day"), Some((50_000, 86_400)));
        for nonsense in ["0/s", "50", "/s", "50/", "-1/s", "1.5/s", "50/fortnight", "50/s/s"] {
            assert_eq!(parts(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn colours_are_normalised() {
        let read = |text: &str| colour(&At { value: text.to_owned(), span: 0..1 });
        assert_eq!(read("#ABC").unwrap(), "#aabbcc");
        assert_eq!(read("#0b57D0").unwrap(), "#0b57d0");
        assert!(read("red").is_err() && read("#12345").is_err() && read("#ggg").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_them_panic(text in "\\PC{0,20}|[0-9]{1,22} ?[a-z]{0,4}/?[a-z]{0,4}") {
            let _ = (duration(&text), rate(&text));
        }
    }
}
