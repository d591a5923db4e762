//! Transports that remember who got what, and break off on request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::ledger::recorded::Recorded;
use crate::model::attempt::{Accepted, Broken, Reply};
use crate::transport::{Carried, Envelope, Session, Transport};

/// Remembers who got what; taking a letter twice is seen.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Vec<(String, String)>>>);

pub(super) struct MemorySession {
    memory: Memory,
    open: Option<String>,
}

impl Transport for Memory {
    type Session = MemorySession;

    async fn connect(&self) -> Result<MemorySession, Broken> {
        Ok(MemorySession { memory: self.clone(), open: None })
    }

    fn is_idempotent(&self) -> bool {
        false
    }
}

impl Session for MemorySession {
    async fn open(&mut self, envelope: &Envelope) -> Result<(), Broken> {
        self.open = Some(envelope.recipient.to_string());
        Ok(())
    }

    async fn body(&mut self, _: &Recorded, bytes: &[u8], next: Option<&Envelope>) -> Carried {
        let recipient = self.open.take().expect("a body follows its envelope");
        let text = String::from_utf8_lossy(bytes);
        let id = text.lines().find(|line| line.to_lowercase().starts_with("message-id:"));
        let id = id.expect("a letter has a Message-ID").to_owned();
        self.memory.0.lock().unwrap().push((recipient, id));
        self.open = next.map(|envelope| envelope.recipient.to_string());
        let letter = Ok(Accepted { reply: Reply::new(250, "2.0.0 ok") });
        Carried { letter, next: next.map(|_| Ok(())) }
    }

    fn is_usable(&self) -> bool {
        true
    }

    async fn close(self) {}
}

impl Memory {
    /// How often each address has it.
    pub(super) fn times(&self) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for (recipient, _) in self.0.lock().unwrap().iter() {
            *times.entry(recipient.clone()).or_default() += 1;
        }
        times
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(_, id)| id.clone()).collect()
    }
}

/// Breaks off in the middle of the letter to one address.
pub(super) struct Breaking(pub(super) Memory, pub(super) String);

pub(super) struct BreakingSession(MemorySession, String);

impl Transport for Breaking {
    type Session = BreakingSession;

    async fn connect(&self) -> Result<BreakingSession, Broken> {
        Ok(BreakingSession(self.0.connect().await?, self.1.clone()))
    }

    fn is_idempotent(&self) -> bool {
        false
    }
}

impl Session for BreakingSession {
    async fn open(&mut self, envelope: &Envelope) -> Result<(), Broken> {
        self.0.open(envelope).await
    }

    async fn body(&mut self, letter: &Recorded, bytes: &[u8], next: Option<&Envelope>) -> Carried {
        assert_ne!(self.0.open.as_ref(), Some(&self.1), "broken on request");
        self.0.body(letter, bytes, next).await
    }

    fn is_usable(&self) -> bool {
        self.0.is_usable()
    }

    async fn close(self) {}
}
