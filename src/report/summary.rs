//! How a run ended, as a person reads it.

use std::fmt::Write;

use jiff::tz::TimeZone;

use crate::dispatch::{End, Gate, Summary};
use crate::ledger::sqlite::Refusals;
use crate::model::attempt::{Broken, Phase};
use crate::model::delivery::{Realm, State};
use crate::model::issue::IssueId;
use crate::policy::throttle::UsedUp;
use crate::report::words::{count, counted, duration, moment};

/// A run, and what is needed to say what to do next.
pub struct Ran<'a> {
    pub issue: &'a IssueId,
    pub realm: Realm,
    pub transport: &'a str,
    pub summary: &'a Summary,
    /// Addresses whose letters are uncertain, a few of them.
    pub uncertain: &'a [String],
    /// Another transport, over which uncertain letters went.
    pub elsewhere: Option<&'a str>,
    /// A refusal or two with the address and what was said.
    pub refused: &'a [(String, String)],
    /// What the refusals say of addresses.
    pub refusals: Refusals,
    pub zone: &'a TimeZone,
    /// The provider whose API it was, as it writes itself.
    pub provider: Option<&'a str>,
    /// The folder of an outbox.
    pub folder: Option<&'a str>,
}

/// What was sent, what was not, why the run ended, and what to type next.
pub fn human(ran: &Ran<'_>) -> String {
    let mut text = first_line(ran);
    for line in not_reached(ran).into_iter().chain(why(ran)).chain(next(ran)).chain(doubts(ran)) {
        writeln!(text, "{line}").expect("a string takes all");
    }
    text
}

fn first_line(ran: &Ran<'_>) -> String {
    let counts = &ran.summary.counts;
    let verb = match ran.realm {
        Realm::Live => "Sent",
        Realm::Rehearsal => "Rehearsed",
    };
    let now = counted(ran.summary.sent_now, "letter", "letters");
    let seconds = ran.summary.took.as_secs_f64();
    let speed = if ran.summary.sent_now >= 100 && seconds > 0.0 {
        format!(" ({} a second)", count((ran.summary.sent_now as f64 / seconds) as u64))
    } else {
        String::new()
    };
    let all = counts.get(State::Accepted) + counts.get(State::Delivered);
    format!(
        "{verb} {now} in {}{speed}; {} of {} have it.\n",
        duration(ran.summary.took),
        count(all),
        count(counts.total())
    )
}

const NOT_REACHED: [State; 8] = [
    State::Refused,
    State::Bounced,
    State::Expired,
    State::Skipped,
    State::Stopped,
    State::Deferred,
    State::Planned,
    State::Sending,
];

fn not_reached(ran: &Ran<'_>) -> Vec<String> {
    let counts = &ran.summary.counts;
    let mut lines = Vec::new();
    for state in NOT_REACHED {
        if counts.get(state) > 0 {
            lines.push(format!("  {}: {}", state.name(), count(counts.get(state))));
        }
        if state == State::Refused {
            lines.extend(ran.refused.iter().map(|(address, said)| format!("    {address}: {said}")));
            lines.extend(from_now_on(ran.refusals));
        }
    }
    if counts.get(State::Uncertain) > 0 {
        lines.push(format!("  uncertain: {}", count(counts.get(State::Uncertain))));
        lines.extend(ran.uncertain.iter().map(|address| format!("    {address}")));
        lines.extend(ran.elsewhere.map(|other| {
            format!(
                "    What went by {other} may have arrived there, so that {} does not send it again.",
                ran.transport
            )
        }));
    }
    lines
}

/// Whether the refused get the next issue.
fn from_now_on(refusals: Refusals) -> Option<String> {
    if refusals.doubted > 0 {
        let unknown = counted(refusals.doubted, "address", "addresses");
        return Some(format!(
            "    The server does not know {unknown} and took hardly any letter, so that nobody is left out on its word."
        ));
    }
    let left_out = match refusals.suppressed {
        0 => return None,
        1 => "1 address is".to_owned(),
        many => format!("{} addresses are", count(many)),
    };
    Some(format!(
        "    {left_out} left out from now on for what the server said; `courant subscribers unsuppress ADDRESS` \
         lifts it."
    ))
}

