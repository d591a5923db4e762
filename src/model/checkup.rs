//! What was looked at before anything is sent, and how it is.

/// How a thing is, the worse the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    Ok,
    /// It works, or may; somebody should look.
    Warning,
    Failed,
}

impl Health {
    pub fn name(self) -> &'static str {
        match self {
            Health::Ok => "ok",
            Health::Warning => "warning",
            Health::Failed => "failed",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkup {
    /// `key`, `domain`, `quota`, `clock`, `connection`, `probe`: stable.
    pub what: &'static str,
    pub health: Health,
    /// How it is, in a clause without a full stop.
    pub words: String,
    /// The next step, where there is one.
    pub help: Option<String>,
}

impl Checkup {
    pub fn ok(what: &'static str, words: impl Into<String>) -> Checkup {
        Checkup { what, health: Health::Ok, words: words.into(), help: None }
    }

    pub fn warning(what: &'static str, words: impl Into<String>, help: impl Into<String>) -> Checkup {
        Checkup { what, health: Health::Warning, words: words.into(), help: Some(help.into()) }
    }

    pub fn failed(what: &'static str, words: impl Into<String>, help: impl Into<String>) -> Checkup {
        Checkup { what, health: Health::Failed, words: words.into(), help: Some(help.into()) }
    }
}
