//! TLS by rustls and aws-lc-rs: 1.2 or 1.3, the certificate always checked.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::ServerName;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::wire::{Silence, Stream};
use crate::model::attempt::{Broken, Phase};
use crate::transport::trust::{distrust, trusting};

/// Wraps connections to one host.
#[derive(Clone)]
pub struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    /// Trusts the authorities that browsers trust, and those in the PEM file `ca`. Fails if the file
    /// cannot be read or holds no certificate, or if `host` can stand in no certificate.
    pub fn new(host: &str, ca: Option<&Path>) -> Result<Tls, Broken> {
        let config = trusting(ca)?;
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| hopeless(format!("`{host}` is no name that a certificate could have")))?;
        Ok(Tls { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// Puts TLS over `stream`. A bad certificate is hopeless, a cut connection may pass.
    pub async fn wrap<S: Stream>(
        &self,
        stream: S,
        patience: Duration,
    ) -> Result<impl Stream + use<S>, Broken> {
        match timeout(patience, self.connector.connect(self.name.clone(), stream)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(self.explain(error)),
            Err(_) => Err(Broken::cut(Phase::Tls, Silence::TimedOut(patience).to_string())),
        }
    }

    fn explain(&self, error: io::Error) -> Broken {
        let Some(cause) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
            return Broken::cut(Phase::Tls, format!("the connection broke: {error}"));
        };
        match cause {
            rustls::Error::InvalidCertificate(why) => hopeless(distrust(&self.name.to_str(), why)),
            rustls::Error::InvalidMessage(_) => hopeless(
                "the server does not speak TLS on this port (`smtp+starttls://` is for ports that begin without it)"
                    .to_owned(),
            ),
            other => hopeless(format!("no TLS with this server: {other}")),
        }
    }
}

fn hopeless(cause: String) -> Broken {
    Broken::hopeless(Phase::Tls, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_can_be_connected_to() {
        for host in ["mail.example", "127.0.0.1", "::1"] {
            assert!(Tls::new(host, None).is_ok(), "{host}");
        }
        assert!(Tls::new("no such host", None).is_err());
    }
}
