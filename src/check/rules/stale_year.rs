//! Last year's year.

use jiff::civil::Date;

use crate::check::dates::{Written, dates};
use crate::check::words::find;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;
use crate::model::source::Span;

pub struct StaleYear;

const ABOUT: About = About {
    id: "stale-year",
    what: "a copyright line, or in January and February a date of these days, still has the year that is over",
    why: "A footer of last year says that nobody looked, and a date with the wrong year is the wrong date.",
    source: "the calendar",
    fix: "write the year that is, or leave the year out",
};

/// How far from today a date is "of these days".
const DAYS: i32 = 30;

/// How many bytes behind the sign of copyright its year may stand.
const NEAR: usize = 40;

/// Words near a date that say it is meant: the same day a year ago.
const AGO: &[&str] = &[
    "year ago",
    "last year",
    "anniversary",
    "years ago",
    "vor einem jahr",
    "letztes jahr",
    "im vorjahr",
    "il y a un an",
    "hace un año",
    "un anno fa",
    "há um ano",
    "год назад",
    "рік тому",
    "год таму",
    "rok temu",
];

impl Rule for StaleYear {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let source = &draft.facts.issue.source;
        let (today, before) = (draft.today(), found.len());
        for passage in &draft.prose.passages {
            let at = |span: &Span| source.at(passage.start + span.start..passage.start + span.end);
            if let Some(span) = copyright(&passage.text, today) {
                found.push(of_copyright(today).at(at(&span)));
            }
            found.extend(mistyped(&passage.text, today).into_iter().map(|(year, span)| {
                let message = format!("{year} is over: is this date of {}?", today.year());
                Finding::warning(self.id(), message).at(at(&span)).help(ABOUT.fix)
            }));
        }
        let is_told = found.len() > before;
        if !is_told && draft.page.text.lines().any(|line| copyright(line, today).is_some()) {
            found.push(of_copyright(today));
        }
    }
}

fn of_copyright(today: Date) -> Finding {
    let message = format!("the copyright line still says {}", today.year() - 1);
    Finding::warning(ABOUT.id, message).help(ABOUT.fix)
}

/// The year of last year in a line of copyright, which is what the text begins with: of a picture it says `Photo ©`.
fn copyright(text: &str, today: Date) -> Option<Span> {
    let start = text.len() - text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control()).len();
    let rest = &text[start..];
    let lower = rest.to_lowercase();
    let sign = ["copyright", "©", "(c)"].into_iter().find(|sign| lower.starts_with(sign))?;
    // What has a sign of its own is somebody else's.
    let rest = rest.get(sign.len()..)?.trim_start_matches([' ', '©']).split('©').next()?;
    let numbers = rest.split(|c: char| !c.is_ascii_digit()).filter(|number| number.len() == 4);
    let is_near = |number: &&str| number.as_ptr() as usize - rest.as_ptr() as usize <= NEAR;
    // Of a range the end counts.
    let last = numbers.take_while(is_near).last()?;
    let at = last.as_ptr() as usize - text.as_ptr() as usize;
    (last.parse() == Ok(today.year() - 1)).then(|| at..at + 4)
}

/// In the first weeks of a year: dates of last year that would be of these days if they were of this one.
fn mistyped(text: &str, today: Date) -> Vec<(i16, Span)> {
    if today.month() > 2 || AGO.iter().any(|words| find(text, words).is_some()) {
        return Vec::new();
    }
    dates(text).iter().filter_map(|date| stale(date, today)).collect()
}

fn stale(written: &Written, today: Date) -> Option<(i16, Span)> {
    let (year, span) = written.year.clone()?;
    let meant = Date::new(today.year(), written.month, written.day).ok()?;
    let is_near = (meant - today).get_days().abs() <= DAYS;
    // A day of the week that fits the year that is written says that it is history.
    let is_history = written
        .weekday
        .as_ref()
        .is_some_and(|day| written.date(year).is_some_and(|date| date.weekday() == day.day));
    (year == today.year() - 1 && is_near && meant >= today && !is_history).then_some((year, span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_copyright_line_has_the_year_that_is() {
        let today = date(2026, 11, 29);
        assert_eq!(copyright("© 2025 The Weekly", today), Some(3..7));
        assert_eq!(copyright("Copyright 2019–2025 The Weekly", today), Some(17..21));
        for text in
            ["© 2026 The Weekly", "© 2019–2026", "Photo © 2025 Ada", "© 2019 NASA", "In 2025 © was", "2025"]
        {
            assert_eq!(copyright(text, today), None, "{text}");
        }
    }

    #[test]
    fn in_january_a_date_to_come_of_last_year_is_mistyped() {
        let today = date(2026, 1, 10);
        assert_eq!(mistyped("See you on 15 January 2025.", today), [(2025, 22..26)]);
        assert_eq!(mistyped("Friday, 16 January 2025", today), [(2025, 19..23)]);
        for text in [
            "It began on 8 January 2025.",
            "On Wednesday, 15 January 2025, it snowed.",
            "A year ago, on 15 January 2025, it snowed.",
            "In 2025 it snowed, and on 15 June 2025, too.",
        ] {
            assert_eq!(mistyped(text, today), [], "{text}");
        }
        assert_eq!(mistyped("On 5 December 2025", date(2026, 11, 20)), []);
    }
}
