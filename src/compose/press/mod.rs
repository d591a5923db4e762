//! Presses letters: fills the holes of an edition for one subscriber. What is the same for all is encoded
//! once; a letter is a splice of encoded literals and its own encoded values.

mod ask;
mod branches;
mod fill;
mod filling;
mod frame;
mod part;
mod public;
mod script;
mod stamp;
mod url;
mod values;

use std::borrow::Cow;
use std::collections::BTreeSet;

use minijinja::value::Serde;
use minijinja::{Environment, Error, Value};

use crate::compose::dkim::{Seal, Signer};
use crate::compose::expression::{self, is_own};
use crate::compose::mime::{self, header};
use crate::compose::tracking;
use crate::model::finding::Explain;
use crate::model::letter::{Edition, Piece, Pieces};
use crate::model::source::{Place, Source, Span};
use crate::model::subscriber::Subscriber;
pub use branches::{Branches, Way};
use filling::{Filling, Tokens};
use frame::{Frame, Transfer};
use part::{Body, Part};
pub use public::{Filled, Gap, for_everybody};
use stamp::WaysOut;
pub use stamp::{Stamp, Stamper, date};
pub use values::{freeze_values, thaw_values};

/// An edition made ready; shared by all couriers.
pub struct Press {
    frame: Frame,
    subject: Part,
    /// The subject's field, where it is the same for all: plain, and as a proof's.
    subjects: Option<[Vec<u8>; 2]>,
    text: Part,
    text_transfer: Transfer,
    html: Part,
    html_transfer: Transfer,
    environment: Environment<'static>,
    roots: Vec<(String, Value)>,
    ways_out: WaysOut,
    /// The field that says yes for those whose opens and clicks may be counted.
    consent: Option<String>,
    seal: Option<Seal>,
    /// The names of all fields that a letter has.
    fields: Vec<String>,
}

/// A hole that this subscriber has no value for, or an expression that fails for them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    #[error("`{field}` has no value")]
    Missing { field: String, span: Span },
    #[error("{message}")]
    Failed { message: String, span: Span },
}

impl MergeError {
    /// Where the hole stands in the issue; empty for holes of a template.
    pub fn span(&self) -> &Span {
        match self {
            MergeError::Missing { span, .. } | MergeError::Failed { span, .. } => span,
        }
    }

    /// The error with its place in the issue, to be shown.
    pub fn within(self, issue: &Source) -> Unfilled {
        let span = self.span().clone();
        Unfilled { place: (!span.is_empty()).then(|| issue.at(span)), error: self }
    }

    fn failed(error: &Error, span: &Span) -> MergeError {
        MergeError::Failed { message: expression::reason(error), span: span.clone() }
    }
}

impl Explain for MergeError {
    fn help(&self) -> Option<String> {
        match self {
            MergeError::Missing { field, .. } => Some(format!(
                "give those without it something else: `{{{{ {field} | default(\"…\") }}}}`, or ask first: \
                 `{{% if {field} %}}`"
            )),
            MergeError::Failed { .. } => None,
        }
    }
}

/// A [`MergeError`] at its place in the issue.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Unfilled {
    error: MergeError,
    place: Option<Place>,
}

impl Explain for Unfilled {
    fn place(&self) -> Option<Place> {
        self.place.clone()
    }

    fn help(&self) -> Option<String> {
        self.error.help()
    }
}

/// The parts of a pressed letter before transfer encoding, for preview, `render` and checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfolded {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A name that an edition asks each subscriber for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldUse {
    pub field: String,
    /// Where in the issue; empty in a template.
    pub start: usize,
    pub end: usize,
}

impl Press {
    /// Fails where an expression does not parse.
    pub fn new(edition: &Edition) -> Result<Press, MergeError> {
        let mut environment = script::environment();
        let subject = Part::new(&mut environment, "subject", &edition.subject, false)?;
        let text = Part::new(&mut environment, "text", &ended(&edition.text), false)?;
        let html = Part::new(&mut environment, "html", &ended(&tracking::html(edition)), true)?;
        let (text_transfer, html_transfer) = (transfer(&text), transfer(&html));
        Ok(Press {
            frame: Frame::new(edition, text_transfer, html_transfer),
            subjects: fixed_subjects(&edition.subject),
            subject,
            text,
            text_transfer,
            html,
            html_transfer,
            environment,
            roots: roots(&edition.roots),
            ways_out: WaysOut::of(&edition.unsubscribe),
            consent: edition.tracking.as_ref().and_then(|tracking| tracking.consent.clone()),
            seal: None,
            fields: frame::fields(edition).map(str::to_owned).collect(),
        })
    }

    /// The same press, whose letters are signed by each of `signers`.
    pub fn signed_by(self, signers: Vec<Signer>) -> Press {
        let present: Vec<&str> = self.fields.iter().map(String::as_str).collect();
        let seal = (!signers.is_empty()).then(|| Seal::new(signers, &present));
        Press { seal, ..self }
    }

    /// Appends the letter's final bytes to `out`: CRLF line ends, no line over 998 octets (encoded bodies
    /// 76), no line that begins with a dot, ending with CRLF; fit to be written after DATA as it is. On an
    /// error `out` is as it was.
    pub fn press(&self, to: &Subscriber, stamp: &Stamp, out: &mut Vec<u8>) -> Result<(), MergeError> {
        let start = out.len();
        let signed = self.write(to, stamp, out).and_then(|()| self.sign(&mut out[start..]));
        if signed.is_err() {
            out.truncate(start);
        }
        signed
    }

