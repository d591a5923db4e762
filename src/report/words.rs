//! How numbers, sizes and times are written for people.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 letter`, `2 letters`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `38.2 KB`; 1 KB is 1,000 bytes, as mail providers count.
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`.
pub fn duration(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", span.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => join(seconds / 60, "min", seconds % 60, "s"),
        _ => join(seconds / 3600, "h", seconds % 3600 / 60, "min"),
    }
}

fn join(big: u64, big_unit: &str, small: u64, small_unit: &str) -> String {
    match small {
        0 => format!("{big} {big_unit}"),
        small => format!("{big} {big_unit} {small} {small_unit}"),
    }
}

/// `98.5 %`; some is never written as none, nor almost all as all.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_owned(),
        tiny if tiny < 0.005 => "<0.01 %".to_owned(),
        small if small < 0.1 => format!("{small:.2} %"),
        all if all >= 100.0 => "100 %".to_owned(),
        almost if almost > 99.94 => ">99.9 %".to_owned(),
        much => format!("{much:.1} %"),
    }
}

/// `2025-07-10 09:14` in the given zone, with the zone's offset where it is not UTC.
pub fn moment(time: Timestamp, zone: &TimeZone) -> String {
    let local = time.to_zoned_datetime(zone.clone());
    let form = if local.offset().is_zero() { "%Y-%m-%d %H:%M UTC" } else { "%Y-%m-%d %H:%M %:z" };
    local.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(count),
            ["0", "999", "1,000", "1,234,567"].map(str::to_owned)
        );
        assert_eq!(
            (counted(1, "letter", "letters"), counted(0, "letter", "letters")),
            ("1 letter".into(), "0 letters".into())
        );
    }

    #[test]
    fn times_and_sizes_have_the_unit_that_fits() {
        let spans = [400, 12_000, 185_000, 7_800_000].map(|ms| duration(Duration::from_millis(ms)));
        assert_eq!(spans, ["0.4 s", "12 s", "3 min 5 s", "2 h 10 min"].map(str::to_owned));
        assert_eq!([12, 38_240, 2_500_000].map(size), ["12 bytes", "38.2 KB", "2.5 MB"].map(str::to_owned));
    }

    #[test]
    fn some_is_not_written_as_none_nor_almost_all_as_all() {
        let shares = [0.0, 0.000_01, 0.0004, 0.001, 0.985, 0.999_96, 1.0].map(percent);
        assert_eq!(shares, ["0 %", "<0.01 %", "0.04 %", "0.1 %", "98.5 %", ">99.9 %", "100 %"]);
    }

    #[test]
    fn a_moment_names_its_offset() {
        let time = Timestamp::from_second(1_752_138_840).unwrap();
        assert_eq!(moment(time, &TimeZone::UTC), "2025-07-10 09:14 UTC");
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(moment(time, &zone), "2025-07-10 11:14 +02:00");
    }
}
