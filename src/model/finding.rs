//! What is wrong with something a person wrote, and what they can do about it.

use super::source::Place;

/// How much a finding matters: an error stops a live send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Info,
    Warning,
    Error,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing a check found: what, where, and what to type next.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The id of the rule, such as `merge-unknown`.
    pub rule: &'static str,
    pub severity: Severity,
    /// Lower case, without a full stop.
    pub message: String,
    pub place: Option<Place>,
    pub help: Option<String>,
    /// What `courant check --fix` would write.
    pub fix: Option<Box<Fix>>,
}

/// A change of a file that cannot do harm: `text` in place of what stands at `place`.
#[derive(Debug, Clone)]
pub struct Fix {
    pub place: Place,
    pub text: String,
}

impl Finding {
    pub fn error(rule: &'static str, message: impl Into<String>) -> Finding {
        Finding::new(rule, Severity::Error, message)
    }

    pub fn warning(rule: &'static str, message: impl Into<String>) -> Finding {
        Finding::new(rule, Severity::Warning, message)
    }

    pub fn info(rule: &'static str, message: impl Into<String>) -> Finding {
        Finding::new(rule, Severity::Info, message)
    }

    pub fn new(rule: &'static str, severity: Severity, message: impl Into<String>) -> Finding {
        Finding { rule, severity, message: message.into(), place: None, help: None, fix: None }
    }

    pub fn at(mut self, place: Place) -> Finding {
        self.place = Some(place);
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// Only for what every author would do the same way.
    pub fn fix(mut self, place: Place, text: impl Into<String>) -> Finding {
        self.fix = Some(Box::new(Fix { place, text: text.into() }));
        self
    }
}

/// Implemented by every error of ours, so that it can be shown to the person at the keyboard:
/// the message is the error's `Display`, the rest is here.
pub trait Explain: std::error::Error {
    /// Where it is, if it is in a file somebody wrote.
    fn place(&self) -> Option<Place> {
        None
    }

    /// The next thing to do or type.
    fn help(&self) -> Option<String> {
        None
    }
}

/// The nearest of `known` to `word`, if it is near enough to be what was meant.
pub fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_a_stranger_is_not() {
        assert_eq!(suggest("first_nmae", ["first_name", "city"]), Some("first_name"));
        assert_eq!(suggest("zzz", ["first_name", "city"]), None);
    }
}
