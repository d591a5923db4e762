//! An issue as a page on the web.

use super::{Draft, one_line, read};
use crate::compose::masthead::{Masthead, direction};
use crate::compose::page::{self, Page};
use crate::compose::words::Words;
use crate::compose::{ComposeError, Look, images};
use crate::model::issue::Issue;
use crate::model::letter::Context;

pub fn page(issue: &Issue, look: &Look<'_>) -> Result<Page, ComposeError> {
    let (draft, mut findings) = read(issue, look)?;
    let (words, dir) = (Words::of(draft.lang), direction(draft.lang));
    let body = page::body(&draft.document, &draft.marks, words, dir);
    let shown = look.images.open(images::wanted(&body, &draft.marks));
    findings.extend(super::pictures::findings(&draft, shown));
    let (body, pictures) = images::on_page(&body, &draft.marks, shown);
    let Draft { fields, marks, .. } = &draft;
    let plain = |text: &str| marks.pieces(&one_line(text), Context::Plain);
    Ok(Page {
        masthead: Masthead::of(&issue.front, draft.lang, draft.minutes),
        title: plain(&super::words_of(&draft.heading)),
        heading: marks.html_pieces(&page::fragment(&draft.heading, marks), &issue.source)?,
        preheader: fields.preheader.as_deref().map(plain),
        body: marks.html_pieces(&body, &issue.source)?,
        pictures,
        theme: look.theme.clone(),
        roots: draft.roots,
        findings,
    })
}