    /// How many octets the letter has, without the work of signing it. `scratch` is overwritten.
    pub fn measure(
        &self,
        to: &Subscriber,
        stamp: &Stamp,
        scratch: &mut Vec<u8>,
    ) -> Result<usize, MergeError> {
        scratch.clear();
        self.write(to, stamp, scratch).map(|()| scratch.len())
    }

    /// The letter, with blanks where signatures go.
    fn write(&self, to: &Subscriber, stamp: &Stamp, out: &mut Vec<u8>) -> Result<(), MergeError> {
        if let Some(seal) = &self.seal {
            seal.open(stamp.date, out);
        }
        let mut filling = Filling::new(self, to, stamp.into());
        self.frame.steps.iter().try_for_each(|step| filling.step(step, stamp, out))
    }

    fn sign(&self, letter: &mut [u8]) -> Result<(), MergeError> {
        let Some(seal) = &self.seal else { return Ok(()) };
        seal.close(letter).map_err(|broken| MergeError::Failed { message: broken.to_string(), span: 0..0 })
    }

    /// The same letter, decoded.
    pub fn unfold(&self, to: &Subscriber, stamp: &Stamp) -> Result<Unfolded, MergeError> {
        let mut filling = Filling::new(self, to, stamp.into());
        let subject = filling.text(&self.subject)?;
        Ok(Unfolded {
            subject: if stamp.proof { format!("{PROOF}{subject}") } else { subject },
            text: filling.text(&self.text)?,
            html: filling.text(&self.html)?,
        })
    }

    /// Every error for this subscriber, not only the first; each place once.
    pub fn missing(&self, to: &Subscriber) -> Vec<MergeError> {
        let mut filling = Filling::new(self, to, Tokens::SAMPLE);
        let mut errors: Vec<MergeError> = Vec::new();
        for part in [&self.subject, &self.text, &self.html] {
            for error in filling.errors(part) {
                if !errors.contains(&error) {
                    errors.push(error);
                }
            }
        }
        errors
    }

    /// The names of all fields that the edition asks for, `email` and `name` among them.
    pub fn fields(&self) -> Vec<String> {
        let names: BTreeSet<String> = self.uses().into_iter().map(|used| used.field).collect();
        names.into_iter().collect()
    }

    /// Where the edition asks for a field: in holes, and in statements such as `if`, where a field that
    /// nobody has is simply false.
    pub fn uses(&self) -> Vec<FieldUse> {
        let parts = [&self.subject, &self.text, &self.html].into_iter();
        let consent = self.consent.iter().map(|field| FieldUse { field: field.clone(), start: 0, end: 0 });
        let uses: BTreeSet<FieldUse> = parts.flat_map(|part| self.uses_in(part)).chain(consent).collect();
        uses.into_iter().collect()
    }

    fn uses_in<'a>(&'a self, part: &'a Part) -> impl Iterator<Item = FieldUse> + 'a {
        let known = self.fields_of(part);
        let in_holes =
            part.holes.iter().flat_map(|hole| hole.ask.fields().iter().map(|field| (field, &hole.span)));
        let in_statements = part.asked.iter().map(|(field, span)| (field, span));
        in_holes
            .chain(in_statements)
            .filter(move |(field, _)| known.contains(*field))
            .map(|(field, span)| FieldUse { field: field.clone(), start: span.start, end: span.end })
    }

    /// The fields of a part; names that it makes itself, such as a loop's, are none.
    fn fields_of(&self, part: &Part) -> BTreeSet<String> {
        let names: Box<dyn Iterator<Item = String>> = match &part.body {
            Body::Spliced { .. } => Box::new(part.holes.iter().flat_map(|hole| hole.ask.fields().to_vec())),
            Body::Scripted { probe, .. } => Box::new(probe.names(&self.environment).into_iter()),
        };
        names.filter(|name| ask::is_field(name) && !is_own(name)).collect()
    }
}

/// Before the subject of a proof.
const PROOF: &str = "[Proof] ";

fn ended(pieces: &Pieces) -> Pieces {
    let is_ended = matches!(pieces.iter().last(), Some(Piece::Literal(text)) if text.ends_with('\n'));
    let end = if is_ended { "" } else { "\n" };
    Pieces::new(pieces.iter().cloned().chain([Piece::Literal(end.to_owned())]))
}

/// Base64 where quoted-printable would be longer.
fn transfer(part: &Part) -> Transfer {
    let (raw, quoted) = part.sizes();
    if mime::base64_length(raw) < quoted { Transfer::Base64 } else { Transfer::QuotedPrintable }
}

fn fixed_subjects(subject: &Pieces) -> Option<[Vec<u8>; 2]> {
    let text = match subject.iter().collect::<Vec<_>>()[..] {
        [] => "",
        [Piece::Literal(text)] => text,
        _ => return None,
    };
    Some([subject_field(text, false), subject_field(text, true)])
}

fn subject_field(text: &str, proof: bool) -> Vec<u8> {
    let mut field = Vec::new();
    let text = if proof { Cow::Owned(format!("{PROOF}{text}")) } else { Cow::Borrowed(text) };
    header::unstructured("Subject", &text, &mut field);
    field
}

fn roots(roots: &serde_json::Value) -> Vec<(String, Value)> {
    let entries = roots.as_object().into_iter().flatten();
    entries.map(|(name, value)| (name.clone(), Value::from(Serde(value)))).collect()
}

#[cfg(test)]
pub(crate) mod tests;
