//! Names of folders as IMAP writes them: modified UTF-7 (RFC 3501 5.1.3).

use data_encoding::{Encoding, Specification};

fn base64() -> Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,");
    specification.encoding().expect("these are 64 different letters")
}

/// A name as it is written between quotation marks.
pub(super) fn encode(name: &str) -> String {
    let (mut out, mut other) = (String::new(), Vec::new());
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            flush(&mut out, &mut other);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0; 2];
            other.extend(c.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    flush(&mut out, &mut other);
    out
}

fn flush(out: &mut String, other: &mut Vec<u8>) {
    if !other.is_empty() {
        out.push_str(&format!("&{}-", base64().encode(other)));
        other.clear();
    }
}

/// Between quotation marks.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", encode(name).replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_the_rfc_writes_them() {
        for (name, written) in [
            ("INBOX/Bounces", "INBOX/Bounces"),
            ("A & B", "A &- B"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Rückläufer", "R&APw-ckl&AOQ-ufer"),
        ] {
            assert_eq!(encode(name), written);
        }
        assert_eq!(quoted("a\"b"), "\"a\\\"b\"");
    }
}
