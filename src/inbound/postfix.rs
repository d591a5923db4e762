//! What a log of Postfix knows of letters: whether the relay took them, and what became of them there. The log is
//! read once, line by line, and only what concerns the letters is kept, so that its size does not matter.

mod line;
mod stamp;

use std::collections::HashMap;
use std::io::{self, BufRead, Read};

use jiff::Timestamp;

use crate::model::address::{Address, AddressKey};
use crate::model::event::{Fate, Said};
use line::{Line, Says, Status, Try};
pub use stamp::Clock;
use stamp::Stamp;

/// A line is cut after so many bytes: Postfix writes at most some 2 KB.
const LONGEST_LINE: u64 = 64 * 1024;

/// A letter to look for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Without angle brackets.
    pub message_id: String,
    pub recipient: AddressKey,
}

/// Where something stands: file by its place in the order of reading, line from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub file: usize,
    pub line: u64,
}

/// What the log knows of one letter, besides the lines that name it first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// Its header was read there, which alone does not say that it was taken.
    pub named: Option<Place>,
    pub queued: Option<Place>,
    pub rejected: Option<(Place, Said)>,
    /// The newest delivery to its subscriber.
    pub tried: Option<(Place, Status, Said)>,
}

impl Trace {
    /// What became of the letter, where that stands, and what was said; `None` if the log does not tell.
    pub fn fate(&self) -> Option<(Fate, Place, Said)> {
        match (&self.tried, &self.rejected) {
            (Some((place, Status::Bounced, said)), _) => Some((Fate::Bounced, *place, said.clone())),
            (Some((place, Status::Sent | Status::Deferred, said)), _) => {
                Some((Fate::Accepted, *place, said.clone()))
            }
            (None, _) if self.queued.is_some() => {
                self.queued.map(|place| (Fate::Accepted, place, Said::default()))
            }
            (None, Some((place, said))) => Some((Fate::NotArrived, *place, said.clone())),
            (None, None) => None,
        }
    }
}

/// What was read of one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extent {
    pub lines: u64,
    /// Lines that a program of Postfix wrote.
    pub of_postfix: u64,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// Whether its stamps say no zone, so that [`Clock::zone`] was taken.
    pub has_bare_stamps: bool,
    /// The logger says that it dropped lines, so that what is missing proves nothing.
    pub has_holes: bool,
}

/// A search for letters in one or more files, the oldest first.
pub struct Search {
    clock: Clock,
    by_message_id: HashMap<String, usize>,
    recipients: Vec<AddressKey>,
    traces: Vec<Trace>,
    /// Which letter is under a queue id now; ids are used again.
    queue: HashMap<String, usize>,
    extents: Vec<Extent>,
}

impl Search {
    pub fn new(wanted: &[Wanted], clock: Clock) -> Search {
        let ids = wanted.iter().map(|letter| letter.message_id.clone()).zip(0..);
        Search {
            clock,
            by_message_id: ids.collect(),
            recipients: wanted.iter().map(|letter| letter.recipient.clone()).collect(),
            traces: vec![Trace::default(); wanted.len()],
            queue: HashMap::new(),
            extents: Vec::new(),
        }
    }

    /// Reads one file to its end. Bytes that are no UTF-8 do not matter.
    pub fn read(&mut self, mut log: impl BufRead) -> io::Result<()> {
        let file = self.extents.len();
        self.extents.push(Extent::default());
        let (mut bytes, mut last) = (Vec::new(), String::new());
        while next_line(&mut log, &mut bytes)? {
            let line = String::from_utf8_lossy(&bytes);
            self.take(file, line.trim_end(), &mut last);
        }
        let end = Stamp::split(&last).and_then(|(stamp, _)| stamp.time(&self.clock));
        self.extents[file].last = end;
        Ok(())
    }

    fn take(&mut self, file: usize, line: &str, last: &mut String) {
        let extent = &mut self.extents[file];
        extent.lines += 1;
        let Some((stamp, message)) = line::split(line) else { return };
        match message.program {
            "" => extent.has_holes |= line.contains("rate-limiting") || line.contains("Suppressed "),
            _ => extent.of_postfix += 1,
        }
        if extent.first.is_none() {
            extent.first = stamp.time(&self.clock);
            extent.has_bare_stamps = matches!(stamp, Stamp::Traditional(_));
        }
        last.clear();
        last.push_str(stamp.text());
        last.push_str(" -");
        let place = Place { file, line: extent.lines };
        if let Some(line) = Line::of(message) {
            self.follow(place, line);
        }
    }

    fn follow(&mut self, place: Place, Line { queue_id, says }: Line<'_>) {
        if let Says::MessageId(id) = says {
            match self.by_message_id.get(id) {
                Some(letter) => {
                    if self.queue.insert(queue_id.to_owned(), *letter).is_none() {
                        // A refusal of an earlier attempt says nothing about this one.
                        self.traces[*letter].rejected = None;
                    }
                    self.traces[*letter].named.get_or_insert(place);
                }
                None => drop(self.queue.remove(queue_id)),
            }
            return;
        }
        let Some(letter) = self.queue.get(queue_id).copied() else { return };
        if matches!(says, Says::Begins | Says::Removed) {
            self.queue.remove(queue_id);
        }
        self.note(letter, place, says);
    }

    fn note(&mut self, letter: usize, place: Place, says: Says<'_>) {
        let trace = &mut self.traces[letter];
        match says {
            Says::Queued => drop(trace.queued.get_or_insert(place)),
            Says::Rejected(said) => trace.rejected = Some((place, said)),
            Says::Tried(tried) if is_for(&tried, &self.recipients[letter]) => {
                trace.tried = Some((place, tried.status, tried.said));
            }
            Says::Expired => {
                let said = trace.tried.take().map(|(_, _, said)| said).unwrap_or_default();
                trace.tried = Some((place, Status::Bounced, said));
            }
            // To whom else the relay sends it (an archive, say) is not about the subscriber; that it is in the
            // queue is.
            Says::Tried(_) => drop(trace.queued.get_or_insert(place)),
            Says::Begins | Says::Removed | Says::MessageId(_) => {}
        }
    }

    /// In the order of the letters that were wanted.
    pub fn traces(&self) -> &[Trace] {
        &self.traces
    }

    /// In the order in which the files were read.
    pub fn extents(&self) -> &[Extent] {
        &self.extents
    }
}

fn is_for(tried: &Try<'_>, recipient: &AddressKey) -> bool {
    [Some(tried.to), tried.original_to]
        .into_iter()
        .flatten()
        .any(|text| Address::parse(text).is_ok_and(|address| address.key() == *recipient))
}

/// The next line into `bytes`, cut after [`LONGEST_LINE`]; false at the end.
fn next_line(log: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    let read = log.by_ref().take(LONGEST_LINE).read_until(b'\n', bytes)?;
    if read as u64 == LONGEST_LINE && !bytes.ends_with(b"\n") {
        log.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

/// When the first line that has a time is from. Reads no further than that.
pub fn begins_at(mut log: impl BufRead, clock: &Clock) -> io::Result<Option<Timestamp>> {
    const LINES: usize = 1000;
    let mut bytes = Vec::new();
    for _ in 0..LINES {
        if !next_line(&mut log, &mut bytes)? {
            break;
        }
        let line = String::from_utf8_lossy(&bytes);
        if let Some(time) = line::split(line.trim_end()).and_then(|(stamp, _)| stamp.time(clock)) {
            return Ok(Some(time));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
