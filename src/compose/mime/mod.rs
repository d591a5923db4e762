//! Headers and parts → wire bytes: transfer encodings, encoded words, folding.
//!
//! Everything written here ends its lines with CRLF, keeps encoded lines within 76 octets, begins no line
//! with a dot, and lets no value begin a line of its own.

pub mod header;
pub mod quoted;

use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};

/// Appends `bytes` in base64 lines of 76 characters (RFC 2045 6.8), the last with its CRLF too.
pub fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + LINES.encode_len(bytes.len()), 0);
    LINES.encode_mut(bytes, &mut out[start..]);
}

/// How many octets [`base64`] makes of so many.
pub fn base64_length(length: usize) -> usize {
    LINES.encode_len(length)
}

static LINES: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    specification.padding = Some('=');
    specification.wrap.width = 76;
    specification.wrap.separator.push_str("\r\n");
    specification.encoding().expect("this is base64 as RFC 2045 has it")
});

/// The boundary of this layer in the letter with this Message-ID. `=_` stands in no encoded body, so that
/// no part can hold the boundary (RFC 2045 6.7).
pub fn boundary(layer: char, message_id: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"=_");
    out.push(layer as u8);
    out.push(b'_');
    let local = message_id.split('@').next().unwrap_or_default();
    out.extend(local.bytes().filter(u8::is_ascii_alphanumeric).take(48));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_has_short_lines_that_all_end() {
        let mut out = Vec::new();
        base64(&[255; 58], &mut out);
        assert_eq!(out, [&[b'/'; 76][..], b"\r\n/w==\r\n"].concat());
        assert_eq!(out.len(), base64_length(58));
    }

    #[test]
    fn a_boundary_is_made_of_the_message_id_and_is_short_enough() {
        let mut out = Vec::new();
        boundary('a', "proof-x.\"1\"@example.org", &mut out);
        assert_eq!(out, b"=_a_proofx1");
        out.clear();
        boundary('a', &"y".repeat(500), &mut out);
        assert!(out.len() <= 70);
    }
}
