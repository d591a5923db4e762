//! One connection: carries letters, reports signals, decides nothing. A courier never writes to the ledger.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::return_path::ReturnPath;
use super::signal::{CourierId, Order, Parcel, Signal, What};
use crate::compose::press::{MergeError, Press, Stamper, thaw_values};
use crate::ledger::recorded::Recorded;
use crate::ledger::rows::Waiting;
use crate::model::attempt::{Broken, Phase};
use crate::policy::throttle::LaneId;
use crate::transport::{Carried, Envelope, Session, Transport};

/// What all couriers of a run share.
pub struct Bag<T: Transport> {
    pub transport: Arc<T>,
    pub press: Arc<Press>,
    pub stamper: Stamper,
    pub return_path: ReturnPath,
}

pub struct Courier<T: Transport> {
    id: CourierId,
    bag: Arc<Bag<T>>,
    session: Option<T::Session>,
    /// Letters of each lane on this connection, where a lane counts them.
    on_connection: HashMap<LaneId, u32>,
    /// The final bytes of the letter whose envelope is open.
    open: Vec<u8>,
    /// Takes the bytes of the letter after it; the two change places.
    next: Vec<u8>,
}

/// Tells the conductor of a panic, for whose answer it would wait without end.
struct Alarm {
    courier: CourierId,
    signals: mpsc::Sender<Signal>,
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The inbox has room for two signals of every courier, and is gone only when nobody asks any more.
            let _ = self.signals.try_send(Signal { courier: self.courier, what: What::Fell });
        }
    }
}

impl<T: Transport> Courier<T> {
    pub fn new(id: CourierId, bag: Arc<Bag<T>>) -> Courier<T> {
        Courier { id, bag, session: None, on_connection: HashMap::new(), open: Vec::new(), next: Vec::new() }
    }

    /// Works until there are no more orders, then ends the connection.
    pub async fn work(mut self, mut orders: mpsc::Receiver<Order>, signals: mpsc::Sender<Signal>) {
        let _alarm = Alarm { courier: self.id, signals: signals.clone() };
        while let Some(order) = self.await_order(&mut orders).await {
            let what = match order {
                Order::Open(parcel) => self.offer(&parcel).await,
                Order::Body { recorded, next } => self.carry(recorded, next.as_deref()).await,
                Order::Rest => {
                    self.rest().await;
                    continue;
                }
            };
            if signals.send(Signal { courier: self.id, what }).await.is_err() {
                break;
            }
        }
        self.rest().await;
    }

    /// The next order. A connection that waits for it too long is ended meanwhile.
    async fn await_order(&mut self, orders: &mut mpsc::Receiver<Order>) -> Option<Order> {
        if let (Some(_), Some(idle)) = (&self.session, self.bag.transport.idle()) {
            match tokio::time::timeout(idle, orders.recv()).await {
                Ok(order) => return order,
                Err(_) => self.rest().await,
            }
        }
        orders.recv().await
    }

    async fn offer(&mut self, parcel: &Parcel) -> What {
        let envelope = match self.bag.press(&parcel.waiting, parcel.date(), &mut self.open) {
            Ok(envelope) => envelope,
            Err(error) => return What::Unpressable(error),
        };
        if !self.has_room(parcel) {
            self.rest().await;
        }
        What::Opened(self.announce(&envelope, parcel).await)
    }

    async fn announce(&mut self, envelope: &Envelope, parcel: &Parcel) -> Result<(), Broken> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => self.connect().await?,
        };
        self.count(parcel);
        let answer = session.open(envelope).await;
        self.keep(session).await;
        answer
    }

    async fn connect(&mut self) -> Result<T::Session, Broken> {
        self.on_connection.clear();
        self.bag.transport.connect().await
    }

    /// Whether the receiver of a letter takes another on this connection.
    fn has_room(&self, parcel: &Parcel) -> bool {
        let carried = parcel.lane.and_then(|lane| self.on_connection.get(&lane)).copied().unwrap_or(0);
        parcel.per_connection.is_none_or(|most| carried < most.get())
    }

    fn count(&mut self, parcel: &Parcel) {
        if let (Some(lane), Some(_)) = (parcel.lane, parcel.per_connection) {
            *self.on_connection.entry(lane).or_default() += 1;
        }
    }

    async fn carry(&mut self, recorded: Recorded, next: Option<&Parcel>) -> What {
        let next = next.filter(|parcel| self.has_room(parcel));
        let (envelope, unpressable) =
            match next.map(|parcel| self.bag.press(&parcel.waiting, parcel.date(), &mut self.next)) {
                Some(Err(error)) => (None, Some(error)),
                Some(Ok(envelope)) => (Some(envelope), None),
                None => (None, None),
            };
        let carried = self.write(&recorded, envelope.as_ref()).await;
        if let (Some(next), Some(_)) = (next, &carried.next) {
            self.count(next);
        }
        std::mem::swap(&mut self.open, &mut self.next);
        What::Carried { recorded, carried, unpressable }
    }

    async fn write(&mut self, recorded: &Recorded, next: Option<&Envelope>) -> Carried {
        let Some(mut session) = self.session.take() else {
            let lost = Broken::cut(Phase::Data, "the connection was gone before the letter was written");
            return Carried { letter: Err(lost), next: None };
        };
        let carried = session.body(recorded, &self.open, next).await;
        self.keep(session).await;
        carried
    }

    async fn keep(&mut self, session: T::Session) {
        if session.is_usable() {
            self.session = Some(session);
        } else {
            session.close().await;
        }
    }

    async fn rest(&mut self) {
        if let Some(session) = self.session.take() {
            session.close().await;
        }
    }
}

impl<T: Transport> Bag<T> {
    /// Replaces `bytes` by the letter with this date, ready to be written.
    pub fn press(
        &self,
        waiting: &Waiting,
        date: Timestamp,
        bytes: &mut Vec<u8>,
    ) -> Result<Envelope, MergeError> {
        let subscriber = thaw_values(waiting.address.clone(), &waiting.values).map_err(|error| {
            let message = format!("the frozen values of a letter cannot be read: {error}");
            MergeError::Failed { message, span: 0..0 }
        })?;
        let key = waiting.address.key();
        let stamp = self.stamper.stamp(&key, waiting.again, date);
        bytes.clear();
        self.press.press(&subscriber, &stamp, bytes)?;
        Ok(Envelope {
            sender: self.return_path.of(waiting.delivery.0, &key, &self.stamper.secret),
            recipient: waiting.address.clone(),
            size: Some(bytes.len()),
            id: Some(stamp.message_id),
            token: self.transport.has_tags().then(|| self.stamper.secret.delivery_token(waiting.delivery.0)),
        })
    }
}
