//! Letters by who takes mail for their addresses: the receivers that are known, and the other domains.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ledger::tally::DomainCount;
use crate::model::delivery::Counts;
use crate::settings::shaping::Shaping;

/// So many providers are named.
pub const NAMED: usize = 12;

/// So many slow domains are named.
pub const SLOWEST: usize = 8;

/// In a big issue, a domain with fewer letters than this says little about how fast it is.
const ENOUGH: u64 = 10;

/// So many accepted letters make an issue big.
const BIG: u64 = 1000;

/// Letters by provider; with the rest they sum to the audience.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Providers {
    /// Those with most letters, the greatest first.
    pub named: Vec<Provider>,
    /// How many providers are not among them, and their letters.
    pub others: Others,
    /// The domains that took longest, the slowest first.
    pub slowest: Vec<Slow>,
    /// Domains with fewer accepted letters than this are not among the slowest.
    pub least_letters: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Provider {
    /// A receiver of many domains, or the domain.
    pub name: String,
    /// Whether it is one of the receivers that are known.
    pub is_known: bool,
    pub counts: Counts,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Others {
    pub providers: u64,
    pub counts: Counts,
}

/// How long it took from the first attempt until a server of the domain took the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slow {
    pub domain: String,
    /// Letters that it took.
    pub letters: u64,
    /// Half of them took no longer.
    pub median: Duration,
    /// 95 of 100 took no longer.
    pub p95: Duration,
}

/// Takes letters in order of domain, and keeps a few providers only.
pub struct Gathering<'a> {
    shaping: &'a Shaping,
    known: BTreeMap<usize, Counts>,
    others: Others,
    current: Domain,
    named: Vec<Provider>,
    /// Among all domains, and among those with [`ENOUGH`] letters.
    slow: [Vec<Slow>; 2],
    accepted: u64,
}

/// The domain whose letters are coming in.
#[derive(Debug, Default)]
struct Domain {
    name: String,
    counts: Counts,
    /// How many took how long, the shortest first.
    waits: Vec<(Duration, u64)>,
}

impl<'a> Gathering<'a> {
    pub fn new(shaping: &'a Shaping) -> Gathering<'a> {
        Gathering {
            shaping,
            known: BTreeMap::new(),
            others: Others::default(),
            current: Domain::default(),
            named: Vec::new(),
            slow: [Vec::new(), Vec::new()],
            accepted: 0,
        }
    }

    /// Letters of one domain come one after the other, in order of wait.
    pub fn take(&mut self, count: &DomainCount<'_>) {
        if count.domain != self.current.name {
            self.close();
            count.domain.clone_into(&mut self.current.name);
        }
        self.current.counts.add(count.state, count.letters);
        if let Some(wait) = count.wait {
            self.current.waited(wait, count.letters);
        }
    }

    fn close(&mut self) {
        let domain = std::mem::take(&mut self.current);
        if domain.counts.total() == 0 {
            return;
        }
        self.accepted += domain.accepted();
        let [any, big] = &mut self.slow;
        keep(any, domain.slow(), SLOWEST, slowness);
        keep(big, domain.slow().filter(|slow| slow.letters >= ENOUGH), SLOWEST, slowness);
        match self.shaping.place(&domain.name) {
            Some(place) => add(self.known.entry(place).or_default(), &domain.counts),
            None => self.name(domain),
        }
    }

    /// Keeps the domain, and gives up the one with the fewest letters where there are too many.
    fn name(&mut self, domain: Domain) {
        let provider = Provider { name: domain.name, is_known: false, counts: domain.counts };
        let least = keep(&mut self.named, Some(provider), NAMED, |provider| provider.counts.total());
        self.give_up(least);
    }

    fn give_up(&mut self, provider: Option<Provider>) {
        if let Some(provider) = provider {
            self.others.providers += 1;
            add(&mut self.others.counts, &provider.counts);
        }
    }

    pub fn finish(mut self) -> Providers {
        self.close();
        for (place, counts) in std::mem::take(&mut self.known) {
            let name = self.shaping.receivers()[place].name.clone();
            let provider = Provider { name, is_known: true, counts };
            let least = keep(&mut self.named, Some(provider), NAMED, |provider| provider.counts.total());
            self.give_up(least);
        }
        let [any, big] = self.slow;
        let (slowest, least_letters) = if self.accepted >= BIG { (big, ENOUGH) } else { (any, 1) };
        Providers { named: self.named, others: self.others, slowest, least_letters }
    }
}

fn slowness(slow: &Slow) -> (Duration, u64) {
    (slow.p95, slow.letters)
}

/// Puts one among those that are kept, the greatest first; gives back the least where there are more than `most`.
fn keep<T, K: Ord>(kept: &mut Vec<T>, one: Option<T>, most: usize, key: impl Fn(&T) -> K) -> Option<T> {
    let one = one?;
    let place = kept.partition_point(|other| key(other) >= key(&one));
    kept.insert(place, one);
    if kept.len() > most { kept.pop() } else { None }
}

fn add(sums: &mut Counts, more: &Counts) {
    for state in crate::model::delivery::State::ALL {
        sums.add(state, more.get(state));
    }
}

impl Domain {
    fn waited(&mut self, wait: Duration, letters: u64) {
        match self.waits.last_mut() {
            Some((last, number)) if *last == wait => *number += letters,
            _ => self.waits.push((wait, letters)),
        }
    }

    fn accepted(&self) -> u64 {
        self.waits.iter().map(|(_, letters)| letters).sum()
    }

    fn slow(&self) -> Option<Slow> {
        let letters = self.accepted();
        (letters > 0).then(|| Slow {
            domain: self.name.clone(),
            letters,
            median: self.percentile(letters, 50),
            p95: self.percentile(letters, 95),
        })
    }

    /// The shortest wait that so many of a hundred letters did not exceed.
    fn percentile(&self, letters: u64, hundredths: u64) -> Duration {
        let wanted = (letters * hundredths).div_ceil(100);
        let mut seen = 0;
        let reaches = |(_, number): &&(Duration, u64)| {
            seen += number;
            seen >= wanted
        };
        self.waits.iter().find(reaches).map_or(Duration::ZERO, |(wait, _)| *wait)
    }
}
