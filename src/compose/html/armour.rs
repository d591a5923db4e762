//! Attributes on their way through mrml, which writes them as Rust writes a string: a backslash, a combining
//! mark or a private-use character would come out as `\\` or `\u{301}`. As references they pass.

/// The private use area that merge tokens begin with.
const TOKENS: std::ops::RangeInclusive<u32> = 0x10_0000..=0x10_FFFF;

#[derive(Clone, Copy)]
enum Within {
    Text,
    Title,
    Tag { title: bool },
    Value { quote: char, title: bool },
}

/// `mjml` with such characters in attributes and in the title, which becomes an attribute, as references.
pub fn armoured(mjml: &str) -> String {
    let mut out = String::with_capacity(mjml.len() + mjml.len() / 16);
    let mut within = Within::Text;
    let mut rest = mjml;
    while let Some(c) = rest.chars().next() {
        if matches!(within, Within::Text) && c != '<' {
            let (text, markup) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
            out.push_str(text);
            rest = markup;
            continue;
        }
        if let (Within::Text, Some(length)) = (within, comment_length(rest)) {
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        let is_value = matches!(within, Within::Value { quote, .. } if quote != c);
        if (is_value || matches!(within, Within::Title)) && !survives(c) {
            out.push_str(&format!("&#x{:X};", u32::from(c)));
        } else {
            out.push(c);
        }
        within = after(within, c, rest);
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn comment_length(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix("<!--")?;
    Some(inside.find("-->").map_or(rest.len(), |end| end + 7))
}

fn after(within: Within, c: char, rest: &str) -> Within {
    match (within, c) {
        (Within::Text | Within::Title, '<') => Within::Tag { title: rest.starts_with("<mj-title") },
        (Within::Tag { title: true }, '>') => Within::Title,
        (Within::Tag { .. }, '>') => Within::Text,
        (Within::Tag { title }, '"' | '\'') => Within::Value { quote: c, title },
        (Within::Value { quote, title }, c) if c == quote => Within::Tag { title },
        (within, _) => within,
    }
}

/// Whether the character comes out of mrml as it went in.
fn survives(c: char) -> bool {
    match c {
        '"' => false,
        '\'' | '<' => true,
        c => c.escape_debug().len() == 1,
    }
}

/// Tokens as characters again.
pub fn unarmoured(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("&#x10") {
        let (before, reference) = rest.split_at(at);
        out.push_str(before);
        let end = reference.find(';').map_or(reference.len(), |end| end + 1);
        let code = reference[..end].trim_start_matches("&#x").trim_end_matches(';');
        let token =
            u32::from_str_radix(code, 16).ok().filter(|code| TOKENS.contains(code)).and_then(char::from_u32);
        match token {
            Some(c) => out.push(c),
            None => out.push_str(&reference[..end]),
        }
        rest = &reference[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_attributes_and_the_title_are_armoured_and_tokens_come_back() {
        let mjml = "<mj-title>a\\\u{100000}x</mj-title><a href='\u{100001}\"' title=\"e\u{301}\\\">\\\u{100000}</a><!-- \" -->";
        let safe = armoured(mjml);
        assert_eq!(
            safe,
            "<mj-title>a&#x5C;&#x100000;x</mj-title><a href='&#x100001;&#x22;' title=\"e&#x301;&#x5C;\">\\\u{100000}</a><!-- \" -->"
        );
        assert_eq!(unarmoured("&#x100001;&#x10;&#x1"), "\u{100001}&#x10;&#x1");
    }
}
