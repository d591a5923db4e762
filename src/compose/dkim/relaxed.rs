//! The relaxed canonical forms of header fields and of bodies (RFC 6376 3.4.2, 3.4.4): what is hashed.
//!
//! A line ends with CRLF and with nothing else; a CR or an LF alone is a character like any other.

/// Appends a header field, given with or without its CRLF: name in lower case, unfolded, white space as one
/// blank. It ends without CRLF.
pub fn field(field: &[u8], out: &mut Vec<u8>) {
    let colon = memchr::memchr(b':', field).unwrap_or(field.len());
    let (name, value) = field.split_at(colon);
    out.extend(name.trim_ascii_end().iter().map(u8::to_ascii_lowercase));
    out.push(b':');
    let mut words =
        value.get(1..).unwrap_or_default().split(|byte| is_blank(*byte) || b"\r\n".contains(byte));
    let mut between: &[u8] = b"";
    for word in words.by_ref().filter(|word| !word.is_empty()) {
        out.extend_from_slice(between);
        out.extend_from_slice(word);
        between = b" ";
    }
}

/// A body on its way into `sink`, in its canonical form; it may come in any pieces.
pub struct Body<S: FnMut(&[u8])> {
    sink: S,
    /// Lines that ended, and that count only if another follows.
    breaks: usize,
    /// White space that counts only if its line goes on.
    is_blank: bool,
    /// A CR whose LF may follow.
    is_cr: bool,
    is_empty: bool,
}

impl<S: FnMut(&[u8])> Body<S> {
    pub fn new(sink: S) -> Body<S> {
        Body { sink, breaks: 0, is_blank: false, is_cr: false, is_empty: true }
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            match byte {
                b'\n' if self.is_cr => {
                    self.breaks += 1;
                    (self.is_cr, self.is_blank) = (false, false);
                }
                b'\r' => {
                    self.end_of_cr();
                    self.is_cr = true;
                }
                b' ' | b'\t' => {
                    self.end_of_cr();
                    self.is_blank = true;
                }
                _ => {
                    self.settle();
                    let (same, after) = rest.split_at(same_length(rest));
                    (self.sink)(same);
                    rest = after;
                    continue;
                }
            }
            rest = after;
        }
    }

    /// Empty lines at the end are left out, and the last line ends with CRLF.
    pub fn end(mut self) {
        self.end_of_cr();
        if !self.is_empty {
            (self.sink)(b"\r\n");
        }
    }

    /// A CR that no LF followed.
    fn end_of_cr(&mut self) {
        if self.is_cr {
            self.settle();
        }
    }

    /// Something comes after what was held back.
    fn settle(&mut self) {
        for _ in 0..std::mem::take(&mut self.breaks) {
            (self.sink)(b"\r\n");
        }
        if std::mem::take(&mut self.is_blank) {
            (self.sink)(b" ");
        }
        if std::mem::take(&mut self.is_cr) {
            (self.sink)(b"\r");
        }
        self.is_empty = false;
    }
}

/// How many bytes are their own canonical form, whatever follows; at least one. The first is no white space.
fn same_length(bytes: &[u8]) -> usize {
    let same = &bytes[..first_change(bytes)];
    let is_open = |byte: &u8| is_blank(*byte) || b"\r\n".contains(byte);
    same.iter().rposition(|byte| !is_open(byte)).map_or(1, |last| last + 1)
}

/// Looked at once by the compiler's widest registers: nearly all blocks of a letter are as they must be.
const BLOCK: usize = 64;

/// The first white space that has another form here, or the end.
fn first_change(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let (Some(these), Some(next)) = (bytes.get(at..at + BLOCK), bytes.get(at + 1..at + 1 + BLOCK)) {
        if these.iter().zip(next).fold(false, |any, (byte, next)| any | changes(*byte, *next)) {
            break;
        }
        at += BLOCK;
    }
    let next = |at: usize| bytes.get(at + 1).copied().unwrap_or(b' ');
    (at..bytes.len()).find(|at| changes(bytes[*at], next(*at))).unwrap_or(bytes.len())
}

