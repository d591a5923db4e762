//! One text of an edition made ready: its literals encoded once, its holes understood.

use minijinja::Environment;

use super::MergeError;
use super::ask::{self, Ask};
use super::fill::{Coding, Fill};
use super::script::{self, Script};
use super::url::Urls;
use crate::compose::escape::UrlPlace;
use crate::compose::mime::quoted;
use crate::model::letter::{Hole, Piece, Pieces};
use crate::model::source::Span;

/// A part, or the subject.
pub(super) struct Part {
    pub(super) holes: Vec<Ready>,
    pub(super) body: Body,
    /// Fields that statements name, and where.
    pub(super) asked: Vec<(String, Span)>,
}

/// How a letter's text is made of it.
pub(super) enum Body {
    Spliced { raw: Splice, quoted: Splice },
    Scripted { raw: Script, quoted: Script, probe: Script },
}

/// A hole that is understood.
pub(super) struct Ready {
    pub(super) ask: Ask,
    pub(super) span: Span,
    pub(super) raw: Fill,
    pub(super) quoted: Fill,
    /// Templates that answer it, where MiniJinja must: raw and quoted.
    pub(super) scripts: Option<[Script; 2]>,
    pub(super) expression: String,
}

/// Encoded literals, one after the other.
#[derive(Default)]
pub(super) struct Splice {
    pub(super) literals: Vec<u8>,
    /// The end of a literal, and the hole after it. The last literal has none.
    pub(super) stops: Vec<(usize, Option<usize>)>,
}

impl Part {
    /// `name` keeps its templates apart from those of other parts. `is_markup` tells HTML from plain text.
    pub(super) fn new(
        environment: &mut Environment<'static>,
        name: &str,
        pieces: &Pieces,
        is_markup: bool,
    ) -> Result<Part, MergeError> {
        let places = Urls::places(pieces, is_markup);
        let mut holes = Vec::new();
        for (hole, place) in pieces.holes().zip(places) {
            holes.push(Ready::new(environment, hole, place, is_markup)?);
        }
        let asked = fields_of_statements(environment, pieces)?;
        let body = match pieces.has_logic() {
            true => script::body(environment, name, pieces, &holes)?,
            false => {
                script::answer(environment, name, &mut holes)?;
                Body::Spliced { raw: splice(pieces, Coding::Raw), quoted: splice(pieces, Coding::Quoted) }
            }
        };
        Ok(Part { holes, body, asked })
    }

    /// How many octets its literals have, as they are and as quoted-printable.
    pub(super) fn sizes(&self) -> (usize, usize) {
        match &self.body {
            Body::Spliced { raw, quoted } => (raw.literals.len(), quoted.literals.len()),
            Body::Scripted { raw, quoted, .. } => (raw.source_length(), quoted.source_length()),
        }
    }
}

impl Ready {
    pub(super) fn new(
        environment: &Environment<'static>,
        hole: &Hole,
        place: UrlPlace,
        is_markup: bool,
    ) -> Result<Ready, MergeError> {
        let ask = Ask::new(environment, &hole.expression)
            .map_err(|error| MergeError::failed(&error, &hole.span))?;
        Ok(Ready {
            ask,
            span: hole.span.clone(),
            raw: Fill::new(hole.context, place, is_markup, Coding::Raw),
            quoted: Fill::new(hole.context, place, is_markup, Coding::Quoted),
            scripts: None,
            expression: hole.expression.clone(),
        })
    }

    pub(super) fn fill(&self, coding: Coding) -> Fill {
        match coding {
            Coding::Raw => self.raw,
            Coding::Quoted => self.quoted,
        }
    }
}

/// A literal as it stands in a part with this coding, whatever comes before and after it.
pub(super) fn literal(text: &str, coding: Coding) -> Vec<u8> {
    let is_text = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t');
    let text: String = text.chars().filter(is_text).collect();
    match coding {
        Coding::Raw => text.into_bytes(),
        Coding::Quoted => {
            let mut encoded = Vec::with_capacity(text.len() + text.len() / 8);
            quoted::segment(&text, &mut encoded);
            encoded
        }
    }
}

fn splice(pieces: &Pieces, coding: Coding) -> Splice {
    let mut splice = Splice::default();
    let mut holes = 0;
    for piece in pieces.iter() {
        match piece {
            Piece::Literal(text) => splice.literals.extend(literal(text, coding)),
            Piece::Hole(_) => {
                splice.stops.push((splice.literals.len(), Some(holes)));
                holes += 1;
            }
            Piece::Logic { .. } => {}
        }
    }
    splice.stops.push((splice.literals.len(), None));
    splice
}

/// The fields that statements name, each with the place of the statement.
pub(super) fn fields_of_statements(
    environment: &Environment<'static>,
    pieces: &Pieces,
) -> Result<Vec<(String, Span)>, MergeError> {
    let mut asked = Vec::new();
    for piece in pieces.iter() {
        let Piece::Logic { statement, span } = piece else { continue };
        let Some(expression) = script::expression_of(statement) else { continue };
        let names =
            ask::fields_of(environment, expression).map_err(|error| MergeError::failed(&error, span))?;
        asked.extend(names.into_iter().map(|name| (name, span.clone())));
    }
    Ok(asked)
}
