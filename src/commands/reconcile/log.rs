//! What the mail server's log says.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::doubt::{Doubt, Doubts};
use super::evidence::{Basis, Evidence, Word};
use crate::commands::desk::Desk;
use crate::commands::{Failure, Plain};
use crate::inbound::postfix::{Clock, Extent, Place, Search, Trace, Wanted, begins_at};
use crate::ledger::Ledger;
use crate::ledger::rows::{EditionId, Neighbour};
use crate::model::event::{Fate, Said};
use crate::report::words::moment;
use crate::settings::transport::TransportKind;

/// Two clocks may differ by so much, and a server may write down a letter so much later.
const MARGIN: SignedDuration = SignedDuration::from_mins(1);

/// So many letters that the server took around the time of an uncertain one have to be in its log.
const NEIGHBOURS: usize = 20;

/// The logs that were named, read.
pub struct Logs {
    names: Vec<String>,
    search: Search,
    zone: TimeZone,
    /// Whether a letter that arrived must be in the log of this server.
    of_one_server: bool,
}

/// Letters that the server took, by the time and transport of an uncertain one: where in the search they are.
type Circles = HashMap<(EditionId, String, i64), Vec<(Timestamp, usize)>>;

/// Reads the logs and tells what they say of each letter.
pub fn consult(
    desk: &Desk,
    ledger: &Ledger,
    doubts: &Doubts,
    files: &[PathBuf],
    zone: Option<&TimeZone>,
    evidence: &mut Evidence,
) -> Result<Vec<String>, Failure> {
    let (wanted, circles) = wanted(ledger, doubts)?;
    let zone = zone.cloned().unwrap_or_else(TimeZone::system);
    let logs = Logs {
        of_one_server: is_one_server(desk),
        ..Logs::read(files, &wanted, Clock { now: desk.now(), zone })?
    };
    for (doubt, place) in doubts.all.iter().zip(0..) {
        logs.tell(place, doubt, circles.get(&circle(doubt)).map_or(&[], Vec::as_slice), evidence);
    }
    Ok(logs.summary())
}

/// Whether there is one server whose log could know a letter.
fn is_one_server(desk: &Desk) -> bool {
    match &desk.settings.transport.transport.kind {
        TransportKind::Smtp(smtp) => smtp.spares.is_empty(),
        TransportKind::Outbox(_) | TransportKind::Http(_) => true,
    }
}

fn circle(doubt: &Doubt) -> (EditionId, String, i64) {
    let minute = doubt.span().map_or(0, |(begun, _)| begun.as_second() / 60);
    (doubt.edition, doubt.transport().to_owned(), minute)
}

/// The uncertain letters in their order, then their neighbours.
fn wanted(ledger: &Ledger, doubts: &Doubts) -> Result<(Vec<Wanted>, Circles), Failure> {
    let of = |doubt: &Doubt| {
        let message_id = doubt.message_id.clone().ok_or_else(no_message_id)?;
        Ok(Wanted { message_id, recipient: doubt.key() })
    };
    let mut wanted: Vec<Wanted> = doubts.all.iter().map(of).collect::<Result<_, Plain>>()?;
    let mut circles = Circles::new();
    for doubt in &doubts.all {
        let Some((begun, _)) = doubt.span() else { continue };
        if let std::collections::hash_map::Entry::Vacant(free) = circles.entry(circle(doubt)) {
            let near = ledger.accepted_near(doubt.edition, doubt.transport(), begun, NEIGHBOURS)?;
            let known = near.iter().filter_map(|letter| neighbour(doubts, doubt.edition, letter));
            free.insert(known.map(|(at, letter)| (at, push(&mut wanted, letter))).collect());
        }
    }
    Ok((wanted, circles))
}

fn push(wanted: &mut Vec<Wanted>, letter: Wanted) -> usize {
    if let Some(known) = wanted.iter().position(|known| known.message_id == letter.message_id) {
        return known;
    }
    wanted.push(letter);
    wanted.len() - 1
}

fn neighbour(doubts: &Doubts, edition: EditionId, letter: &Neighbour) -> Option<(Timestamp, Wanted)> {
    let message_id = doubts.message_id_of(edition, letter)?;
    Some((letter.begun_at?, Wanted { message_id, recipient: letter.address.key() }))
}

/// Both logs and reports name letters by their Message-ID.
pub fn no_message_id() -> Plain {
    Plain::new(
        "the secret that the Message-IDs were made with is gone, so that no letter can be looked up",
        "put .courant/secret (or COURANT_SECRET) back, or settle by hand: --arrived, --not-arrived",
    )
}

impl Logs {
    fn read(files: &[PathBuf], wanted: &[Wanted], clock: Clock) -> Result<Logs, Failure> {
        let mut search = Search::new(wanted, clock.clone());
        let mut names = Vec::new();
        for path in oldest_first(files, &clock)? {
            let read = open(&path).and_then(|log| search.read(log));
            read.map_err(|error| unreadable(&path, &error))?;
            refuse_strange(&path, search.extents().last().expect("it was read"))?;
            names.push(shown(&path));
        }
        Ok(Logs { names, search, zone: clock.zone, of_one_server: true })
    }

    fn tell(&self, place: usize, doubt: &Doubt, circle: &[(Timestamp, usize)], evidence: &mut Evidence) {
        let trace = &self.search.traces()[place];
        let word = match trace.fate() {
            Some((fate, place, said)) => {
                Ok(Word { fate, basis: Basis::Record, source: self.at(place), said })
            }
            None => self.absence(trace, doubt, circle).map(|source| Word {
                fate: Fate::NotArrived,
                basis: Basis::Absence,
                source,
                said: Said::default(),
            }),
        };
        match word {
            Ok(word) => evidence.say(doubt.story.delivery, word),
            Err(why) => evidence.explain(doubt.story.delivery, why),
        }
    }

