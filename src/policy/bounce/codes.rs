//! Enhanced codes (RFC 3463, 5248, 6710, 7372, 7504, 7505, and those of Exchange Online) and basic ones (RFC 5321).

use super::Reason;
use crate::model::attempt::Enhanced;

/// What an enhanced code says; `None` for the vague ones, which leave it to words.
pub(super) fn reason(code: Enhanced) -> Option<Reason> {
    match code.subject {
        1 => addressing(code.detail),
        2 => mailbox(code.detail),
        3 => system(code.detail),
        4 => network(code.detail),
        5 => protocol(code.detail),
        6 => Some(Reason::Protocol),
        7 => security(code.detail),
        _ => None,
    }
}

fn addressing(detail: u16) -> Option<Reason> {
    Some(match detail {
        0 | 1 | 3 => Reason::NoSuchUser,
        2 | 10 => Reason::NoSuchDomain,
        6 => Reason::Moved,
        7..=9 | 20 => Reason::SenderRefused,
        _ => return None,
    })
}

fn mailbox(detail: u16) -> Option<Reason> {
    Some(match detail {
        1 => Reason::Disabled,
        2 => Reason::MailboxFull,
        3 => Reason::TooLarge,
        4 => Reason::SystemError,
        _ => return None,
    })
}

fn system(detail: u16) -> Option<Reason> {
    Some(match detail {
        1 => Reason::SystemFull,
        4 => Reason::TooLarge,
        2 | 3 | 5 => Reason::SystemError,
        _ => return None,
    })
}

/// x.4.4 without words is soft: a name server that does not answer says the same as a name that is not there.
fn network(detail: u16) -> Option<Reason> {
    Some(match detail {
        0..=2 | 5 => Reason::Network,
        3 | 4 => Reason::Routing,
        6 => Reason::Loop,
        7 => Reason::Expired,
        _ => return None,
    })
}

fn protocol(detail: u16) -> Option<Reason> {
    Some(match detail {
        0 => return None,
        3 => Reason::TooFast,
        _ => Reason::Protocol,
    })
}

/// 5.7.13 and 5.7.17 are about the mailbox; everything else here is about who writes, or what.
fn security(detail: u16) -> Option<Reason> {
    Some(match detail {
        2 | 12 | 120..=139 => Reason::Restricted,
        8..=11 | 20..=27 | 57 | 509 | 515 => Reason::Authentication,
        13 | 17 => Reason::Disabled,
        // The domain has another owner: whoever reads there is not who subscribed.
        18 => Reason::Disabled,
        28 | 508 => Reason::TooFast,
        _ => Reason::Blocked,
    })
}

/// What three digits say by themselves: little.
pub(super) fn basic(code: u16) -> Option<Reason> {
    Some(match code {
        421 => Reason::Network,
        432 => Reason::TooFast,
        452 => Reason::SystemFull,
        // At RCPT it once meant "too many recipients" (RFC 5321 4.5.3.1.10), elsewhere that a mailbox is full:
        // both pass.
        552 => Reason::MailboxFull,
        523 => Reason::TooLarge,
        // RFC 7504: the domain takes no mail.
        556 => Reason::NoSuchDomain,
        500..=504 | 555 => Reason::Protocol,
        530 | 534 | 535 | 538 => Reason::Authentication,
        551 => Reason::Moved,
        _ => return None,
    })
}
