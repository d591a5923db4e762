//! Plans a send: who gets it, who does not, what it weighs, and how long it takes.

use data_encoding::HEXLOWER;
use jiff::Timestamp;

use crate::commands::Failure;
use crate::commands::desk::Desk;
use crate::commands::sending::pace::at_least;
use crate::commands::sending::ready::Ready;
use crate::compose::press::{Press, Stamp};
use crate::ledger::Ledger;
use crate::model::audience::{Absent, Member};
use crate::model::plan::{Domains, Plan};
use crate::report::plan::Named;
use crate::settings::transport::Rate;

/// What a plan is made from.
pub struct Basis<'a> {
    desk: &'a Desk,
    ledger: &'a Ledger,
    ready: &'a Ready,
    /// Instead of the transport's own.
    rate: Option<Rate>,
}

impl<'a> Basis<'a> {
    pub fn of(desk: &'a Desk, ledger: &'a Ledger, ready: &'a Ready, rate: Option<Rate>) -> Basis<'a> {
        Basis { desk, ledger, ready, rate }
    }
}

/// Somebody left out, by the name of their list.
pub fn named(absent: &Absent, ready: &Ready) -> Named {
    let list = ready.lists.iter().find(|list| list.id == absent.list);
    Named {
        address: absent.key.as_str().to_owned(),
        list: list.map_or_else(|| absent.list.to_string(), |list| list.name.clone()),
        why: absent.why,
    }
}

/// Goes through the audience once; `absent` hears of everyone left out.
pub fn plan(basis: &Basis<'_>, absent: &mut dyn FnMut(&Absent)) -> Result<Plan, Failure> {
    let ready = basis.ready;
    let mut seen = Seen::new(&ready.press);
    let sums = basis.ledger.audience(&ready.selection, &mut |member| seen.count(member), absent)?;
    let transport = &basis.desk.settings.transport.transport;
    Ok(Plan {
        issue: ready.issue.id.clone(),
        subject: seen.subject.unwrap_or_else(|| ready.issue.title().to_owned()),
        from: ready.edition.from.to_string(),
        realm: ready.realm(),
        transport: transport.name.clone(),
        lists: ready.lists.iter().map(|list| list.name.clone()).collect(),
        at_least: at_least(basis.desk, basis.ledger, basis.rate, sums.chosen)?,
        sums,
        domains: seen.domains,
        largest_letter: seen.largest,
        unmade: seen.unmade,
        tracking: ready.edition.tracking.clone(),
        content: ready.hashes.content.0.clone(),
        audience: HEXLOWER.encode(&seen.audience.to_be_bytes()),
    })
}

/// What is gathered on one pass, in memory that does not grow with the audience.
struct Seen<'a> {
    press: &'a Press,
    domains: Domains,
    /// Sum of the addresses' hashes: the same for the same set in any order.
    audience: u128,
    largest: usize,
    unmade: u64,
    subject: Option<String>,
    buffer: Vec<u8>,
}

impl<'a> Seen<'a> {
    fn new(press: &'a Press) -> Seen<'a> {
        Seen {
            press,
            domains: Domains::default(),
            audience: 0,
            largest: 0,
            unmade: 0,
            subject: None,
            buffer: Vec::new(),
        }
    }

    fn count(&mut self, member: &Member) {
        let address = &member.subscriber.address;
        self.domains.count(address.domain().as_str());
        self.audience = self.audience.wrapping_add(hash(address.key().as_str()));
        self.weigh(member);
    }

    /// Presses the letter. One that cannot be pressed is the check's to report.
    fn weigh(&mut self, member: &Member) {
        let stamp = sample_stamp();
        match self.press.measure(&member.subscriber, &stamp, &mut self.buffer) {
            Ok(length) => self.largest = self.largest.max(length),
            Err(_) => self.unmade += 1,
        }
        if self.subject.is_none() {
            self.subject = self.press.unfold(&member.subscriber, &stamp).ok().map(|letter| letter.subject);
        }
    }
}

fn sample_stamp() -> Stamp {
    Stamp {
        message_id: format!("{}@example.org", "x".repeat(32)),
        // As many digits as the seconds of today have, which stand in signatures.
        date: Timestamp::constant(1_000_000_000, 0),
        token: "x".repeat(45),
        track: "x".repeat(45),
        proof: false,
        to: None,
    }
}

fn hash(text: &str) -> u128 {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let first = digest.as_ref().first_chunk::<16>().expect("SHA-256 has 32 bytes");
    u128::from_be_bytes(*first)
}
