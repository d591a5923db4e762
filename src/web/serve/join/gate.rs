//! How often a form is taken from one network. Memory is flat: what is beyond it is turned away.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::settings::transport::Rate;

/// So many networks are remembered.
const MOST: usize = 65_536;
/// Looking through all of them takes a moment.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(10);

/// Counts visits by network.
#[derive(Debug)]
pub(super) struct Gate {
    rate: Rate,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    visits: HashMap<IpAddr, Visits>,
    /// When those whose time is over were forgotten last.
    swept: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Visits {
    since: Instant,
    number: u32,
}

impl Gate {
    pub(super) fn new(rate: Rate) -> Gate {
        Gate { rate, seen: Mutex::default() }
    }

    /// Whether one more may come from this network now.
    pub(super) fn lets_in(&self, network: IpAddr, now: Instant) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |visits: &Visits| now.duration_since(visits.since) >= self.rate.per;
        if seen.visits.len() >= MOST && !seen.visits.contains_key(&network) {
            if seen.swept.is_none_or(|swept| now.duration_since(swept) >= BETWEEN_SWEEPS) {
                seen.swept = Some(now);
                seen.visits.retain(|_, visits| !is_over(visits));
            }
            if seen.visits.len() >= MOST {
                return false;
            }
        }
        let visits = seen.visits.entry(network).or_insert(Visits { since: now, number: 0 });
        if is_over(visits) {
            *visits = Visits { since: now, number: 0 };
        }
        let is_let_in = visits.number < self.rate.letters.get();
        visits.number += u32::from(is_let_in);
        is_let_in
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::num::NonZeroU32;

    use super::*;

    fn gate() -> Gate {
        Gate::new(Rate { letters: NonZeroU32::new(2).unwrap(), per: Duration::from_secs(60) })
    }

    fn network(number: u32) -> IpAddr {
        Ipv4Addr::from(number).into()
    }

    #[test]
    fn a_network_is_let_in_so_often_within_the_time_and_others_do_not_pay_for_it() {
        let (gate, now) = (gate(), Instant::now());
        let all: Vec<bool> = (0..4).map(|_| gate.lets_in(network(1), now)).collect();
        assert_eq!(all, [true, true, false, false]);
        assert!(gate.lets_in(network(2), now));
        assert!(gate.lets_in(network(1), now + Duration::from_secs(60)));
    }

    #[test]
    fn whoever_comes_from_everywhere_fills_no_memory() {
        let (gate, now) = (gate(), Instant::now());
        for number in 0..100_000 {
            gate.lets_in(network(number), now);
        }
        assert_eq!(gate.seen.lock().unwrap().visits.len(), MOST);
        assert!(
            gate.lets_in(network(1_000_000), now + Duration::from_secs(61)),
            "the old ones are forgotten"
        );
    }
}
