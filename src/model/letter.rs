//! An edition (one issue, holes open) and what a letter is pressed from.

use super::address::Mailbox;
use super::issue::IssueId;
use super::source::Span;
use super::subscriber::ListId;

/// Where a value is put, which decides how it is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// The text part: as it is, without control characters.
    Plain,
    /// Between HTML tags.
    Html,
    /// In a quoted HTML attribute that holds no URL.
    Attribute,
    /// In a URL, itself in a quoted HTML attribute.
    Url,
    /// In a header: one line, RFC 2047 where it is not ASCII.
    Header,
}

/// A place where one subscriber's value goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// A MiniJinja expression, such as `name | default("reader")`.
    pub expression: String,
    pub context: Context,
    /// Where it stands in the issue; empty for holes of a template.
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The same for all; already escaped for where it stands.
    Literal(String),
    Hole(Hole),
    /// A MiniJinja statement, without its `{%` and `%}`: `if plan == "free"`, `else`, `endif`.
    Logic {
        statement: String,
        span: Span,
    },
}

/// A text with holes, in order. Neighbouring literals are merged and none is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pieces(Vec<Piece>);

impl Pieces {
    pub fn new(pieces: impl IntoIterator<Item = Piece>) -> Pieces {
        let mut merged: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (merged.last_mut(), piece) {
                (_, Piece::Literal(text)) if text.is_empty() => {}
                (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
                (_, piece) => merged.push(piece),
            }
        }
        Pieces(merged)
    }

    pub fn literal(text: impl Into<String>) -> Pieces {
        Pieces::new([Piece::Literal(text.into())])
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Piece> {
        self.0.iter()
    }

    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Hole(hole) => Some(hole),
            Piece::Literal(_) | Piece::Logic { .. } => None,
        })
    }

    /// As the author wrote it, with every hole and statement in its braces.
    pub fn as_written(&self) -> String {
        let written = |piece: &Piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Hole(hole) => format!("{{{{ {} }}}}", hole.expression),
            Piece::Logic { statement, .. } => format!("{{% {statement} %}}"),
        };
        self.0.iter().map(written).collect()
    }

    pub fn has_logic(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Logic { .. }))
    }
}

/// How an attached file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disposition {
    Attachment,
    /// Shown in the HTML part, which names it by its content id.
    Inline,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub file_name: String,
    pub content_type: String,
    /// Without angle brackets; only for inline ones.
    pub content_id: Option<String>,
    pub disposition: Disposition,
    pub bytes: Vec<u8>,
}

/// SHA-256, in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContentHash(pub String);

/// One issue, rendered and frozen, the holes for its subscribers open. This is what is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Edition {
    pub issue: IssueId,
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// Holes in [`Context::Header`].
    pub subject: Pieces,
    /// What stands the same in every letter, such as List-Id: name and value, the value one line of text
    /// that is encoded when the letter is pressed.
    pub headers: Vec<(String, String)>,
    pub text: Pieces,
    pub html: Pieces,
    pub attachments: Vec<Attachment>,
    /// The roots `issue`, `theme`, `site` and `vars`, for expressions that mix them with fields.
    pub roots: serde_json::Value,
    /// Where `List-Unsubscribe` and `unsubscribe_url` lead.
    pub unsubscribe: Unsubscribe,
    /// What is counted of its readers; `None`, the default, is nothing. The links in `html` are the author's own all
    /// the same: they change when a letter is pressed.
    pub tracking: Option<Tracking>,
}

/// What letters tell of their readers, where an author turned that on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracking {
    /// That they were opened, by a picture.
    pub opens: bool,
    /// Which links were followed.
    pub clicks: bool,
    /// The field that says yes for those who agreed; the letters of others tell nothing.
    pub consent: Option<String>,
    /// Where links and the picture lead, without a slash at its end.
    pub base_url: String,
    /// Where readers choose what they get: nobody is counted on the way there.
    pub preferences_url: Option<String>,
}

/// How a reader leaves the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// `base_url` of the configuration, without a slash at its end.
    pub base_url: Option<String>,
    /// The address that reads requests by mail: the token travels in the subject.
    pub mailto: super::address::Address,
    /// The lists that the way leads out of. Empty where that is all: the workspace has no other.
    pub lists: Vec<ListId>,
    /// BCP 47: of the issue, where it is not that of the workspace.
    pub lang: Option<String>,
}
