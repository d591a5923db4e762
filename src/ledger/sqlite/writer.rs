//! The one thread that writes for couriers. Whoever waits while a commit is under way shares the next.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::turn::{Bounds, Turn};
use crate::ledger::LedgerError;
use crate::ledger::rows::Begun;
use rusqlite::Connection;

/// More than this share no commit, so that nobody waits for a long line of others.
const LARGEST_GROUP: usize = 1024;

/// So long a commit waits for others at most, while letters are on the wire. Two letters that share one cost less than
/// this, on a disk of any speed; more than 2 ms would be felt over a fast line.
const LINGER: Duration = Duration::from_micros(300);

pub(super) type Answer = Result<Option<Begun>, LedgerError>;

/// Called on the writer's thread with the answer, once; it must not wait for anything.
pub(super) type Then = Box<dyn FnOnce(Answer) + Send>;

struct Request {
    turn: Turn,
    then: Promise,
}

/// Somebody is told whatever happens, even if the thread ends first.
struct Promise(Option<Then>);

impl Promise {
    fn keep(mut self, answer: Answer) {
        if let Some(then) = self.0.take() {
            then(answer);
        }
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        if let Some(then) = self.0.take() {
            then(Err(LedgerError::Store { cause: "the thread that writes has ended".to_owned() }));
        }
    }
}

/// The thread's handle. Dropping it waits until everything asked for is written.
#[derive(Debug)]
pub(super) struct Writer {
    requests: Option<Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Writer, LedgerError> {
        let (requests, arriving) = channel();
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || serve(connection, &arriving))
            .map_err(|error| LedgerError::Store { cause: format!("no thread to write with: {error}") })?;
        Ok(Writer { requests: Some(requests), thread: Some(thread) })
    }

    /// Hands a turn to the thread; `then` is called once it is durable, or cannot be.
    pub(super) fn ask(&self, turn: Turn, then: Then) {
        let request = Request { turn, then: Promise(Some(then)) };
        if let Some(requests) = &self.requests {
            // If the thread is gone the request comes back and is dropped, which keeps its promise.
            drop(requests.send(request));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(connection: Connection, arriving: &Receiver<Request>) {
    let mut on_the_wire = OnTheWire::default();
    while let Ok(first) = arriving.recv() {
        let mut group = vec![first];
        linger(arriving, &mut group, &on_the_wire);
        group.extend(arriving.try_iter().take(LARGEST_GROUP - group.len()));
        answer(&connection, group, &mut on_the_wire);
    }
}

/// Waits for the others until half of the letters that were on the wire are here: the rest fill the time of
/// the commit, and share the next.
fn linger(arriving: &Receiver<Request>, group: &mut Vec<Request>, on_the_wire: &OnTheWire) {
    let until = Instant::now() + LINGER;
    while group.len() < on_the_wire.half().min(LARGEST_GROUP) {
        let Ok(request) = arriving.recv_timeout(until.saturating_duration_since(Instant::now())) else {
            return;
        };
        group.push(request);
    }
}

/// Letters that are begun and not settled: their couriers will ask for a commit, too.
#[derive(Default)]
struct OnTheWire(usize);

impl OnTheWire {
    fn half(&self) -> usize {
        self.0.div_ceil(2)
    }

    fn count(&mut self, turn: &Turn, begun: Option<&Begun>) {
        let more = usize::from(matches!(begun, Some(Begun::Go(_))));
        self.0 = (self.0 + more).saturating_sub(turn.ends());
    }
}

fn answer(connection: &Connection, group: Vec<Request>, on_the_wire: &mut OnTheWire) {
    match commit(connection, &group) {
        Ok(begun) => {
            for (request, begun) in group.into_iter().zip(begun) {
                on_the_wire.count(&request.turn, begun.as_ref());
                request.then.keep(Ok(begun));
            }
        }
        Err(error) => {
            for request in group {
                request.then.keep(Err(error.clone()));
            }
        }
    }
}

/// Writes all turns of a group, or none. The statements of the transaction itself are kept prepared too:
/// parsing them would cost as much as a letter.
fn commit(connection: &Connection, group: &[Request]) -> Result<Vec<Option<Begun>>, LedgerError> {
    run(connection, "BEGIN IMMEDIATE")?;
    let done = write(connection, group).and_then(|begun| run(connection, "COMMIT").map(|()| begun));
    if done.is_err() && !connection.is_autocommit() {
        // Where even this fails, the transaction stays open, and every later group fails at its beginning.
        let _ = run(connection, "ROLLBACK");
    }
    done
}

fn run(connection: &Connection, statement: &str) -> Result<(), LedgerError> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}

fn write(connection: &Connection, group: &[Request]) -> Result<Vec<Option<Begun>>, LedgerError> {
    let bounds = Bounds::read(connection)?;
    group.iter().map(|request| request.turn.write(connection, &bounds)).collect()
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::ledger::contract::{frozen, noon, waiting};
    use crate::model::delivery::State;

    #[tokio::test]
    async fn when_the_disk_is_full_the_turn_fails_whole_and_says_so() {
        let names: Vec<String> = (0..300).map(|number| format!("reader{number}")).collect();
        let (ledger, edition) = frozen(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let connection = ledger.store.connect().unwrap();
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        let limit = format!("PRAGMA max_page_count = {pages}");
        connection.query_row(&limit, [], |_| Ok(())).unwrap();
        let writer = Writer::start(connection).unwrap();

        let (mut begun, mut failed) = (0, None);
        for letter in waiting(&ledger, edition, noon()) {
            let transport = "a name that makes the row longer ".repeat(8).into();
            let (settle, begin) = (Vec::new(), Some(letter.delivery));
            let turn = Turn { settle, begin, calls: Default::default(), transport, now: noon() };
            let (answer, wait) = oneshot::channel();
            writer.ask(turn, Box::new(|said| answer.send(said).unwrap()));
            match wait.await.unwrap() {
                Ok(Some(Begun::Go(_))) => begun += 1,
                Ok(other) => panic!("{other:?}"),
                Err(error) => {
                    failed = Some((letter, error));
                    break;
                }
            }
        }

        let (letter, error) = failed.expect("the pages run out");
        assert_eq!(error.to_string(), "the ledger cannot be used: the disk is full");
        assert_eq!(ledger.counts(edition).unwrap().get(State::Sending), begun);
        let story = ledger.story(edition, &letter.address.key()).unwrap().remove(0);
        assert_eq!((story.state, story.attempts.len()), (State::Planned, 0));
        drop(writer);
        let now = ledger.turn(Vec::new(), Some(letter.delivery), &"relay".into(), noon()).await.unwrap();
        assert!(matches!(now, Some(Begun::Go(_))), "with room again it goes on");
    }
}
