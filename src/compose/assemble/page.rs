//! An issue as a page on the web.

use super::{Draft, one_line, read};
use crate::compose::page::{self, Page};
use crate::compose::words::Words;
use crate::compose::{ComposeError, Look, images, masthead};
use crate::model::issue::Issue;
use crate::model::letter::Context;

pub fn page(issue: &Issue, look: &Look<'_>) -> Result<Page, ComposeError> {
    let (draft, mut findings) = read(issue, look)?;
    let dir = masthead::direction(draft.lang);
    let body = page::body(&draft.document, &draft.marks, Words::of(draft.lang), dir);
    let shown = look.images.open(images::wanted(&body, &draft.marks));
    findings.extend(super::pictures::findings(&draft, shown));
    let (body, pictures) = images::on_page(&body, &draft.marks, shown);
    let Draft { fields, marks, .. } = &draft;
    let plain = |text: &str| marks.pieces(&one_line(text), Context::Plain);
    Ok(Page {
        lang: draft.lang.to_owned(),
        dir,
        title: plain(&super::words_of(&draft.heading)),
        heading: marks.html_pieces(&page::fragment(&draft.heading, marks), &issue.source)?,
        preheader: fields.preheader.as_deref().map(plain),
        kicker: masthead::kicker(&issue.front),
        author: issue.front.author.as_ref().map(|author| author.value.clone()),
        date: issue.front.date.as_ref().map(|date| date.value),
        minutes: draft.minutes,
        body: marks.html_pieces(&body, &issue.source)?,
        pictures,
        theme: look.theme.clone(),
        roots: draft.roots,
        findings,
    })
}
