//! Header fields on the wire: encoded words (RFC 2047), folding (RFC 5322 2.2.3), parameters (RFC 2231).
//!
//! Every function takes any text and writes one field: control characters never reach the wire.

use std::borrow::Cow;

use crate::compose::escape;
use crate::model::address::Mailbox;

/// A line, encoded words included, is at most so long (RFC 2047 2).
const LINE: usize = 76;
/// An encoded word is at most so long.
const WORD: usize = 75;
/// `=?utf-8?q?` and `?=`.
const FRAME: usize = 12;

/// Appends `Name: text` and CRLF for a field of free text such as Subject.
pub fn unstructured(name: &str, text: &str, out: &mut Vec<u8>) {
    let column = open(name, out);
    let text = clean(text);
    match is_simple(&text) {
        true => fold(&text, column, out),
        false => encoded_words(&text, column, out),
    };
    out.extend_from_slice(b"\r\n");
}

/// Appends a field that holds one mailbox, such as From.
pub fn mailbox(name: &str, mailbox: &Mailbox, out: &mut Vec<u8>) {
    named(name, mailbox.name.as_deref(), &mailbox.address.wire(), out);
}

/// Appends a field that holds a name, if there is one, and an address or List-Id in angle brackets. An
/// address that is not ASCII stays UTF-8 (RFC 6532).
pub fn named(field: &str, name: Option<&str>, address: &str, out: &mut Vec<u8>) {
    let column = open(field, out);
    let address = clean(address);
    let name = name.map(clean).filter(|name| !name.is_empty());
    match name {
        None => unbroken(&address, column, out),
        Some(name) => {
            let column = phrase(&name, column, out);
            out.extend_from_slice(if column + address.len() + 3 > LINE { b"\r\n <" } else { b" <" });
            out.extend_from_slice(address.as_bytes());
            out.push(b'>');
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends a field whose values are separated by commas, each on its own line.
pub fn listed(name: &str, values: &[String], out: &mut Vec<u8>) {
    let column = open(name, out);
    for (index, value) in values.iter().enumerate() {
        let value = clean(value);
        match index {
            0 => begin_line(value.len(), column, out),
            _ => out.extend_from_slice(b",\r\n "),
        }
        out.extend_from_slice(value.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends a field that holds a Message-ID, given without its brackets.
pub fn message_id(name: &str, id: &str, out: &mut Vec<u8>) {
    let column = open(name, out);
    begin_line(id.len() + 2, column, out);
    out.push(b'<');
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(b">\r\n");
}

/// Appends `;` and a parameter on a line of its own, or on several by RFC 2231 where it is long or not
/// ASCII.
pub fn parameter(name: &str, value: &str, out: &mut Vec<u8>) {
    let value = clean(value);
    let is_plain = value.bytes().all(|byte| matches!(byte, 32..=126)) && !value.contains(['"', '\\']);
    if is_plain && name.len() + value.len() + 6 <= LINE {
        out.extend_from_slice(format!(";\r\n {name}=\"{value}\"").as_bytes());
        return;
    }
    let mut encoded = String::from("utf-8''");
    escape::component(&value, "", &mut encoded);
    let sections = sections(&encoded, LINE - name.len() - 10);
    let only = sections.len() == 1;
    for (index, section) in sections.into_iter().enumerate() {
        let number = if only { String::new() } else { format!("*{index}") };
        out.extend_from_slice(format!(";\r\n {name}{number}*={section}").as_bytes());
    }
}

/// Pieces of percent-encoded text, none of which splits a character: some readers decode each alone.
fn sections(text: &str, length: usize) -> Vec<&str> {
    let (mut sections, mut rest) = (Vec::new(), text);
    while rest.len() > length {
        let cut = (1..=length).rev().find(|cut| is_character_start(rest, *cut)).unwrap_or(length);
        let (section, after) = rest.split_at(cut);
        sections.push(section);
        rest = after;
    }
    sections.push(rest);
    sections
}

fn is_character_start(encoded: &str, at: usize) -> bool {
    let bytes = encoded.as_bytes();
    let is_inside = bytes[at.saturating_sub(2)..at].contains(&b'%');
    let continues = bytes[at] == b'%' && matches!(bytes.get(at + 1), Some(b'8' | b'9' | b'A' | b'B'));
    !is_inside && !continues
}

fn open(name: &str, out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    name.len() + 2
}

/// A value in which nothing may be folded.
fn unbroken(value: &str, column: usize, out: &mut Vec<u8>) {
    begin_line(value.len(), column, out);
    out.extend_from_slice(value.as_bytes());
}

/// Goes to a new line after the name of a field, where what follows has no blank to fold at and is too long
/// to stand beside it.
fn begin_line(length: usize, column: usize, out: &mut Vec<u8>) {
    if column + length > LINE {
        out.pop();
        out.extend_from_slice(b"\r\n ");
    }
}

fn clean(text: &str) -> Cow<'_, str> {
    if escape::is_plain(text) {
        return Cow::Borrowed(text.trim());
    }
    let mut cleaned = String::with_capacity(text.len());
    escape::plain(text, &mut cleaned);
    Cow::Owned(cleaned.trim().to_owned())
}

/// Whether `text` can stand as it is: ASCII that folds, and that nobody takes for an encoded word.
fn is_simple(text: &str) -> bool {
    text.is_ascii() && !text.contains("=?") && text.split(' ').all(|word| word.len() < 60)
}

/// Appends words with line breaks before spaces; the column where it ends.
fn fold(text: &str, mut column: usize, out: &mut Vec<u8>) -> usize {
    let mut rest = text;
    while !rest.is_empty() {
        let lead = rest.len() - rest.trim_start_matches(' ').len();
        let length = rest[lead..].find(' ').map_or(rest.len(), |found| lead + found);
        let (word, after) = rest.split_at(length);
        if lead > 0 && column + length > LINE {
            out.extend_from_slice(b"\r\n");
            column = 0;
        }
        out.extend_from_slice(word.as_bytes());
        column += length;
        rest = after;
    }
    column
}

/// A display name: atoms as they are, a quoted string, or encoded words.
fn phrase(name: &str, column: usize, out: &mut Vec<u8>) -> usize {
    let is_atoms =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" !#$%&'*+-/=?^_`{|}~".contains(&byte));
    let written = match is_atoms {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
    };
    if !is_simple(name) || written.len() + column > LINE {
        return encoded_words(name, column, out);
    }
    out.extend_from_slice(written.as_bytes());
    column + written.len()
}

/// Appends `text` as encoded words, each within its line and with whole characters; the column where the
/// last ends.
fn encoded_words(text: &str, mut column: usize, out: &mut Vec<u8>) -> usize {
    let q_length: usize = text.chars().map(q_width).sum();
    let is_base64 = q_length > text.len().div_ceil(3) * 4;
    let mut rest = text;
    while !rest.is_empty() {
        let mut length = word_length(rest, (LINE.saturating_sub(column)).min(WORD), is_base64);
        if length == 0 {
            out.extend_from_slice(b"\r\n ");
            column = 1;
            length = word_length(rest, WORD, is_base64);
        }
        let (word, after) = rest.split_at(length);
        column += encoded_word(word, is_base64, out);
        rest = after;
    }
    column
}

/// How many bytes of `text` go into an encoded word of `room` octets.
fn word_length(text: &str, room: usize, is_base64: bool) -> usize {
    let Some(room) = room.checked_sub(FRAME) else { return 0 };
    let mut used = 0;
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        used += q_width(letter);
        let width = if is_base64 { end.div_ceil(3) * 4 } else { used };
        if width > room {
            return at;
        }
    }
    text.len()
}

fn encoded_word(text: &str, is_base64: bool, out: &mut Vec<u8>) -> usize {
    let before = out.len();
    if is_base64 {
        out.extend_from_slice(b"=?utf-8?b?");
        out.extend_from_slice(data_encoding::BASE64.encode(text.as_bytes()).as_bytes());
    } else {
        out.extend_from_slice(b"=?utf-8?q?");
        for byte in text.bytes() {
            match byte {
                b' ' => out.push(b'_'),
                _ if is_q_plain(byte) => out.push(byte),
                _ => out.extend_from_slice(format!("={byte:02X}").as_bytes()),
            }
        }
    }
    out.extend_from_slice(b"?=");
    out.len() - before
}

/// Allowed in an encoded word wherever it stands (RFC 2047 5 (3)).
fn is_q_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!*+-/".contains(&byte)
}

fn q_width(letter: char) -> usize {
    let is_one = letter == ' ' || (letter.is_ascii() && is_q_plain(letter as u8));
    if is_one { 1 } else { letter.len_utf8() * 3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(text: &str) -> String {
        let mut out = Vec::new();
        unstructured("Subject", text, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn to(name: &str) -> String {
        let mut out = Vec::new();
        named("To", Some(name), "ada@example.org", &mut out);
        String::from_utf8(out).unwrap()
    }

    fn read(field: &str) -> mail_parser::Message<'static> {
        let message = format!("{field}\r\nx\r\n");
        mail_parser::MessageParser::default().parse(message.as_bytes()).unwrap().into_owned()
    }

    #[test]
    fn plain_text_is_folded_at_spaces_only() {
        assert_eq!(subject("Tea  and cake"), "Subject: Tea  and cake\r\n");
        let long = "word ".repeat(40);
        let written = subject(&long);
        assert!(written.lines().all(|line| line.len() <= LINE));
        assert_eq!(read(&written).subject().unwrap(), long.trim());
    }

    #[test]
    fn a_line_break_in_a_value_cannot_begin_a_header() {
        for text in ["Hi\r\nBcc: x@example.org", "Hi\nBcc: x", "Hi\r\rBcc: x\0"] {
            assert_eq!(subject(text).matches("\r\n").count(), 1, "{text:?}");
            assert_eq!(to(text).matches('\n').count(), 1);
        }
    }

    #[test]
    fn what_looks_like_an_encoded_word_stays_what_it_is() {
        assert_eq!(read(&subject("=?utf-8?q?no?=")).subject().unwrap(), "=?utf-8?q?no?=");
    }

    #[test]
    fn names_are_atoms_quoted_or_encoded() {
        assert_eq!(to("Ada Example"), "To: Ada Example <ada@example.org>\r\n");
        assert_eq!(to("Example, \"A\" \\"), "To: \"Example, \\\"A\\\" \\\\\" <ada@example.org>\r\n");
        assert_eq!(to("Zoë"), "To: =?utf-8?q?Zo=C3=AB?= <ada@example.org>\r\n");
        assert_eq!(to(" \n"), "To: ada@example.org\r\n");
        let long = to(&"Ada ".repeat(30));
        assert!(long.lines().all(|line| line.len() <= LINE), "{long}");
    }

    #[test]
    fn a_name_of_many_quotation_marks_is_as_long_as_it_is_written() {
        let mut out = Vec::new();
        named("To", Some(&"\\\"".repeat(30)), "ada@example.org", &mut out);
        let written = String::from_utf8(out).unwrap();
        assert!(written.lines().all(|line| line.len() <= LINE), "{written}");
    }

    #[test]
    fn what_cannot_be_folded_has_a_line_of_its_own_where_it_is_long() {
        let uri = |length| format!("<mailto:{}@example.org>", "x".repeat(length));
        let mut out = Vec::new();
        listed("List-Unsubscribe", &[uri(50)], &mut out);
        listed("List-Unsubscribe", &[uri(20), uri(50)], &mut out);
        message_id("Message-ID", &format!("{}@example.org", "y".repeat(60)), &mut out);
        named("To", None, &format!("{}@example.org", "z".repeat(62)), &mut out);
        let written = String::from_utf8(out).unwrap();
        assert!(written.starts_with("List-Unsubscribe:\r\n <mailto:xx"), "{written}");
        assert!(written.contains("\r\nList-Unsubscribe: <mailto:xx"), "{written}");
        assert!(
            written.contains("\r\nMessage-ID:\r\n <yy") && written.contains("\r\nTo:\r\n zz"),
            "{written}"
        );
        assert!(written.lines().all(|line| line.len() <= LINE), "{written}");
        assert_eq!(read(&written).message_id().unwrap().len(), 72);
    }

    #[test]
    fn file_names_in_any_script_come_back() {
        for name in
            ["menu.pdf", "Меню на сентябрь и октябрь, с картинками.pdf", "a \"b\" \\c.txt", "x\r\ny: z"]
        {
            let mut out = b"Content-Type: application/pdf\r\nContent-Disposition: attachment".to_vec();
            parameter("filename", name, &mut out);
            out.extend_from_slice(b"\r\n");
            let written = String::from_utf8(out).unwrap();
            assert!(written.lines().all(|line| line.len() <= LINE), "{written}");
            let message = read(&written);
            let found = mail_parser::MimeHeaders::attachment_name(&message.parts[0]).unwrap().to_owned();
            assert_eq!(found, clean(name));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_subject_is_read_back_from_short_lines(text in "[ -~éЖ漢😀]{1,300}") {
            let written = subject(&text);
            proptest::prop_assert!(written.lines().all(|line| line.len() <= LINE), "{}", written);
            proptest::prop_assert!(written.is_ascii());
            let message = read(&written);
            proptest::prop_assert_eq!(message.subject().unwrap_or_default(), text.trim());
        }

        #[test]
        fn any_name_is_read_back(text in "[ -~éЖ漢😀\r\n]{0,200}") {
            let written = to(&text);
            proptest::prop_assert!(written.lines().all(|line| line.len() <= LINE), "{}", written);
            let message = read(&written);
            let first = message.to().unwrap().first().unwrap();
            proptest::prop_assert_eq!(first.address().unwrap(), "ada@example.org");
            let name = clean(&text);
            proptest::prop_assert_eq!(first.name().unwrap_or_default(), name);
        }
    }
}
