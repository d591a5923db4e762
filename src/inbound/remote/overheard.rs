//! The connection to a server of IMAP, overheard: what it says goes on as it is to the library that reads it. Brackets
//! in brackets without an end are kept from that library, which would go down with them until its stack is used up, and
//! the reason of a goodbye is kept for whoever asks why the connection ended. What is said goes out in one piece.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, BufWriter, ReadBuf};

use super::wire::{Wire, said};

/// So many brackets may be open in one line. Nothing that is asked for has more than three.
const DEEPEST: u32 = 64;
/// So much of each line is kept to be looked at.
const START: usize = 512;

#[derive(Debug)]
pub(super) struct Overheard {
    wire: BufWriter<Wire>,
    lines: Lines,
}

impl Overheard {
    pub(super) fn new(wire: Wire) -> Overheard {
        Overheard { wire: BufWriter::new(wire), lines: Lines::default() }
    }

    /// What was not flushed is forgotten.
    pub(super) fn into_wire(self) -> Wire {
        self.wire.into_inner()
    }

    /// Why the server ended the connection, if it said so.
    pub(super) fn goodbye(&self) -> Option<&str> {
        self.lines.goodbye.as_deref()
    }
}

impl AsyncRead for Overheard {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.wire).poll_read(cx, buf))?;
        match this.lines.hear(&buf.filled()[before..]) {
            true => Poll::Ready(Ok(())),
            false => Poll::Ready(Err(io::Error::other("brackets in brackets that nobody asked for"))),
        }
    }
}

impl AsyncWrite for Overheard {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().wire).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_shutdown(cx)
    }
}

/// The lines of a server, as far as they were heard. Mails in them are passed over.
#[derive(Debug, Default)]
struct Lines {
    start: Vec<u8>,
    open: u32,
    /// The number in `{…}`, if the line could end with it.
    size: Option<u64>,
    /// So much of a literal is still to come.
    literal: u64,
    goodbye: Option<String>,
}

impl Lines {
    /// False if something nests too deep.
    fn hear(&mut self, mut bytes: &[u8]) -> bool {
        while let Some((byte, rest)) = bytes.split_first() {
            if self.literal > 0 {
                let passed = bytes.len().min(usize::try_from(self.literal).unwrap_or(usize::MAX));
                self.literal -= passed as u64;
                bytes = &bytes[passed..];
                continue;
            }
            self.step(*byte);
            if self.open > DEEPEST {
                return false;
            }
            bytes = rest;
        }
        true
    }

    fn step(&mut self, byte: u8) {
        match byte {
            b'\n' => return self.end(),
            b'(' => self.open += 1,
            b')' => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        self.size = match (byte, self.size) {
            (b'{', _) => Some(0),
            (b'0'..=b'9', Some(size)) => Some(size.saturating_mul(10).saturating_add(u64::from(byte - b'0'))),
            (b'}' | b'\r', size) => size,
            _ => None,
        };
        if self.start.len() < START {
            self.start.push(byte);
        }
    }

    /// A line goes on behind a literal. Only lines about one mail have any: elsewhere `{9}` is text, and what follows
    /// is a line like others.
    fn end(&mut self) {
        let is_of_a_mail = matches!(self.start.as_slice(), [b'*', b' ', b'0'..=b'9', ..]);
        if let Some(size) = self.size.take().filter(|_| is_of_a_mail) {
            self.literal = size;
            return;
        }
        if self.start.get(..5).is_some_and(|word| word.eq_ignore_ascii_case(b"* BYE")) {
            self.goodbye = Some(said(&String::from_utf8_lossy(&self.start[5..])));
        }
        self.start.clear();
        self.open = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_fine(text: &str) -> bool {
        let mut lines = Lines::default();
        // However it is cut.
        text.as_bytes().chunks(7).all(|piece| lines.hear(piece))
    }

    #[test]
    fn brackets_nest_as_deep_as_anything_that_is_asked_for_and_no_deeper() {
        let deep = "(".repeat(100);
        assert!(!is_fine(&format!("* 1 FETCH (BODYSTRUCTURE {deep}")));
        assert!(!is_fine(&format!("* OK {{1000}}\r\n* 1 FETCH (BODYSTRUCTURE {deep}")));
        assert!(!is_fine(&format!("* 1 FETCH (UID 1 BODY[] {{3}}\r\nabc X {deep}")));
        assert!(is_fine(&"* 1 FETCH (UID 1)\r\n* OK (\r\n".repeat(100)));
        let mail = format!("{deep}\r\n{deep}");
        assert!(is_fine(&format!("* 1 FETCH (UID 1 BODY[]<0> {{{}}}\r\n{mail})\r\na OK\r\n", mail.len())));
    }

    #[test]
    fn the_reason_of_a_goodbye_is_kept() {
        let mut lines = Lines::default();
        assert!(lines.hear(b"* OK hello\r\n* BYE Too many of you\r\n"));
        assert_eq!(lines.goodbye.as_deref(), Some("Too many of you"));
    }
}
