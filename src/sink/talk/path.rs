//! `FROM:<ada@example.org> SIZE=900`: the path and the parameters of MAIL and RCPT.

/// What stands behind MAIL or RCPT.
#[derive(Debug, PartialEq, Eq)]
pub struct Path<'a> {
    /// Between the angle brackets; empty for the null sender.
    pub address: &'a str,
    pub parameters: Vec<&'a str>,
}

impl<'a> Path<'a> {
    /// `keyword` is `FROM:` or `TO:`, in any case; spaces behind it are forgiven.
    pub fn parse(text: &'a str, keyword: &str) -> Option<Path<'a>> {
        let head = text.get(..keyword.len()).filter(|head| head.eq_ignore_ascii_case(keyword))?;
        let inner = text[head.len()..].trim_start().strip_prefix('<')?;
        let end = end_of(inner)?;
        let parameters = inner[end + 1..].split_ascii_whitespace().collect();
        Some(Path { address: &inner[..end], parameters })
    }

    /// The value of a parameter, if it is there; empty if it has none.
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find_map(|parameter| {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The first parameter that is none of these.
    pub fn stranger(&self, known: &[&str]) -> Option<&'a str> {
        let key = |parameter: &&'a str| parameter.split_once('=').map_or(*parameter, |(key, _)| key);
        self.parameters.iter().map(key).find(|key| !known.iter().any(|known| key.eq_ignore_ascii_case(known)))
    }

    /// Whether mail can be for it.
    pub fn is_mailbox(&self) -> bool {
        self.address.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
            && !self.address.chars().any(char::is_control)
    }
}

/// The closing bracket that is not within a quoted local part.
fn end_of(inner: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (place, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'>' if !quoted => return Some(place),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_with_its_parameters() {
        let path = Path::parse("from: <ada@example.org> SIZE=900 body=8BITMIME SMTPUTF8", "FROM:").unwrap();
        assert_eq!(path.address, "ada@example.org");
        assert_eq!((path.parameter("size"), path.parameter("SMTPUTF8")), (Some("900"), Some("")));
        assert_eq!(
            (path.stranger(&["SIZE", "BODY", "SMTPUTF8"]), path.stranger(&["SIZE"])),
            (None, Some("body"))
        );
        assert!(path.is_mailbox());
    }

    #[test]
    fn what_is_no_path_is_none() {
        for text in ["", "TO:", "TO:ada@example.org", "TO:<ada@example.org", "é:<a@b>", "TO:<\"a>b@c"] {
            assert_eq!(Path::parse(text, "TO:"), None, "{text}");
        }
        assert_eq!(Path::parse("TO:<\"a>\\\"b\"@c>", "TO:").unwrap().address, "\"a>\\\"b\"@c");
        assert!(!Path::parse("TO:<ada>", "TO:").unwrap().is_mailbox());
        assert!(!Path::parse("TO:<>", "TO:").unwrap().is_mailbox());
    }
}
