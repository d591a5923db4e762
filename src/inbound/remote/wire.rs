//! The connection to a mailbox, in the clear or inside TLS, and how long is waited for it.

use std::fmt::Debug;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::RemoteError;
use crate::settings::remote::Remote;
use crate::transport::trust::{distrust, trusting};

/// An answer that takes longer does not come: servers may look through a large mailbox before they say anything.
const PATIENCE: Duration = Duration::from_secs(120);
const CONNECT: Duration = Duration::from_secs(30);

pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + Debug {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + Debug> Stream for S {}

pub(super) type Wire = Box<dyn Stream>;

pub(super) async fn connect(remote: &Remote) -> Result<Wire, RemoteError> {
    let unreachable = |why: String| RemoteError::Unreachable { host: remote.host.clone(), why };
    match timeout(CONNECT, TcpStream::connect((remote.host.as_str(), remote.port))).await {
        Ok(Ok(stream)) => {
            stream.set_nodelay(true).map_err(|error| unreachable(error.to_string()))?;
            Ok(Box::new(stream))
        }
        Ok(Err(error)) => Err(unreachable(error.to_string())),
        Err(_) => Err(unreachable(format!("no answer within {} s", CONNECT.as_secs()))),
    }
}

/// Puts TLS over the connection; the certificate is always checked.
pub(super) async fn encrypt(remote: &Remote, wire: Wire) -> Result<Wire, RemoteError> {
    let config =
        trusting(remote.access.tls_ca.as_deref()).map_err(|broken| RemoteError::Tls(broken.cause))?;
    let host = &remote.host;
    let name = ServerName::try_from(host.clone())
        .map_err(|_| RemoteError::Tls(format!("`{host}` is no name that a certificate could have")))?;
    let shaken = within(host, TlsConnector::from(Arc::new(config)).connect(name, wire)).await?;
    match shaken {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(explain(host, &error)),
    }
}

fn explain(host: &str, error: &std::io::Error) -> RemoteError {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match cause {
        None => cut(host, error),
        Some(rustls::Error::InvalidCertificate(why)) => RemoteError::Tls(distrust(host, why)),
        Some(rustls::Error::InvalidMessage(_)) => RemoteError::Tls(format!(
            "{host} does not speak TLS on this port (imap:// and pop3:// are for ports that begin without it)"
        )),
        Some(other) => RemoteError::Tls(format!("no TLS with {host}: {other}")),
    }
}

/// What comes of it, unless it takes too long.
pub(super) async fn within<T>(host: &str, work: impl Future<Output = T>) -> Result<T, RemoteError> {
    let slow = |_| RemoteError::Slow { host: host.to_owned() };
    timeout(PATIENCE, work).await.map_err(slow)
}

/// What the reader of IMAP makes of what a server says. It panics at some lines that no server should say, such as a
/// status whose code is directly followed by a letter that is not ASCII; the connection must not be used after that.
pub(super) async fn guarded<T>(host: &str, reading: impl Future<Output = T>) -> Result<T, RemoteError> {
    AssertUnwindSafe(reading).catch_unwind().await.map_err(|_| RemoteError::Garbled {
        host: host.to_owned(),
        said: "a line that no reader of mailboxes takes".to_owned(),
    })
}

pub(super) fn cut(host: &str, why: &dyn std::fmt::Display) -> RemoteError {
    RemoteError::Cut { host: host.to_owned(), why: said(&why.to_string()) }
}

/// What a server said, on one line and of a length that can be shown.
pub(super) fn said(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    line.trim().to_owned()
}
