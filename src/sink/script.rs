//! What the server does next, written down by the dialogue and played by the connection.

use std::time::Duration;

/// Bytes to say, with stage directions between them.
#[derive(Debug, Default)]
pub struct Script {
    pub bytes: Vec<u8>,
    /// Each with the place in `bytes` before which it is followed, in order.
    pub cues: Vec<(usize, Cue)>,
    ending: Option<Ending>,
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// What was said arrives.
    Polite,
    /// As when a cable is cut.
    Abrupt,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cue {
    /// Say what is before, then wait.
    Wait(Duration),
    /// What follows goes in small packets, or no longer.
    Trickle(bool),
    /// Keep this letter on the disk before anything that follows is said.
    Keep(Letter),
}

/// A letter that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub sender: String,
    pub recipients: Vec<String>,
    pub bytes: Vec<u8>,
}

impl Script {
    /// Adds a line, or several, and the last line end.
    pub fn say(&mut self, line: &str) {
        self.bytes.extend_from_slice(line.as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// Adds a direction behind what was said so far.
    pub fn cue(&mut self, cue: Cue) {
        self.cues.push((self.bytes.len(), cue));
    }

    /// The connection ends after what was said so far.
    pub fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
    }

    /// How the connection ends, if it does.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// Ready for the next scene, unless the connection has ended.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.cues.clear();
    }
}
