//! A sink for tests: letters go into it and no further, and are gone with the preview.

use std::path::{Path, PathBuf};

use crate::commands::{Failure, Plain};
use crate::sink::address::loopback;
use crate::sink::profile::Profile;
use crate::sink::{Setup, Sink};
use crate::token::Secret;

/// A sink that runs until it is dropped, and the folder of its letters.
pub struct Sinking {
    sink: Sink,
    folder: Folder,
}

/// A folder that only we can read, and that is removed when it is dropped.
struct Folder(PathBuf);

impl Sinking {
    pub async fn start() -> Result<Sinking, Failure> {
        let folder = Folder::make()?;
        let keep = Some(folder.0.clone());
        let setup = Setup { listen: loopback("0")?, seed: None, page: None, keep };
        let sink = Sink::start(&Profile::load("calm")?, &setup).await?;
        Ok(Sinking { sink, folder })
    }

    /// What to send by.
    pub fn url(&self) -> String {
        self.sink.url()
    }

    pub fn folder(&self) -> &Path {
        &self.folder.0
    }
}

impl Folder {
    fn make() -> Result<Folder, Failure> {
        let name =
            format!("courant-preview-{}-{}", std::process::id(), &Secret::random()?.fingerprint()[..8]);
        let folder = std::env::temp_dir().join(name);
        make_private(&folder).map_err(|error| {
            let message = format!("the folder {} cannot be made: {error}", folder.display());
            Plain::new(message, "name a folder that can be written with TMPDIR")
        })?;
        Ok(Folder(folder))
    }
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir(folder)
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is in a folder for what is temporary.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
