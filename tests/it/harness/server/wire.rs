//! One connection of the scripted server: lines in, replies out, in the clear or not.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

enum Stream {
    Clear(TcpStream),
    Encrypted(Box<StreamOwned<ServerConnection, TcpStream>>),
}

pub(super) struct Wire {
    stream: Stream,
    /// What arrived and was not read as a line yet.
    ahead: Vec<u8>,
}

impl Wire {
    pub fn new(stream: TcpStream) -> Wire {
        Wire { stream: Stream::Clear(stream), ahead: Vec::new() }
    }

    /// Whether the other side has sent more than the line that was read last.
    pub fn has_more(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// The next line with its line end; an error of the kind `UnexpectedEof` where the other side has left.
    pub fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut seen = 0;
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.ahead[seen..]) {
                let rest = self.ahead.split_off(seen + end + 1);
                return Ok(std::mem::replace(&mut self.ahead, rest));
            }
            seen = self.ahead.len();
            self.fill()?;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut block = [0; 16 * 1024];
        let read = self.io().read(&mut block)?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.ahead.extend(&block[..read]);
        Ok(())
    }

    /// Writes one reply; each line of it gets the code, and the right sign after it.
    pub fn reply(&mut self, reply: &str) -> io::Result<()> {
        let code = reply.get(..3).unwrap_or_default().to_owned();
        let lines: Vec<&str> = reply.split('\n').collect();
        let mut text = String::new();
        for (number, line) in lines.iter().enumerate() {
            let line = if number == 0 { line.get(4..).unwrap_or_default() } else { line };
            let sign = if number + 1 == lines.len() { ' ' } else { '-' };
            text.push_str(&format!("{code}{sign}{line}\r\n"));
        }
        self.io().write_all(text.as_bytes())?;
        self.io().flush()
    }

    /// Goes on in TLS. What was sent ahead in the clear must not be taken as said under its protection.
    pub fn encrypt(self, config: &Arc<ServerConfig>) -> io::Result<Wire> {
        let Stream::Clear(tcp) = self.stream else { return Err(ErrorKind::AlreadyExists.into()) };
        let connection = ServerConnection::new(config.clone()).map_err(io::Error::other)?;
        let stream = Stream::Encrypted(Box::new(StreamOwned::new(connection, tcp)));
        Ok(Wire { stream, ahead: Vec::new() })
    }

    /// Says nothing until the other side leaves.
    pub fn hang(&mut self) -> io::Error {
        loop {
            self.ahead.clear();
            if let Err(why) = self.fill() {
                return why;
            }
        }
    }

    fn io(&mut self) -> &mut dyn ReadWrite {
        match &mut self.stream {
            Stream::Clear(tcp) => tcp,
            Stream::Encrypted(tls) => tls,
        }
    }
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}
