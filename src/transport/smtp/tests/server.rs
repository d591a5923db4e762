//! A server that keeps to RFC 5321 and does with each letter what it was told beforehand. What it took is
//! the truth against which the dialogue is held.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::model::attempt::Phase;

/// What happens to one letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Taken,
    /// This code, and the conversation goes on.
    Refused(Phase, u16),
    /// 421, and the connection is closed.
    Closed(Phase),
    /// The connection is closed without a word.
    Cut(Phase),
    /// Nothing is said any more.
    Silent(Phase),
}

/// Where the first connection breaks off, whatever is being said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    Read(usize),
    Written(usize),
}

#[derive(Debug, Clone, Default)]
pub struct Script {
    /// By the number of the letter, which stands in its sender. Beyond the last: taken.
    pub fates: Vec<Fate>,
    /// The lines of EHLO after the first.
    pub offers: Vec<&'static str>,
    /// Octets in one packet; 0 for all at once.
    pub packet: usize,
    pub limit: Option<Limit>,
    /// DATA is answered 354 although nobody was accepted.
    pub eager: bool,
}

/// What the server took.
#[derive(Debug, Default)]
pub struct Box {
    /// Number, recipient, body.
    pub letters: Vec<(usize, String, String)>,
    /// Bodies for nobody; none of them may hold anything.
    pub for_nobody: Vec<String>,
    /// Every command line, in order.
    pub commands: Vec<String>,
    pub connections: usize,
    /// What was read and written on the first connection.
    pub read: usize,
    pub written: usize,
}

pub struct Server {
    stream: DuplexStream,
    script: Arc<Script>,
    taken: Arc<Mutex<Box>>,
    limit: Option<Limit>,
    is_first: bool,
    mail: Option<usize>,
    recipient: Option<String>,
}

impl Server {
    pub fn new(stream: DuplexStream, script: Arc<Script>, taken: Arc<Mutex<Box>>) -> Server {
        let is_first = taken.lock().unwrap().connections == 0;
        taken.lock().unwrap().connections += 1;
        let limit = script.limit.filter(|_| is_first);
        Server { stream, script, taken, limit, is_first, mail: None, recipient: None }
    }

    /// Serves until one side has had enough: `None`.
    pub async fn serve(mut self) -> Option<()> {
        self.say("220 server ESMTP").await?;
        loop {
            let line = self.line().await?;
            self.taken.lock().unwrap().commands.push(line.clone());
            match &line[..4.min(line.len())] {
                "EHLO" => self.hello().await?,
                "MAIL" => self.take_mail(&line).await?,
                "RCPT" => self.take_recipient(&line).await?,
                "DATA" => self.take_data().await?,
                "RSET" => {
                    (self.mail, self.recipient) = (None, None);
                    self.say("250 2.0.0 forgotten").await?;
                }
                "QUIT" => {
                    self.say("221 2.0.0 bye").await?;
                    return None;
                }
                _ => self.say("500 5.5.2 what?").await?,
            }
        }
    }

    async fn hello(&mut self) -> Option<()> {
        let lines: Vec<&str> = ["server"].into_iter().chain(self.script.offers.clone()).collect();
        let (last, others) = lines.split_last().unwrap();
        for line in others {
            self.say(&format!("250-{line}")).await?;
        }
        self.say(&format!("250 {last}")).await
    }

    async fn take_mail(&mut self, line: &str) -> Option<()> {
        let number = line.split(['+', '@']).nth(1).unwrap().parse().unwrap();
        if self.mail.is_some() {
            return self.say("503 5.5.1 nested MAIL").await;
        }
        if self.decide(number, Phase::Sender, "250").await? {
            self.mail = Some(number);
        }
        Some(())
    }

    async fn take_recipient(&mut self, line: &str) -> Option<()> {
        let Some(number) = self.mail else { return self.say("503 5.5.1 need MAIL").await };
        if self.decide(number, Phase::Recipient, "250").await? {
            self.recipient = Some(line.split(['<', '>']).nth(1).unwrap().to_owned());
        }
        Some(())
    }

    async fn take_data(&mut self) -> Option<()> {
        let letter = self.mail.zip(self.recipient.clone());
        match &letter {
            None if self.script.eager => self.say("354 go on, though nobody gets it").await?,
            None => return self.say("554 5.5.1 no valid recipients").await,
            Some((number, _)) => {
                if !self.decide(*number, Phase::Data, "354").await? {
                    return Some(());
                }
            }
        }
        let body = self.body(letter.as_ref().map(|(number, _)| *number)).await?;
        (self.mail, self.recipient) = (None, None);
        let Some((number, recipient)) = letter else {
            self.taken.lock().unwrap().for_nobody.push(body);
            return self.say("554 5.5.1 no valid recipients").await;
        };
        let fate = self.fate(number);
        if !matches!(fate, Fate::Refused(Phase::Answer, _) | Fate::Closed(Phase::Answer)) {
            self.taken.lock().unwrap().letters.push((number, recipient, body));
        }
        self.decide(number, Phase::Answer, "250").await.map(|_| ())
    }

    fn fate(&self, number: usize) -> Fate {
        self.script.fates.get(number).copied().unwrap_or(Fate::Taken)
    }

    /// Answers one command about a letter; says whether it said yes.
    async fn decide(&mut self, number: usize, phase: Phase, yes: &str) -> Option<bool> {
        let about = format!("letter {number} {}", phase.name());
        match self.fate(number) {
            Fate::Refused(at, code) if at == phase => {
                self.say(&format!("{code}-{about}")).await?;
                self.say(&format!("{code} no")).await.map(|()| false)
            }
            Fate::Closed(at) if at == phase => {
                self.say(&format!("421 {about}")).await?;
                None
            }
            Fate::Cut(at) if at == phase => None,
            Fate::Silent(at) if at == phase => std::future::pending().await,
            _ => self.say(&format!("{yes} {about}")).await.map(|()| true),
        }
    }

    async fn say(&mut self, line: &str) -> Option<()> {
        let bytes = format!("{line}\r\n").into_bytes();
        let packet = if self.script.packet == 0 { bytes.len() } else { self.script.packet };
        for packet in bytes.chunks(packet) {
            for byte in packet.chunks(if self.limit.is_some() { 1 } else { packet.len() }) {
                if let Some(Limit::Written(left)) = &mut self.limit {
                    *left = left.checked_sub(byte.len())?;
                }
                self.stream.write_all(byte).await.ok()?;
                self.taken.lock().unwrap().written += byte.len() * usize::from(self.is_first);
            }
            tokio::task::yield_now().await;
        }
        Some(())
    }

    async fn byte(&mut self) -> Option<u8> {
        if let Some(Limit::Read(left)) = &mut self.limit {
            *left = left.checked_sub(1)?;
        }
        let byte = self.stream.read_u8().await.ok()?;
        self.taken.lock().unwrap().read += usize::from(self.is_first);
        Some(byte)
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(self.byte().await?);
        }
        line.truncate(line.len() - 2);
        Some(String::from_utf8(line).unwrap())
    }

    async fn body(&mut self, number: Option<usize>) -> Option<String> {
        let mut body = b"\r\n".to_vec();
        while !body.ends_with(b"\r\n.\r\n") {
            body.push(self.byte().await?);
            match number.map(|number| self.fate(number)) {
                Some(Fate::Cut(Phase::Body)) => return None,
                Some(Fate::Silent(Phase::Body)) => std::future::pending().await,
                _ => {}
            }
        }
        Some(String::from_utf8(body[2..body.len() - 3].to_vec()).unwrap())
    }
}
