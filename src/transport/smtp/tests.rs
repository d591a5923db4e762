//! The dialogue, held against a server that knows what it took: no answer goes to the wrong letter, no
//! letter is lost or taken twice unless it is said to be uncertain, wherever the conversation breaks.

mod login;
mod manners;
mod server;

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;

use super::opening::Opening;
use super::session::SmtpSession;
use crate::ledger::recorded::Recorded;
use crate::model::address::Address;
use crate::model::attempt::{Accepted, Broken, Phase};
use crate::settings::transport::{Security, SmtpSettings, Timeouts};
use crate::transport::{Carried, Envelope, Session};
use server::{Box as Mailbox, Fate, Limit, Script, Server};

type Answer = Result<Accepted, Broken>;

fn settings() -> SmtpSettings {
    SmtpSettings {
        host: "mail.example".to_owned(),
        port: 25,
        security: Security::Plain,
        login: None,
        messages_per_connection: NonZeroU32::new(100).unwrap(),
        timeouts: Timeouts::default(),
        tls_ca: None,
        hello: None,
        pipelining: true,
        connection_age: Duration::from_secs(600),
        dsn: true,
        spares: Vec::new(),
    }
}

fn envelope(number: usize) -> Envelope {
    let sender = Address::parse(&format!("news+{number}@example.org")).unwrap();
    let recipient = Address::parse(&format!("reader{number}@example.net")).unwrap();
    Envelope { sender, recipient, size: None, id: None, token: None }
}

/// Larger than what the pipe to the server holds, so that a server that stops reading is noticed.
fn letter(number: usize) -> String {
    format!("Subject: letter {number}\r\n\r\n{}", "All work and no play.\r\n".repeat(14))
}

/// A server and what it took, over all connections to it.
struct World {
    script: Arc<Script>,
    taken: Arc<Mutex<Mailbox>>,
    letters_per_connection: u32,
    pipelining: bool,
}

impl World {
    fn new(script: Script, pipelining: bool) -> World {
        World { script: Arc::new(script), taken: Arc::default(), letters_per_connection: 100, pipelining }
    }

    async fn connect(&self) -> Result<SmtpSession, Broken> {
        let (ours, theirs) = tokio::io::duplex(256);
        tokio::spawn(Server::new(theirs, self.script.clone(), self.taken.clone()).serve());
        let settings = SmtpSettings {
            pipelining: self.pipelining,
            messages_per_connection: NonZeroU32::new(self.letters_per_connection).unwrap(),
            ..settings()
        };
        let opening = Opening { settings: &settings, tls: None, hello: "client.example" };
        let (wire, offers) = opening.greet(ours, true).await?;
        Ok(SmtpSession::new(wire, offers, &settings))
    }

    /// Sends letters as a courier does, each tried once, with new connections where needed.
    async fn send(&self, count: usize) -> Vec<Answer> {
        let mut courier =
            Courier { world: self, session: None, answers: vec![None; count], waiting: (0..count).collect() };
        while let Some(number) = courier.waiting.pop_front() {
            courier.deliver(number).await;
        }
        courier.answers.into_iter().map(|answer| answer.expect("each letter is tried")).collect()
    }
}

struct Courier<'a> {
    world: &'a World,
    session: Option<SmtpSession>,
    answers: Vec<Option<Answer>>,
    waiting: VecDeque<usize>,
}

impl Courier<'_> {
    async fn deliver(&mut self, number: usize) {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => match self.world.connect().await {
                Ok(session) => session,
                Err(broken) => return self.note(number, Err(broken)),
            },
        };
        let mut open = match session.open(&envelope(number)).await {
            Ok(()) => Some(number),
            Err(broken) => {
                self.note(number, Err(broken));
                None
            }
        };
        while let Some(number) = open.take() {
            assert!(session.is_usable(), "an open letter can be written");
            open = self.carry(&mut session, number).await;
        }
        if session.is_usable() {
            self.session = Some(session);
        } else {
            session.close().await;
        }
    }

    /// The number of the letter that is open afterwards.
    async fn carry(&mut self, session: &mut SmtpSession, number: usize) -> Option<usize> {
        let next = self.waiting.front().copied();
        let announced = next.map(envelope);
        let bytes = letter(number).into_bytes();
        let Carried { letter, next: answer } =
            session.body(&Recorded::for_tests(), &bytes, announced.as_ref()).await;
        self.note(number, letter);
        let next = answer.and_then(|answer| Some((self.waiting.pop_front()?, answer)));
        match next? {
            (number, Ok(())) => Some(number),
            (number, Err(broken)) => {
                self.note(number, Err(broken));
                None
            }
        }
    }

    fn note(&mut self, number: usize, answer: Answer) {
        let before = self.answers[number].replace(answer);
        assert!(before.is_none(), "letter {number} was answered twice");
    }
}

/// Holds what was answered against what was taken.
fn audit(answers: &[Answer], taken: &Mailbox) -> Result<(), String> {
    let fail = |what: String| Err(format!("{what}\n{answers:#?}\n{taken:#?}"));
    if taken.for_nobody.iter().any(|body| !body.is_empty()) {
        return fail("a body went to nobody".to_owned());
    }
    for (number, answer) in answers.iter().enumerate() {
        let copies: Vec<_> = taken.letters.iter().filter(|(taken, ..)| *taken == number).collect();
        if copies
            .iter()
            .any(|(_, to, body)| *to != envelope(number).recipient.wire() || *body != letter(number))
        {
            return fail(format!("letter {number} went to somebody else or was changed"));
        }
        let may_be = match answer {
            Ok(_) => 1..=1,
            Err(Broken { phase: Phase::Answer, reply: None, .. }) => 0..=1,
            Err(_) => 0..=0,
        };
        if !may_be.contains(&copies.len()) {
            return fail(format!("letter {number} was taken {} times", copies.len()));
        }
    }
    Ok(())
}

