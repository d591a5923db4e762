//! The bodies of a letter that is a text and its HTML and nothing else, as most are: a parser's pass over the whole would
//! be the greater part of what such a letter costs on its way to a provider.

use memchr::memchr;
use memchr::memmem;

/// The heads of the two parts, as the press writes them.
const HEADS: [&[u8]; 2] = [
    b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
    b"\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
];

/// Text and HTML of a letter whose outermost parts stand between these boundaries; `None` where it has another form, and
/// has to be read by a parser.
pub fn bodies(letter: &[u8], boundary: &str) -> Option<[String; 2]> {
    let dashes = format!("\r\n--{boundary}");
    // The line break before the first boundary ends the empty line after the fields.
    let body = &letter[memmem::find(letter, b"\r\n\r\n")? + 2..];
    let found: Vec<usize> = memmem::find_iter(body, dashes.as_bytes()).collect();
    let [0, second, third] = found[..] else { return None };
    let is_end = body[third + dashes.len()..].starts_with(b"--");
    let part =
        |from: usize, to: usize, head: &[u8]| decoded(body[from + dashes.len()..to].strip_prefix(head)?);
    is_end.then_some([part(0, second, HEADS[0])?, part(second, third, HEADS[1])?])
}

/// RFC 2045 6.7; `None` for what no encoder writes.
fn decoded(mut encoded: &[u8]) -> Option<String> {
    let mut text = Vec::with_capacity(encoded.len());
    while let Some(place) = memchr(b'=', encoded) {
        text.extend_from_slice(&encoded[..place]);
        let [high, low] = *encoded.get(place + 1..place + 3)?.first_chunk()?;
        match (high, low) {
            (b'\r', b'\n') => {}
            (high, low) => text.push(digit(high)? << 4 | digit(low)?),
        }
        encoded = &encoded[place + 3..];
    }
    text.extend_from_slice(encoded);
    String::from_utf8(text).ok()
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::compose::mime::quoted;

    fn letter(text: &str, html: &str) -> Vec<u8> {
        let mut letter = b"From: us@example.org\r\nTo: ada@example.net\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/alternative; boundary=\"a\"\r\n"
            .to_vec();
        for (head, body) in HEADS.into_iter().zip([text, html]) {
            letter.extend_from_slice(b"\r\n--a");
            letter.extend_from_slice(head);
            quoted::encode(body, &mut letter);
        }
        letter.extend_from_slice(b"\r\n--a--\r\n");
        letter
    }

    fn by_parser(letter: &[u8]) -> [String; 2] {
        let parsed = mail_parser::MessageParser::default().parse(letter).unwrap();
        [parsed.body_text(0).unwrap().into_owned(), parsed.body_html(0).unwrap().into_owned()]
    }

    proptest! {
        #[test]
        fn a_letter_is_read_as_a_parser_reads_it(text in "\\PC{1,200}(\n\\PC{0,90}){0,4}x", html in "<p>\\PC{0,400}</p>") {
            let letter = letter(&text, &html);
            prop_assert_eq!(bodies(&letter, "a").unwrap(), by_parser(&letter));
        }
    }

    #[test]
    fn whatever_has_another_form_is_left_to_a_parser() {
        let whole = letter("Hello", "<p>Hello</p>");
        let changed = |from: &str, to: &str| {
            bodies(String::from_utf8(whole.clone()).unwrap().replacen(from, to, 1).as_bytes(), "a")
        };
        assert!(changed("Hello", "Hello").is_some());
        for (from, to) in [
            ("quoted-printable", "base64"),
            ("text/plain", "image/png"),
            ("\r\n--a--\r\n", "\r\n--a\r\n"),
            ("\r\n--a--\r\n", "\r\n--a\r\nContent-Type: image/png\r\n\r\n\r\n--a--\r\n"),
            ("Hello", "Hello=zz"),
            ("Hello", "Hello=FF"),
            ("Hello", "Hello="),
        ] {
            assert_eq!(changed(from, to), None, "{to}");
        }
        assert_eq!(bodies(&whole, "another"), None);
    }
}
