//! What the page wants of whoever makes the letters.

use tokio::sync::oneshot;

use super::view::{Letter, Letters, Some, Tested, View, Workspace};

/// Where an answer goes.
pub type Reply<T> = oneshot::Sender<Result<T, Refusal>>;

/// An issue as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub id: String,
    /// An address, or `persona:NAME`; `None` for the first subscriber.
    pub who: Option<String>,
}

/// The bytes of a letter, and the name of a file for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eml {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A test that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    pub id: String,
    #[serde(rename = "as")]
    pub who: Option<String>,
    /// Instead of `preview_to`.
    pub to: Option<String>,
}

/// One question, with the place for its answer.
#[derive(Debug)]
pub enum Ask {
    Workspace(Reply<Workspace>),
    View(Shown, Reply<Box<View>>),
    /// The HTML part as a browser shows it, images in it.
    Html(Shown, Reply<String>),
    Eml(Shown, Reply<Eml>),
    /// Subscribers of an issue's lists whose address or name holds a text.
    People {
        id: String,
        text: String,
        reply: Reply<Some>,
    },
    Test(Trial, Reply<Tested>),
    /// Letters of a box that hold a text.
    Letters {
        name: String,
        text: String,
        reply: Reply<Letters>,
    },
    Letter {
        name: String,
        id: String,
        reply: Reply<Box<Letter>>,
    },
    LetterHtml {
        name: String,
        id: String,
        reply: Reply<String>,
    },
    LetterEml {
        name: String,
        id: String,
        reply: Reply<Eml>,
    },
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The request is not understood.
    Wrong,
    /// Whoever asks may not.
    Forbidden,
    /// There is no such thing.
    NotThere,
    /// There is, but it cannot be done with it.
    CannotBe,
    /// It went wrong here.
    Broken,
}

/// A request that is refused, in the words of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub why: Why,
    pub error: String,
    pub help: Option<String>,
}

impl Refusal {
    pub fn new(why: Why, error: impl Into<String>, help: impl Into<String>) -> Refusal {
        Refusal { why, error: error.into(), help: Some(help.into()) }
    }
}
