//! POP3: every mail of a mailbox, by numbers that hold for one session, and names (UIDL) that hold for all. The dialogue
//! is small and our own: what libraries there are keep a whole mail in memory, however large it is.

use secrecy::ExposeSecret;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

use data_encoding::BASE64;

use super::token::{self, Ready};
use super::wire::{self, Wire, cut, encrypt, said, within};
use super::{Entry, RemoteError, Take, Withheld};
use crate::inbound::notice::LONGEST;
use crate::settings::remote::{Done, Remote};
use crate::settings::transport::Security;

/// A line of an answer is no longer (RFC 2449 4 says 512).
const LONGEST_LINE: u64 = 8192;
/// So many lines of a mail that is longer than we read: enough for [`LONGEST`] octets of ordinary lines.
const LINES: usize = 60_000;

pub struct Pop3 {
    stream: BufReader<Wire>,
    host: String,
    can: Vec<String>,
}

/// The words of `-ERR`.
struct Refusal(String);

impl Pop3 {
    pub(super) async fn open(remote: &Remote) -> Result<Pop3, RemoteError> {
        let (host, mut wire) = (&remote.host, wire::connect(remote).await?);
        if remote.security == Security::Implicit {
            wire = encrypt(remote, wire).await?;
        }
        let mut pop3 = Pop3 { stream: BufReader::new(wire), host: host.clone(), can: Vec::new() };
        let greeting = pop3.answer().await?;
        pop3.must("to talk to us", greeting)?;
        if remote.security == Security::StartTls {
            pop3 = pop3.encrypted(remote).await?;
        }
        pop3.log_in(remote).await?;
        pop3.can = pop3.capabilities().await?;
        Ok(pop3)
    }

    async fn encrypted(mut self, remote: &Remote) -> Result<Pop3, RemoteError> {
        if self.say("STLS").await?.is_err() || !self.stream.buffer().is_empty() {
            // What came in the clear must not be taken for something said inside TLS (RFC 2595 2.4).
            return Err(RemoteError::NoTls { host: self.host });
        }
        let wire = encrypt(remote, self.stream.into_inner()).await?;
        Ok(Pop3 { stream: BufReader::new(wire), ..self })
    }

    async fn log_in(&mut self, remote: &Remote) -> Result<(), RemoteError> {
        let answer = match token::ready(remote).await? {
            Ready::Token(token) => {
                let words = BASE64.encode(token::xoauth2(&remote.user, &token).as_bytes());
                self.authenticate(&words).await?
            }
            Ready::Password(password) => match self.say(&format!("USER {}", remote.user)).await? {
                Ok(_) => self.say(&format!("PASS {}", one_line(password.expose_secret()))).await?,
                refused => refused,
            },
        };
        answer.map(drop).map_err(|Refusal(said)| RemoteError::Login { host: self.host.clone(), said })
    }

    /// A token is longer than a line may be: it goes after the server's `+` (RFC 5034 4).
    async fn authenticate(&mut self, words: &str) -> Result<Result<String, Refusal>, RemoteError> {
        self.write("AUTH XOAUTH2").await?;
        let mut line = self.line().await?;
        if line.starts_with('+') && !line.starts_with("+OK") {
            self.write(words).await?;
            line = self.line().await?;
        }
        if line.starts_with("+ ") {
            self.write("").await?;
            line = self.line().await?;
        }
        Ok(judged(&line))
    }

    async fn capabilities(&mut self) -> Result<Vec<String>, RemoteError> {
        match self.say("CAPA").await? {
            Ok(_) => Ok(self.lines().await?.into_iter().map(|line| line.to_ascii_uppercase()).collect()),
            Err(Refusal(_)) => Ok(Vec::new()),
        }
    }

    pub(super) async fn list(&mut self) -> Result<Vec<Entry>, RemoteError> {
        let names = self.numbered("UIDL", "to name its mails").await?;
        let mut sizes = self.numbered("LIST", "to list its mails").await?.into_iter().peekable();
        let mut entries = Vec::with_capacity(names.len());
        for (number, uidl) in names {
            while sizes.next_if(|(other, _)| *other < number).is_some() {}
            let size = sizes.next_if(|(other, _)| *other == number);
            let size = size.and_then(|(_, size)| size.parse().ok()).unwrap_or_default();
            entries.push(Entry { number, uidl, size });
        }
        Ok(entries)
    }

    /// Lines of a number and a word, in the order of the numbers.
    async fn numbered(
        &mut self,
        command: &str,
        what: &'static str,
    ) -> Result<Vec<(u32, String)>, RemoteError> {
        let answer = self.say(command).await?;
        self.must(what, answer)?;
        let lines = self.lines().await?;
        let pair = |line: &String| {
            let (number, word) = line.split_once(' ')?;
            Some((number.parse().ok()?, word.split(' ').next()?.to_owned()))
        };
        let mut pairs: Vec<(u32, String)> = lines.iter().filter_map(pair).collect();
        pairs.sort_unstable();
        Ok(pairs)
    }

