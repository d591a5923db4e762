//! A day of the week that is not that day.

use jiff::civil::{Date, Weekday};

use crate::check::dates::{Written, dates};
use crate::check::{About, Draft, Rule};
use crate::compose::masthead::long_date;
use crate::model::finding::Finding;
use crate::model::source::Span;

pub struct WeekdayMismatch;

const ABOUT: About = About {
    id: "weekday-mismatch",
    what: "a date names a day of the week that it does not fall on",
    why: "Either the day or the date is wrong, and readers will come on both.",
    source: "the calendar",
    fix: "look the date up, and correct the one that is wrong",
};

impl Rule for WeekdayMismatch {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let front = &draft.facts.issue.front;
        for (start, text) in texts(draft) {
            found.extend(dates(text).iter().filter_map(|date| finding(draft, start, date)));
        }
        for value in [&front.subject, &front.preheader, &front.title].into_iter().flatten() {
            let wrong =
                dates(&value.value).into_iter().find_map(|date| Some((mismatch(draft, &date)?, date)));
            if let Some((mismatch, date)) = wrong {
                let place = super::within(draft, value, &value.value[date.span]);
                found.push(Finding::warning(self.id(), mismatch.message(draft)).at(place).help(ABOUT.fix));
            }
        }
    }
}

fn texts<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = (usize, &'a str)> {
    draft.prose.passages.iter().map(|passage| (passage.start, passage.text.as_str()))
}

fn finding(draft: &Draft<'_>, start: usize, written: &Written) -> Option<Finding> {
    let mismatch = mismatch(draft, written)?;
    let source = &draft.facts.issue.source;
    let at = |span: &Span| source.at(start + span.start..start + span.end);
    let finding = Finding::warning(ABOUT.id, mismatch.message(draft)).at(at(&written.span)).help(ABOUT.fix);
    // Where the front matter has the same date, it is the day of the week that is wrong.
    let Some(day) = written.weekday.as_ref().filter(|_| draft.own_dates().contains(&mismatch.date)) else {
        return Some(finding);
    };
    let Some(name) = day.name_of(mismatch.date.weekday()) else { return Some(finding) };
    let is_small = source.text()[start + day.span.start..].starts_with(char::is_lowercase);
    let name = if is_small { name.to_lowercase() } else { name.to_owned() };
    Some(finding.fix(at(&day.span), name))
}

struct Mismatch {
    date: Date,
    written: Weekday,
}

impl Mismatch {
    fn message(&self, draft: &Draft<'_>) -> String {
        let date = long_date(self.date, draft.lang());
        format!("{date} is a {:?}, not a {:?}", self.date.weekday(), self.written)
    }
}

/// A date without a year may be of last year, this one or the next.
fn mismatch(draft: &Draft<'_>, date: &Written) -> Option<Mismatch> {
    let written = date.weekday.as_ref()?.day;
    let own = draft.own_dates().first().copied().unwrap_or(draft.today());
    let years = [own.year(), own.year() - 1, own.year() + 1, draft.today().year()];
    let mut possible = years.into_iter().filter_map(|year| date.date(year));
    let nearest = possible.clone().next()?;
    (!possible.any(|date| date.weekday() == written)).then_some(Mismatch { date: nearest, written })
}
