//! Blocks and theme → MJML → HTML. Runs of prose share one `mj-text`, because every component costs bytes and
//! Gmail cuts long mail off; only what needs a component of its own gets one.

mod armour;
mod blocks;
mod components;
mod containers;
mod direction;
mod finish;
mod grounds;
mod inlines;
mod sections;
mod style;
mod table;
mod tag;
pub mod trace;
#[cfg(test)]
pub(in crate::compose) mod tests;

use crate::compose::markdown::lone::is_picture;
use crate::compose::markdown::tree::{Document, Inline};
use crate::compose::merge::Marks;
use crate::compose::words::Words;
use crate::model::source::Span;
use crate::model::theme::Theme;

use inlines::Writer;
use style::Styles;

pub(in crate::compose) use direction::direction;
pub use finish::{MjmlError, finish, parse};
pub(in crate::compose) use grounds::on_panels;
pub use sections::{HEAD, Section, TOP, sections};
pub use style::sheet;
pub use tag::{attribute, tag_length};

/// A body as MJML, to stand in a column.
#[derive(Debug, Clone, Default)]
pub struct Body {
    pub mjml: String,
    /// The picture it begins with, also for a column, where the template has a place of its own for it.
    pub lead: String,
    /// Where in `mjml` a component begins, and which block of the issue it is.
    pub origins: Vec<(usize, Span)>,
}

impl Body {
    /// Whether code in it has colours.
    pub fn has_colours(&self) -> bool {
        self.mjml.contains("<span class=\"k")
    }

    /// Whether it has tables whose rows become cards on phones.
    pub fn has_stacks(&self) -> bool {
        self.mjml.contains("c-stack")
    }

    /// Whether it has texts in MJML of the author which follow dark mode.
    pub fn has_own_texts(&self) -> bool {
        self.mjml.contains("css-class=\"c-own\"")
    }
}

/// Writes a body: merge tokens stay, everything else is escaped. `dir` is `ltr` or `rtl`. With `has_lead` the
/// picture that the document begins with, if it does, stands apart. Where it is `traced`, blocks say where they come
/// from.
pub fn body(
    document: &Document,
    marks: &Marks,
    theme: &Theme,
    words: Words,
    dir: &str,
    has_lead: bool,
    traced: bool,
) -> Body {
    let styles = Styles { traced, ..Styles::new(theme, dir) };
    let write = |blocks, notes| components::body(blocks, notes, marks, &styles, words);
    match document.blocks.split_first() {
        Some((first, rest)) if has_lead && is_picture(first) => {
            let lead = write(std::slice::from_ref(first), &[]).mjml;
            Body { lead, ..write(rest, &document.notes) }
        }
        _ => write(&document.blocks, &document.notes),
    }
}

/// A run of inlines as HTML.
pub fn fragment(inlines: &[Inline], marks: &Marks, theme: &Theme) -> String {
    let styles = Styles::new(theme, "ltr");
    let mut writer =
        Writer { marks, styles: &styles, words: Words::of("en"), out: String::new(), in_panel: false };
    writer.inlines(inlines);
    writer.out
}

/// `text` for between tags and for attributes in double quotes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Not a character that HTML allows, though a program may have put it there.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// What [`escape`] made of a text, as it was; an apostrophe, too, which others escape.
pub fn unescaped(html: &str) -> String {
    let quotes = html.replace("&quot;", "\"").replace("&#39;", "'");
    quotes.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// An address for `href` and `src`: what URLs may not hold is percent-encoded, what is encoded stays.
pub fn escape_url(url: &str, marks: &Marks) -> String {
    use crate::compose::merge::Part;
    let parts = marks.split(url.trim()).into_iter().map(|part| match part {
        Part::Text(text) if text.contains("://[") => escape(text),
        Part::Text(text) => escape(&encode(text)),
        Part::Mark(mark) => mark.token.clone(),
    });
    parts.collect()
}

fn encode(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        let is_plain = c.is_ascii_graphic()
            && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | '[' | ']');
        match is_plain {
            true => out.push(c),
            false => {
                let mut bytes = [0; 4];
                out.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
            }
        }
    }
    out
}