/// What a letter of this fate must be answered, whatever happens to the letters around it.
fn is_answer_of(number: usize, fate: Fate, answer: &Answer) -> bool {
    let about = |phase: Phase| format!("letter {number} {}", phase.name());
    match (fate, answer) {
        (Fate::Taken, Ok(accepted)) => accepted.reply.lines == [about(Phase::Answer)],
        (Fate::Refused(phase, code), Err(broken)) => {
            let lines = vec![about(phase), "no".to_owned()];
            broken.phase == phase
                && broken.reply.as_ref().is_some_and(|reply| (reply.code, &reply.lines) == (code, &lines))
        }
        (Fate::Closed(phase), Err(broken)) => {
            broken.phase == phase && broken.reply.as_ref().is_some_and(|reply| reply.lines == [about(phase)])
        }
        (Fate::Cut(phase) | Fate::Silent(phase), Err(broken)) => {
            broken.phase == phase && broken.reply.is_none()
        }
        _ => false,
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap().block_on(future)
}

fn fate() -> impl Strategy<Value = Fate> {
    let spoken = prop::sample::select(vec![Phase::Sender, Phase::Recipient, Phase::Data, Phase::Answer]);
    let phase =
        prop::sample::select(vec![Phase::Sender, Phase::Recipient, Phase::Data, Phase::Body, Phase::Answer]);
    let code = prop::sample::select(vec![450u16, 451, 452, 500, 503, 550, 552, 554]);
    prop_oneof![
        4 => Just(Fate::Taken),
        4 => (spoken.clone(), code).prop_map(|(phase, code)| Fate::Refused(phase, code)),
        1 => spoken.prop_map(Fate::Closed),
        1 => phase.clone().prop_map(Fate::Cut),
        1 => phase.prop_map(Fate::Silent),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_answer_belongs_to_its_letter_whatever_happens_to_the_others(
        fates in prop::collection::vec(fate(), 1..12),
        offered: bool,
        wanted: bool,
        eager: bool,
        packet in 0usize..6,
        letters_per_connection in 1u32..8,
    ) {
        let offers = if offered { vec!["PIPELINING", "ENHANCEDSTATUSCODES"] } else { vec!["HELP"] };
        let script = Script { fates: fates.clone(), offers, packet, eager, limit: None };
        let world = World { letters_per_connection, ..World::new(script, wanted) };
        let answers = run(world.send(fates.len()));
        for (number, (fate, answer)) in fates.iter().zip(&answers).enumerate() {
            prop_assert!(is_answer_of(number, *fate, answer), "letter {} of {:?}: {:?}", number, fates, answer);
        }
        if let Err(what) = audit(&answers, &world.taken.lock().unwrap()) {
            prop_assert!(false, "{}", what);
        }
    }

    #[test]
    fn a_cut_among_refusals_loses_nobody_and_sends_nothing_twice(
        fates in prop::collection::vec(fate(), 1..6),
        pipelining: bool,
        eager: bool,
        reading: bool,
        at in 0usize..1200,
    ) {
        let limit = Some(if reading { Limit::Read(at) } else { Limit::Written(at / 3) });
        let script = Script { fates: fates.clone(), offers: vec!["PIPELINING"], packet: 0, eager, limit };
        let world = World::new(script, pipelining);
        let answers = run(world.send(fates.len()));
        if let Err(what) = audit(&answers, &world.taken.lock().unwrap()) {
            prop_assert!(false, "{}", what);
        }
    }
}

/// Cuts the first connection after every octet of one direction.
fn cut_everywhere(limit: fn(usize) -> Limit, length: fn(&Mailbox) -> usize, pipelining: bool) {
    let script = Script { offers: vec!["PIPELINING"], ..Script::default() };
    let whole = World::new(script.clone(), pipelining);
    assert!(run(whole.send(3)).iter().all(Result::is_ok));
    let length = length(&whole.taken.lock().unwrap());
    assert!(length > 150, "there is something to cut");
    for at in 0..length {
        let world = World::new(Script { limit: Some(limit(at)), ..script.clone() }, pipelining);
        let answers = run(world.send(3));
        let taken = world.taken.lock().unwrap();
        audit(&answers, &taken).unwrap_or_else(|what| panic!("cut after {at}: {what}"));
        let failed = answers.iter().filter(|answer| answer.is_err()).count();
        assert!(failed <= 1, "cut after {at}: one connection broke, {failed} letters suffered");
    }
}

#[test]
fn a_server_that_stops_reading_anywhere_costs_at_most_one_letter() {
    cut_everywhere(Limit::Read, |taken| taken.read, true);
}

#[test]
fn a_server_that_stops_reading_anywhere_costs_at_most_one_letter_in_lock_step() {
    cut_everywhere(Limit::Read, |taken| taken.read, false);
}

#[test]
fn a_server_that_stops_speaking_anywhere_costs_at_most_one_letter() {
    cut_everywhere(Limit::Written, |taken| taken.written, true);
}

#[test]
fn a_server_that_stops_speaking_anywhere_costs_at_most_one_letter_in_lock_step() {
    cut_everywhere(Limit::Written, |taken| taken.written, false);
}
