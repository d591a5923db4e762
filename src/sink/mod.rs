//! A small SMTP server on loopback that misbehaves on request: for `simulate`, for `sink`, and for tests. It takes
//! letters, counts them by recipient, and never hands one on.

pub mod address;
pub mod body;
pub mod book;
pub mod dice;
pub mod audit;
mod encoded;
pub mod floor;
pub mod log;
pub mod page;
pub mod profile;
pub mod script;
mod server;
pub mod talk;
mod web;
pub mod weather;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::model::finding::Explain;
use floor::Floor;
use profile::Profile;
use server::Shelf;

/// How a sink is set up.
#[derive(Debug, Clone)]
pub struct Setup {
    pub listen: SocketAddr,
    /// Instead of the profile's own.
    pub seed: Option<u64>,
    /// A page of what it got, served there.
    pub page: Option<SocketAddr>,
    /// A folder for letters, as `.eml` files.
    pub keep: Option<PathBuf>,
}

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct Sink {
    pub floor: Arc<Floor>,
    address: SocketAddr,
    page: Option<SocketAddr>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    #[error("`{text}` is no address to listen on")]
    NoAddress { text: String },
    #[error("{address} is not on this machine alone, and the sink talks to nobody else")]
    NotHere { address: SocketAddr },
    #[error("{address} cannot be listened on: {why}")]
    Taken { address: SocketAddr, why: io::Error },
    #[error("the folder {} cannot be made: {why}", folder.display())]
    NoFolder { folder: PathBuf, why: io::Error },
}

impl Explain for SinkError {
    fn help(&self) -> Option<String> {
        Some(match self {
            SinkError::NoAddress { .. } => "write it as 127.0.0.1:2525".to_owned(),
            SinkError::NotHere { address } => format!("write 127.0.0.1:{}", address.port()),
            SinkError::Taken { .. } => "name another port; port 0 takes any that is free".to_owned(),
            SinkError::NoFolder { .. } => "name a folder that can be written".to_owned(),
        })
    }
}

impl Sink {
    /// Listens at once. Both addresses must be loopback, as [`address::loopback`] gives them.
    pub async fn start(profile: &Profile, setup: &Setup) -> Result<Sink, SinkError> {
        let shelf = setup.keep.clone().map(open_shelf).transpose()?;
        let (listener, address) = listen(setup.listen).await?;
        let floor = Arc::new(Floor::new(profile, setup.seed, setup.page.is_some(), shelf.is_some()));
        let mut tasks = vec![tokio::spawn(server::serve(listener, Arc::clone(&floor), shelf.map(Arc::new)))];
        let mut page = None;
        if let Some(wanted) = setup.page {
            let (listener, address) = listen(wanted).await?;
            tasks.push(tokio::spawn(web::serve(listener, Arc::clone(&floor))));
            page = Some(address);
        }
        Ok(Sink { floor, address, page, tasks })
    }

    /// Where it listens, with the port it was given.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to put into SMTP_URL.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Where the page is, if there is one.
    pub fn page(&self) -> Option<String> {
        self.page.map(|address| format!("http://{address}/"))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

fn open_shelf(folder: PathBuf) -> Result<Shelf, SinkError> {
    Shelf::open(folder.clone()).map_err(|why| SinkError::NoFolder { folder, why })
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), SinkError> {
    if !address.ip().is_loopback() {
        return Err(SinkError::NotHere { address });
    }
    let taken = |why| SinkError::Taken { address, why };
    let listener = TcpListener::bind(address).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    Ok((listener, address))
}
