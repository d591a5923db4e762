//! Reads a body that nobody has promised the size of. Memory is asked for as bytes arrive, so that whoever sends
//! slowly holds little, and all bodies together hold no more than is set aside for them.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::Verdict;

/// No provider posts more.
pub const LARGEST: usize = 1024 * 1024;
/// For all bodies that are read or wait to be written.
const SET_ASIDE: usize = 32 * 1024 * 1024;
/// A whole body comes within this time.
const PATIENCE: Duration = Duration::from_secs(30);

/// The memory for bodies.
#[derive(Debug, Clone)]
pub struct Room(Arc<Semaphore>);

/// A body, and its claim on the room, which ends with it.
#[derive(Debug)]
pub struct Held {
    pub bytes: Vec<u8>,
    claim: Option<OwnedSemaphorePermit>,
}

impl Default for Room {
    fn default() -> Room {
        Room(Arc::new(Semaphore::new(SET_ASIDE)))
    }
}

impl Room {
    /// Reads a body to its end. One that says it is too long is not read at all.
    pub async fn read(&self, body: Incoming) -> Result<Held, Verdict> {
        if body.size_hint().lower() > LARGEST as u64 {
            return Err(Verdict::TooLarge);
        }
        match tokio::time::timeout(PATIENCE, self.gather(body)).await {
            Ok(read) => read,
            Err(_) => Err(Verdict::TooSlow),
        }
    }

    async fn gather(&self, mut body: Incoming) -> Result<Held, Verdict> {
        let mut held = Held { bytes: Vec::new(), claim: None };
        while let Some(frame) = body.frame().await {
            // A body that is cut off comes again.
            let frame = frame.map_err(|_| Verdict::TooSlow)?;
            if let Ok(bytes) = frame.into_data() {
                self.add(&mut held, &bytes)?;
            }
        }
        Ok(held)
    }

    fn add(&self, held: &mut Held, bytes: &Bytes) -> Result<(), Verdict> {
        if held.bytes.len() + bytes.len() > LARGEST {
            return Err(Verdict::TooLarge);
        }
        let number = u32::try_from(bytes.len()).map_err(|_| Verdict::TooLarge)?;
        let more = Arc::clone(&self.0).try_acquire_many_owned(number).map_err(|_| Verdict::Crowded)?;
        match &mut held.claim {
            Some(claim) => claim.merge(more),
            None => held.claim = Some(more),
        }
        held.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Held {
        Held { bytes: Vec::new(), claim: None }
    }

    #[test]
    fn all_bodies_together_hold_no_more_than_is_set_aside_and_give_it_back() {
        let (room, megabyte) = (Room::default(), Bytes::from(vec![0; LARGEST]));
        let mut all: Vec<Held> = Vec::new();
        for _ in 0..SET_ASIDE / LARGEST {
            let mut held = empty();
            room.add(&mut held, &megabyte).unwrap();
            all.push(held);
        }
        let one = Bytes::from_static(b"x");
        assert_eq!(room.add(&mut empty(), &one), Err(Verdict::Crowded));
        all.pop();
        assert_eq!(room.add(&mut empty(), &one), Ok(()));
    }

    #[test]
    fn a_body_is_too_large_at_its_first_byte_too_many() {
        let (room, mut held) = (Room::default(), empty());
        room.add(&mut held, &Bytes::from(vec![0; LARGEST])).unwrap();
        assert_eq!(room.add(&mut held, &Bytes::from_static(b"x")), Err(Verdict::TooLarge));
    }
}
