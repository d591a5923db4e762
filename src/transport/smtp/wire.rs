//! The bytes between us and the server: counted when they leave, read as replies when they come, and
//! never waited for without end.
//!
//! It does not know what the replies mean.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

use super::reply::{Garbled, Replies};
use crate::model::attempt::Reply;

/// A connection in the clear or inside TLS.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

/// Why no reply came.
#[derive(Debug, thiserror::Error)]
pub enum Silence {
    #[error("no answer within {}", words(*.0))]
    TimedOut(Duration),
    #[error("the server closed the connection")]
    Closed,
    #[error("the connection broke: {0}")]
    Broke(io::Error),
    #[error("the server spoke before it was asked")]
    OutOfTurn,
    #[error(transparent)]
    Garbled(#[from] Garbled),
}

/// Bytes that did not all leave us.
#[derive(Debug)]
pub struct Stuck {
    /// How many the kernel, or the TLS layer before it, has taken: these may arrive.
    pub taken: usize,
    pub cause: String,
}

/// One connection to a server.
pub struct Wire {
    stream: Box<dyn Stream>,
    is_tls: bool,
    replies: Replies,
    packet: Vec<u8>,
}

impl Wire {
    pub fn new(stream: impl Stream) -> Wire {
        let stream = Box::new(stream);
        Wire { stream, is_tls: false, replies: Replies::default(), packet: vec![0; 4096] }
    }

    /// The same where `stream` encrypts.
    pub fn over_tls(stream: impl Stream) -> Wire {
        Wire { is_tls: true, ..Wire::new(stream) }
    }

    /// Takes the wire apart to put TLS between. `None` if the server said more than it was asked: what it
    /// said in the clear must not be taken for something said inside TLS (RFC 3207 6).
    pub fn into_stream(self) -> Option<Box<dyn Stream>> {
        self.replies.is_empty().then_some(self.stream)
    }

    /// Hands `bytes` to the kernel, as few writes as it allows. `patience` is for each block it takes.
    /// A cancelled call leaves an unknown part of them sent.
    pub async fn write(&mut self, bytes: &[u8], patience: Duration) -> Result<(), Stuck> {
        let mut taken = 0;
        while taken < bytes.len() {
            match timeout(patience, self.stream.write(&bytes[taken..])).await {
                Ok(Ok(0)) => return Err(Stuck { taken, cause: Silence::Closed.to_string() }),
                Ok(Ok(more)) => taken += more,
                Ok(Err(error)) => return Err(self.broke(taken, bytes.len(), error)),
                Err(_) => return Err(Stuck { taken, cause: unread(patience) }),
            }
        }
        match timeout(patience, self.stream.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Stuck { taken, cause: Silence::Broke(error).to_string() }),
            Err(_) => Err(Stuck { taken, cause: unread(patience) }),
        }
    }

    /// The kernel takes nothing in a write that fails. TLS takes everything first and passes it on in several
    /// records, of which all but the last may have left.
    fn broke(&self, taken: usize, all: usize, error: io::Error) -> Stuck {
        let taken = if self.is_tls { all } else { taken };
        Stuck { taken, cause: Silence::Broke(error).to_string() }
    }

    /// The next reply. `patience` is for the whole of it.
    pub async fn read(&mut self, patience: Duration) -> Result<Reply, Silence> {
        let reply = poll_fn(|context| self.poll_reply(context));
        timeout(patience, reply).await.unwrap_or(Err(Silence::TimedOut(patience)))
    }

    /// The next reply, for whoever counts the time themselves.
    pub fn poll_reply(&mut self, context: &mut Context<'_>) -> Poll<Result<Reply, Silence>> {
        loop {
            if let Some(reply) = self.replies.next()? {
                return Poll::Ready(Ok(reply));
            }
            if ready!(self.poll_fill(context)).map_err(Silence::Broke)? == 0 {
                return Poll::Ready(Err(Silence::Closed));
            }
        }
    }

