//! Escapes a value for where it is put, so that it can never be more than text there.

use crate::model::letter::Context;

/// What a value in a URL may be, by what stands before it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlPlace {
    /// Nothing stands before it: it brings the scheme along.
    Start,
    /// In the address of a `mailto:`, where an `@` stands for itself (RFC 6068).
    Mailbox,
    /// In a path, a query or a fragment.
    Component,
}

impl UrlPlace {
    /// The place after `before`, which is the URL so far.
    pub fn after(before: &str) -> UrlPlace {
        let is_mailto = before.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
        match before {
            "" => UrlPlace::Start,
            _ if is_mailto && !before.contains('?') => UrlPlace::Mailbox,
            _ => UrlPlace::Component,
        }
    }
}

/// `text` for this context; `before` is what stands before it in the same URL. A URL is not yet escaped for
/// the attribute that it may stand in.
pub fn for_place(text: &str, context: Context, before: &str) -> String {
    let mut out = String::with_capacity(text.len());
    match context {
        Context::Plain | Context::Header => plain(text, &mut out),
        Context::Html | Context::Attribute => html(text, &mut out),
        Context::Url => for_url(text, UrlPlace::after(before), &mut out),
    }
    out
}

/// Appends `text` for this place in a URL.
pub fn for_url(text: &str, place: UrlPlace, out: &mut String) {
    match place {
        UrlPlace::Start => url(text, out),
        UrlPlace::Mailbox => component(text, "@", out),
        UrlPlace::Component => component(text, "", out),
    }
}

/// Appends `text` on one line: line breaks and tabs as spaces, other control characters left out.
pub fn plain(text: &str, out: &mut String) {
    if is_plain(text) {
        return out.push_str(text);
    }
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            _ if letter.is_control() => {}
            _ => out.push(letter),
        }
    }
}

/// Appends `text` for a place between tags or in a quoted attribute.
pub fn html(text: &str, out: &mut String) {
    let start = out.len();
    plain(text, out);
    if out[start..].bytes().any(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')) {
        let cleaned = out.split_off(start);
        escape_markup(&cleaned, out);
    }
}

fn escape_markup(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(letter),
        }
    }
}

/// Appends `text` as one component of a URL (RFC 3986 2.1): all but unreserved characters, and those of
/// `also`, percent-encoded.
pub fn component(text: &str, also: &str, out: &mut String) {
    if text.bytes().all(is_unreserved) {
        return out.push_str(text);
    }
    for byte in text.bytes() {
        if is_unreserved(byte) || also.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            push_percent(byte, out);
        }
    }
}

/// Whether `text` holds only what [`component`] would have let stand, percent-encoding and slashes.
pub fn is_encoded(text: &str) -> bool {
    text.bytes().all(|byte| is_unreserved(byte) || byte == b'%' || byte == b'/')
}

/// Appends `text` as a whole URL, or the beginning of one: its own reserved characters and
/// percent-encodings stand, what no URL may hold is encoded.
pub fn url(text: &str, out: &mut String) {
    let may_stand = |byte: u8| is_unreserved(byte) || b"%:/?#[]@!$&'()*+,;=".contains(&byte);
    let text = text.trim();
    if text.bytes().all(may_stand) {
        return out.push_str(text);
    }
    for byte in text.bytes() {
        match may_stand(byte) {
            true => out.push(char::from(byte)),
            false => push_percent(byte, out),
        }
    }
}

/// Whether [`plain`] would leave `text` as it is. It may say no where it would.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(is_ordinary)
}

/// Whether no character with this byte is a control, a line break or a separator: U+0080 to U+009F begin with
/// 0xC2, U+2028 and U+2029 with 0xE2.
fn is_ordinary(byte: u8) -> bool {
    byte >= 0x20 && !matches!(byte, 0x7f | 0xc2 | 0xe2)
}

/// Whether a URL given as a value may be linked: `http`, `https` or `mailto`.
pub fn has_safe_scheme(url: &str) -> bool {
    let scheme = url.trim().split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "mailto"))
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn push_percent(byte: u8, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(HEX[usize::from(byte >> 4)]));
    out.push(char::from(HEX[usize::from(byte & 15)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(escape: impl Fn(&str, &mut String), text: &str) -> String {
        let mut out = String::from("|");
        escape(text, &mut out);
        out
    }

    #[test]
    fn a_value_stays_on_one_line() {
        assert_eq!(written(plain, "Ada\r\nBcc: x\tand\u{0}\u{85} more\n"), "|Ada Bcc: x and more ");
    }

    #[test]
    fn markup_in_a_value_is_text() {
        assert_eq!(written(html, "<b>\"A&B's\"</b>"), "|&lt;b&gt;&quot;A&amp;B&#39;s&quot;&lt;/b&gt;");
        assert_eq!(written(html, "Zoë"), "|Zoë");
    }

    #[test]
    fn a_component_cannot_leave_its_place_in_the_url() {
        let encode = |text: &str, out: &mut String| component(text, "", out);
        assert_eq!(written(encode, "a b/c?d=é&@x"), "|a%20b%2Fc%3Fd%3D%C3%A9%26%40x");
    }

    #[test]
    fn a_whole_url_keeps_its_own_marks() {
        assert_eq!(written(url, " https://a.example/é?x=1&y=%20 "), "|https://a.example/%C3%A9?x=1&y=%20");
        assert!(has_safe_scheme(" HTTPS://a.example"));
        for bad in ["javascript:alert(1)", "data:text/html,x", "//a.example", "java\nscript:x", "a.example"] {
            assert!(!has_safe_scheme(bad), "{bad}");
        }
    }
}
