//! Wraps another transport and breaks it on request. Nothing is left to chance, so that a test which fails
//! fails again.
//!
//! ```
//! # use courant::transport::faulty::{Fault, Faulty};
//! # use courant::model::attempt::{Phase, Reply};
//! # fn wrap<T: courant::transport::Transport>(relay: T) -> Faulty<T> {
//! Faulty::new(relay)
//!     .letter(3, Fault::Cut(Phase::Answer))
//!     .recipient("bob@example.org", Fault::Reply(Phase::Recipient, Reply::new(550, "5.1.1 no such user")))
//! # }
//! ```

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::ledger::recorded::Recorded;
use crate::model::address::{Address, AddressKey};
use crate::model::attempt::{Broken, Phase, Reply};
use crate::transport::{Carried, Envelope, Session, Transport};

/// What goes wrong with one letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The connection breaks in this phase. [`Phase::Answer`]: the letter arrives, its answer does not.
    Cut(Phase),
    /// All bytes leave and get lost; no answer comes.
    Vanish,
    /// The other side answers this in this phase, and the letter does not arrive. After the refusal of an
    /// envelope the connection lives on, unless it is 421; after that of a body it is closed.
    Reply(Phase, Reply),
}

/// A transport with faults. Letters are counted from 1 in the order in which they are announced, over all
/// its sessions; connections likewise.
pub struct Faulty<T> {
    inner: T,
    plan: Arc<Plan>,
}

#[derive(Default)]
struct Plan {
    connections: HashMap<u64, Broken>,
    letters: HashMap<u64, Fault>,
    recipients: HashMap<AddressKey, Fault>,
    senders: HashMap<AddressKey, Fault>,
    delay: Duration,
    connected: AtomicU64,
    announced: AtomicU64,
}

impl<T> Faulty<T> {
    pub fn new(inner: T) -> Faulty<T> {
        Faulty { inner, plan: Arc::default() }
    }

    fn planned(mut self, change: impl FnOnce(&mut Plan)) -> Faulty<T> {
        change(Arc::get_mut(&mut self.plan).expect("there are no sessions before the plan is made"));
        self
    }

    /// The `number`-th connection is not made.
    pub fn connection(self, number: u64, broken: Broken) -> Faulty<T> {
        self.planned(|plan| drop(plan.connections.insert(number, broken)))
    }

    /// The `number`-th letter fails, once.
    pub fn letter(self, number: u64, fault: Fault) -> Faulty<T> {
        self.planned(|plan| drop(plan.letters.insert(number, fault)))
    }

    /// Every letter to `address` fails. Panics if it is no address.
    pub fn recipient(self, address: &str, fault: Fault) -> Faulty<T> {
        self.planned(|plan| drop(plan.recipients.insert(key(address), fault)))
    }

    /// Every letter from `address` fails. Panics if it is no address.
    pub fn sender(self, address: &str, fault: Fault) -> Faulty<T> {
        self.planned(|plan| drop(plan.senders.insert(key(address), fault)))
    }

    /// Each body takes at least this long.
    pub fn delay(self, delay: Duration) -> Faulty<T> {
        self.planned(|plan| plan.delay = delay)
    }
}

fn key(address: &str) -> AddressKey {
    Address::parse(address).expect("a fault is planned for an address").key()
}

impl Plan {
    /// Counts the letter and says what is to happen to it.
    fn announce(&self, envelope: &Envelope) -> Option<Fault> {
        let number = self.announced.fetch_add(1, Ordering::SeqCst) + 1;
        self.letters
            .get(&number)
            .or_else(|| self.recipients.get(&envelope.recipient.key()))
            .or_else(|| self.senders.get(&envelope.sender.key()))
            .cloned()
    }
}

impl<T: Transport> Transport for Faulty<T> {
    type Session = FaultySession<T::Session>;

    async fn connect(&self) -> Result<Self::Session, Broken> {
        let number = self.plan.connected.fetch_add(1, Ordering::SeqCst) + 1;
        match self.plan.connections.get(&number) {
            Some(broken) => Err(broken.clone()),
            None => {
                let inner = self.inner.connect().await?;
                Ok(FaultySession { inner, plan: self.plan.clone(), awaited: None, is_cut: false })
            }
        }
    }

    fn is_idempotent(&self) -> bool {
        self.inner.is_idempotent()
    }
}

/// A session of the transport inside, and what is to go wrong with it.
pub struct FaultySession<S> {
    inner: S,
    plan: Arc<Plan>,
    /// What is to happen to the body of the letter that is open.
    awaited: Option<Fault>,
    is_cut: bool,
}

