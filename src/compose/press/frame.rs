//! What stands around the parts: headers, boundaries, attachments; encoded once, with gaps for what differs.

use std::ops::Range;

use super::stamp::has_one_click;
use crate::compose::mime::{self, header};
use crate::model::letter::{Attachment, Disposition, Edition};

/// One thing after the other makes a letter.
pub(super) enum Step {
    /// Of [`Frame::fixed`].
    Fixed(Range<usize>),
    /// The fields To, Subject, Date and Message-ID, List-Unsubscribe, and the mark of a proof.
    To,
    Subject,
    Stamp,
    Unsubscribe,
    Proof,
    /// The boundary of a layer, without dashes.
    Boundary(char),
    Text,
    Html,
}

/// A letter with gaps.
pub(super) struct Frame {
    pub(super) fixed: Vec<u8>,
    pub(super) steps: Vec<Step>,
    /// Where fixed bytes began that are no step yet.
    open: usize,
}

/// The layers, from the outermost: each stands around the next.
const MIXED: char = 'm';
const RELATED: char = 'r';
const ALTERNATIVE: char = 'a';

/// How a body is encoded, as its header says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    QuotedPrintable,
    Base64,
}

impl Transfer {
    fn name(self) -> &'static str {
        match self {
            Transfer::QuotedPrintable => "quoted-printable",
            Transfer::Base64 => "base64",
        }
    }
}

impl Frame {
    /// `text` and `html` are how these parts are encoded.
    pub(super) fn new(edition: &Edition, text: Transfer, html: Transfer) -> Frame {
        let mut frame = Frame { fixed: Vec::new(), steps: Vec::new(), open: 0 };
        frame.headers(edition);
        frame.body(edition, text, html);
        frame.close();
        frame
    }

    fn headers(&mut self, edition: &Edition) {
        header::mailbox("From", &edition.from, &mut self.fixed);
        self.step(Step::To);
        if let Some(reply_to) = &edition.reply_to {
            header::mailbox("Reply-To", reply_to, &mut self.fixed);
        }
        self.step(Step::Subject);
        self.step(Step::Stamp);
        self.text("MIME-Version: 1.0\r\n");
        for (name, value) in &edition.headers {
            fixed_header(name, value, &mut self.fixed);
        }
        if is_of_list(edition) {
            self.step(Step::Unsubscribe);
        }
        self.step(Step::Proof);
    }

    /// `multipart/mixed` around `related` around `alternative`: as many of them as are needed.
    fn body(&mut self, edition: &Edition, text: Transfer, html: Transfer) {
        let of = |disposition| {
            edition.attachments.iter().filter(move |attachment| attachment.disposition == disposition)
        };
        let inline: Vec<_> = of(Disposition::Inline).collect();
        let attached: Vec<_> = of(Disposition::Attachment).collect();
        if !attached.is_empty() {
            self.open_layer(MIXED, "mixed");
        }
        if !inline.is_empty() {
            self.open_layer(RELATED, "related;\r\n type=\"multipart/alternative\"");
        }
        self.open_layer(ALTERNATIVE, "alternative");
        self.part("plain", text, Step::Text);
        self.next_part(ALTERNATIVE);
        self.part("html", html, Step::Html);
        self.end_layer(ALTERNATIVE);
        self.files(RELATED, &inline);
        self.files(MIXED, &attached);
    }

    fn files(&mut self, layer: char, files: &[&Attachment]) {
        for file in files {
            self.next_part(layer);
            attachment(file, &mut self.fixed);
        }
        if !files.is_empty() {
            self.end_layer(layer);
        }
    }

    /// The header of a layer and the way to its first part.
    fn open_layer(&mut self, layer: char, kind: &str) {
        self.text(&format!("Content-Type: multipart/{kind};\r\n boundary=\""));
        self.step(Step::Boundary(layer));
        self.text("\"\r\n");
        self.next_part(layer);
    }

    /// The line break before the dashes belongs to the boundary: a body keeps its own.
    fn next_part(&mut self, layer: char) {
        self.text("\r\n--");
        self.step(Step::Boundary(layer));
        self.text("\r\n");
    }

    fn end_layer(&mut self, layer: char) {
        self.text("\r\n--");
        self.step(Step::Boundary(layer));
        self.text("--\r\n");
    }

    fn part(&mut self, kind: &str, transfer: Transfer, body: Step) {
        let coding = transfer.name();
        self.text(&format!(
            "Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
        ));
        self.step(body);
    }

    fn text(&mut self, text: &str) {
        self.fixed.extend_from_slice(text.as_bytes());
    }

    fn step(&mut self, step: Step) {
        self.close();
        self.steps.push(step);
    }

    fn close(&mut self) {
        if self.open < self.fixed.len() {
            self.steps.push(Step::Fixed(self.open..self.fixed.len()));
            self.open = self.fixed.len();
        }
    }
}

/// The names of the fields that a letter has, once each; but for the mark of a proof.
pub(super) fn fields(edition: &Edition) -> impl Iterator<Item = &str> {
    let reply_to = edition.reply_to.is_some().then_some("Reply-To");
    let leave = is_of_list(edition).then_some("List-Unsubscribe");
    let one_click = leave.filter(|_| has_one_click(&edition.unsubscribe)).map(|_| "List-Unsubscribe-Post");
    let always = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"];
    let own = edition.headers.iter().map(|(name, _)| name.as_str());
    always.into_iter().chain(reply_to).chain(leave).chain(one_click).chain(own)
}

/// Whether it is a letter of a list, which names itself (RFC 2919): only from one is there a way out (RFC 2369).
fn is_of_list(edition: &Edition) -> bool {
    edition.headers.iter().any(|(name, _)| name == "List-Id")
}

/// List-Id has a name before its brackets; other fields that hold addresses are left whole.
fn fixed_header(name: &str, value: &str, out: &mut Vec<u8>) {
    let angle =
        value.rsplit_once('<').and_then(|(before, id)| Some((before, id.trim_end().strip_suffix('>')?)));
    match angle {
        Some((before, id)) if !before.contains('<') && !before.trim().is_empty() => {
            header::named(name, Some(before.trim().trim_matches('"')), id, out);
        }
        Some(_) => header::listed(name, &[value.to_owned()], out),
        None => header::unstructured(name, value, out),
    }
}

fn attachment(file: &Attachment, out: &mut Vec<u8>) {
    let disposition = match file.disposition {
        Disposition::Attachment => "attachment",
        Disposition::Inline => "inline",
    };
    header::unstructured("Content-Type", &file.content_type, out);
    out.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n");
    if let Some(id) = &file.content_id {
        header::listed("Content-ID", &[format!("<{id}>")], out);
    }
    out.extend_from_slice(format!("Content-Disposition: {disposition}").as_bytes());
    header::parameter("filename", &file.file_name, out);
    out.extend_from_slice(b"\r\n\r\n");
    mime::base64(&file.bytes, out);
}
