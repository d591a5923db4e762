//! Where a letter ends, however it is cut into packets, and what its head says. The rest is counted and let go,
//! unless somebody wants to keep it.

use memchr::memmem;

/// So much of a letter is looked at for its head.
const HEAD: usize = 16 * 1024;

/// One letter on its way in.
#[derive(Debug, Default)]
pub struct Body {
    /// Octets as they came over the wire, without the final dot.
    pub length: u64,
    head: Vec<u8>,
    is_head_whole: bool,
    /// As it came, if it is to be kept.
    kept: Option<Vec<u8>>,
}

/// What was done with some bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Took {
    pub used: usize,
    pub ended: bool,
}

impl Body {
    pub fn begin(&mut self, is_kept: bool) {
        self.length = 0;
        self.head.clear();
        self.is_head_whole = false;
        self.kept = is_kept.then(Vec::new);
    }

    /// Takes what belongs to the letter. Up to four bytes are left over that could be the beginning of its end.
    pub fn take(&mut self, bytes: &[u8]) -> Took {
        if self.length == 0 && b".\r\n".starts_with(&bytes[..bytes.len().min(3)]) {
            let ended = bytes.len() >= 3;
            return Took { used: if ended { 3 } else { 0 }, ended };
        }
        match memmem::find(bytes, b"\r\n.\r\n") {
            Some(place) => {
                self.keep(&bytes[..place + 2]);
                Took { used: place + 5, ended: true }
            }
            None => {
                let used = bytes.len().saturating_sub(4);
                self.keep(&bytes[..used]);
                Took { used, ended: false }
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(bytes);
        }
        if !self.is_head_whole {
            self.keep_head(bytes);
        }
    }

    fn keep_head(&mut self, bytes: &[u8]) {
        let before = self.head.len().saturating_sub(3);
        self.head.extend_from_slice(&bytes[..bytes.len().min(HEAD - self.head.len())]);
        if let Some(end) = memmem::find(&self.head[before..], b"\r\n\r\n") {
            self.head.truncate(before + end + 2);
            self.is_head_whole = true;
        }
        self.is_head_whole |= self.head.len() >= HEAD;
    }

    /// The value of a header field, unfolded; bytes that are no UTF-8 are replaced.
    pub fn field(&self, name: &str) -> Option<String> {
        let mut lines =
            self.head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let is_it = |line: &&[u8]| {
            line.len() > name.len()
                && line[name.len()] == b':'
                && line[..name.len()].eq_ignore_ascii_case(name.as_bytes())
        };
        let mut value = lines.find(is_it)?[name.len() + 1..].to_vec();
        for line in lines.take_while(|line| line.starts_with(b" ") || line.starts_with(b"\t")) {
            value.extend_from_slice(line);
        }
        Some(String::from_utf8_lossy(&value).trim().to_owned())
    }

    /// The letter as its author wrote it: without the dots that SMTP puts in front of dots (RFC 5321 4.5.2).
    pub fn letter(&mut self) -> Option<Vec<u8>> {
        let wire = self.kept.take()?;
        let mut letter = Vec::with_capacity(wire.len());
        let mut rest = wire.strip_prefix(b".").unwrap_or(&wire);
        while let Some(place) = memmem::find(rest, b"\r\n.") {
            letter.extend_from_slice(&rest[..place + 2]);
            rest = &rest[place + 3..];
        }
        letter.extend_from_slice(rest);
        Some(letter)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds `wire` in packets of these sizes; what is left over after the letter.
    fn feed(body: &mut Body, wire: &[u8], cuts: &[usize]) -> Option<Vec<u8>> {
        let (mut waiting, mut rest, mut cuts) = (Vec::new(), wire, cuts.iter().cycle());
        while !rest.is_empty() {
            let (packet, later) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            rest = later;
            waiting.extend_from_slice(packet);
            let Took { used, ended } = body.take(&waiting);
            waiting.drain(..used);
            if ended {
                waiting.extend_from_slice(rest);
                return Some(waiting);
            }
        }
        None
    }

    #[test]
    fn a_letter_may_be_empty_and_a_dot_alone_within_it_is_none() {
        let mut body = Body::default();
        body.begin(true);
        assert_eq!(feed(&mut body, b".\r\nMAIL", &[1]), Some(b"MAIL".to_vec()));
        assert_eq!((body.length, body.letter()), (0, Some(Vec::new())));
        body.begin(true);
        assert_eq!(feed(&mut body, b"a\r\n..\r\nb\n.\n.\r\n\r\n.\r\n", &[2, 3]), Some(Vec::new()));
        assert_eq!(body.letter().unwrap(), b"a\r\n.\r\nb\n.\n.\r\n\r\n");
    }

    #[test]
    fn the_head_is_read_unfolded_and_without_case() {
        let mut body = Body::default();
        body.begin(false);
        let wire = b"Subject: a\r\n long  one\r\nMESSAGE-ID: <1@x>\r\n\r\nMessage-ID: <2@x>\r\n.\r\n";
        assert_eq!(feed(&mut body, wire, &[5]), Some(Vec::new()));
        assert_eq!(body.field("message-id").as_deref(), Some("<1@x>"));
        assert_eq!(body.field("Subject").as_deref(), Some("a long  one"));
        assert_eq!((body.field("Sub"), body.letter()), (None, None));
    }

    proptest! {
        #[test]
        fn it_ends_at_its_first_dot_alone_however_it_is_cut(
            lines in prop::collection::vec("[a-z.]{0,12}", 0..20),
            cuts in prop::collection::vec(1usize..30, 1..20),
        ) {
            let stuffed: String = lines
                .iter()
                .map(|line| if line.starts_with('.') { format!(".{line}\r\n") } else { format!("{line}\r\n") })
                .collect();
            let mut body = Body::default();
            body.begin(true);
            let left = feed(&mut body, format!("{stuffed}.\r\nRSET\r\n").as_bytes(), &cuts);
            prop_assert_eq!(left, Some(b"RSET\r\n".to_vec()));
            prop_assert_eq!(body.length, stuffed.len() as u64);
            let plain: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            prop_assert_eq!(body.letter().unwrap(), plain.into_bytes());
        }
    }
}
