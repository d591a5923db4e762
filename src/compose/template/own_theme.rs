//! The look that a template brings along: a comment at its top that begins with `[theme]`.

use crate::compose::ComposeError;
use crate::model::source::Span;
use crate::model::template::Template;
use crate::model::theme::Changes;
use crate::model::tree::{Misfit, Table};
use crate::settings::theme::changes;

/// What the comment says, or nothing. A wrong key or value is an error with its place in the template.
pub fn own_theme(template: &Template) -> Result<Changes, ComposeError> {
    let text = template.main.text();
    let Some(inside) = comment(text) else { return Ok(Changes::default()) };
    let read = Table::from_toml(&text[inside.clone()], inside.start);
    read.and_then(|table| changes(&table, "`[theme]` of a template")).map_err(
        |Misfit { message, span, help }| ComposeError::Broken {
            message,
            place: Some(template.main.at(span)),
            help,
        },
    )
}

/// What a template says of itself: the first line of the comment it begins with, without its name.
pub fn about(text: &str) -> Option<String> {
    let inside = |(open, close): (&str, &str)| {
        let comment = text.trim_start().strip_prefix(open)?;
        Some(&comment[..comment.find(close)?])
    };
    let first = [("{#", "#}"), ("/*", "*/")].into_iter().find_map(inside)?.trim().lines().next()?;
    let said = first.split_once(": ").map_or(first, |(_, said)| said).trim();
    (!said.starts_with('[')).then(|| said.to_owned())
}

/// What stands behind `[theme]` in the first comment that begins with it.
fn comment(text: &str) -> Option<Span> {
    const MARK: &str = "[theme]";
    for (open, _) in text.match_indices("{#") {
        let end = open + text[open..].find("#}")?;
        let inside = text[open + 2..end].trim_start_matches('-');
        if let Some(rest) = inside.trim_start().strip_prefix(MARK) {
            let rest = rest.trim_end_matches('-');
            let start = end - rest.len() - usize::from(text[..end].ends_with('-'));
            return Some(start..start + rest.len());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Explain;
    use crate::model::source::Source;

    fn read(text: &str) -> Result<Changes, ComposeError> {
        own_theme(&Template::alone(Source::new("templates/t.mjml", text)))
    }

    #[test]
    fn a_comment_says_how_the_template_looks() {
        let changes =
            read("{# notes #}\n{#- [theme]\nsize = 18\nlink = '#112233'\n-#}\n<mjml/>").expect("it is right");
        assert_eq!((changes.size, changes.link.dark.as_deref()), (Some(18), Some("#112233")));
        assert_eq!(read("<mjml/>").expect("it says nothing"), Changes::default());
    }

    #[test]
    fn what_is_wrong_in_it_has_its_place() {
        let error = read("{# [theme]\nsize = 18\nwidht = 600\n#}").expect_err("`widht` is no key");
        assert_eq!(error.place().expect("a place").to_string(), "templates/t.mjml:3:1");
    }
}