    /// Takes in what has arrived; 0 if the other side will say nothing more.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(&mut self.packet);
        ready!(Pin::new(&mut *self.stream).poll_read(context, &mut buffer))?;
        self.replies.feed(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// What lies under the replies. Nothing may be read from it past us.
    pub fn stream(&mut self) -> Pin<&mut dyn Stream> {
        Pin::new(&mut *self.stream)
    }

    /// What the server said without being asked, or its having closed; `None` if it waits for us.
    /// Never waits itself.
    pub async fn overheard(&mut self) -> Option<Result<Reply, Silence>> {
        match self.replies.next() {
            Ok(Some(reply)) => return Some(Ok(reply)),
            Ok(None) => {}
            Err(garbled) => return Some(Err(garbled.into())),
        }
        match self.glance().await? {
            Ok(0) => Some(Err(Silence::Closed)),
            Err(error) => Some(Err(Silence::Broke(error))),
            Ok(_) => match self.replies.next() {
                Ok(None) => Some(Err(Silence::OutOfTurn)),
                Ok(Some(reply)) => Some(Ok(reply)),
                Err(garbled) => Some(Err(garbled.into())),
            },
        }
    }

    /// Takes in what has arrived; `None` if nothing has.
    async fn glance(&mut self) -> Option<io::Result<usize>> {
        poll_fn(|context| {
            Poll::Ready(match self.poll_fill(context) {
                Poll::Pending => None,
                Poll::Ready(length) => Some(length),
            })
        })
        .await
    }

    /// Ends the connection from our side, after what was written.
    pub async fn shut(&mut self) {
        // Whether the goodbye arrives changes nothing for us.
        let _ = self.stream.shutdown().await;
    }
}

/// Why nothing more could be written.
pub fn unread(patience: Duration) -> String {
    format!("the server took nothing in for {}", words(patience))
}

/// A duration for people: `10 min`, `30 s`, `250 ms`.
pub fn words(duration: Duration) -> String {
    match duration.as_millis() {
        ms if ms % 60_000 == 0 && ms > 0 => format!("{} min", ms / 60_000),
        ms if ms % 1_000 == 0 => format!("{} s", ms / 1_000),
        ms => format!("{ms} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn what_was_taken_is_counted_when_the_server_stops_reading() {
        let (ours, _theirs) = tokio::io::duplex(10);
        let stuck = Wire::new(ours).write(&[b'x'; 25], SOON).await.unwrap_err();
        assert_eq!(stuck.taken, 10);
        assert_eq!(stuck.cause, "the server took nothing in for 50 ms");
    }

    #[tokio::test]
    async fn a_write_that_fails_has_taken_nothing_unless_tls_may_have_passed_it_on() {
        assert_eq!(Wire::new(broken()).write(b"letter", SOON).await.unwrap_err().taken, 0);
        assert_eq!(Wire::over_tls(broken()).write(b"letter", SOON).await.unwrap_err().taken, 6);
    }

    /// A pipe whose other end is gone.
    fn broken() -> tokio::io::DuplexStream {
        tokio::io::duplex(100).0
    }

    #[tokio::test]
    async fn what_nobody_asked_for_is_overheard_without_waiting() {
        let (ours, mut theirs) = tokio::io::duplex(100);
        let mut wire = Wire::new(ours);
        assert!(wire.overheard().await.is_none());
        theirs.write_all(b"421 4.4.2 idle\r\n").await.unwrap();
        assert_eq!(wire.overheard().await.unwrap().unwrap().code, 421);
        assert!(wire.overheard().await.is_none());
        drop(theirs);
        assert!(matches!(wire.overheard().await, Some(Err(Silence::Closed))));
    }

    #[tokio::test]
    async fn silence_is_told_apart() {
        let (ours, mut theirs) = tokio::io::duplex(100);
        let mut wire = Wire::new(ours);
        theirs.write_all(b"250-half").await.unwrap();
        assert_eq!(wire.read(SOON).await.unwrap_err().to_string(), "no answer within 50 ms");
        drop(theirs);
        assert!(matches!(wire.read(SOON).await, Err(Silence::Closed)));
    }

    #[test]
    fn durations_read_well() {
        for (ms, text) in [(600_000, "10 min"), (90_000, "90 s"), (250, "250 ms"), (0, "0 s")] {
            assert_eq!(words(Duration::from_millis(ms)), text);
        }
    }
}