fn why(ran: &Ran<'_>) -> Option<String> {
    match &ran.summary.end {
        End::Complete | End::Limited => None,
        End::Deferred(due) => Some(format!(
            "Some were put off by their servers; the next try is due {}.",
            moment(*due, ran.zone)
        )),
        End::Paced { until, by } => {
            Some(format!("{}; the next letter may leave {}.", held_by(*by), moment(*until, ran.zone)))
        }
        End::Interrupted if ran.summary.counts.get(State::Sending) > 0 => Some(
            "Stopped at once: whether what was on the wire arrived is not known; whoever it was for is named when \
             this goes on."
                .to_owned(),
        ),
        End::Interrupted => Some("Stopped before the end; what was on the wire was finished.".to_owned()),
        End::Stopped => Some("`courant stop` was called; nothing more was begun.".to_owned()),
        End::Barred(broken) => Some(barred(ran.transport, broken)),
        End::Gate { by: Gate::Domains(domains), last } => Some(format!(
            "Stopped: {} domains do not take our mail. The last one said: {last}. Nobody was marked for it.",
            count(*domains)
        )),
        End::Gate { by: Gate::Canary { bad, of }, last } => Some(format!(
            "Stopped: of the {} that went first, {} did not go well. The last time: {last}. Nobody else was \
             written to.",
            counted(*of, "letter", "letters"),
            count(*bad)
        )),
        End::Gate { by: Gate::Silence { silent, of }, last } => Some(format!(
            "Stopped: {} of {} letters left and were not answered, so that each may have arrived or not. The last \
             time: {last}",
            count(*silent),
            count(*of)
        )),
        End::Gate { by: Gate::Refusals { refused, of }, last } => Some(format!(
            "Stopped: {} of {} answers were refusals. The last one: {last}",
            count(*refused),
            count(*of)
        )),
    }
}

/// Our own limit, or the wish of receivers.
fn held_by(by: Option<UsedUp>) -> String {
    match by {
        Some(UsedUp::Window(quota)) => format!("The quota of {quota} is used up"),
        Some(UsedUp::Warmup { day, letters }) => {
            format!(
                "Day {day} of the warm-up has had its {}",
                counted(letters.get().into(), "letter", "letters")
            )
        }
        Some(UsedUp::Pace) => "Whoever is left waits by the limits that are set".to_owned(),
        None => "The servers of those who are left asked us to wait".to_owned(),
    }
}

/// About us, not about any subscriber: what failed, at which step.
fn barred(transport: &str, broken: &Broken) -> String {
    let step = match broken.phase {
        Phase::Connect => "could not be reached",
        Phase::Tls => "could not be spoken to in private (TLS)",
        Phase::Login => "did not accept the login",
        Phase::Sender => "does not take mail from this sender",
        Phase::Recipient | Phase::Data | Phase::Body | Phase::Answer => "does not take this mail",
    };
    format!("Stopped: {transport} {step}: {broken}. Nobody was marked for it.")
}

fn next(ran: &Ran<'_>) -> Option<String> {
    let issue = ran.issue;
    let counts = &ran.summary.counts;
    let again = format!("`courant send {issue}` goes on where this ended");
    Some(match &ran.summary.end {
        End::Barred(broken) => format!("Next: {}; then {again}.", remedy(ran.provider, broken)),
        End::Gate { .. } => format!("Next: `courant status {issue}` shows the reasons; {again}."),
        End::Deferred(_) | End::Paced { .. } => {
            format!("Next: {again}, and so does `courant run` from cron.")
        }
        End::Interrupted | End::Stopped | End::Limited if counts.open() > 0 => format!("Next: {again}."),
        _ if counts.get(State::Uncertain) > 0 => return None,
        _ => return ran.folder.map(where_it_is).or_else(|| Some(format!("Next: `courant status {issue}`."))),
    })
}

fn doubts(ran: &Ran<'_>) -> Option<String> {
    (ran.summary.counts.get(State::Uncertain) > 0).then(|| {
        format!(
            "Next: `courant reconcile {}` settles what is uncertain: by your mail server's log, a delivery report, or \
             by hand.",
            ran.issue
        )
    })
}