/// Whether `byte` has another form before `next`. Without short circuits, to be done for many at a time.
fn changes(byte: u8, next: u8) -> bool {
    (byte == b'\t') | ((byte == b' ') & ((next == b' ') | (next == b'\t') | (next == b'\r')))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pieces: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut body = Body::new(|bytes: &[u8]| out.extend_from_slice(bytes));
        pieces.iter().for_each(|piece| body.feed(piece));
        body.end();
        out
    }

    fn body(text: &str) -> String {
        String::from_utf8(of(&[text.as_bytes()])).unwrap()
    }

    fn header(text: &str) -> String {
        let mut out = Vec::new();
        field(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    /// RFC 6376 3.4.4 word by word, and slow.
    fn by_the_book(bytes: &[u8]) -> Vec<u8> {
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let line = |line: &str| {
            let line = line.trim_end_matches([' ', '\t']);
            let mut out = String::new();
            for letter in line.chars() {
                match letter {
                    ' ' | '\t' if out.ends_with(' ') => {}
                    ' ' | '\t' => out.push(' '),
                    other => out.push(other),
                }
            }
            out
        };
        let mut lines: Vec<String> = text.split("\r\n").map(line).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines.iter().flat_map(|line| line.chars().chain("\r\n".chars())).map(|letter| letter as u8).collect()
    }

    #[test]
    fn the_example_of_the_rfc_comes_out_as_it_says() {
        assert_eq!(header("A: X\r\n"), "a:X");
        assert_eq!(header("B : Y\t\r\n\tZ  \r\n"), "b:Y Z");
        assert_eq!(body(" C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n");
    }

    #[test]
    fn a_body_of_nothing_is_nothing_and_a_last_line_ends() {
        assert_eq!(body(""), "");
        assert_eq!(body("\r\n \t\r\n\r\n"), "");
        assert_eq!(body("a "), "a\r\n");
        assert_eq!(body("\r\n\r\na\r\n\r\nb"), "\r\n\r\na\r\n\r\nb\r\n");
    }

    #[test]
    fn a_cr_or_an_lf_alone_ends_no_line() {
        assert_eq!(body("a \nb \rc\r\r\n"), "a \nb \rc\r\r\n");
        assert_eq!(body("a \r \r\n"), "a \r\r\n");
    }

    #[test]
    fn a_field_without_a_colon_or_a_value_has_a_form_too() {
        assert_eq!(header("To:\r\n"), "to:");
        assert_eq!(header("Nonsense"), "nonsense:");
        assert_eq!(
            header("Subject:\r\n =?utf-8?q?a?=\r\n  =?utf-8?q?b?=\r\n"),
            "subject:=?utf-8?q?a?= =?utf-8?q?b?="
        );
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]
        #[test]
        fn wherever_a_body_is_cut_its_form_is_that_of_the_whole(
            body in proptest::collection::vec(proptest::sample::select(b"  \t\r\n\r\n.ab=".to_vec()), 0..400),
            cuts in proptest::collection::vec(0_usize..400, 0..12),
        ) {
            let mut ends: Vec<usize> = cuts.into_iter().map(|cut| cut.min(body.len())).collect();
            ends.extend([0, body.len()]);
            ends.sort_unstable();
            let pieces: Vec<&[u8]> = ends.windows(2).map(|ends| &body[ends[0]..ends[1]]).collect();
            proptest::prop_assert_eq!(of(&pieces), of(&[&body]));
            proptest::prop_assert_eq!(of(&[&body]), by_the_book(&body));
        }

        #[test]
        fn any_bytes_have_the_form_that_the_book_gives_them(
            body in proptest::collection::vec("[a-z]{0,80}|[ \t]{1,3}|\r\n|\r|\n|=\r\n|[\u{80}-\u{ff}]", 0..40)
        ) {
            let body = body.concat().into_bytes();
            proptest::prop_assert_eq!(of(&[&body]), by_the_book(&body));
        }
    }
}
