//! The time at the start of a line of a log.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// What a stamp does not say itself.
#[derive(Debug, Clone)]
pub struct Clock {
    /// No line is from later than this; it gives stamps their year.
    pub now: Timestamp,
    /// Of stamps without an offset.
    pub zone: TimeZone,
}

/// A stamp, and the rest of the line. The zone is only needed for the traditional form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp<'a> {
    /// RFC 3339, as in RFC 5424 and in the files that rsyslog writes today.
    Full(&'a str),
    /// `Nov 29 15:07:32`, as in RFC 3164: neither year nor zone.
    Traditional(&'a str),
}

/// Months are three letters, a day is padded with a space.
const TRADITIONAL: usize = "Nov 29 15:07:32".len();

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl<'a> Stamp<'a> {
    /// Splits a line whose priority, if it had one, is gone.
    pub(super) fn split(line: &'a str) -> Option<(Stamp<'a>, &'a str)> {
        if line.as_bytes().first()?.is_ascii_digit() {
            let (stamp, rest) = line.split_once(' ')?;
            return stamp.contains('T').then_some((Stamp::Full(stamp), rest));
        }
        let (stamp, rest) = (line.get(..TRADITIONAL)?, line.get(TRADITIONAL..)?.strip_prefix(' ')?);
        MONTHS.contains(&stamp.get(..3)?).then_some((Stamp::Traditional(stamp), rest))
    }

    pub(super) fn text(self) -> &'a str {
        match self {
            Stamp::Full(text) | Stamp::Traditional(text) => text,
        }
    }

    /// `None` if it is no time at all.
    pub(super) fn time(self, clock: &Clock) -> Option<Timestamp> {
        match self {
            Stamp::Full(text) => text.parse().ok(),
            Stamp::Traditional(text) => traditional(text, clock),
        }
    }
}

/// The newest such moment that is not in the future; a clock may run a day ahead of ours.
fn traditional(text: &str, clock: &Clock) -> Option<Timestamp> {
    let mut words = text.split_ascii_whitespace();
    let month = words.next().and_then(|name| MONTHS.iter().position(|month| *month == name))? as i8 + 1;
    let day: i8 = words.next()?.parse().ok()?;
    let time: jiff::civil::Time = words.next()?.parse().ok()?;
    let latest = clock.now.checked_add(Span::new().hours(24)).ok()?;
    let this_year = latest.to_zoned_datetime(clock.zone.clone()).year();
    (this_year - 8..=this_year).rev().find_map(|year| {
        let date = jiff::civil::Date::new(year, month, day).ok()?;
        let local: DateTime = date.to_datetime(time);
        let at = clock.zone.to_timestamp(local).ok()?;
        (at <= latest).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(now: &str) -> Clock {
        Clock { now: now.parse().unwrap(), zone: TimeZone::UTC }
    }

    fn read(line: &str, now: &str) -> Option<String> {
        let (stamp, rest) = Stamp::split(line)?;
        assert_eq!(rest, "host x");
        Some(stamp.time(&clock(now))?.to_string())
    }

    #[test]
    fn both_forms_of_a_stamp_are_read() {
        let now = "2026-11-29T16:00:00Z";
        for (line, time) in [
            ("Nov 29 15:07:32 host x", "2026-11-29T15:07:32Z"),
            ("Nov  9 05:07:32 host x", "2026-11-09T05:07:32Z"),
            ("2026-11-29T15:07:32.5+00:00 host x", "2026-11-29T15:07:32.5Z"),
            ("2026-11-29T15:07:32+0100 host x", "2026-11-29T14:07:32Z"),
            ("2026-11-29T15:07:32Z host x", "2026-11-29T15:07:32Z"),
        ] {
            assert_eq!(read(line, now).as_deref(), Some(time), "{line}");
        }
        for line in ["", "x", "2026-11-29 15:07:32 host x", "Nov 29", "Now 29 15:07:32 host x", "ééééééééééé"]
        {
            assert_eq!(Stamp::split(line), None, "{line}");
        }
        assert_eq!(read("Nov 31 15:07:32 host x", now), None);
    }

    #[test]
    fn a_stamp_without_a_year_is_of_the_last_such_day() {
        assert_eq!(
            read("Dec 31 23:59:59 host x", "2027-01-02T08:00:00Z").as_deref(),
            Some("2026-12-31T23:59:59Z")
        );
        assert_eq!(
            read("Feb 29 08:00:00 host x", "2027-01-02T08:00:00Z").as_deref(),
            Some("2024-02-29T08:00:00Z")
        );
        let berlin = Clock { zone: TimeZone::get("Europe/Berlin").unwrap(), ..clock("2026-07-02T08:00:00Z") };
        let (stamp, _) = Stamp::split("Jul  1 12:00:00 host x").unwrap();
        assert_eq!(stamp.time(&berlin).unwrap().to_string(), "2026-07-01T10:00:00Z");
    }
}