fn where_it_is(folder: &str) -> String {
    format!(
        "The letters are in {folder}/new, a Maildir; any mail program can open them.\n\
         Next: to send for real, copy .env.example to .env, fill in SMTP_URL, FROM and POSTAL_ADDRESS, \
         and run the same command."
    )
}

fn remedy(provider: Option<&str>, broken: &Broken) -> String {
    match provider {
        Some(provider) => remedy_at(provider, broken),
        None => remedy_by_mail(broken.phase).to_owned(),
    }
}

fn remedy_by_mail(phase: Phase) -> &'static str {
    match phase {
        Phase::Connect => "check host and port in SMTP_URL and that the server is up",
        Phase::Tls => "check the server's certificate, or name its authority with `tls_ca`",
        Phase::Login => "check user and password in SMTP_URL",
        Phase::Sender => "check FROM, and that the server may send for its domain",
        Phase::Recipient | Phase::Data | Phase::Body | Phase::Answer => {
            "read what the server said, and mend it there"
        }
    }
}

/// A provider says by its status what is wrong with us (RFC 9110 15.5).
fn remedy_at(provider: &str, broken: &Broken) -> String {
    match (broken.phase, broken.reply.as_ref().map(|reply| reply.code)) {
        (Phase::Connect, _) => {
            format!("check that this machine reaches {provider}, and `endpoint` if you set it")
        }
        (Phase::Tls, _) => "check the server's certificate, or name its authority with `tls_ca`".to_owned(),
        (_, Some(401)) => {
            format!("check the key of {provider} in the transport's URL, and that it may send mail")
        }
        (_, Some(402 | 429)) => format!("see at {provider} what your plan allows, and when more"),
        (_, Some(403)) => {
            format!("see at {provider} that the domain of FROM is verified and that the account may send")
        }
        (_, _) => format!("read what {provider} said, and mend it there"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::attempt::{Fault, Reply};
    use crate::model::delivery::Counts;

    fn told(end: End, states: &[(State, u64)]) -> String {
        let mut counts = Counts::default();
        for (state, number) in states {
            counts.add(*state, *number);
        }
        let summary = Summary { end, counts, sent_now: 0, took: Duration::ZERO };
        human(&Ran {
            issue: &IssueId("one".to_owned()),
            realm: Realm::Live,
            transport: "relay",
            summary: &summary,
            uncertain: &[],
            elsewhere: None,
            refusals: Refusals::default(),
            refused: &[],
            zone: &TimeZone::UTC,
            provider: None,
            folder: None,
        })
    }

    #[test]
    fn a_provider_that_does_not_let_us_in_is_named_with_what_to_look_at() {
        let remedy =
            |code| remedy(Some("Postmark"), &Broken::faulted(Fault::Account, Reply::new(code, "no")));
        assert!(remedy(401).contains("the key of Postmark"));
        assert!(remedy(403).contains("domain of FROM is verified"));
        assert!(remedy(422).contains("what Postmark said"));
        let gone = super::remedy(Some("Postmark"), &Broken::cut(Phase::Connect, "refused"));
        assert!(gone.contains("reaches Postmark"));
    }

    #[test]
    fn three_domains_that_bar_us_are_not_called_refusals() {
        let last = Broken::replied(Phase::Recipient, Reply::new(550, "5.7.1 blocked"));
        let text = told(End::Gate { by: Gate::Domains(3), last }, &[(State::Deferred, 3)]);
        assert!(
            text.contains("3 domains do not take our mail. The last one said: 550 5.7.1 blocked."),
            "{text}"
        );
        assert!(!text.contains("refusals"), "{text}");
    }

    #[test]
    fn what_was_dropped_is_not_said_to_be_finished() {
        let finished = told(End::Interrupted, &[(State::Planned, 2)]);
        assert!(finished.contains("what was on the wire was finished"), "{finished}");
        let dropped = told(End::Interrupted, &[(State::Planned, 2), (State::Sending, 1)]);
        assert!(dropped.contains("sending: 1") && dropped.contains("is not known"), "{dropped}");
        assert!(!dropped.contains("was finished"), "{dropped}");
    }
}
