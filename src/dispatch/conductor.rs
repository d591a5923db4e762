//! The one task that decides and writes delivery states. It hears of everything through one inbox, judges it,
//! has the ledger write it down, and only then counts it and lets the next body leave.

mod ending;
mod settling;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::chance::Chance;
use super::clock::Clock;
use super::door::Door;
use super::hand::Hand;
use super::memory;
use super::queue::Queue;
use super::signal::{CourierId, Order, Parcel, Signal, What};
use super::tally::Tally;
use super::{DispatchError, End, Halt, Progress};
use crate::ledger::Ledger;
use crate::ledger::recorded::Recorded;
use crate::ledger::rows::{Choice, EditionId, Settled};
use crate::model::attempt::{Broken, Outcome, Phase, Scope};
use crate::policy::judge::judge;
use crate::policy::retry::Schedule;
use crate::settings::OnUncertain;
use crate::transport::Carried;

/// A letter that came back so often without having left us is deferred like any other.
const MOST_RETURNS: u32 = 3;
/// How often the watcher is told, and how long a sleeping run can miss a change of the clock.
const TICK: Duration = Duration::from_millis(100);

/// What the conductor was given; see [`super::Job`].
pub struct Score {
    pub ledger: Ledger,
    pub edition: EditionId,
    pub transport_name: Arc<str>,
    pub schedule: Schedule,
    pub wait: Duration,
    pub on_uncertain: OnUncertain,
    pub choice: Choice,
    pub canary: Option<Canary>,
}

/// Some letters go first; if they went well, so many may follow. `None` is all.
#[derive(Debug, Clone, Copy)]
pub struct Canary {
    pub after: Option<u64>,
}

pub struct Conductor {
    score: Score,
    queue: Queue,
    tally: Tally,
    door: Door,
    clock: Clock,
    chance: Chance,
    hands: Vec<Hand>,
    /// Who was told to rest and has had no letter since: one rest is enough, however slow its goodbye is.
    rests: Vec<bool>,
    orders: Vec<mpsc::Sender<Order>>,
    inbox: mpsc::Receiver<Signal>,
    /// For turns of the ledger, whose answers come to the same inbox.
    signals: mpsc::Sender<Signal>,
    /// Why nothing new is begun any more.
    ending: Option<Result<End, DispatchError>>,
    last_trouble: Option<Broken>,
    /// Since when no letter got through and receivers asked for time.
    held_since: Option<Duration>,
    /// Since when there is nothing to do but wait.
    waiting_since: Option<Timestamp>,
    waiting_until: Option<Timestamp>,
    has_resent: bool,
}

/// The ways of a run to the couriers and back.
pub struct Lines {
    pub orders: Vec<mpsc::Sender<Order>>,
    pub inbox: mpsc::Receiver<Signal>,
    pub signals: mpsc::Sender<Signal>,
}

impl Conductor {
    pub fn new(score: Score, queue: Queue, tally: Tally, clock: Clock, seed: u64, lines: Lines) -> Conductor {
        let couriers = lines.orders.len();
        Conductor {
            score,
            queue,
            tally,
            door: Door::new(couriers, Instant::now()),
            clock,
            chance: Chance::new(seed),
            hands: (0..couriers).map(|_| Hand::Idle).collect(),
            rests: vec![true; couriers],
            orders: lines.orders,
            inbox: lines.inbox,
            signals: lines.signals,
            ending: None,
            last_trouble: None,
            held_since: None,
            waiting_since: None,
            waiting_until: None,
            has_resent: false,
        }
    }

    /// Conducts until nothing is left, or something ends the run and the last courier has reported.
    pub async fn conduct(
        mut self,
        mut halt: watch::Receiver<Halt>,
        watch: &mut (dyn FnMut(&Progress) + Send),
    ) -> (Result<End, DispatchError>, Tally) {
        let mut tick = tokio::time::interval(TICK);
        loop {
            self.feed();
            if self.all_idle() && self.is_over() {
                break;
            }
            let wake = self.wake_at();
            tokio::select! {
                biased;
                Ok(()) = halt.changed() => {
                    let told = *halt.borrow_and_update();
                    if self.is_told_to_drop(told) {
                        break;
                    }
                }
                _ = tick.tick() => watch(&self.progress()),
                Some(signal) = self.inbox.recv() => self.hear(signal),
                () = tokio::time::sleep_until(wake) => {}
            }
        }
        watch(&self.progress());
        (self.ending.unwrap_or(Ok(End::Interrupted)), self.tally)
    }

    fn is_told_to_drop(&mut self, halt: Halt) -> bool {
        if halt != Halt::No {
            self.end(Ok(End::Interrupted));
        }
        halt == Halt::AtOnce
    }

    fn progress(&mut self) -> Progress {
        let clock = self.clock.now();
        let throttle = &mut self.queue.throttle;
        Progress {
            counts: self.tally.counts,
            sent_now: self.tally.sent,
            waiting_until: self.waiting_until,
            restraints: memory::pauses(throttle, &self.clock),
            at_least: throttle.at_least(self.tally.counts.open(), clock),
        }
    }

