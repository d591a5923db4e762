//! A mail server of our own that answers each subscriber as its script says, watches the client's manners,
//! and remembers what it took.

mod dialogue;
mod login;
pub mod script;
mod shared;
mod wire;

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;

use self::dialogue::Dialogue;
use self::script::{Encryption, Script};
use self::shared::Shared;
use self::wire::Wire;
use super::mail::Received;
use super::tools::make_certificate;

/// A running server. Dropping it ends every connection.
pub struct Server {
    port: u16,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
    folder: TempDir,
}

impl Server {
    pub fn start(script: Script) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        Server::listen(listener, script)
    }

    /// At a port of one's choice, for a server that comes back after it was down.
    pub fn start_at(port: u16, script: Script) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
        Server::listen(listener, script)
    }

    fn listen(listener: TcpListener, script: Script) -> Server {
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        // A certificate takes longer to make than a letter to send.
        let speaks_tls = script.tls != Encryption::Never;
        let tls = speaks_tls.then(|| identity(&certificate_in(&folder)));
        let shared = Arc::new(Shared::new(script, tls));
        let acceptor = thread::spawn({
            let shared = shared.clone();
            move || accept(&listener, &shared)
        });
        Server { port, shared, acceptor: Some(acceptor), folder }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The transport URL that fits how the server encrypts, with its login.
    pub fn url(&self) -> String {
        let scheme = match self.shared.script.tls {
            Encryption::Never => "smtp",
            Encryption::StartTls => "smtp+starttls",
            Encryption::Implicit => "smtps",
        };
        let login = self.shared.script.login.as_ref().map(|(user, secret)| format!("{user}:{secret}@"));
        format!("{scheme}://{}localhost:{}", login.unwrap_or_default(), self.port)
    }

    /// The certificate a client must trust, in PEM.
    pub fn certificate(&self) -> PathBuf {
        certificate_in(&self.folder)
    }

    /// What the server took responsibility for, in the order of its arrival.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received()
    }

    /// How many that is so far.
    pub fn taken(&self) -> usize {
        self.shared.taken()
    }

    /// How many connections there were, those that are over included.
    pub fn connections(&self) -> usize {
        self.shared.connections()
    }

    /// Every command line with the number of its connection, from 1.
    pub fn commands(&self) -> Vec<(usize, String)> {
        self.shared.commands()
    }

    /// What the client did that the protocol forbids. Empty, for a client with manners.
    pub fn complaints(&self) -> Vec<String> {
        self.shared.complaints()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.end();
        // The acceptor waits for a connection; this is its last one.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().flatten() {
        if shared.over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(copy) = stream.try_clone().and_then(|copy| stream.set_nodelay(true).map(|()| copy)) else {
            continue;
        };
        let number = shared.welcome(copy);
        let shared = shared.clone();
        thread::spawn(move || {
            // How a connection ended is in what the client saw; here it is over either way.
            let copy = stream.try_clone();
            let _ = Dialogue::new(&shared, Wire::new(stream), number).run();
            let _ = copy.map(|copy| copy.shutdown(std::net::Shutdown::Both));
        });
    }
}

fn certificate_in(folder: &TempDir) -> PathBuf {
    folder.path().join("certificate.pem")
}

/// What the server shows in TLS: the certificate at this path, which is made for it.
fn identity(certificate: &Path) -> Arc<ServerConfig> {
    let key = make_certificate(certificate);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider knows TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(certificate).expect("openssl writes PEM")],
            PrivateKeyDer::from_pem_file(key).expect("openssl writes PEM"),
        )
        .expect("the key fits the certificate");
    Arc::new(config)
}

#[cfg(test)]
mod tests;
