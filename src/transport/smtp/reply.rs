//! Bytes of the server → whole replies, however they are cut into packets (RFC 5321 4.2).
//!
//! It reads nothing itself. Lines may end in a bare LF and need not be UTF-8; control characters are
//! replaced, since replies end up on terminals.

use crate::model::attempt::Reply;

/// The longest reply that is taken, over all its lines. RFC 5321 knows lines of 512 octets; what is
/// longer than this is no reply but somebody talking.
pub const LONGEST: usize = 32 * 1024;

/// Why the other side's bytes are no SMTP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Garbled {
    #[error("the server answered with more than {} KB", LONGEST / 1024)]
    TooLong,
    #[error("the server does not speak SMTP: it said {0:?}")]
    NoCode(String),
    #[error("the server changed its mind within one reply: {0} and {1}")]
    Codes(u16, u16),
}

/// Collects bytes and gives replies in the order in which they were sent.
#[derive(Debug, Default)]
pub struct Replies {
    bytes: Vec<u8>,
    /// Where the line that is read next starts in `bytes`.
    start: usize,
    /// Up to where there is no end of line.
    searched: usize,
    code: Option<u16>,
    lines: Vec<String>,
    /// Octets of the reply that is being collected.
    length: usize,
}

impl Replies {
    /// Takes what came over the wire.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.drop_read();
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole reply; `None` if more bytes are needed. After an error nothing can be told from
    /// this stream any more.
    pub fn next(&mut self) -> Result<Option<Reply>, Garbled> {
        while let Some(line) = self.line() {
            let (code, is_last, text) = parse_line(&self.bytes[line])?;
            let first = *self.code.get_or_insert(code);
            if first != code {
                return Err(Garbled::Codes(first, code));
            }
            self.lines.push(text);
            if self.length > LONGEST {
                return Err(Garbled::TooLong);
            }
            if is_last {
                return Ok(Some(self.finish(code)));
            }
        }
        match self.length + self.bytes.len() - self.start > LONGEST {
            true => Err(Garbled::TooLong),
            false => Ok(None),
        }
    }

    /// Whether everything that came belonged to a reply that was given out.
    pub fn is_empty(&self) -> bool {
        self.start == self.bytes.len() && self.code.is_none()
    }

    /// The range of the next line, without its end.
    fn line(&mut self) -> Option<std::ops::Range<usize>> {
        let Some(found) = memchr::memchr(b'\n', &self.bytes[self.searched..]) else {
            self.searched = self.bytes.len();
            return None;
        };
        let (start, end) = (self.start, self.searched + found);
        self.length += end + 1 - start;
        self.start = end + 1;
        self.searched = end + 1;
        Some(start..end - usize::from(end > start && self.bytes[end - 1] == b'\r'))
    }

    fn finish(&mut self, code: u16) -> Reply {
        self.code = None;
        self.length = 0;
        Reply { code, lines: std::mem::take(&mut self.lines) }
    }

    fn drop_read(&mut self) {
        self.bytes.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
    }
}

/// Code, whether it is the last line of its reply, and text.
fn parse_line(line: &[u8]) -> Result<(u16, bool, String), Garbled> {
    let code =
        line.get(..3).filter(|code| (b'2'..=b'5').contains(&code[0]) && code.iter().all(u8::is_ascii_digit));
    let is_last = match line.get(3) {
        None | Some(b' ') => true,
        Some(b'-') => false,
        Some(_) => return Err(no_code(line)),
    };
    let code = code.ok_or_else(|| no_code(line))?;
    let number = code.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
    Ok((number, is_last, clean(line.get(4..).unwrap_or_default())))
}

fn no_code(line: &[u8]) -> Garbled {
    Garbled::NoCode(clean(&line[..line.len().min(60)]))
}

fn clean(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    match text.contains(|c: char| c.is_control() && c != '\t') {
        true => text.replace(|c: char| c.is_control() && c != '\t', "\u{fffd}"),
        false => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<Reply>, Garbled> {
        let mut replies = Replies::default();
        replies.feed(bytes);
        let mut found = Vec::new();
        while let Some(reply) = replies.next()? {
            found.push(reply);
        }
        Ok(found)
    }

    #[test]
    fn lines_are_kept_as_they_were_sent() {
        let found = all(b"550-5.1.1 no such\r\n550-\r\n550 5.1.1 user \xff\x1b[2J\r\n250\n").unwrap();
        assert_eq!(found[0].lines, ["5.1.1 no such", "", "5.1.1 user \u{fffd}\u{fffd}[2J"]);
        assert_eq!(found[1], Reply { code: 250, lines: vec![String::new()] });
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn what_is_no_reply_is_said_to_be_none() {
        assert_eq!(
            all(b"HTTP/1.1 400 Bad Request\r\n"),
            Err(Garbled::NoCode("HTTP/1.1 400 Bad Request".into()))
        );
        assert_eq!(all(b"250-a\r\n251 b\r\n"), Err(Garbled::Codes(250, 251)));
        for line in ["", "99", "150 early", "650 late", "2500 four", "25a x"] {
            assert!(matches!(all(format!("{line}\r\n").as_bytes()), Err(Garbled::NoCode(_))), "{line}");
        }
    }

    #[test]
    fn a_reply_of_a_megabyte_is_cut_short_with_and_without_line_ends() {
        assert_eq!(all(&b"2".repeat(1 << 20)), Err(Garbled::TooLong));
        assert_eq!(all(&b"250-x\r\n".repeat(1 << 17)), Err(Garbled::TooLong));
    }

    prop_compose! {
        fn reply()(code in 200u16..600, lines in prop::collection::vec("[ -~é]{0,40}", 1..4)) -> Reply {
            Reply { code, lines }
        }
    }

    fn wire(reply: &Reply) -> String {
        let last = reply.lines.len() - 1;
        let line = |(at, line): (usize, &String)| {
            format!("{}{}{line}\r\n", reply.code, if at == last { ' ' } else { '-' })
        };
        reply.lines.iter().enumerate().map(line).collect()
    }

    proptest! {
        #[test]
        fn replies_come_out_whole_however_they_are_cut(
            sent in prop::collection::vec(reply(), 1..6),
            cuts in prop::collection::vec(1usize..20, 1..20),
        ) {
            let bytes: String = sent.iter().map(wire).collect();
            let mut replies = Replies::default();
            let (mut found, mut rest, mut cuts) = (Vec::new(), bytes.as_bytes(), cuts.into_iter().cycle());
            while !rest.is_empty() {
                let (packet, later) = rest.split_at(cuts.next().unwrap().min(rest.len()));
                rest = later;
                replies.feed(packet);
                while let Some(reply) = replies.next().unwrap() {
                    found.push(reply);
                }
            }
            prop_assert!(replies.is_empty());
            prop_assert_eq!(found, sent);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = all(&bytes);
        }
    }
}
