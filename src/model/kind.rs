//! What a declared field of a list can hold.

/// The kind of a field, as `[fields]` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    /// `2026-12-31`.
    Date,
    YesNo,
}

impl Kind {
    pub const ALL: [(&str, Kind); 4] =
        [("text", Kind::Text), ("number", Kind::Number), ("date", Kind::Date), ("yes-no", Kind::YesNo)];

    /// Whether a value is of this kind; spaces around it do not count.
    pub fn fits(self, value: &str) -> bool {
        let value = value.trim();
        match self {
            Kind::Text => true,
            Kind::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
            Kind::Date => value.parse::<jiff::civil::Date>().is_ok(),
            Kind::YesNo => {
                ["yes", "no", "true", "false", "1", "0"].iter().any(|word| value.eq_ignore_ascii_case(word))
            }
        }
    }

    /// Whether a value says yes.
    pub fn is_yes(value: &str) -> bool {
        ["yes", "true", "1"].iter().any(|word| value.trim().eq_ignore_ascii_case(word))
    }

    /// What a value should have been, in words.
    pub fn wanted(self) -> &'static str {
        match self {
            Kind::Text => "a text",
            Kind::Number => "a number such as 12 or 3.5",
            Kind::Date => "a date such as 2026-12-31",
            Kind::YesNo => "yes or no",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_fits_the_kind_it_was_declared_as() {
        for (kind, good, bad) in [
            (Kind::Number, ["12", " 3.5 ", "-1"], ["", "twelve", "inf"]),
            (Kind::Date, ["2026-12-31", "2024-02-29", " 2026-01-01"], ["31.12.2026", "2026-02-30", "soon"]),
            (Kind::YesNo, ["yes", "NO", "0"], ["maybe", "2", ""]),
        ] {
            assert_eq!(good.map(|value| kind.fits(value)), [true; 3], "{kind:?}");
            assert_eq!(bad.map(|value| kind.fits(value)), [false; 3], "{kind:?}");
        }
        assert!(Kind::Text.fits("anything"));
    }
}
