//! Quoted-printable (RFC 2045 6.7) by segments that do not depend on each other.
//!
//! A segment begins in the first column and is ended by a soft break if anything follows it. So the literals
//! of an edition are encoded once, and values go between them.

/// What is encoded at most before the `=` of a soft break.
const MOST: usize = 75;

/// A soft break: the line goes on.
pub const SOFT_BREAK: &[u8] = b"=\r\n";

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends `text`, beginning in the first column; `\n` is a line break. Gives the column it ends in, from 0.
pub fn encode(text: &str, out: &mut Vec<u8>) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut column) = (0, 0);
    while at < bytes.len() {
        let plain = plain_length(&bytes[at..], column);
        out.extend_from_slice(&bytes[at..at + plain]);
        at += plain;
        column += plain;
        let Some(byte) = bytes.get(at) else { break };
        if *byte == b'\n' {
            out.extend_from_slice(b"\r\n");
            (at, column) = (at + 1, 0);
        } else if is_plain(*byte) && column >= MOST {
            out.extend_from_slice(SOFT_BREAK);
            column = 0;
        } else {
            let run = encoded_run(&bytes[at..]);
            column = encode_bytes(&bytes[at..at + run], column, out);
            at += run;
        }
    }
    column
}

/// Appends a segment that something follows: it ends with a soft break unless its line is over.
pub fn segment(text: &str, out: &mut Vec<u8>) {
    if encode(text, out) > 0 {
        out.extend_from_slice(SOFT_BREAK);
    }
}

/// How many of `bytes` can stand as they are, on the line that is filled up to `column`.
fn plain_length(bytes: &[u8], column: usize) -> usize {
    let room = MOST.saturating_sub(column).min(bytes.len());
    if column == 0 && begins_badly(bytes) {
        return 0;
    }
    let length = bytes[..room].iter().position(|byte| !is_plain(*byte)).unwrap_or(room);
    let ends_line = bytes.get(length).is_none_or(|byte| *byte == b'\n');
    match bytes[..length].last() {
        // White space at the end of a line may get lost on the way.
        Some(b' ' | b'\t') if ends_line => length - 1,
        _ => length,
    }
}

/// A dot would be doubled on the wire, and `From ` may be changed by a mailbox file.
fn begins_badly(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b'.') || bytes.starts_with(b"From ")
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 33..=60 | 62..=126)
}

/// The bytes that must be encoded here: one that could stand elsewhere, or a run that never could.
fn encoded_run(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| is_plain(*byte) || *byte == b'\n').unwrap_or(bytes.len()).max(1)
}

fn encode_bytes(bytes: &[u8], mut column: usize, out: &mut Vec<u8>) -> usize {
    for byte in bytes {
        if column + 3 > MOST {
            out.extend_from_slice(SOFT_BREAK);
            column = 0;
        }
        out.extend_from_slice(&[b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        column += 3;
    }
    column
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        let mut out = Vec::new();
        encode(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    pub(crate) fn decoded(text: &[u8]) -> Vec<u8> {
        let mut message =
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                .to_vec();
        message.extend_from_slice(text);
        let parsed = mail_parser::MessageParser::default().parse(&message).unwrap();
        parsed.parts[0].contents().to_vec()
    }

    #[test]
    fn what_must_be_encoded_is() {
        assert_eq!(encoded("a=b é"), "a=3Db =C3=A9");
        assert_eq!(encoded(".a\n.b\n..\n"), "=2Ea\r\n=2Eb\r\n=2E.\r\n");
        assert_eq!(encoded("From x\nFromage"), "=46rom x\r\nFromage");
        assert_eq!(encoded("a \nb\t\nc  "), "a=20\r\nb=09\r\nc =20");
        assert_eq!(encoded("a\rb\u{0}"), "a=0Db=00");
    }

    #[test]
    fn long_lines_are_broken_softly_and_no_line_begins_with_a_dot() {
        let dots = encoded(&".".repeat(200));
        assert!(dots.lines().all(|line| line.len() <= 76 && !line.starts_with('.')));
        assert_eq!(encoded(&"a".repeat(75)), "a".repeat(75));
        assert_eq!(encoded(&"a".repeat(76)), format!("{}=\r\na", "a".repeat(75)));
    }

    #[test]
    fn a_segment_that_is_followed_ends_in_the_first_column() {
        for (text, expected) in [("", ""), ("a", "a=\r\n"), ("a\n", "a\r\n"), ("a ", "a=20=\r\n")] {
            let mut out = Vec::new();
            segment(text, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn segments_joined_decode_to_the_text_in_lines_that_keep_the_rules(
            segments in proptest::collection::vec("[ -~é.=\t\n😀F]{0,200}", 0..6)
        ) {
            let mut out = Vec::new();
            for text in &segments {
                segment(text, &mut out);
            }
            for line in out.split(|byte| *byte == b'\n') {
                proptest::prop_assert!(line.len() <= 77 && !line.starts_with(b"."));
                proptest::prop_assert!(line.iter().all(|byte| matches!(byte, 9 | 13 | 32..=126)));
            }
            proptest::prop_assert_eq!(decoded(&out), segments.concat().replace('\n', "\r\n").into_bytes());
        }
    }
}
