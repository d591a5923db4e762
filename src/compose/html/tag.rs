//! One tag of HTML or MJML that is well-formed: how long it is, and what its attributes say.

/// The bytes of the tag that `html` begins with, `>` included; one in quotes ends no tag.
pub fn tag_length(html: &str) -> usize {
    let mut quote = None;
    for (at, c) in html.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    html.len()
}

/// The value of an attribute in double quotes, as it is written.
pub fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let at = tag.find(&format!(" {name}=\""))?;
    tag[at + name.len() + 3..].split('"').next()
}
