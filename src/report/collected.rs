//! What a round of collecting brought, as a person reads it and as JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::inbound::notice::Kind;
use crate::ledger::rows::{Claim, ClaimKind};
use crate::model::address::Address;
use crate::report::status::printable;
use crate::report::words::{count, counted};

/// What became of the mails of a round.
#[derive(Debug, Default)]
pub struct Collected {
    kinds: BTreeMap<Kind, u64>,
    /// Written down now.
    pub new: u64,
    /// Written down before.
    pub known: u64,
    /// Reports about no letter of this ledger: kept where they are.
    pub unmatched: u64,
    /// Bounces that name a reader and prove nothing: they changed nothing.
    pub unconfirmed: u64,
    /// Requests to unsubscribe with a token that is none of ours: they changed nothing.
    pub forged: u64,
    /// The same with the token of a proof.
    pub proofs: u64,
    pub suppressed: Vec<Suppressed>,
    /// Where people ask in words to be unsubscribed.
    pub asking: Vec<String>,
    pub withheld: Vec<Withheld>,
}

/// A mail that is in a mailbox and that its server does not hand out.
#[derive(Debug)]
pub struct Withheld {
    pub place: String,
    /// In the server's words.
    pub why: String,
}

/// An address that nobody writes to from now on.
#[derive(Debug)]
pub struct Suppressed {
    pub address: Address,
    pub reason: String,
    pub evidence: String,
    /// Of the mail.
    pub place: String,
}

impl Collected {
    pub fn count(&mut self, kind: Kind) {
        *self.kinds.entry(kind).or_default() += 1;
    }

    pub fn mails(&self) -> u64 {
        self.kinds.values().sum()
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.withheld.is_empty()
    }

    fn number(&self, kind: Kind) -> u64 {
        self.kinds.get(&kind).copied().unwrap_or_default()
    }
}

/// Counts first, then what a person should know of; `open` is what they have not answered yet.
pub fn human(collected: &Collected, open: &[Claim]) -> String {
    let mut lines = vec![tally(collected), taken(collected)];
    lines.extend(collected.suppressed.iter().map(|one| format!("  {}", suppressed(one))));
    let is_claimed = |place: &&String| open.iter().any(|claim| claim.place == **place);
    let others = collected.asking.iter().filter(|place| !is_claimed(place));
    lines.extend(
        others.map(|place| format!("  somebody asks in words to be unsubscribed: {}", printable(place))),
    );
    lines.extend(collected.withheld.iter().map(|one| format!("  {}", withheld(one))));
    if !open.is_empty() {
        lines.push(to_be_answered(open));
        lines.extend(open.iter().map(|one| format!("  {}", claim(one))));
    }
    lines.join("\n")
}

/// That somebody has to say yes or no, and how.
pub fn to_be_answered(open: &[Claim]) -> String {
    format!(
        "{} for you to answer: `courant bounces collect` on a terminal asks, `courant subscribers suppress ADDRESS` is a \
         yes",
        counted(open.len() as u64, "mail is", "mails are")
    )
}

/// Who says what of whom.
pub fn claim(claim: &Claim) -> String {
    let (whom, words, place) = (claim.key.as_str(), printable(&claim.words), printable(&claim.place));
    match claim.kind {
        ClaimKind::Unsubscribed => format!("{whom} asks to be unsubscribed: {words} ({place})"),
        ClaimKind::Bounced => format!("somebody reports that {whom} bounced: {words} ({place})"),
    }
}

fn tally(collected: &Collected) -> String {
    let told = collected.kinds.iter().map(|(kind, number)| format!("{} {}", count(*number), kind.name()));
    let told: Vec<String> = told.collect();
    let mails = counted(collected.mails(), "mail", "mails");
    if told.is_empty() { mails } else { format!("{mails}: {}", told.join(", ")) }
}

fn taken(collected: &Collected) -> String {
    let Collected { new, known, unmatched, unconfirmed, forged, proofs, .. } = collected;
    let mut parts = vec![format!("{} new, {} known already", count(*new), count(*known))];
    let others = [
        (unmatched, "about no letter of this ledger"),
        (unconfirmed, "with an address and no proof"),
        (forged, "with a token that is none of ours"),
        (proofs, "with the token of a proof"),
    ];
    for (number, what) in others.into_iter().filter(|(number, _)| **number > 0) {
        parts.push(format!("{} {what}", count(*number)));
    }
    parts.join("; ")
}

/// Who is left in peace, and why.
pub fn suppressed(one: &Suppressed) -> String {
    format!("{} gets nothing any more: {} ({})", one.address.masked(), one.reason, one.evidence)
}

/// That a mail was not read, why, and what to do.
pub fn withheld(one: &Withheld) -> String {
    let (place, why) = (printable(&one.place), printable(&one.why));
    format!(
        "{place} was not read, the server does not hand it out ({why}): look at it with a mail program, or try again with \
         `courant bounces collect --again`"
    )
}

/// The keys are documented in `docs/json.md`.
pub fn json(collected: &Collected, open: &[Claim]) -> Value {
    let key = |kind: Kind| kind.name().replace(' ', "_");
    let counts: Map<String, Value> =
        Kind::ALL.into_iter().map(|kind| (key(kind), json!(collected.number(kind)))).collect();
    let suppressed = collected.suppressed.iter().map(|one| {
        json!({
            "email": one.address.to_string(),
            "reason": one.reason,
            "evidence": one.evidence,
            "place": one.place,
        })
    });
    let withheld = collected.withheld.iter().map(|one| json!({ "place": one.place, "why": one.why }));
    let open = open.iter().map(|claim| {
        json!({
            "email": claim.key.as_str(),
            "reason": claim.kind.name(),
            "words": claim.words,
            "place": claim.place,
            "at": claim.at.to_string(),
        })
    });
    json!({
        "mails": collected.mails(),
        "counts": counts,
        "new": collected.new,
        "known": collected.known,
        "unmatched": collected.unmatched,
        "unconfirmed": collected.unconfirmed,
        "forged": collected.forged,
        "proofs": collected.proofs,
        "suppressed": suppressed.collect::<Vec<_>>(),
        "asking": collected.asking,
        "withheld": withheld.collect::<Vec<_>>(),
        "open": open.collect::<Vec<_>>(),
    })
}
