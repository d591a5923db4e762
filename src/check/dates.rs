//! Dates in a text, as people write them in many languages: `Friday, 27 November 2026`.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};

use crate::compose::masthead::months;
use crate::model::source::Span;

/// A date of a text. Spans are bytes of that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub weekday: Option<WrittenDay>,
    pub day: i8,
    pub month: i8,
    /// `None` where the text names none.
    pub year: Option<(i16, Span)>,
    /// With the day of the week.
    pub span: Span,
}

/// A day of the week in the words of a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenDay {
    pub day: Weekday,
    pub span: Span,
    /// As it is written, in lower case.
    word: String,
}

impl Written {
    /// The date, or that day in `year` where the text names no year; `None` if there is no such day.
    pub fn date(&self, year: i16) -> Option<Date> {
        let year = self.year.as_ref().map_or(year, |(year, _)| *year);
        Date::new(year, self.month, self.day).ok()
    }
}

impl WrittenDay {
    /// What `day` is called in the language of this one; `None` where several languages have the word that was
    /// written, and not the other.
    pub fn name_of(&self, day: Weekday) -> Option<&'static str> {
        let (written, wanted) = (index(self.day), index(day));
        let of_language = |names: &'static [&'static str; 7]| {
            (names[written].to_lowercase() == self.word).then_some(names[wanted])
        };
        let mut names = WEEKDAYS.iter().filter_map(of_language);
        let first = names.next()?;
        names.all(|name| name == first).then_some(first)
    }
}

fn index(day: Weekday) -> usize {
    usize::from(day.to_monday_zero_offset().unsigned_abs())
}

/// From Monday.
static WEEKDAYS: LazyLock<Vec<[&'static str; 7]>> = LazyLock::new(|| {
    [
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "Mon Tue Wed Thu Fri Sat Sun",
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
        "Montag Dienstag Mittwoch Donnerstag Freitag Sonnabend Sonntag",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "lunes martes miércoles jueves viernes sábado domingo",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
        "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
        "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
        "måndag tisdag onsdag torsdag fredag lördag söndag",
        "mandag tirsdag onsdag torsdag fredag lørdag søndag",
        "poniedziałek wtorek środa czwartek piątek sobota niedziela",
        "pondělí úterý středa čtvrtek pátek sobota neděle",
        "понедельник вторник среда четверг пятница суббота воскресенье",
        "понеділок вівторок середа четвер пʼятниця субота неділя",
        "панядзелак аўторак серада чацвер пятніца субота нядзеля",
    ]
    .map(|names| {
        let mut names = names.split(' ');
        std::array::from_fn(|_| names.next().expect("every language names seven days"))
    })
    .to_vec()
});

/// The languages whose months are known here; their words for the same month are the same, or apart.
const LANGUAGES: [&str; 14] =
    ["en", "de", "fr", "es", "it", "nl", "pl", "pt", "ru", "uk", "sv", "nb", "cs", "be"];

/// Words that may stand within a date.
const SMALL: [&str; 14] =
    ["de", "del", "of", "the", "den", "dem", "le", "el", "il", "o", "am", "on", "em", "г"];

/// A run of letters and digits.
#[derive(Debug, Clone)]
struct Token<'a> {
    text: &'a str,
    span: Span,
}

/// Every date with the name of a month, and every `27.11.2026`, in order.
pub fn dates(text: &str) -> Vec<Written> {
    // Without a day there is no date, and most passages have no number at all.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let tokens = tokens(text);
    let named = (0..tokens.len()).filter_map(|at| named(text, &tokens, at));
    let mut found: Vec<Written> =
        named.chain((0..tokens.len()).filter_map(|at| dotted(text, &tokens, at))).collect();
    found.sort_by_key(|date| date.span.start);
    found
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let parts =
        text.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == 'ʼ')).filter(|part| !part.is_empty());
    let token = |part: &'_ str| {
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        start..start + part.len()
    };
    parts.map(|part| Token { text: part, span: token(part) }).collect()
}