    fn at(&self, place: Place) -> String {
        format!("postfix log {}:{}", self.names[place.file], place.line)
    }

    /// The proof that a letter did not arrive because no log knows it, or why there is none.
    fn absence(&self, trace: &Trace, doubt: &Doubt, circle: &[(Timestamp, usize)]) -> Result<String, String> {
        if let Some(place) = trace.named {
            return Err(format!(
                "{} says that it began to arrive, and no line whether it was taken",
                self.at(place)
            ));
        }
        if !self.of_one_server {
            return Err(
                "not in the log, but the transport has several servers: it may be in another's".to_owned()
            );
        }
        let file = self.covering(doubt).ok_or_else(|| self.not_covered(doubt))?;
        let (name, extent) = (&self.names[file], &self.search.extents()[file]);
        if extent.has_holes {
            return Err(format!("not in {name}, but lines of that log were dropped"));
        }
        let within = |at: &Timestamp| extent.first <= Some(*at) && Some(*at) <= extent.last;
        let known: Vec<bool> = circle
            .iter()
            .filter(|(at, _)| within(at))
            .map(|(_, place)| self.search.traces()[*place].named.is_some())
            .collect();
        match (known.contains(&true), known.contains(&false)) {
            (false, _) => Err(format!(
                "not in {name}, which knows no other letter of this issue either: it may be another server's"
            )),
            (true, true) => Err(format!(
                "not in {name}, which lacks other letters that were accepted, too: there is another log"
            )),
            (true, false) => Ok(format!("nowhere in postfix log {name}")),
        }
    }

    /// The file that is from before the attempt until after it.
    fn covering(&self, doubt: &Doubt) -> Option<usize> {
        let (begun, ended) = doubt.span()?;
        let (from, until) = (begun.checked_sub(MARGIN).ok()?, ended.checked_add(MARGIN).ok()?);
        self.search.extents().iter().position(|extent| {
            extent.first.is_some_and(|first| first <= from) && extent.last.is_some_and(|last| last >= until)
        })
    }

    fn not_covered(&self, doubt: &Doubt) -> String {
        let Some((begun, ended)) = doubt.span() else {
            return "not in the log, and when it was tried is not known".to_owned();
        };
        let (from, until) = (moment(begun, &self.zone), moment(ended, &self.zone));
        let needed = if from == until { from } else { format!("{from} to {until}") };
        format!(
            "not in {}, and that does not reach from a minute before to a minute after its attempt ({needed})",
            self.names.join(", ")
        )
    }

    /// A line for each file.
    fn summary(&self) -> Vec<String> {
        let extents = self.names.iter().zip(self.search.extents());
        extents.map(|(name, extent)| self.told(name, extent)).collect()
    }

    fn told(&self, name: &str, extent: &Extent) -> String {
        let time = |at: Option<Timestamp>| at.map_or("?".to_owned(), |at| moment(at, &self.zone));
        let zone = self.zone.iana_name().unwrap_or("the zone of this machine");
        let read_as = if extent.has_bare_stamps { format!(" (read as {zone})") } else { String::new() };
        let lines = crate::report::words::counted(extent.lines, "line", "lines");
        format!("{name}: {lines} from {} to {}{read_as}", time(extent.first), time(extent.last))
    }
}

/// `*` names rotated logs with the newest first; standard input comes last.
fn oldest_first(files: &[PathBuf], clock: &Clock) -> Result<Vec<PathBuf>, Failure> {
    let mut dated = Vec::new();
    for path in files {
        // What can be read only once is not looked into before.
        let begins = match is_standard_input(path) || !path.is_file() && path.exists() {
            true => Some(Timestamp::MAX),
            false => {
                let read = open(path).and_then(|log| begins_at(log, clock));
                read.map_err(|error| unreadable(path, &error))?
            }
        };
        dated.push((begins, path.clone()));
    }
    dated.sort_by_key(|(begins, _)| *begins);
    Ok(dated.into_iter().map(|(_, path)| path).collect())
}

pub fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

pub fn shown(path: &Path) -> String {
    if is_standard_input(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// A log as it is, or packed by gzip.
fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let stream: Box<dyn Read> = match is_standard_input(path) {
        true => Box::new(io::stdin().lock()),
        false => Box::new(File::open(path)?),
    };
    let mut stream = BufReader::with_capacity(256 * 1024, stream);
    let is_packed = stream.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if is_packed { Box::new(BufReader::new(MultiGzDecoder::new(stream))) } else { Box::new(stream) })
}

pub fn unreadable(path: &Path, error: &io::Error) -> Plain {
    Plain::new(
        format!("{} cannot be read: {error}", shown(path)),
        "name a file that is there and that you may read",
    )
}

/// A wrong file must not look like a log that knows nothing.
fn refuse_strange(path: &Path, extent: &Extent) -> Result<(), Plain> {
    if extent.of_postfix > 0 {
        return Ok(());
    }
    let why = if extent.lines == 0 { "it is empty" } else { "no line of it is from Postfix" };
    Err(Plain::new(
        format!("{} is no log of Postfix: {why}", shown(path)),
        "it is /var/log/mail.log or /var/log/maillog on most servers, or `journalctl -u 'postfix*'`; unpack \
         what is not packed by gzip",
    ))
}
