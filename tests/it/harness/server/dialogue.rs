//! What the scripted server says on one connection, in the order of RFC 5321.

use std::io::{self, ErrorKind};
use std::thread;

use courant::model::attempt::Phase;

use super::login;
use super::script::{Act, Encryption};
use super::shared::Shared;
use super::wire::Wire;
use crate::harness::mail::Received;

/// One connection from its greeting to its end.
pub(super) struct Dialogue<'a> {
    shared: &'a Shared,
    wire: Wire,
    number: usize,
    hello: bool,
    encrypted: bool,
    logged_in: bool,
    sender: Option<String>,
    recipients: Vec<String>,
}

/// Whether the script let the usual thing happen.
enum Usual {
    Yes,
    No,
}

impl<'a> Dialogue<'a> {
    pub fn new(shared: &'a Shared, wire: Wire, number: usize) -> Dialogue<'a> {
        let (sender, recipients) = (None, Vec::new());
        Dialogue {
            shared,
            wire,
            number,
            hello: false,
            encrypted: false,
            logged_in: false,
            sender,
            recipients,
        }
    }

    /// Talks until either side ends the connection.
    pub fn run(mut self) -> io::Result<()> {
        if self.shared.script.tls == Encryption::Implicit {
            self = self.encrypt()?;
        }
        if let Usual::Yes = self.act(Phase::Connect)? {
            self.wire.reply("220 scripted.test ESMTP")?;
        }
        loop {
            let line = self.command()?;
            let (verb, args) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" | "HELO" => self.hello(verb)?,
                "STARTTLS" => self = self.starttls()?,
                "AUTH" => self.auth(args)?,
                "MAIL" => self.mail(args)?,
                "RCPT" => self.rcpt(args)?,
                "DATA" => self.data()?,
                "RSET" => {
                    self.forget();
                    self.wire.reply("250 2.0.0 forgotten")?;
                }
                "NOOP" => self.wire.reply("250 2.0.0 nothing done")?,
                "QUIT" => return self.wire.reply("221 2.0.0 bye"),
                _ => self.wire.reply("502 5.5.1 not implemented here")?,
            }
        }
    }

    /// Reads one command and notes what no client may do.
    fn command(&mut self) -> io::Result<String> {
        let raw = self.wire.line()?;
        let text = String::from_utf8_lossy(&raw).into_owned();
        if !text.ends_with("\r\n") {
            self.complain("a command ends with a bare LF");
        }
        let line = text.trim_end().to_owned();
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        if self.wire.has_more() {
            self.judge_what_came_ahead(&verb);
        }
        self.shared.note(self.number, &line);
        Ok(line)
    }

    /// RFC 2920 3.1: what may be followed by more before its reply, and where.
    fn judge_what_came_ahead(&self, verb: &str) {
        if !self.shared.script.offers.pipelining {
            self.complain(&format!(
                "more was sent before the reply to {verb}, and PIPELINING was not offered"
            ));
        } else if !matches!(verb, "MAIL" | "RCPT" | "RSET") {
            self.complain(&format!(
                "more was sent before the reply to {verb}, which must be the last of a group"
            ));
        }
    }

    fn hello(&mut self, verb: &str) -> io::Result<()> {
        self.hello = true;
        self.forget();
        if verb.eq_ignore_ascii_case("HELO") {
            return self.wire.reply("250 scripted.test");
        }
        let reply = format!("250 scripted.test\n{}", self.extensions().join("\n"));
        self.wire.reply(reply.trim_end())
    }

    fn extensions(&self) -> Vec<String> {
        let offers = &self.shared.script.offers;
        let hidden = self.shared.script.tls == Encryption::StartTls && !self.encrypted;
        let named = |offered: bool, name: &str| offered.then(|| name.to_owned());
        let lines = [
            named(offers.pipelining, "PIPELINING"),
            named(offers.eight_bit_mime, "8BITMIME"),
            offers.size.map(|size| format!("SIZE {size}")),
            named(offers.smtputf8, "SMTPUTF8"),
            named(offers.enhanced_status_codes, "ENHANCEDSTATUSCODES"),
            named(hidden, "STARTTLS"),
            offers.auth.as_ref().filter(|_| !hidden).map(|mechanisms| format!("AUTH {mechanisms}")),
        ];
        lines.into_iter().flatten().collect()
    }

