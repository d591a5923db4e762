//! Where in the author's files something of the finished HTML was written.

use super::Draft;
use crate::model::source::{Place, Source};

/// Where `written` stands: in a file of the template, else in the issue; `None` if it stands in neither, or was made
/// by a built-in template.
pub fn find(draft: &Draft<'_>, written: &str) -> Option<Place> {
    sources(draft).find_map(|(source, from)| {
        let text = source.text();
        let at = from + text[from..].find(written)?;
        Some(source.at(at..at + written.len()))
    })
}

/// Where a declaration such as `float:left` stands, however it is spaced; also where an attribute of MJML or HTML
/// says the same.
pub fn declaration(draft: &Draft<'_>, written: &str) -> Option<Place> {
    spellings(written)?.iter().find_map(|written| find(draft, written))
}

/// The same, but nowhere if it stands in more than one place: only one of them may be meant.
pub fn declaration_once(draft: &Draft<'_>, written: &str) -> Option<Place> {
    let texts = || sources(draft).map(|(source, from)| &source.text()[from..]);
    let count =
        |spelling: &String| texts().map(|text| text.matches(spelling.as_str()).count()).sum::<usize>();
    let times: usize = spellings(written)?.iter().map(count).sum();
    (times == 1).then(|| declaration(draft, written)).flatten()
}

/// The ways in which a declaration may be written in a file.
fn spellings(written: &str) -> Option<[String; 3]> {
    let (name, value) = written.split_once(':')?;
    let (name, value) = (name.trim(), value.trim());
    Some([format!("{name}:{value}"), format!("{name}: {value}"), format!("{name}=\"{value}\"")])
}

/// The files that are the author's, each with where to begin.
fn sources<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = (&'a Source, usize)> {
    let template = &draft.facts.rendered.template;
    let parts = template.parts.iter().map(|(_, part)| part);
    let own = [&template.main].into_iter().chain(parts).filter(|source| is_own(source));
    own.map(|source| (source, 0)).chain([(&draft.facts.issue.source, draft.facts.issue.body.start)])
}

/// Whether somebody can change it.
pub fn is_own(source: &Source) -> bool {
    !source.path().to_string_lossy().ends_with("(built in)")
}
