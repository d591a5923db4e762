//! Encoded words in a header (RFC 2047), as a person reads them.

use data_encoding::BASE64;

/// UTF-8 and ASCII words are decoded; what is anything else stays as it is. White space between two encoded
/// words is not part of the text.
pub fn readable(value: &str) -> String {
    let (mut text, mut bytes, mut is_between) = (String::new(), Vec::new(), false);
    for word in value.split_inclusive(' ') {
        match decode(word.trim_end()) {
            Some(decoded) => {
                // A character may be cut in two by whoever encoded it.
                bytes.extend_from_slice(&decoded);
                is_between = true;
            }
            None => {
                flush(&mut bytes, &mut text);
                if std::mem::take(&mut is_between) && !word.trim().is_empty() {
                    text.push(' ');
                }
                text.push_str(word);
            }
        }
    }
    flush(&mut bytes, &mut text);
    text.trim().to_owned()
}

fn flush(bytes: &mut Vec<u8>, text: &mut String) {
    text.push_str(&String::from_utf8_lossy(bytes));
    bytes.clear();
}

fn decode(word: &str) -> Option<Vec<u8>> {
    let mut parts = word.strip_prefix("=?")?.strip_suffix("?=")?.splitn(3, '?');
    let charset = parts.next()?;
    let is_known = charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("us-ascii");
    match (is_known, parts.next()?, parts.next()?) {
        (true, "B" | "b", text) => BASE64.decode(text.as_bytes()).ok(),
        (true, "Q" | "q", text) => quoted(text),
        _ => None,
    }
}

fn quoted(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        match byte {
            b'_' => bytes.push(b' '),
            b'=' => {
                let (high, low) =
                    (char::from(rest.next()?).to_digit(16)?, char::from(rest.next()?).to_digit(16)?);
                bytes.push((high * 16 + low) as u8);
            }
            byte => bytes.push(byte),
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn encoded_words_are_read_and_others_stay() {
        assert_eq!(readable("=?utf-8?Q?Gr=C3=BC=C3=9Fe,?= =?utf-8?Q?_Welt?= today"), "Grüße, Welt today");
        assert_eq!(readable("=?UTF-8?B?8J+Mug==?="), "🌺");
        assert_eq!(readable("=?utf-8?Q?=C3?= =?utf-8?Q?=BC?="), "ü");
        assert_eq!(readable("plain  text"), "plain  text");
        for word in ["=?koi8-r?Q?x?=", "=?utf-8?Q?=zz?=", "=?utf-8?B?!?=", "=?", "=?a?b?="] {
            assert_eq!(readable(word), word);
        }
    }
}
