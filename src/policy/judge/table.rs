//! The rules, in order: the first that fits decides. To add one, put it above the first that would decide
//! otherwise, and a case from real life into the tests.

use super::{Class, Hint, Rule, Verdict};
use crate::model::attempt::Phase;

/// Before any subscriber is named.
const OURS: &[Phase] = &[Phase::Connect, Phase::Tls, Phase::Login];
const SENDER: &[Phase] = &[Phase::Sender];
const RECIPIENT: &[Phase] = &[Phase::Recipient];
/// From where on a refusal may be about the letter or whom it is for.
const ENVELOPED: &[Phase] = &[Phase::Recipient, Phase::Data, Phase::Body, Phase::Answer];
/// The envelope was taken.
const CONTENT: &[Phase] = &[Phase::Data, Phase::Body, Phase::Answer];

const ANY: Rule = Rule {
    phases: &[],
    class: Class::Refusal,
    codes: &[],
    enhanced: &[],
    hint: Hint::Any,
    texts: &[],
    verdict: Verdict::Later,
    why: "",
};

pub(super) static RULES: &[Rule] = &[
    // About us, whatever the phase and whatever the number.
    Rule {
        texts: &[
            "daily message quota exceeded",
            "daily user sending",
            "daily smtp relay",
            "daily sending quota",
            "sending quota",
            "sending limit",
            "maximum credits exceeded",
            "monthly limit",
            "monthly quota",
            "sending paused",
        ],
        verdict: Verdict::BarsRun,
        why: "our quota or our account at the relay is used up",
        ..ANY
    },
    Rule {
        phases: ENVELOPED,
        texts: &[
            "relay access denied",
            "relaying denied",
            "relay denied",
            "unable to relay",
            "cannot relay",
            "not permitted to relay",
            "not allowed to relay",
            "relay not permitted",
            "relaying not permitted",
            "relaying not allowed",
            "relaying is not allowed",
            "relaying prohibited",
            "relaying is prohibited",
            "relay not allowed",
            "no relaying",
            "not authorized to relay",
        ],
        verdict: Verdict::BarsRun,
        why: "the server does not relay for us",
        ..ANY
    },
    Rule {
        phases: ENVELOPED,
        class: Class::Permanent,
        codes: &[530, 534, 535, 538],
        verdict: Verdict::BarsRun,
        why: "the server wants a login or TLS first",
        ..ANY
    },
    Rule {
        phases: ENVELOPED,
        class: Class::Permanent,
        texts: &[
            "authentication required",
            "authentication is required",
            "must authenticate",
            "must issue a starttls",
            "sender address rejected",
            "sender rejected",
            "sender domain must exist",
            "not permitted to send",
            "not allowed to send",
            "permissions to send as",
            "sendasdenied",
            "email address is not verified",
            "from address not verified",
            "bad outbound sender",
            "unauthenticated senders not allowed",
        ],
        verdict: Verdict::BarsRun,
        why: "the server does not let us send as this sender",
        ..ANY
    },
    // Connect, TLS, login: nobody has been named yet.
    Rule {
        phases: OURS,
        class: Class::Passing,
        verdict: Verdict::NotSent,
        why: "the server is not ready for us now",
        ..ANY
    },
    Rule { phases: OURS, verdict: Verdict::BarsRun, why: "the server does not want us", ..ANY },
    // MAIL: who we are.
    Rule {
        phases: SENDER,
        class: Class::Passing,
        verdict: Verdict::NotSent,
        why: "the server does not take our sender now",
        ..ANY
    },
    Rule {
        phases: SENDER,
        verdict: Verdict::BarsRun,
        why: "the server does not take our sender, or letters like this one",
        ..ANY
    },
    // RCPT, DATA and after the body: what passes is tried again.
    Rule { class: Class::Passing, verdict: Verdict::Later, why: "not now", ..ANY },
    // 552 at RCPT once meant "too many recipients" and is then 452 (RFC 5321 4.5.3.1.10).
    Rule {
        phases: RECIPIENT,
        codes: &[552],
        hint: Hint::Vague,
        verdict: Verdict::Later,
        why: "552 to RCPT is 452 unless it says more",
        ..ANY
    },
    // Who the letter is for, by enhanced code: after the body too, where some servers say it late.
    Rule {
        enhanced: &[(1, Some(7)), (1, Some(8)), (1, Some(9))],
        verdict: Verdict::BarsRun,
        why: "the server does not take our sender",
        ..ANY
    },
    Rule { enhanced: &[(1, None)], verdict: Verdict::Refused, why: "no such address", ..ANY },
    // 5.2.3 is a limit of one receiver; the next one may allow more, but all its mailboxes allow the same.
    Rule {
        enhanced: &[(2, Some(3))],
        verdict: Verdict::BarsDomain,
        why: "the letter is too large for this receiver",
        ..ANY
    },
    Rule { enhanced: &[(2, None)], verdict: Verdict::Refused, why: "the mailbox is full or closed", ..ANY },
    Rule {
        enhanced: &[(7, Some(13)), (7, Some(17))],
        verdict: Verdict::Refused,
        why: "the mailbox is closed or has a new owner",
        ..ANY
    },
    // Every letter of an issue has much the same size and form: what is said of one holds for all, and
    // retrying the same bytes is useless. It is a fault of ours, so it stops the run and marks nobody.
    Rule {
        enhanced: &[(3, Some(4))],
        verdict: Verdict::BarsRun,
        why: "the letter is too large for the relay",
        ..ANY
    },
    Rule {
        enhanced: &[(6, Some(7)), (6, Some(8)), (6, Some(10))],
        phases: RECIPIENT,
        verdict: Verdict::Refused,
        why: "the address needs SMTPUTF8, which is not offered on its way",
        ..ANY
    },
    Rule {
        enhanced: &[(6, None)],
        verdict: Verdict::BarsRun,
        why: "the server cannot take a letter of this form",
        ..ANY
    },
    // Many servers hide an unknown user behind 5.7.1, or behind no enhanced code at all.
    Rule {
        phases: ENVELOPED,
        texts: &[
            "user unknown",
            "unknown user",
            "unknown recipient",
            "recipient unknown",
            "no such user",
            "no such recipient",
            "no such mailbox",
            "no mailbox",
            "user not found",
            "recipient not found",
            "mailbox not found",
            "user doesn't have",
            "user does not exist",
            "does not exist",
            "invalid recipient",
            "invalid mailbox",
            "mailbox unavailable",
            "mailbox is disabled",
            "mailbox disabled",
            "account is disabled",
            "account that you tried to reach",
            "undeliverable address",
            "mailbox full",
            "mailbox is full",
            "over quota",
            "quota exceeded",
            "out of storage",
        ],
        hint: Hint::Vague,
        verdict: Verdict::Refused,
        why: "no such mailbox, or it is full or closed",
        ..ANY
    },
    Rule {
        phases: RECIPIENT,
        enhanced: &[(7, Some(1))],
        texts: &["user unknown", "unknown user", "no such user", "user not found", "does not exist"],
        verdict: Verdict::Refused,
        why: "no such mailbox",
        ..ANY
    },
    Rule {
        enhanced: &[(7, None)],
        verdict: Verdict::BarsDomain,
        why: "the receiver's policy is against us",
        ..ANY
    },
    Rule {
        phases: ENVELOPED,
        texts: &[
            "spam",
            "blocked",
            "block list",
            "blocklist",
            "blacklist",
            "black list",
            "dnsbl",
            "reputation",
            "policy",
            "policies",
            "unsolicited",
            "dmarc",
            "dkim",
            "spf ",
            "banned",
            "virus",
            "access denied",
            "not authorized",
            "bad helo",
            "invalid helo",
        ],
        hint: Hint::Vague,
        verdict: Verdict::BarsDomain,
        why: "the receiver's policy is against us",
        ..ANY
    },
    // Size, said without an enhanced code.
    Rule {
        phases: CONTENT,
        codes: &[552, 523],
        texts: &["size", "too large", "too big"],
        hint: Hint::Vague,
        verdict: Verdict::BarsRun,
        why: "the letter is too large for the relay",
        ..ANY
    },
    // The conversation itself: a fault of ours or of the server, the same for every letter.
    Rule {
        codes: &[500, 502, 503, 504, 555],
        hint: Hint::Bare,
        verdict: Verdict::BarsRun,
        why: "the server did not understand us",
        ..ANY
    },
    Rule {
        codes: &[500, 502, 503, 504, 555],
        enhanced: &[(5, None)],
        verdict: Verdict::BarsRun,
        why: "the server did not understand us",
        ..ANY
    },
    Rule {
        enhanced: &[(5, Some(1)), (5, Some(2)), (5, Some(4))],
        phases: RECIPIENT,
        verdict: Verdict::BarsRun,
        why: "the server did not understand us",
        ..ANY
    },
    Rule {
        phases: RECIPIENT,
        verdict: Verdict::Refused,
        why: "the receiver does not take mail for this subscriber",
        ..ANY
    },
    // The subscriber was taken and no content was seen: it is about neither.
    Rule {
        phases: &[Phase::Data],
        verdict: Verdict::Later,
        why: "the server took the envelope, but not yet the letter",
        ..ANY
    },
    // A refusal of the content that names no reason of ours: final for this letter. When there are many,
    // the gate of the run stops it.
    Rule { verdict: Verdict::Refused, why: "the receiver does not take this letter", ..ANY },
];
