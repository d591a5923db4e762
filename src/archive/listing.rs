//! The index: the newest issue first, on as many pages as it takes.

use minijinja::context;

use super::layout::{Head, Layout, about};
use super::{Entry, File, PER_PAGE};
use crate::compose::{ComposeError, masthead};

/// `index.html`, then `page/2/index.html` and on.
pub(super) fn pages(layout: &Layout<'_>, entries: &[Entry]) -> Result<Vec<File>, ComposeError> {
    let newest: Vec<&Entry> = entries.iter().rev().collect();
    let chunks: Vec<&[&Entry]> =
        if newest.is_empty() { vec![&[]] } else { newest.chunks(PER_PAGE).collect() };
    let last = chunks.len();
    chunks.into_iter().zip(1..).map(|(entries, number)| page(layout, entries, number, last)).collect()
}

fn page(layout: &Layout<'_>, entries: &[&Entry], number: usize, last: usize) -> Result<File, ComposeError> {
    let site = layout.site;
    let root = if number == 1 { "./" } else { "../../" };
    let folder = if number == 1 { String::new() } else { format!("page/{number}/") };
    let title = if number == 1 { site.title.clone() } else { format!("{} ({number}/{last})", site.title) };
    let head = Head {
        title: &title,
        description: site.description.as_deref(),
        lang: &site.lang,
        dir: masthead::direction(&site.lang),
        root,
        path: folder.clone(),
        canonical: None,
        kind: "website",
        image: None,
        published: None,
        style: String::new(),
    };
    let place = |number: usize| match number {
        1 => root.to_owned(),
        number => format!("{root}page/{number}/"),
    };
    let own = context! {
        issues => entries.iter().map(|entry| about(entry)).collect::<Vec<_>>(),
        number,
        newer => (number > 1).then(|| place(number - 1)),
        older => (number < last).then(|| place(number + 1)),
    };
    let html = layout.render("index.html", &head, own)?;
    Ok(File { path: format!("{folder}index.html"), bytes: html.into_bytes(), issues: Vec::new() })
}