impl<S: Session> FaultySession<S> {
    /// How the announcement of a letter with this fault ends before it reaches anybody.
    fn refuse(&mut self, fault: &Option<Fault>) -> Option<Broken> {
        let phase = match fault {
            Some(Fault::Cut(phase) | Fault::Reply(phase, _)) => *phase,
            Some(Fault::Vanish) | None => return None,
        };
        (phase < Phase::Body).then(|| self.fail(fault.clone().expect("a phase comes from a fault")))
    }

    fn fail(&mut self, fault: Fault) -> Broken {
        self.is_cut |= !matches!(&fault, Fault::Reply(_, reply) if reply.code != 421);
        match fault {
            Fault::Cut(phase) => Broken::cut(phase, "the connection was cut on request"),
            Fault::Vanish => Broken::cut(Phase::Answer, "the letter vanished on request"),
            Fault::Reply(phase, reply) => Broken::replied(phase, reply),
        }
    }
}

impl<S: Session> Session for FaultySession<S> {
    async fn open(&mut self, envelope: &Envelope) -> Result<(), Broken> {
        let fault = self.plan.announce(envelope);
        if let Some(broken) = self.refuse(&fault) {
            return Err(broken);
        }
        self.inner.open(envelope).await?;
        self.awaited = fault;
        Ok(())
    }

    async fn body(&mut self, letter: &Recorded, bytes: &[u8], next: Option<&Envelope>) -> Carried {
        tokio::time::sleep(self.plan.delay).await;
        let Some(fault) = self.awaited.take() else {
            return self.pass_on(letter, bytes, next).await;
        };
        if fault == Fault::Cut(Phase::Answer) {
            let carried = self.inner.body(letter, bytes, None).await;
            return Carried { letter: carried.letter.and_then(|_| Err(self.fail(fault))), next: None };
        }
        // The letter stays open inside and would be mixed up with the next: this connection is over, as it
        // is with a server that refuses a body by closing.
        let letter = Err(self.fail(fault));
        self.is_cut = true;
        Carried { letter, next: None }
    }

    fn is_usable(&self) -> bool {
        !self.is_cut && self.inner.is_usable()
    }

    async fn close(self) {
        self.inner.close().await;
    }
}

impl<S: Session> FaultySession<S> {
    async fn pass_on(&mut self, letter: &Recorded, bytes: &[u8], next: Option<&Envelope>) -> Carried {
        let fault = next.and_then(|envelope| self.plan.announce(envelope));
        let refused = self.refuse(&fault);
        let carried = self.inner.body(letter, bytes, next.filter(|_| refused.is_none())).await;
        self.awaited = fault.filter(|_| matches!(carried.next, Some(Ok(()))));
        let next = refused.map(Err).filter(|_| next.is_some()).or(carried.next);
        Carried { next, ..carried }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::outbox::Outbox;

    fn to(recipient: &str) -> Envelope {
        let parse = |text| Address::parse(text).unwrap();
        Envelope {
            sender: parse("news@example.org"),
            recipient: parse(recipient),
            size: None,
            id: None,
            token: None,
        }
    }

    fn letter(number: u32) -> Vec<u8> {
        format!("Message-ID: <{number}@news.example>\r\n\r\nHi\r\n").into_bytes()
    }

    #[tokio::test]
    async fn faults_come_when_they_are_planned_and_the_rest_arrives() {
        let folder = tempfile::tempdir().unwrap();
        let gone = Reply::new(550, "5.1.1 no such user");
        let faulty = Faulty::new(Outbox::new(folder.path()).unwrap())
            .connection(1, Broken::cut(Phase::Connect, "down"))
            .recipient("bob@example.org", Fault::Reply(Phase::Recipient, gone.clone()))
            .letter(3, Fault::Cut(Phase::Answer))
            .letter(4, Fault::Vanish);
        assert!(faulty.connect().await.is_err());
        let proof = Recorded::for_tests();

        let mut session = faulty.connect().await.unwrap();
        session.open(&to("ada@example.org")).await.unwrap();
        let carried = session.body(&proof, &letter(1), Some(&to("bob@example.org"))).await;
        assert!(carried.letter.is_ok());
        assert_eq!(carried.next, Some(Err(Broken::replied(Phase::Recipient, gone))));
        assert!(session.is_usable());

        session.open(&to("cleo@example.org")).await.unwrap();
        let carried = session.body(&proof, &letter(3), Some(&to("dan@example.org"))).await;
        assert_eq!((carried.letter.unwrap_err().phase, carried.next), (Phase::Answer, None));
        assert!(!session.is_usable());

        let mut session = faulty.connect().await.unwrap();
        session.open(&to("dan@example.org")).await.unwrap();
        let carried = session.body(&proof, &letter(4), None).await;
        assert_eq!(carried.letter.unwrap_err().phase, Phase::Answer);

        let mut kept: Vec<_> = std::fs::read_dir(folder.path().join("new"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        kept.sort();
        assert_eq!(kept, ["1@news.example", "3@news.example"]);
    }
}
