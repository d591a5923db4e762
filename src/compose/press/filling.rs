//! One letter on its way through the press: what each step writes, and every error there is.

use std::borrow::Cow;
use std::cell::OnceCell;

use minijinja::{Error, ErrorKind, Value};

use super::ask::Ask;
use super::fill::{Coding, NoSafeUrl, field};
use super::frame::{Step, Transfer};
use super::part::{Body, Part, Ready, Splice};
use super::script::{Fault, Script};
use super::stamp::{self, Stamp};
use super::{MergeError, Press, subject_field};
use crate::compose::expression::{READER_TOKEN, TRACKING, UNSUBSCRIBE_URL, is_own};
use crate::compose::mime::{self, header};
use crate::compose::tracking::NOBODY;
use crate::model::kind::Kind;
use crate::model::source::Span;
use crate::model::subscriber::Subscriber;

/// Errors found in one part at most: enough to see what is wrong.
const MOST_ERRORS: usize = 100;

/// What signs the links of a letter.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'a> {
    pub(super) leave: &'a str,
    pub(super) track: &'a str,
}

impl Tokens<'static> {
    /// For letters that nobody gets.
    pub(super) const SAMPLE: Tokens<'static> = Tokens { leave: "token", track: "token" };
}

impl<'a> From<&'a Stamp> for Tokens<'a> {
    fn from(stamp: &'a Stamp) -> Tokens<'a> {
        Tokens { leave: &stamp.token, track: &stamp.track }
    }
}

/// One letter on its way through the press.
pub(super) struct Filling<'a> {
    press: &'a Press,
    to: &'a Subscriber,
    tokens: Tokens<'a>,
    /// What MiniJinja sees, made when it is first asked.
    context: OnceCell<Value>,
    scratch: String,
}