/// The date around the name of a month at `at`.
fn named(text: &str, tokens: &[Token<'_>], at: usize) -> Option<Written> {
    let month = month(tokens[at].text)?;
    let before = neighbour(text, tokens, at, Side::Before);
    let after = neighbour(text, tokens, at, Side::After);
    let day_of = |place: Option<usize>| place.and_then(|place| Some((place, day(tokens[place].text)?)));
    let (first, last, day) = match (day_of(before), day_of(after)) {
        (Some((place, day)), _) => (place, at, day),
        (None, Some((place, day))) => (at, place, day),
        (None, None) => return None,
    };
    let year_at = neighbour(text, tokens, last, Side::After);
    let year = year_at.and_then(|place| Some((year(tokens[place].text)?, tokens[place].span.clone())));
    Some(with_weekday(
        text,
        tokens,
        first,
        Written {
            weekday: None,
            day,
            month,
            span: tokens[first].span.start..year.as_ref().map_or(tokens[last].span.end, |(_, span)| span.end),
            year,
        },
    ))
}

/// `27.11.2026`, the day first, as it is written where full stops part it.
fn dotted(text: &str, tokens: &[Token<'_>], at: usize) -> Option<Written> {
    let [one, two, three] = tokens.get(at..at + 3)? else { return None };
    let is_dot = |from: &Token<'_>, to: &Token<'_>| &text[from.span.end..to.span.start] == ".";
    if !is_dot(one, two) || !is_dot(two, three) {
        return None;
    }
    let number =
        |token: &Token<'_>, most: i8| token.text.parse::<i8>().ok().filter(|n| (1..=most).contains(n));
    Some(with_weekday(
        text,
        tokens,
        at,
        Written {
            weekday: None,
            day: number(one, 31)?,
            month: number(two, 12)?,
            year: Some((year(three.text)?, three.span.clone())),
            span: one.span.start..three.span.end,
        },
    ))
}

fn with_weekday(text: &str, tokens: &[Token<'_>], first: usize, date: Written) -> Written {
    let weekday = neighbour(text, tokens, first, Side::Before).and_then(|place| weekday(&tokens[place]));
    let start = weekday.as_ref().map_or(date.span.start, |day| day.span.start);
    Written { span: start..date.span.end, weekday, ..date }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// The token beside `at`, small words and commas between them left out; none past the end of a sentence.
fn neighbour(text: &str, tokens: &[Token<'_>], at: usize, side: Side) -> Option<usize> {
    let next = |at: usize| match side {
        Side::Before => at.checked_sub(1),
        Side::After => (at + 1 < tokens.len()).then_some(at + 1),
    };
    let mut here = at;
    loop {
        let beside = next(here)?;
        let (one, two) = (&tokens[here.min(beside)], &tokens[here.max(beside)]);
        if !is_joint(&text[one.span.end..two.span.start], one.text) {
            return None;
        }
        if !SMALL.contains(&tokens[beside].text.to_lowercase().as_str()) {
            return Some(beside);
        }
        here = beside;
    }
}

/// Whether what stands between two parts of a date may stand there: `27. November`, `Friday, 27`. A full stop
/// after a word ends a sentence.
fn is_joint(gap: &str, before: &str) -> bool {
    let marks: String = gap.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    match marks.as_str() {
        "" | "," => true,
        "." | ".," => before.chars().all(|c| c.is_ascii_digit()) || before.chars().count() <= 3,
        "º" | "°" | "’" | "'" => true,
        _ => false,
    }
}

/// From 1, by their names in lower case.
static MONTHS: LazyLock<HashMap<String, i8>> = LazyLock::new(|| {
    let names = LANGUAGES.iter().filter_map(|lang| months(lang)).flat_map(|names| (1..).zip(names));
    names.map(|(month, name)| (name.to_lowercase(), month)).collect()
});

fn month(word: &str) -> Option<i8> {
    const SHORT: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let short = || (1..).zip(SHORT).find_map(|(month, name)| (name == word).then_some(month));
    MONTHS.get(&word.to_lowercase()).copied().or_else(short)
}

/// `27`, `27th`, `1er`.
fn day(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let is_ordinal = matches!(&word[digits.len()..], "" | "st" | "nd" | "rd" | "th" | "er" | "e" | "º" | "ª");
    digits.parse().ok().filter(|day| is_ordinal && (1..=31).contains(day))
}

fn year(word: &str) -> Option<i16> {
    (word.len() == 4).then(|| word.parse().ok()).flatten().filter(|year| (1900..2200).contains(year))
}

fn weekday(token: &Token<'_>) -> Option<WrittenDay> {
    let lower = token.text.to_lowercase();
    let is_it = |name: &&str| match name.len() {
        3 => **name == *token.text,
        _ => name.to_lowercase() == lower,
    };
    let index = WEEKDAYS.iter().find_map(|names| names.iter().position(is_it))?;
    let day = Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()?;
    Some(WrittenDay { day, span: token.span.clone(), word: lower })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weekday, day, month, year.
    fn found(text: &str) -> Vec<(Option<&str>, i8, i8, Option<i16>)> {
        let read = |date: Written| {
            let weekday = date.weekday.map(|day| &text[day.span]);
            (weekday, date.day, date.month, date.year.map(|(year, _)| year))
        };
        dates(text).into_iter().map(read).collect()
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in [
            "Friday, 27 November 2026",
            "Friday the 27th of November, 2026",
            "Friday, November 27, 2026",
            "Freitag, den 27. November 2026",
            "Freitag, 27.11.2026",
            "vendredi 27 novembre 2026",
            "viernes, 27 de noviembre de 2026",
            "piątek, 27 listopada 2026",
            "Fri, 27 Nov 2026",
            "пятница, 27 ноября 2026 г.",
        ] {
            let dates = found(text);
            assert_eq!(dates.len(), 1, "{text}: {dates:?}");
            assert!(
                dates[0].0.is_some() && dates[0].1 == 27 && dates[0].2 == 11 && dates[0].3 == Some(2026),
                "{text}: {dates:?}"
            );
        }
    }

    #[test]
    fn what_stands_in_another_sentence_is_no_part_of_a_date() {
        assert_eq!(found("We met on Friday. 27 November was wet"), [(None, 27, 11, None)]);
        assert_eq!(found("Saturday, 26–28 November"), [(None, 28, 11, None)]);
        assert_eq!(found("we may 5 times, and Sat 3 of them; in November 2026"), [(None, 5, 5, None)]);
        assert_eq!(found("version 1.2.2026a and 127.0.0.1"), []);
    }

    #[test]
    fn a_weekday_is_named_in_its_own_language() {
        let name_of = |text| dates(text)[0].weekday.as_ref().unwrap().name_of(Weekday::Friday);
        assert_eq!(name_of("Sonntag, 27. November 2026"), Some("Freitag"));
        assert_eq!(name_of("domingo, 27 de noviembre de 2026"), None, "Spanish and Portuguese have the word");
    }
}
