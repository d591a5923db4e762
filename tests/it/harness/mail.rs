//! What arrived at a server of the tests.

use std::collections::BTreeMap;

/// One message as a server took it: the envelope, and the content with its line ends as CRLF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The reverse path, without its angle brackets.
    pub sender: String,
    pub recipients: Vec<String>,
    /// After dot-stuffing is undone (RFC 5321 4.5.2).
    pub raw: Vec<u8>,
}

impl Received {
    /// The value of the first header of that name, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers().into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Every header in order, unfolded (RFC 5322 2.2.3).
    pub fn headers(&self) -> Vec<(String, String)> {
        let text = String::from_utf8_lossy(&self.raw);
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let split = |line: &str| line.split_once(':').map(|(n, v)| (n.to_owned(), v.trim().to_owned()));
        unfolded.split("\r\n").filter_map(split).collect()
    }

    /// The identity by which letters are counted; a message without one fails the test.
    pub fn message_id(&self) -> String {
        self.header("Message-ID")
            .unwrap_or_else(|| panic!("a message to {:?} has no Message-ID", self.recipients))
    }

    /// The text and HTML parts, decoded.
    pub fn parts(&self) -> (String, String) {
        let message = mail_parser::MessageParser::default().parse(&self.raw).expect("the message parses");
        let body = |part: Option<std::borrow::Cow<'_, str>>| part.map(|p| p.into_owned()).unwrap_or_default();
        (body(message.body_text(0)), body(message.body_html(0)))
    }
}

/// How often each letter arrived. Nobody twice: every value is 1. Nobody lost: one key per subscriber.
pub fn count_by_message_id(messages: &[Received]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for message in messages {
        *counts.entry(message.message_id()).or_default() += 1;
    }
    counts
}

/// The messages for one address.
pub fn for_recipient<'a>(messages: &'a [Received], address: &str) -> Vec<&'a Received> {
    messages.iter().filter(|message| message.recipients.iter().any(|r| r == address)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(raw: &str) -> Received {
        Received {
            sender: "us@example.org".into(),
            recipients: vec!["ada@example.org".into()],
            raw: raw.into(),
        }
    }

    #[test]
    fn a_folded_header_is_one_line_and_the_body_is_no_header() {
        let mail = received("Subject: one\r\n\ttwo\r\nMessage-ID: <1@x>\r\n\r\nTo: nobody\r\n");
        assert_eq!(mail.header("subject").as_deref(), Some("one two"));
        assert_eq!((mail.message_id(), mail.header("To")), ("<1@x>".to_owned(), None));
    }

    #[test]
    fn a_letter_that_arrived_twice_is_counted_twice() {
        let mail =
            received("Message-ID: <1@x>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nsehr schön\r\n");
        let counts = count_by_message_id(&[mail.clone(), mail.clone()]);
        assert_eq!(counts, BTreeMap::from([("<1@x>".to_owned(), 2)]));
        assert_eq!(for_recipient(std::slice::from_ref(&mail), "bob@example.org"), Vec::<&Received>::new());
        assert!(mail.parts().0.contains("schön"));
    }
}
