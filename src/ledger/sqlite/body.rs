//! The stored form of an edition, apart from the model's types, so that renaming a field of theirs changes
//! no ledger.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::failure::corrupt;
use crate::ledger::LedgerError;
use crate::model::address::{Address, Mailbox};
use crate::model::issue::IssueId;
use crate::model::letter::{
    Attachment, Context, Disposition, Edition, Hole, Piece, Pieces, Tracking, Unsubscribe,
};
use crate::model::subscriber::ListId;

/// SHA-256 in lower-case hexadecimal: the name of an asset.
pub(super) fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}

#[derive(Serialize, Deserialize)]
pub(super) struct Body {
    issue: String,
    from: Person,
    reply_to: Option<Person>,
    subject: Vec<Part>,
    headers: Vec<(String, String)>,
    text: Vec<Part>,
    html: Vec<Part>,
    attachments: Vec<Attached>,
    roots: serde_json::Value,
    base_url: Option<String>,
    mailto: String,
    /// The lists that unsubscribe links lead out of; none in editions of older versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    leaves: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lang: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracking: Option<Told>,
}

/// What its letters tell of their readers.
#[derive(Serialize, Deserialize)]
struct Told {
    opens: bool,
    clicks: bool,
    consent: Option<String>,
    base_url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    preferences_url: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Person {
    name: Option<String>,
    address: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Literal(String),
    Hole { expression: String, context: Where, start: usize, end: usize },
    Logic { statement: String, start: usize, end: usize },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Where {
    Plain,
    Html,
    Attribute,
    Url,
    Header,
}

/// An attachment, whose bytes are an asset.
#[derive(Serialize, Deserialize)]
struct Attached {
    file_name: String,
    content_type: String,
    content_id: Option<String>,
    inline: bool,
    hash: String,
}

impl Body {
    pub(super) fn text_of(edition: &Edition) -> String {
        serde_json::to_string(&Body::freeze(edition)).expect("every key of these structs is a text")
    }

    /// The hashes of the assets that a stored text needs.
    pub(super) fn assets_of(text: &str) -> Result<Vec<String>, LedgerError> {
        let body: Body = serde_json::from_str(text).map_err(|_| corrupt("the text of an edition"))?;
        Ok(body.attachments.into_iter().map(|attached| attached.hash).collect())
    }

    fn freeze(edition: &Edition) -> Body {
        Body {
            issue: edition.issue.0.clone(),
            from: person(&edition.from),
            reply_to: edition.reply_to.as_ref().map(person),
            subject: parts(&edition.subject),
            headers: edition.headers.clone(),
            text: parts(&edition.text),
            html: parts(&edition.html),
            attachments: edition.attachments.iter().map(attached).collect(),
            roots: edition.roots.clone(),
            base_url: edition.unsubscribe.base_url.clone(),
            mailto: edition.unsubscribe.mailto.to_string(),
            leaves: edition.unsubscribe.lists.iter().map(|list| list.0.clone()).collect(),
            lang: edition.unsubscribe.lang.clone(),
            tracking: edition.tracking.as_ref().map(told),
        }
    }

    /// The edition again; `asset` gives the bytes that have a hash.
    pub(super) fn thaw(
        self,
        asset: &dyn Fn(&str) -> Result<Vec<u8>, LedgerError>,
    ) -> Result<Edition, LedgerError> {
        Ok(Edition {
            issue: IssueId(self.issue),
            from: mailbox(self.from)?,
            reply_to: self.reply_to.map(mailbox).transpose()?,
            subject: pieces(self.subject),
            headers: self.headers,
            text: pieces(self.text),
            html: pieces(self.html),
            attachments: self
                .attachments
                .into_iter()
                .map(|attached| Ok(attachment(asset(&attached.hash)?, attached)))
                .collect::<Result<_, LedgerError>>()?,
            roots: self.roots,
            unsubscribe: Unsubscribe {
                base_url: self.base_url,
                mailto: address(&self.mailto)?,
                lists: self.leaves.into_iter().map(ListId).collect(),
                lang: self.lang,
            },
            tracking: self.tracking.map(tracking),
        })
    }
}

fn told(tracking: &Tracking) -> Told {
    let Tracking { opens, clicks, consent, base_url, preferences_url } = tracking.clone();
    Told { opens, clicks, consent, base_url, preferences_url }
}

fn tracking(told: Told) -> Tracking {
    let Told { opens, clicks, consent, base_url, preferences_url } = told;
    Tracking { opens, clicks, consent, base_url, preferences_url }
}

fn person(mailbox: &Mailbox) -> Person {
    Person { name: mailbox.name.clone(), address: mailbox.address.to_string() }
}

fn mailbox(person: Person) -> Result<Mailbox, LedgerError> {
    Ok(Mailbox { name: person.name, address: address(&person.address)? })
}

fn address(text: &str) -> Result<Address, LedgerError> {
    Address::parse(text).map_err(|_| corrupt("an address of an edition that is none"))
}

fn parts(pieces: &Pieces) -> Vec<Part> {
    pieces.iter().map(part).collect()
}

fn part(piece: &Piece) -> Part {
    match piece {
        Piece::Literal(text) => Part::Literal(text.clone()),
        Piece::Hole(Hole { expression, context, span }) => Part::Hole {
            expression: expression.clone(),
            context: place(*context),
            start: span.start,
            end: span.end,
        },
        Piece::Logic { statement, span } => {
            Part::Logic { statement: statement.clone(), start: span.start, end: span.end }
        }
    }
}

fn pieces(parts: Vec<Part>) -> Pieces {
    Pieces::new(parts.into_iter().map(piece))
}

fn piece(part: Part) -> Piece {
    match part {
        Part::Literal(text) => Piece::Literal(text),
        Part::Hole { expression, context, start, end } => {
            Piece::Hole(Hole { expression, context: self::context(context), span: start..end })
        }
        Part::Logic { statement, start, end } => Piece::Logic { statement, span: start..end },
    }
}

fn place(context: Context) -> Where {
    match context {
        Context::Plain => Where::Plain,
        Context::Html => Where::Html,
        Context::Attribute => Where::Attribute,
        Context::Url => Where::Url,
        Context::Header => Where::Header,
    }
}

fn context(place: Where) -> Context {
    match place {
        Where::Plain => Context::Plain,
        Where::Html => Context::Html,
        Where::Attribute => Context::Attribute,
        Where::Url => Context::Url,
        Where::Header => Context::Header,
    }
}

fn attached(attachment: &Attachment) -> Attached {
    Attached {
        file_name: attachment.file_name.clone(),
        content_type: attachment.content_type.clone(),
        content_id: attachment.content_id.clone(),
        inline: match attachment.disposition {
            Disposition::Inline => true,
            Disposition::Attachment => false,
        },
        hash: hash(&attachment.bytes),
    }
}

fn attachment(bytes: Vec<u8>, attached: Attached) -> Attachment {
    Attachment {
        file_name: attached.file_name,
        content_type: attached.content_type,
        content_id: attached.content_id,
        disposition: if attached.inline { Disposition::Inline } else { Disposition::Attachment },
        bytes,
    }
}