impl<'a> Filling<'a> {
    pub(super) fn new(press: &'a Press, to: &'a Subscriber, tokens: Tokens<'a>) -> Filling<'a> {
        Filling { press, to, tokens, context: OnceCell::new(), scratch: String::new() }
    }

    pub(super) fn step(&mut self, step: &Step, stamp: &Stamp, out: &mut Vec<u8>) -> Result<(), MergeError> {
        match step {
            Step::Fixed(range) => out.extend_from_slice(&self.press.frame.fixed[range.clone()]),
            Step::To => match &stamp.to {
                Some(instead) => header::named("To", None, &instead.wire(), out),
                None => header::named("To", self.to.name.as_deref(), &self.to.address.wire(), out),
            },
            Step::Subject => self.subject(stamp, out)?,
            Step::Stamp => {
                for text in ["Date: ", &stamp::date(stamp.date), "\r\n"] {
                    out.extend_from_slice(text.as_bytes());
                }
                header::message_id("Message-ID", &stamp.message_id, out);
            }
            Step::Unsubscribe => self.unsubscribe(out),
            Step::Proof if stamp.proof => out.extend_from_slice(b"X-Courant-Proof: yes\r\n"),
            Step::Proof => {}
            Step::Boundary(layer) => mime::boundary(*layer, &stamp.message_id, out),
            Step::Text => self.encoded(&self.press.text, self.press.text_transfer, out)?,
            Step::Html => self.encoded(&self.press.html, self.press.html_transfer, out)?,
        }
        Ok(())
    }

    fn subject(&mut self, stamp: &Stamp, out: &mut Vec<u8>) -> Result<(), MergeError> {
        match &self.press.subjects {
            Some(fields) => out.extend_from_slice(&fields[usize::from(stamp.proof)]),
            None => {
                let text = self.text(&self.press.subject)?;
                out.extend_from_slice(&subject_field(&text, stamp.proof));
            }
        }
        Ok(())
    }

    fn unsubscribe(&self, out: &mut Vec<u8>) {
        let ways_out = &self.press.ways_out;
        header::listed("List-Unsubscribe", &ways_out.uris(self.tokens.leave), out);
        if ways_out.has_one_click {
            out.extend_from_slice(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
        }
    }

    fn encoded(&mut self, part: &Part, transfer: Transfer, out: &mut Vec<u8>) -> Result<(), MergeError> {
        match transfer {
            Transfer::QuotedPrintable => self.part(part, Coding::Quoted, out),
            Transfer::Base64 => {
                let text = self.text(part)?;
                mime::base64(text.replace('\n', "\r\n").as_bytes(), out);
                Ok(())
            }
        }
    }

    pub(super) fn text(&mut self, part: &Part) -> Result<String, MergeError> {
        let mut out = Vec::new();
        self.part(part, Coding::Raw, &mut out)?;
        Ok(String::from_utf8(out).expect("literals and escaped values are text"))
    }

    pub(super) fn part(&mut self, part: &Part, coding: Coding, out: &mut Vec<u8>) -> Result<(), MergeError> {
        match (&part.body, coding) {
            (Body::Spliced { raw, .. }, Coding::Raw) => self.splice(part, raw, coding, out),
            (Body::Spliced { quoted, .. }, Coding::Quoted) => self.splice(part, quoted, coding, out),
            (Body::Scripted { raw, .. }, Coding::Raw) => self.script(part, raw, out),
            (Body::Scripted { quoted, .. }, Coding::Quoted) => self.script(part, quoted, out),
        }
    }

    fn splice(
        &mut self,
        part: &Part,
        splice: &Splice,
        coding: Coding,
        out: &mut Vec<u8>,
    ) -> Result<(), MergeError> {
        let mut from = 0;
        for (end, hole) in &splice.stops {
            out.extend_from_slice(&splice.literals[from..*end]);
            if let Some(hole) = hole {
                self.hole(&part.holes[*hole], coding, out)?;
            }
            from = *end;
        }
        Ok(())
    }

    fn hole(&mut self, hole: &Ready, coding: Coding, out: &mut Vec<u8>) -> Result<(), MergeError> {
        let value = match &hole.ask {
            Ask::Field(name) => field(self.to, name)
                .ok_or_else(|| MergeError::Missing { field: name.clone(), span: hole.span.clone() })?,
            Ask::FieldOr(name, default) => field(self.to, name).unwrap_or(Cow::Borrowed(default)),
            Ask::Unsubscribe => Cow::Owned(self.press.ways_out.url(self.tokens.leave)),
            Ask::Token => Cow::Borrowed(self.tokens.leave),
            Ask::Tracking => Cow::Borrowed(self.tracking()),
            Ask::Expression(_) => return self.expression(hole, coding, out),
        };
        let written = hole.fill(coding).write(&value, false, &mut self.scratch, out);
        written.map_err(|NoSafeUrl| MergeError::Failed {
            message: format!("`{}`: {}", hole.expression, NoSafeUrl::MESSAGE),
            span: hole.span.clone(),
        })
    }

    /// Of those who did not agree, nothing that names them.
    fn tracking(&self) -> &'a str {
        let agrees = |name: &String| field(self.to, name).is_some_and(|value| Kind::is_yes(&value));
        if self.press.consent.as_ref().is_none_or(agrees) { self.tokens.track } else { NOBODY }
    }

    fn expression(&mut self, hole: &Ready, coding: Coding, out: &mut Vec<u8>) -> Result<(), MergeError> {
        let Some([raw, quoted]) = &hole.scripts else { return Ok(()) };
        let script = if coding == Coding::Raw { raw } else { quoted };
        let written = script.run(&self.press.environment, self.context());
        out.extend_from_slice(written.map_err(|error| self.hole_error(&error, hole))?.as_bytes());
        Ok(())
    }

    fn script(&mut self, part: &Part, script: &Script, out: &mut Vec<u8>) -> Result<(), MergeError> {
        let written = script.run(&self.press.environment, self.context());
        let written = written.map_err(|error| self.script_error(&error, script, part))?;
        out.extend_from_slice(written.as_bytes());
        Ok(())
    }

    /// Everything that is wrong in a part; literals are not written.
    pub(super) fn errors(&mut self, part: &Part) -> Vec<MergeError> {
        match &part.body {
            Body::Scripted { probe, .. } => self.script_errors(part, probe),
            Body::Spliced { .. } => {
                let mut out = Vec::new();
                let results = part.holes.iter().filter_map(|hole| {
                    out.clear();
                    self.hole(hole, Coding::Raw, &mut out).err()
                });
                results.take(MOST_ERRORS).collect()
            }
        }
    }

    /// Runs a script again without what failed, until nothing does.
    fn script_errors(&mut self, part: &Part, probe: &Script) -> Vec<MergeError> {
        let Err(mut error) = probe.run(&self.press.environment, self.context()).map(drop) else {
            return Vec::new();
        };
        let (mut errors, mut without) = (Vec::new(), Vec::new());
        loop {
            errors.push(self.script_error(&error, probe, part));
            match probe.fault(&error) {
                Some(Fault::Hole(hole)) if !without.contains(&hole) && errors.len() < MOST_ERRORS => {
                    without.push(hole);
                }
                Some(_) | None => return errors,
            }
            match probe.run_without(&self.press.environment, self.context(), &without) {
                Ok(()) => return errors,
                Err(next) => error = next,
            }
        }
    }

    fn script_error(&self, error: &Error, script: &Script, part: &Part) -> MergeError {
        match script.fault(error) {
            Some(Fault::Hole(hole)) => self.hole_error(error, &part.holes[hole]),
            Some(Fault::Statement(span)) => {
                let names = part.asked.iter().filter(|(_, at)| *at == span).map(|(name, _)| name);
                self.error(error, names, &span)
            }
            None => MergeError::failed(error, &(0..0)),
        }
    }

    fn hole_error(&self, error: &Error, hole: &Ready) -> MergeError {
        self.error(error, hole.ask.fields().iter(), &hole.span)
    }

    /// What has no value is named, where that is why.
    fn error<'n>(&self, error: &Error, names: impl Iterator<Item = &'n String>, span: &Span) -> MergeError {
        let is_missing = |name: &&String| !is_own(name) && field(self.to, name).is_none();
        let mut missing = names.filter(is_missing);
        match missing.next() {
            Some(name) if error.kind() == ErrorKind::UndefinedError => {
                MergeError::Missing { field: name.clone(), span: span.clone() }
            }
            _ => MergeError::failed(error, span),
        }
    }

    pub(super) fn context(&self) -> &Value {
        self.context.get_or_init(|| {
            let to = self.to;
            let fields = to.fields.keys().map(String::as_str).chain(["email", "name"]);
            let fields = fields.filter_map(|name| Some((Value::from(name), Value::from(&*field(to, name)?))));
            let (url, token) = (self.press.ways_out.url(self.tokens.leave), self.tokens.leave.to_owned());
            let tracking = self.tracking().to_owned();
            let own = [(UNSUBSCRIBE_URL, url), (READER_TOKEN, token), (TRACKING, tracking)];
            let own = own.map(|(name, value)| (Value::from(name), Value::from(value)));
            let roots =
                self.press.roots.iter().map(|(name, value)| (Value::from(name.as_str()), value.clone()));
            // What comes later wins: a column cannot take the place of a root.
            Value::from_pairs(fields.chain(own).chain(roots))
        })
    }
}
