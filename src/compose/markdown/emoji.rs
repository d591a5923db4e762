//! Emoji by their names, as `:tada:`, where the settings want them.

use super::run::{RunItem, Words};

/// No name is longer.
const LONGEST: usize = 50;

/// Replaces the names that are known in the texts of a run; addresses, code and what is escaped stay.
pub fn by_name(run: &mut [RunItem]) {
    for item in run {
        if let RunItem::Text(words) = item
            && !words.verbatim
            && words.text.contains(':')
        {
            *words = replaced(words);
        }
    }
}

fn replaced(words: &Words) -> Words {
    let mut out = Words { text: String::new(), literal: Vec::new(), ..words.clone() };
    let mut at = 0;
    while at < words.text.len() {
        let rest = &words.text[at..];
        let is_literal = words.literal.contains(&at);
        let (length, written) = match emoji(rest).filter(|_| !is_literal) {
            Some((length, emoji)) => (length, emoji.to_owned()),
            None => rest.chars().next().map_or((rest.len(), rest.to_owned()), |c| (c.len_utf8(), c.into())),
        };
        if is_literal {
            out.literal.push(out.text.len());
        }
        out.text.push_str(&written);
        at += length;
    }
    out
}

/// The emoji that `rest` begins with the name of, and how long that is with its colons.
fn emoji(rest: &str) -> Option<(usize, &'static str)> {
    let name = rest.strip_prefix(':')?;
    let end = name.bytes().take(LONGEST).position(|byte| byte == b':')?;
    Some((end + 2, emojis::get_by_shortcode(&name[..end])?.as_str()))
}
