//! Reads a body that nobody has promised the size of. Memory is asked for as bytes arrive, so that whoever sends
//! slowly holds little, and all bodies together hold no more than is set aside for them. Nobody's share is another's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::Hindered;
use crate::model::provider::Provider;

/// No provider posts more.
pub const LARGEST: usize = 1024 * 1024;
/// A form of a page of ours.
const LARGEST_FORM: usize = 16 * 1024;
/// For all bodies that are read or wait to be written, whoever sends them.
const SHARED: usize = 24 * 1024 * 1024;
/// For those of one provider, or of readers, where others have filled what is shared.
const KEPT: usize = 2 * 1024 * 1024;
/// A whole body comes within this time.
const PATIENCE: Duration = Duration::from_secs(30);

/// The memory for bodies: most of it for whoever comes, and a share for each sender alone, so that nobody who stalls
/// in the name of one takes the room of the others.
#[derive(Debug)]
pub struct Rooms {
    hooks: BTreeMap<Provider, Room>,
    pub readers: Room,
}

/// The memory for the bodies of one sender.
#[derive(Debug, Clone)]
pub struct Room {
    shared: Arc<Semaphore>,
    own: Arc<Semaphore>,
    largest: usize,
}

/// A body, and its claims on the room, which end with it.
#[derive(Debug)]
pub struct Held {
    pub bytes: Vec<u8>,
    shared: Option<OwnedSemaphorePermit>,
    own: Option<OwnedSemaphorePermit>,
}

impl Rooms {
    /// With a share for each of these, and one for readers.
    pub fn of(providers: impl Iterator<Item = Provider>) -> Rooms {
        let shared = Arc::new(Semaphore::new(SHARED));
        let room = |kept, largest| Room {
            shared: Arc::clone(&shared),
            own: Arc::new(Semaphore::new(kept)),
            largest,
        };
        Rooms {
            hooks: providers.map(|provider| (provider, room(KEPT, LARGEST))).collect(),
            readers: room(KEPT, LARGEST_FORM),
        }
    }

    /// That of a provider whose webhooks are taken.
    pub fn hook(&self, provider: Provider) -> Option<&Room> {
        self.hooks.get(&provider)
    }
}

impl Room {
    /// Reads a body to its end. One that says it is too long is not read at all.
    pub async fn read(&self, body: Incoming) -> Result<Held, Hindered> {
        if body.size_hint().lower() > self.largest as u64 {
            return Err(Hindered::TooLarge);
        }
        match tokio::time::timeout(PATIENCE, self.gather(body)).await {
            Ok(read) => read,
            Err(_) => Err(Hindered::TooSlow),
        }
    }

    async fn gather(&self, mut body: Incoming) -> Result<Held, Hindered> {
        let mut held = Held { bytes: Vec::new(), shared: None, own: None };
        while let Some(frame) = body.frame().await {
            // A body that is cut off comes again.
            let frame = frame.map_err(|_| Hindered::TooSlow)?;
            if let Ok(bytes) = frame.into_data() {
                self.add(&mut held, &bytes)?;
            }
        }
        Ok(held)
    }

    fn add(&self, held: &mut Held, bytes: &Bytes) -> Result<(), Hindered> {
        if held.bytes.len() + bytes.len() > self.largest {
            return Err(Hindered::TooLarge);
        }
        let number = u32::try_from(bytes.len()).map_err(|_| Hindered::TooLarge)?;
        let more = |of: &Arc<Semaphore>| Arc::clone(of).try_acquire_many_owned(number).ok();
        match more(&self.shared) {
            Some(more) => join(&mut held.shared, more),
            None => join(&mut held.own, more(&self.own).ok_or(Hindered::Crowded)?),
        }
        held.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

fn join(claim: &mut Option<OwnedSemaphorePermit>, more: OwnedSemaphorePermit) {
    match claim {
        Some(claim) => claim.merge(more),
        None => *claim = Some(more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: [Provider; 2] = [Provider::Brevo, Provider::Resend];

    fn empty() -> Held {
        Held { bytes: Vec::new(), shared: None, own: None }
    }

    #[test]
    fn who_fills_the_room_takes_none_that_is_kept_for_others_and_gives_it_back() {
        let (rooms, megabyte) = (Rooms::of(TWO.into_iter()), Bytes::from(vec![0; LARGEST]));
        let [brevo, resend] = TWO.map(|provider| rooms.hook(provider).unwrap());
        let mut all: Vec<Held> = Vec::new();
        for _ in 0..(SHARED + KEPT) / LARGEST {
            let mut held = empty();
            brevo.add(&mut held, &megabyte).unwrap();
            all.push(held);
        }
        let one = Bytes::from_static(b"x");
        assert_eq!(brevo.add(&mut empty(), &one), Err(Hindered::Crowded));
        for other in [resend, &rooms.readers] {
            assert_eq!(other.add(&mut empty(), &one), Ok(()));
        }
        all.pop();
        assert_eq!(brevo.add(&mut empty(), &one), Ok(()));
    }

    #[test]
    fn a_body_is_too_large_at_its_first_byte_too_many() {
        let rooms = Rooms::of(TWO.into_iter());
        for (room, largest) in
            [(rooms.hook(Provider::Brevo).unwrap(), LARGEST), (&rooms.readers, LARGEST_FORM)]
        {
            let mut held = empty();
            room.add(&mut held, &Bytes::from(vec![0; largest])).unwrap();
            assert_eq!(room.add(&mut held, &Bytes::from_static(b"x")), Err(Hindered::TooLarge));
        }
    }
}
