//! Raw markup of the author: only what mail clients show and what is safe is kept.

use ammonia::UrlRelative;

use super::{allowed, html_of_mjml};

/// Cleans markup; made once for a body.
pub struct Cleaner {
    builder: ammonia::Builder<'static>,
}

/// One tag of raw markup.
#[derive(Debug, PartialEq, Eq)]
pub enum RawTag {
    /// The sanitised opening tag and its name.
    Open {
        open: String,
        tag: String,
    },
    Close(String),
    /// A whole element without content, sanitised.
    Void {
        html: String,
        tag: String,
    },
    /// Comments, declarations and what is not allowed.
    Nothing,
}

impl Cleaner {
    pub fn new() -> Cleaner {
        let mut builder = ammonia::Builder::default();
        builder
            .tags(allowed::tags())
            .tag_attributes(allowed::tag_attributes())
            .generic_attributes(allowed::ATTRIBUTES.into_iter().collect())
            .filter_style_properties(allowed::STYLES.into_iter().collect())
            .url_schemes(
                ["http", "https", "mailto", "tel", "sms", "ftp", "xmpp", "matrix", "geo", "cid"].into(),
            )
            .url_relative(UrlRelative::PassThrough)
            .link_rel(None)
            .strip_comments(false);
        Cleaner { builder }
    }

    /// The markup as far as it is allowed, well-formed by itself. Comments of the author are gone; those in
    /// `kept` stay.
    pub fn clean(&self, raw: &str) -> String {
        self.builder.clean(raw).to_string()
    }

    /// Reads a single tag.
    pub fn tag(&self, raw: &str) -> RawTag {
        let Some(name) = tag_name(raw) else { return RawTag::Nothing };
        if raw.starts_with("</") {
            return RawTag::Close(name);
        }
        let clean = self.clean(raw);
        match clean.strip_suffix(&format!("</{name}>")) {
            _ if clean.is_empty() => RawTag::Nothing,
            _ if allowed::VOID_TAGS.contains(&name.as_str()) => RawTag::Void { html: clean, tag: name },
            Some(open) => RawTag::Open { open: open.to_owned(), tag: name },
            None => RawTag::Nothing,
        }
    }
}

/// MJML of the author as markup of a page: its words, links and pictures one below the other.
pub fn markup_of_mjml(mjml: &str) -> String {
    Cleaner::new().clean(&html_of_mjml(mjml))
}

/// The name of the tag that `raw` begins with, in lower case.
pub fn tag_name(raw: &str) -> Option<String> {
    let rest = raw.strip_prefix('<')?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
    let name = &rest[..length];
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| name.to_ascii_lowercase())
}

/// `raw` without its comments, declarations and processing instructions, which nobody sees, and without end tags
/// of nothing, which HTML takes for comments.
pub fn without_comments(raw: &str) -> String {
    let mut kept = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('<') {
        let (before, markup) = rest.split_at(at);
        kept.push_str(before);
        rest = match is_comment(markup) {
            true => {
                let end = if markup.starts_with("<!--") { "-->" } else { ">" };
                markup[2..].split_once(end).map_or("", |(_, after)| after)
            }
            false => {
                kept.push('<');
                &markup[1..]
            }
        };
    }
    kept + rest
}

fn is_comment(markup: &str) -> bool {
    let is_nothing = |rest: &str| !rest.is_empty() && !rest.starts_with(|c: char| c.is_ascii_alphabetic());
    markup.starts_with("<!") || markup.starts_with("<?") || markup.strip_prefix("</").is_some_and(is_nothing)
}
