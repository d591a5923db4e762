//! Has the ledger write turns down, and goes on when it has.

use tokio::sync::mpsc::error::TrySendError;

use super::super::hand::Move;
use super::*;
use crate::ledger::rows::{Begun, Settlement};
use crate::model::delivery::State;

impl Conductor {
    /// Has the ledger write a turn; its answer comes to the inbox. While a run is ending nothing is begun:
    /// a letter whose envelope is open is then abandoned.
    pub(super) fn turn(
        &mut self,
        courier: CourierId,
        settle: Vec<(Settlement, Move)>,
        begin: Option<Parcel>,
    ) {
        let begin = self.unless_ending(courier, begin);
        let (settlements, moves): (Vec<_>, Vec<_>) = settle.into_iter().unzip();
        if settlements.is_empty() && begin.is_none() {
            return;
        }
        let (delivery, at) = match &begin {
            Some(parcel) => (Some(parcel.waiting.delivery), parcel.at),
            None => (None, now()),
        };
        self.hands[courier] = Hand::Turning { moves, begin };
        let signals = self.signals.clone();
        let then = move |answer| match signals.try_send(Signal { courier, what: What::Turned(answer) }) {
            // The inbox is gone only when the run was dropped at once; then nobody asks any more.
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => {
                unreachable!("a courier has one turn at a time, and the inbox room")
            }
        };
        let ledger = &self.score.ledger;
        if let Err(error) = ledger.turn_then(settlements, delivery, &self.score.transport_name, at, then) {
            self.order(courier, Order::Rest);
            self.hands[courier] = Hand::Idle;
            self.end(Err(error.into()));
        }
    }

    fn unless_ending(&mut self, courier: CourierId, begin: Option<Parcel>) -> Option<Parcel> {
        if self.ending.is_none() {
            return begin;
        }
        if let Some(parcel) = begin {
            self.queue.give_back(parcel, false);
        }
        self.order(courier, Order::Rest);
        None
    }

    pub(super) fn turned(
        &mut self,
        courier: CourierId,
        moves: Vec<Move>,
        begin: Option<Parcel>,
        begun: Option<Begun>,
    ) {
        for change in moves {
            self.count(change);
        }
        self.watch_the_gate();
        match (begin, begun) {
            (Some(parcel), Some(Begun::Go(recorded))) => self.send_body(courier, parcel, recorded),
            (Some(parcel), Some(Begun::Skipped)) => {
                self.tally.settled(parcel.waiting.state, State::Skipped);
                self.queue.allow_another();
                self.abandon(courier, &parcel);
            }
            (Some(parcel), Some(Begun::Stopped)) => {
                self.abandon(courier, &parcel);
                self.end(Ok(End::Stopped));
            }
            (Some(parcel), Some(Begun::NotOpen)) => self.abandon(courier, &parcel),
            (_, _) => {}
        }
    }

    fn count(&mut self, change: Move) {
        self.tally.settled(change.from, change.to);
        if change.returns {
            let has_begun = change.from == State::Sending;
            self.queue.give_back(change.parcel.returned(has_begun), has_begun);
        } else {
            self.queue.release(&change.parcel, change.from == State::Sending);
        }
    }

    fn watch_the_gate(&mut self) {
        if let (Some(by), Some(last)) = (self.tally.gate(), self.last_trouble.clone()) {
            self.end(Ok(End::Gate { by, last }));
        }
    }

    fn send_body(&mut self, courier: CourierId, parcel: Parcel, recorded: Recorded) {
        self.tally.settled(parcel.waiting.state, State::Sending);
        let next = self.next_parcel();
        self.order(courier, Order::Body { recorded, next: next.clone().map(Box::new) });
        self.hands[courier] = Hand::Carrying { parcel, next };
    }

    /// The envelope is open, but the letter must not go: the connection ends without a body.
    fn abandon(&mut self, courier: CourierId, parcel: &Parcel) {
        self.queue.release(parcel, false);
        self.order(courier, Order::Rest);
    }
}
