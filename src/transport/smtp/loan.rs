//! A wire lent to lettre's connection, and what was said over it meanwhile.
//!
//! lettre's end hands on whole replies only, one for each time that lettre reads, so that lettre never holds
//! bytes that belong to whoever has the wire next. What lettre makes of a reply is not asked: the replies are
//! kept here as they came, because lettre's error joins the lines of a refusal, and knows neither codes
//! such as 571 nor replies without text. Nor is lettre's way of leaving wanted: it would say QUIT and
//! close, where HELO or our own words may still follow. So a loan ends with the first refusal.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::wire::{Silence, Wire, unread};
use crate::model::attempt::Reply;

/// The longest line that lettre is shown; it takes a little more, and looks for keywords at their start.
const LONGEST_LINE: usize = 900;

/// Our end of the loan.
pub struct Loan {
    account: Arc<Mutex<Account>>,
}

/// lettre's end.
pub struct Lent {
    account: Arc<Mutex<Account>>,
}

struct Account {
    wire: Wire,
    /// For each block that leaves and each reply that comes.
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    /// What is left of the last reply for lettre to read.
    shown: Vec<u8>,
    heard: Vec<Reply>,
    /// Why the last write failed.
    stuck: Option<String>,
    /// Why no reply followed.
    silence: Option<Silence>,
    is_over: bool,
}

/// Why there is no reply.
pub struct Mute {
    /// What went wrong while we spoke.
    pub stuck: Option<String>,
    pub silence: Silence,
}

impl Loan {
    pub fn new(wire: Wire, patience: Duration) -> Loan {
        let account = Account {
            wire,
            patience,
            waiting: None,
            shown: Vec::new(),
            heard: Vec::new(),
            stuck: None,
            silence: None,
            is_over: false,
        };
        Loan { account: Arc::new(Mutex::new(account)) }
    }

    /// Gives lettre `reply` to read before anything that the server says.
    pub fn foretell(&self, reply: Reply) {
        lock(&self.account).hear(reply);
    }

    pub fn lend(&self) -> Lent {
        Lent { account: self.account.clone() }
    }

    /// The replies since this was asked last.
    pub fn heard(&self) -> Vec<Reply> {
        std::mem::take(&mut lock(&self.account).heard)
    }

    /// Whether, and why, the server fell silent.
    pub fn silence(&self) -> Option<Mute> {
        let mut account = lock(&self.account);
        let stuck = account.stuck.take();
        account.silence.take().map(|silence| Mute { stuck, silence })
    }

    /// Takes the wire back. lettre's end must be gone.
    pub fn end(self) -> Wire {
        let account = Arc::into_inner(self.account).expect("lettre's end goes before ours");
        account.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).wire
    }
}

fn lock(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().expect("nothing panics while it holds the account")
}

impl Account {
    fn hear(&mut self, reply: Reply) {
        self.is_over |= reply.code >= 400;
        self.shown = as_shown(&reply);
        self.heard.push(reply);
    }

    fn fall_silent(&mut self, silence: Silence) {
        self.is_over = true;
        self.silence = Some(silence);
    }

    /// Ready when one exchange has taken longer than it may.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let patience = self.patience;
        self.waiting.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut().poll(context)
    }

    fn poll_heard(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let said = match self.wire.poll_reply(context) {
            Poll::Ready(said) => said,
            Poll::Pending => {
                ready!(self.poll_patience(context));
                Err(Silence::TimedOut(self.patience))
            }
        };
        self.waiting = None;
        match said {
            Ok(reply) => self.hear(reply),
            Err(silence) => self.fall_silent(silence),
        }
        Poll::Ready(())
    }

    /// A write that fails is noted and taken for done: lettre reads only after one that succeeded, and the
    /// server may have said why it stopped.
    fn poll_said(
        &mut self,
        context: &mut Context<'_>,
        done: Poll<io::Result<usize>>,
        length: usize,
    ) -> Poll<io::Result<usize>> {
        let why = match done {
            Poll::Ready(Ok(taken)) if taken > 0 || length == 0 => {
                self.waiting = None;
                return Poll::Ready(Ok(taken));
            }
            Poll::Ready(Ok(_)) => Silence::Closed.to_string(),
            Poll::Ready(Err(error)) => Silence::Broke(error).to_string(),
            Poll::Pending => {
                ready!(self.poll_patience(context));
                unread(self.patience)
            }
        };
        self.waiting = None;
        self.stuck.get_or_insert(why);
        Poll::Ready(Ok(length))
    }
}

/// A reply in the form in which lettre can read it: every line short, and none of one line empty.
fn as_shown(reply: &Reply) -> Vec<u8> {
    let last = reply.lines.len().saturating_sub(1);
    let mut shown = String::new();
    for (at, line) in reply.lines.iter().enumerate() {
        let line = if at == 0 && line.trim().is_empty() { "-" } else { line };
        let line = &line[..line.floor_char_boundary(LONGEST_LINE)];
        let dash = if at == last { ' ' } else { '-' };
        shown.push_str(&format!("{}{dash}{line}\r\n", reply.code));
    }
    shown.into_bytes()
}

impl AsyncRead for Lent {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut account = lock(&self.account);
        if account.shown.is_empty() && !account.is_over {
            ready!(account.poll_heard(context));
        }
        let length = buffer.remaining().min(account.shown.len());
        buffer.put_slice(&account.shown[..length]);
        account.shown.drain(..length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Lent {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut account = lock(&self.account);
        if account.is_over {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let taken = account.wire.stream().poll_write(context, bytes);
        account.poll_said(context, taken, bytes.len())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut account = lock(&self.account);
        if account.stuck.is_some() {
            return Poll::Ready(Ok(()));
        }
        let flushed = account.wire.stream().poll_flush(context).map_ok(|()| 0);
        account.poll_said(context, flushed, 0).map_ok(|_| ())
    }

    /// The connection is not lettre's to close.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncTokioStream for Lent {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lent")
    }
}