    pub(super) async fn fetch<E: From<RemoteError>>(
        &mut self,
        entries: &[Entry],
        take: Take<'_, E>,
    ) -> Result<Vec<Withheld>, E> {
        let mut withheld = Vec::new();
        for entry in entries {
            match self.mail(entry).await? {
                Ok(mail) => take(entry, mail)?,
                Err(Refusal(why)) => withheld.push(Withheld { entry: entry.clone(), why }),
            }
        }
        Ok(withheld)
    }

    async fn mail(&mut self, entry: &Entry) -> Result<Result<Vec<u8>, Refusal>, RemoteError> {
        let is_long = entry.size > LONGEST as u64 && self.can.iter().any(|word| word == "TOP");
        let command = match is_long {
            true => format!("TOP {} {LINES}", entry.number),
            false => format!("RETR {}", entry.number),
        };
        match self.say(&command).await? {
            Ok(_) => self.text().await.map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    pub(super) async fn finish(&mut self, entries: &[Entry], done: &Done) -> Result<(), RemoteError> {
        match done {
            // There are no marks, and no folders: whoever reads remembers the names.
            Done::Mark | Done::Leave | Done::Move(_) => Ok(()),
            Done::Delete => {
                for entry in entries {
                    let answer = self.say(&format!("DELE {}", entry.number)).await?;
                    self.must("to delete a mail", answer)?;
                }
                Ok(())
            }
        }
    }

    pub(super) async fn close(mut self) -> Result<(), RemoteError> {
        let answer = self.say("QUIT").await?;
        self.must("to delete mails", answer).map(drop)
    }

    fn must(&self, what: &'static str, answer: Result<String, Refusal>) -> Result<String, RemoteError> {
        answer.map_err(|Refusal(said)| RemoteError::Refused { host: self.host.clone(), what, said })
    }

    async fn say(&mut self, command: &str) -> Result<Result<String, Refusal>, RemoteError> {
        self.write(command).await?;
        self.answer().await
    }

    async fn write(&mut self, line: &str) -> Result<(), RemoteError> {
        let bytes = format!("{line}\r\n");
        let Pop3 { stream, host, .. } = self;
        let work = async {
            stream.write_all(bytes.as_bytes()).await?;
            stream.flush().await
        };
        within(host, work).await?.map_err(|error| cut(host, &error))
    }

    async fn answer(&mut self) -> Result<Result<String, Refusal>, RemoteError> {
        let line = self.line().await?;
        match line.starts_with("+OK") || line.starts_with("-ERR") {
            true => Ok(judged(&line)),
            false => Err(RemoteError::Garbled { host: self.host.clone(), said: said(&line) }),
        }
    }

    async fn line(&mut self) -> Result<String, RemoteError> {
        let mut line = Vec::new();
        match self.piece(&mut line).await? {
            true => Ok(String::from_utf8_lossy(&line).trim_end().to_owned()),
            false => Err(RemoteError::Garbled {
                host: self.host.clone(),
                said: "a line without an end".to_owned(),
            }),
        }
    }

    /// Adds a line, or so much of a long one, to `line`; true if it has an end.
    async fn piece(&mut self, line: &mut Vec<u8>) -> Result<bool, RemoteError> {
        let Pop3 { stream, host, .. } = self;
        let read = within(host, stream.take(LONGEST_LINE).read_until(b'\n', line)).await?;
        match read.map_err(|error| cut(host, &error))? {
            0 => Err(cut(host, &"the server closed it")),
            _ => Ok(line.ends_with(b"\n")),
        }
    }

    /// The lines of an answer that a dot ends.
    async fn lines(&mut self) -> Result<Vec<String>, RemoteError> {
        let mut lines = Vec::new();
        loop {
            match self.line().await?.as_str() {
                "." => return Ok(lines),
                line => lines.push(line.strip_prefix('.').unwrap_or(line).to_owned()),
            }
        }
    }

    /// A mail, as much of it as is read; the rest is heard and forgotten. In a mail there may be a line feed by itself:
    /// it begins no line of ours.
    async fn text(&mut self) -> Result<Vec<u8>, RemoteError> {
        let (mut mail, mut piece, mut is_start) = (Vec::new(), Vec::new(), true);
        loop {
            let is_after_return = piece.ends_with(b"\r");
            piece.clear();
            self.piece(&mut piece).await?;
            if is_start && piece == b".\r\n" {
                return Ok(mail);
            }
            let dot = usize::from(is_start && piece.starts_with(b"."));
            let room = LONGEST.saturating_sub(mail.len());
            mail.extend(piece[dot..].iter().take(room));
            is_start = piece.ends_with(b"\r\n") || (is_after_return && piece == b"\n");
        }
    }
}

fn judged(line: &str) -> Result<String, Refusal> {
    match line.strip_prefix("+OK") {
        Some(rest) => Ok(said(rest)),
        None => Err(Refusal(said(line.trim_start_matches("-ERR")))),
    }
}

/// A password with an end of a line in it would say more than a password.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], "")
}
