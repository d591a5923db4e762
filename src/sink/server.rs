//! Connections: reads what comes, and plays what the dialogue wrote down.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::floor::Floor;
use super::script::{Cue, Ending, Letter, Script};
use super::talk::Talk;

/// Room for a letter of usual size, or the end of one and the beginning of the next.
const BUFFER: usize = 64 * 1024;
/// How long a goodbye may take: what is still on its way is read, so that the last reply is not cut off.
const GOODBYE: Duration = Duration::from_millis(200);
/// A reply in small packets.
const PACKET: usize = 3;

/// A folder for letters.
#[derive(Debug)]
pub struct Shelf {
    pub folder: PathBuf,
    number: AtomicU64,
}

impl Shelf {
    /// Makes the folder. Letters get the numbers after those that are there.
    pub fn open(folder: PathBuf) -> io::Result<Shelf> {
        std::fs::create_dir_all(&folder)?;
        let number_of = |entry: io::Result<std::fs::DirEntry>| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            name.strip_suffix(".eml")?.parse::<u64>().ok()
        };
        let number = AtomicU64::new(std::fs::read_dir(&folder)?.filter_map(number_of).max().unwrap_or(0));
        Ok(Shelf { folder, number })
    }

    /// The envelope stands in front, as a delivering server writes it.
    async fn keep(&self, letter: &Letter) -> io::Result<()> {
        let number = self.number.fetch_add(1, Ordering::Relaxed) + 1;
        let mut bytes = format!("Return-Path: <{}>\r\n", letter.sender).into_bytes();
        for recipient in &letter.recipients {
            bytes.extend_from_slice(format!("Delivered-To: {recipient}\r\n").as_bytes());
        }
        bytes.extend_from_slice(&letter.bytes);
        tokio::fs::write(self.folder.join(format!("{number:06}.eml")), bytes).await
    }
}

/// Takes visitors until it is dropped, and ends with all of them.
pub async fn serve(listener: TcpListener, floor: Arc<Floor>, shelf: Option<Arc<Shelf>>) {
    let mut visitors = JoinSet::new();
    let mut number = 0;
    loop {
        tokio::select! {
            Some(_) = visitors.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    number += 1;
                    let visit = Visit { floor: Arc::clone(&floor), shelf: shelf.clone(), stream };
                    visitors.spawn(visit.receive(number));
                }
                // Too many open files: some will be closed.
                Err(_) => sleep(Duration::from_millis(20)).await,
            },
        }
    }
}

struct Visit {
    floor: Arc<Floor>,
    shelf: Option<Arc<Shelf>>,
    stream: TcpStream,
}

impl Visit {
    async fn receive(mut self, number: u64) {
        let floor = Arc::clone(&self.floor);
        let is_crowded = !floor.enter();
        // A visitor who goes away in the middle is no trouble of ours.
        let _ = self.converse(&floor, number, is_crowded).await;
        floor.leave();
    }

    async fn converse(&mut self, floor: &Floor, number: u64, is_crowded: bool) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        let mut talk = Talk::new(floor, number);
        let mut script = Script::default();
        talk.greet(is_crowded, &mut script);
        let (mut buffer, mut filled) = (vec![0; BUFFER], 0);
        loop {
            self.play(&mut script).await?;
            if let Some(ending) = script.ending() {
                return self.end(ending).await;
            }
            let more = self.stream.read(&mut buffer[filled..]).await?;
            if more == 0 {
                return Ok(());
            }
            filled += more;
            let used = talk.hear(&buffer[..filled], &mut script);
            buffer.copy_within(used..filled, 0);
            filled -= used;
        }
    }

    async fn play(&mut self, script: &mut Script) -> io::Result<()> {
        let (mut said, mut trickles) = (0, false);
        for (place, cue) in std::mem::take(&mut script.cues) {
            self.say(&script.bytes[said..place], trickles).await?;
            said = place;
            match cue {
                Cue::Wait(time) => sleep(time).await,
                Cue::Trickle(wanted) => trickles = wanted,
                Cue::Keep(letter) => self.keep(&letter).await?,
            }
        }
        self.say(&script.bytes[said..], trickles).await?;
        script.clear();
        Ok(())
    }

    async fn keep(&self, letter: &Letter) -> io::Result<()> {
        let Some(shelf) = &self.shelf else { return Ok(()) };
        let kept = shelf.keep(letter).await;
        if let Err(error) = &kept {
            self.floor.log.fail(format!("a letter could not be kept in {}: {error}", shelf.folder.display()));
        }
        kept
    }

    async fn say(&mut self, bytes: &[u8], trickles: bool) -> io::Result<()> {
        if !trickles {
            return self.stream.write_all(bytes).await;
        }
        for packet in bytes.chunks(PACKET) {
            self.stream.write_all(packet).await?;
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    async fn end(&mut self, ending: Ending) -> io::Result<()> {
        self.stream.shutdown().await?;
        if ending == Ending::Polite {
            let mut rest = [0; 4096];
            let drained = async { while self.stream.read(&mut rest).await.is_ok_and(|length| length > 0) {} };
            // Whoever still talks has been told.
            let _ = timeout(GOODBYE, drained).await;
        }
        Ok(())
    }
}
