//! Blocks that say where in the issue they come from, for the preview: an attribute of HTML, or a class of MJML, which
//! passes through as one. Nothing else differs, so that what is found in a traced letter stands in the same place in
//! the one that is sent.

use crate::model::source::Span;

/// The attribute of a block within prose: the bytes of the issue from where to where.
pub const ATTRIBUTE: &str = "data-block";
/// What the class of a component begins with, before the same.
pub const CLASS: &str = "courant-block-";

/// What stands in the attribute, and behind the beginning of the class.
fn place(span: &Span) -> String {
    format!("{}-{}", span.start, span.end)
}

/// The span that [`ATTRIBUTE`] or the rest of [`CLASS`] names.
pub fn span(place: &str) -> Option<Span> {
    let (start, end) = place.split_once('-')?;
    Some(start.parse().ok()?..end.parse().ok()?)
}

/// `html` whose first tag says what block it is; as it is where it begins with none.
pub fn marked(html: &str, span: &Span) -> String {
    match name_length(html) {
        Some(end) => format!("{} {ATTRIBUTE}=\"{}\"{}", &html[..end], place(span), &html[end..]),
        None => html.to_owned(),
    }
}

/// A component that says the same.
pub fn classed(mjml: &str, span: &Span) -> String {
    const OWN: &str = " css-class=\"";
    let Some(end) = name_length(mjml).filter(|_| !mjml.starts_with("<mj-raw")) else {
        return mjml.to_owned();
    };
    let class = format!("{CLASS}{}", place(span));
    let tag = &mjml[..super::tag_length(mjml)];
    match tag.find(OWN).map(|at| at + OWN.len()) {
        Some(at) => {
            let at = at + mjml[at..].find('"').unwrap_or_default();
            format!("{} {class}{}", &mjml[..at], &mjml[at..])
        }
        None => format!("{}{OWN}{class}\"{}", &mjml[..end], &mjml[end..]),
    }
}

/// Where the name of the tag ends that `markup` begins with.
fn name_length(markup: &str) -> Option<usize> {
    let name = markup.strip_prefix('<')?;
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '-')?;
    (end > 0 && name.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tag_says_where_its_block_comes_from() {
        assert_eq!(marked("<p style=\"a\">x</p>", &(3..9)), "<p data-block=\"3-9\" style=\"a\">x</p>");
        assert_eq!(marked("<h2>x</h2>", &(3..9)), "<h2 data-block=\"3-9\">x</h2>");
        for none in ["", "text", "<!-- a -->", "< p>", "</p>"] {
            assert_eq!(marked(none, &(3..9)), none);
        }
        assert_eq!(span("3-9"), Some(3..9));
    }

    #[test]
    fn a_component_says_it_in_its_class() {
        assert_eq!(
            classed("<mj-image src=\"a\" />", &(1..2)),
            "<mj-image css-class=\"courant-block-1-2\" src=\"a\" />"
        );
        assert_eq!(
            classed("<mj-text a=\"b\" css-class=\"c-text\">", &(1..2)),
            "<mj-text a=\"b\" css-class=\"c-text courant-block-1-2\">"
        );
        assert_eq!(classed("<mj-raw><!--x--></mj-raw>", &(1..2)), "<mj-raw><!--x--></mj-raw>");
    }
}
