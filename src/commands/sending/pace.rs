//! How fast letters of this workspace may go.

use std::time::Duration;

use crate::commands::desk::Desk;
use crate::dispatch::{Clock, Pace, throttle};
use crate::ledger::{Ledger, LedgerError};
use crate::settings::limits::Limits;
use crate::settings::transport::Rate;

/// What the settings say; `rate` goes before the transport's own.
pub fn pace(desk: &Desk, rate: Option<Rate>) -> Pace {
    let transport = &desk.settings.transport.transport;
    let limits = Limits {
        rate: rate.or(transport.rate),
        windows: transport.windows.clone(),
        // As many as there are couriers; and each keeps to its connection itself.
        connections: None,
        messages_per_connection: None,
    };
    Pace { limits, warmup: transport.warmup.clone(), shaping: desk.settings.shaping.clone() }
}

/// How long `letters` take at least, with what was sent before; `None` if nothing holds them.
pub fn at_least(
    desk: &Desk,
    ledger: &Ledger,
    rate: Option<Rate>,
    letters: u64,
) -> Result<Option<Duration>, LedgerError> {
    let now = Clock::start().now();
    let name = &desk.settings.transport.transport.name;
    let mut throttle = throttle(&pace(desk, rate), ledger, name, now)?;
    Ok(Some(throttle.at_least(letters, now)).filter(|time| !time.is_zero()))
}