    /// The first reason stands, but a ledger that fails outranks every other.
    fn end(&mut self, ending: Result<End, DispatchError>) {
        if self.ending.is_none() || (ending.is_err() && matches!(self.ending, Some(Ok(_)))) {
            self.ending = Some(ending);
        }
    }

    fn all_idle(&self) -> bool {
        self.hands.iter().all(|hand| matches!(hand, Hand::Idle))
    }

    // Giving out letters.

    fn feed(&mut self) {
        for courier in 0..self.hands.len() {
            if !matches!(self.hands[courier], Hand::Idle) || !self.door.may_enter(courier, Instant::now()) {
                continue;
            }
            let Some(parcel) = self.next_parcel() else {
                self.door.gave_up(courier);
                return;
            };
            self.order(courier, Order::Open(Box::new(parcel.clone())));
            self.hands[courier] = Hand::Opening(parcel);
        }
    }

    /// A letter that may go now, unless the run is ending or the pace says later.
    fn next_parcel(&mut self) -> Option<Parcel> {
        if self.ending.is_some() {
            return None;
        }
        let parcel = match self.queue.next(now(), self.clock.now()) {
            Ok(parcel) => parcel?,
            Err(error) => {
                self.end(Err(error.into()));
                return None;
            }
        };
        self.waiting_until = None;
        Some(parcel)
    }

    fn order(&mut self, courier: CourierId, order: Order) {
        let is_rest = matches!(order, Order::Rest);
        if std::mem::replace(&mut self.rests[courier], is_rest) && is_rest {
            return;
        }
        self.orders[courier].try_send(order).expect("a courier has at most one order and room for a rest");
    }

    // Hearing what happened.

    fn hear(&mut self, Signal { courier, what }: Signal) {
        let hand = std::mem::replace(&mut self.hands[courier], Hand::Idle);
        match (hand, what) {
            (Hand::Opening(parcel), What::Opened(answer)) => self.opened(courier, parcel, answer),
            (Hand::Opening(parcel), What::Unpressable(error)) => {
                self.door.gave_up(courier);
                self.queue.give_back(parcel, false);
                self.end(Err(error.into()));
            }
            (Hand::Carrying { parcel, next }, What::Carried { recorded, carried, unpressable }) => {
                if let Some(error) = unpressable {
                    self.end(Err(error.into()));
                }
                self.carried(courier, (parcel, recorded), carried, next);
            }
            (Hand::Turning { moves, begin }, What::Turned(Ok(begun))) => {
                self.turned(courier, moves, begin, begun);
            }
            (Hand::Turning { .. }, What::Turned(Err(error))) => {
                self.order(courier, Order::Rest);
                self.end(Err(error.into()));
            }
            (_, What::Fell) => self.end(Err(DispatchError::Fell)),
            (_, what) => unreachable!("a courier reports what it was told to do, not {what:?}"),
        }
    }

    fn opened(&mut self, courier: CourierId, parcel: Parcel, answer: Result<(), Broken>) {
        match answer {
            Ok(()) => {
                self.door.opened();
                self.turn(courier, Vec::new(), Some(parcel));
            }
            Err(broken) if is_about_the_door(&broken) => self.turned_away(courier, parcel, broken),
            Err(broken) => {
                self.door.opened();
                let settled = self.refuse_envelope(parcel, broken);
                self.turn(courier, settled.into_iter().collect(), None);
            }
        }
    }

    /// No connection, no login, or no sender: the letter is where it was.
    fn turned_away(&mut self, courier: CourierId, parcel: Parcel, broken: Broken) {
        if self.door.is_open() {
            self.slow_down(&parcel, &broken);
        }
        self.queue.give_back(parcel, false);
        if !broken.may_pass || matches!(judge(Err(broken.clone())), Outcome::Barred(Scope::Run, _)) {
            return self.end(Ok(End::Barred(broken)));
        }
        let others_work =
            self.hands.iter().any(|hand| matches!(hand, Hand::Carrying { .. } | Hand::Turning { .. }));
        if self.door.failed(courier, others_work, Instant::now()) {
            self.end(Ok(End::Barred(broken)));
        }
    }

    fn carried(
        &mut self,
        courier: CourierId,
        (parcel, recorded): (Parcel, Recorded),
        carried: Carried,
        next: Option<Parcel>,
    ) {
        let mut settle = vec![self.settle(parcel, Settled::Begun(recorded), judge(carried.letter))];
        let begin = match (next, carried.next) {
            (Some(next), Some(Ok(()))) => Some(next),
            (Some(next), Some(Err(broken))) => {
                settle.extend(self.refuse_envelope(next, broken));
                None
            }
            (Some(next), None) => {
                self.queue.give_back(next, false);
                None
            }
            (None, _) => None,
        };
        self.turn(courier, settle, begin);
    }
}

/// Whether it is about getting in, or about who we are, rather than about one subscriber.
fn is_about_the_door(broken: &Broken) -> bool {
    broken.phase <= Phase::Login || (broken.phase == Phase::Sender && broken.reply.is_some())
}

fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).expect("a time of today is in range")
}
