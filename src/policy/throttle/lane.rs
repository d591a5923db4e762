//! The letters that share limits: all of a transport, or all to one receiver.

use std::num::NonZeroU32;
use std::time::Duration;

use super::brake::{Brake, Meter};
use super::pacer::Pacer;
use super::window::Window;
use crate::settings::limits::Limits;
use crate::settings::transport::Rate;

/// Why a letter may not go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Ask again then.
    Until(Duration),
    /// As many as may be under way at once are: ask again when one of them is back.
    Busy,
}

#[derive(Debug, Clone)]
pub struct Lane {
    pacer: Pacer,
    windows: Vec<Window>,
    connections: Option<usize>,
    messages_per_connection: Option<NonZeroU32>,
    under_way: usize,
    meter: Meter,
    brake: Option<Brake>,
    /// Nothing goes before this.
    paused_until: Duration,
    /// What the other side said when it asked us to slow down or wait.
    said: Option<String>,
}

impl Lane {
    pub fn new(limits: &Limits) -> Lane {
        Lane {
            pacer: Pacer::new(limits.rate),
            windows: limits.windows.iter().map(|quota| Window::new(*quota)).collect(),
            connections: limits.connections.map(std::num::NonZeroUsize::get),
            messages_per_connection: limits.messages_per_connection,
            under_way: 0,
            meter: Meter::default(),
            brake: None,
            paused_until: Duration::ZERO,
            said: None,
        }
    }

    /// Whether a letter may go at `now`.
    pub fn ask(&mut self, now: Duration) -> Result<(), Hold> {
        if self.connections.is_some_and(|most| self.under_way >= most) {
            return Err(Hold::Busy);
        }
        let windows = self.windows.iter_mut().filter_map(|window| window.ask(now).err()).max();
        let rate = self.pacer.peek(now).err();
        let brake = self.brake.as_ref().and_then(|brake| brake.ask(now).err());
        let pause = (self.paused_until > now).then_some(self.paused_until);
        match [windows, rate, brake, pause].into_iter().flatten().max() {
            Some(until) => Err(Hold::Until(until)),
            None => Ok(()),
        }
    }

    /// A letter goes at `now`.
    pub fn take(&mut self, now: Duration) {
        self.under_way += 1;
        self.pacer.take(now);
        self.meter.count(now);
        self.windows.iter_mut().for_each(|window| window.take(now, 1));
        if let Some(brake) = &mut self.brake {
            brake.take(now);
        }
    }

    /// A letter is not under way any more. One that was not even begun does not count.
    pub fn back(&mut self, has_begun: bool) {
        self.under_way = self.under_way.saturating_sub(1);
        if !has_begun {
            self.windows.iter_mut().for_each(Window::give_back);
        }
    }

    /// Letters that earlier runs have sent, from the oldest.
    pub fn remember(&mut self, at: Duration, letters: u64) {
        self.windows.iter_mut().for_each(|window| window.take(at, letters));
    }

    /// The other side asks us to slow down, about a letter that was given out at `given_out`. `assumed` is the
    /// speed where too few letters went to tell.
    pub fn slow(&mut self, given_out: Duration, assumed: f64, said: String, now: Duration) {
        let measured = self.meter.speed(now);
        match &mut self.brake {
            Some(brake) => brake.again(given_out, measured, now),
            None => self.brake = Some(Brake::new(if measured > 1.0 { measured } else { assumed }, now)),
        }
        self.said = Some(said);
    }

    /// Nothing goes before `until`.
    pub fn pause(&mut self, until: Duration, said: String) {
        self.paused_until = self.paused_until.max(until);
        self.said = Some(said);
    }

    /// What an earlier run was asked for.
    pub fn restore(&mut self, brake: Brake, said: String) {
        self.brake = Some(brake);
        self.said = Some(said);
    }

    pub fn went_well(&mut self) {
        if self.brake.as_mut().is_some_and(Brake::went_well) {
            self.brake = None;
        }
    }

    /// Whether the other side wants less, or nothing, at `now`.
    pub fn is_restrained(&self, now: Duration) -> bool {
        self.brake.is_some() || self.paused_until > now
    }

    pub fn brake(&self) -> Option<&Brake> {
        self.brake.as_ref()
    }

    pub fn paused_until(&self) -> Duration {
        self.paused_until
    }

    pub fn said(&self) -> Option<&str> {
        self.said.as_deref()
    }

    /// Letters a second at `now`, over the last seconds.
    pub fn speed(&self, now: Duration) -> f64 {
        self.meter.speed(now)
    }

    /// At least how long `letters` more take.
    pub fn at_least(&mut self, letters: u64, now: Duration) -> Duration {
        let windows = self.windows.iter_mut().map(|window| window.at_least(letters, now)).max();
        windows.unwrap_or_default().max(self.pacer.at_least(letters))
    }

    /// A quota that is used up at `now`.
    pub fn full_window(&mut self, now: Duration) -> Option<Rate> {
        self.windows.iter_mut().find_map(|window| window.ask(now).is_err().then(|| window.quota()))
    }

    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    pub fn messages_per_connection(&self) -> Option<NonZeroU32> {
        self.messages_per_connection
    }
}