    fn starttls(mut self) -> io::Result<Dialogue<'a>> {
        if self.shared.script.tls != Encryption::StartTls || self.encrypted {
            self.wire.reply("503 5.5.1 no STARTTLS here")?;
            return Ok(self);
        }
        match self.act(Phase::Tls)? {
            Usual::No => Ok(self),
            Usual::Yes => {
                self.wire.reply("220 2.0.0 go ahead")?;
                self.encrypt()
            }
        }
    }

    fn encrypt(self) -> io::Result<Dialogue<'a>> {
        let tls = self.shared.tls.as_ref().expect("a script that encrypts has a certificate");
        let wire = self.wire.encrypt(tls)?;
        Ok(Dialogue { wire, encrypted: true, hello: false, ..self })
    }

    fn auth(&mut self, args: &str) -> io::Result<()> {
        if self.shared.script.tls != Encryption::Never && !self.encrypted {
            self.complain("a password was sent in the clear");
        }
        let offered = self.shared.script.offers.auth.clone().unwrap_or_default();
        let mechanism = args.split(' ').next().unwrap_or_default();
        if !offered.split(' ').any(|known| known.eq_ignore_ascii_case(mechanism)) {
            return self.wire.reply("504 5.5.4 no such mechanism");
        }
        let given = login::credentials(&mut self.wire, args)?;
        let right = given.is_some() && given == self.shared.script.login;
        if let Usual::No = self.act(Phase::Login)? {
            return Ok(());
        }
        self.logged_in = right;
        match right {
            true => self.wire.reply("235 2.7.0 welcome"),
            false => {
                if mechanism.eq_ignore_ascii_case("XOAUTH2") {
                    login::deny_token(&mut self.wire)?;
                }
                self.wire.reply("535 5.7.8 authentication credentials invalid")
            }
        }
    }

    fn mail(&mut self, args: &str) -> io::Result<()> {
        if let Some(reply) = self.not_yet() {
            return self.wire.reply(reply);
        }
        if let Usual::No = self.act(Phase::Sender)? {
            return Ok(());
        }
        let params = args.to_ascii_uppercase();
        if let Some(reply) = self.unfit(args, &params) {
            return self.wire.reply(&reply);
        }
        self.sender = Some(path_of(args));
        self.wire.reply("250 2.1.0 sender ok")
    }

    /// Why no MAIL may come now.
    fn not_yet(&self) -> Option<&'static str> {
        if !self.hello {
            Some("503 5.5.1 say EHLO first")
        } else if self.shared.script.tls == Encryption::StartTls && !self.encrypted {
            Some("530 5.7.0 must issue a STARTTLS command first")
        } else if self.shared.script.login.is_some() && !self.logged_in {
            Some("530 5.7.0 authentication required")
        } else if self.sender.is_some() {
            Some("503 5.5.1 sender already given")
        } else {
            None
        }
    }

    /// Parameters that were not offered, a size above the limit, an address that needs SMTPUTF8 without it.
    fn unfit(&self, args: &str, params: &str) -> Option<String> {
        let offers = &self.shared.script.offers;
        let utf8 = params.split(' ').any(|param| param == "SMTPUTF8");
        let size = params.split(' ').find_map(|param| param.strip_prefix("SIZE=")?.parse::<u64>().ok());
        if (utf8 && !offers.smtputf8)
            || (size.is_some() && offers.size.is_none())
            || (params.contains(" BODY=8BITMIME") && !offers.eight_bit_mime)
        {
            self.complain(&format!("MAIL with a parameter that was not offered: {params}"));
            return Some("555 5.5.4 unsupported parameter".to_owned());
        }
        if !args.is_ascii() && !utf8 {
            return Some("553 5.6.7 address needs SMTPUTF8".to_owned());
        }
        let limit = offers.size.filter(|limit| *limit > 0)?;
        (size? > limit).then(|| format!("552 5.3.4 message is larger than {limit}"))
    }

    fn rcpt(&mut self, args: &str) -> io::Result<()> {
        if self.sender.is_none() {
            return self.wire.reply("503 5.5.1 need MAIL first");
        }
        let recipient = path_of(args);
        match self.act_for(Phase::Recipient, Some(&recipient))? {
            Usual::No => Ok(()),
            Usual::Yes => {
                self.recipients.push(recipient);
                self.wire.reply("250 2.1.5 recipient ok")
            }
        }
    }

    fn data(&mut self) -> io::Result<()> {
        if self.recipients.is_empty() && self.sender.is_some() && self.shared.script.eager {
            return self.take_for_nobody();
        }
        if self.recipients.is_empty() {
            let none = if self.sender.is_some() {
                "554 5.5.1 no valid recipients"
            } else {
                "503 5.5.1 need RCPT first"
            };
            return self.wire.reply(none);
        }
        if let Usual::No = self.act(Phase::Data)? {
            return Ok(());
        }
        self.wire.reply("354 end with <CRLF>.<CRLF>")?;
        let cut = self.take_act(Phase::Body);
        let raw = self.body(cut.as_ref())?;
        let received = Received {
            sender: self.sender.take().unwrap_or_default(),
            recipients: self.recipients.clone(),
            raw,
        };
        self.answer(received)?;
        self.forget();
        Ok(())
    }

    /// All that may come is the final dot.
    fn take_for_nobody(&mut self) -> io::Result<()> {
        self.wire.reply("354 end with <CRLF>.<CRLF>")?;
        if !self.body(None)?.is_empty() {
            self.complain("a letter was written for nobody");
        }
        self.forget();
        self.wire.reply("554 5.5.1 no valid recipients")
    }

    /// Reads up to the final dot, undoing dot-stuffing. Where the script cuts the body, its first line is read.
    fn body(&mut self, cut: Option<&Act>) -> io::Result<Vec<u8>> {
        let mut raw = Vec::new();
        loop {
            let line = self.wire.line()?;
            match cut {
                Some(Act::Hang) => return Err(self.shared.wait_for_the_end()),
                Some(Act::Wait(time)) if raw.is_empty() => thread::sleep(*time),
                Some(Act::Cut | Act::KeepAndCut | Act::ReplyAndCut(_) | Act::Reply(_)) => {
                    return Err(cut_off());
                }
                Some(Act::Wait(_)) | None => {}
            }
            if line == b".\r\n" {
                return Ok(raw);
            }
            self.judge_body_line(&line);
            raw.extend(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    /// RFC 5321 4.5.3.1.6 and 2.3.8.
    fn judge_body_line(&self, line: &[u8]) {
        if line.len() > 1000 {
            self.complain(&format!("a line of the body has {} octets, more than 1000", line.len()));
        }
        if !line.ends_with(b"\r\n") || line[..line.len() - 2].contains(&b'\r') {
            self.complain("the body holds a bare CR or LF");
        }
        if !self.shared.script.offers.eight_bit_mime && !line.is_ascii() {
            self.complain("the body holds 8-bit text, and 8BITMIME was not offered");
        }
    }

    /// The reply to the final dot. A message is kept exactly where the server took responsibility for it.
    fn answer(&mut self, message: Received) -> io::Result<()> {
        if self.wire.has_more() && !self.shared.script.offers.pipelining {
            self.complain("more was sent before the reply to the final dot, and PIPELINING was not offered");
        }
        let recipient = self.recipients.first().cloned();
        let act = self.shared.take_act(Phase::Answer, recipient.as_deref());
        let taken = match &act {
            None | Some(Act::Wait(_) | Act::KeepAndCut) => true,
            Some(Act::Reply(line) | Act::ReplyAndCut(line)) => line.starts_with('2'),
            Some(Act::Cut | Act::Hang) => false,
        };
        if taken {
            self.shared.keep(message);
        }
        match self.perform(act)? {
            Usual::Yes => self.wire.reply("250 2.0.0 taken"),
            Usual::No => Ok(()),
        }
    }

    fn act(&mut self, phase: Phase) -> io::Result<Usual> {
        let act = self.take_act(phase);
        self.perform(act)
    }

    fn act_for(&mut self, phase: Phase, recipient: Option<&str>) -> io::Result<Usual> {
        let act = self.shared.take_act(phase, recipient);
        self.perform(act)
    }

    fn take_act(&self, phase: Phase) -> Option<Act> {
        self.shared.take_act(phase, self.recipients.first().map(String::as_str))
    }

    fn perform(&mut self, act: Option<Act>) -> io::Result<Usual> {
        match act {
            None => Ok(Usual::Yes),
            Some(Act::Wait(time)) => {
                thread::sleep(time);
                Ok(Usual::Yes)
            }
            Some(Act::Reply(line)) => self.wire.reply(&line).map(|()| Usual::No),
            Some(Act::ReplyAndCut(line)) => self.wire.reply(&line).and(Err(cut_off())),
            Some(Act::Cut | Act::KeepAndCut) => Err(cut_off()),
            Some(Act::Hang) => Err(self.wire.hang()),
        }
    }

    fn forget(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }

    fn complain(&self, what: &str) {
        self.shared.complain(self.number, what);
    }
}

fn cut_off() -> io::Error {
    ErrorKind::ConnectionAborted.into()
}

/// `FROM:<ada@example.org> SIZE=12` without all that is around the address.
fn path_of(args: &str) -> String {
    let path = args.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    path.map_or("", |(path, _)| path).to_owned()
}
