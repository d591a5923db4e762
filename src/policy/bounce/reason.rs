//! The reasons for which mail does not arrive, each with what it says of the address.

/// What a verdict means for the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// It leads nowhere, and will not again.
    Hard,
    /// It did not work this time; often enough, and it counts.
    Soft,
    /// About us or our letter, whoever it was for.
    Policy,
    /// Nothing failed.
    NotABounce,
    /// It failed, and nobody said why.
    Unknown,
}

impl Class {
    pub const ALL: [Class; 5] = [Class::Hard, Class::Soft, Class::Policy, Class::NotABounce, Class::Unknown];

    pub fn name(self) -> &'static str {
        match self {
            Class::Hard => "hard",
            Class::Soft => "soft",
            Class::Policy => "policy",
            Class::NotABounce => "not a bounce",
            Class::Unknown => "unknown",
        }
    }
}

/// Why it did not arrive. The list is closed: names are kept in the ledger and shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    NoSuchUser,
    NoSuchDomain,
    Moved,
    /// Closed for now or for long: disabled, suspended, inactive, locked.
    Disabled,
    MailboxFull,
    /// It gets more mail at present than it may.
    Flooded,
    /// Its owner or its host has rules that keep such letters out.
    Filtered,
    /// Only some may write to it.
    Restricted,
    TooLarge,
    /// What the letter says or holds: spam, a virus, a forbidden attachment.
    Content,
    /// Where it comes from: a list of bad hosts, reputation, a policy.
    Blocked,
    /// SPF, DKIM, DMARC, reverse DNS.
    Authentication,
    Greylisted,
    /// Too many letters, connections or recipients at a time.
    TooFast,
    SenderRefused,
    RelayDenied,
    /// The form of the letter or of the conversation.
    Protocol,
    Loop,
    Network,
    Routing,
    Expired,
    SystemFull,
    SystemError,
    /// It was not refused.
    Delivered,
    /// Somebody called the letter spam, or the like.
    Complaint,
    Unexplained,
}

impl Reason {
    pub const ALL: [Reason; 26] = [
        Reason::NoSuchUser,
        Reason::NoSuchDomain,
        Reason::Moved,
        Reason::Disabled,
        Reason::MailboxFull,
        Reason::Flooded,
        Reason::Filtered,
        Reason::Restricted,
        Reason::TooLarge,
        Reason::Content,
        Reason::Blocked,
        Reason::Authentication,
        Reason::Greylisted,
        Reason::TooFast,
        Reason::SenderRefused,
        Reason::RelayDenied,
        Reason::Protocol,
        Reason::Loop,
        Reason::Network,
        Reason::Routing,
        Reason::Expired,
        Reason::SystemFull,
        Reason::SystemError,
        Reason::Delivered,
        Reason::Complaint,
        Reason::Unexplained,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Reason::NoSuchUser => "no such user",
            Reason::NoSuchDomain => "no such domain",
            Reason::Moved => "moved",
            Reason::Disabled => "disabled",
            Reason::MailboxFull => "mailbox full",
            Reason::Flooded => "too much mail for the mailbox",
            Reason::Filtered => "filtered",
            Reason::Restricted => "restricted",
            Reason::TooLarge => "too large",
            Reason::Content => "content",
            Reason::Blocked => "blocked",
            Reason::Authentication => "authentication",
            Reason::Greylisted => "greylisted",
            Reason::TooFast => "too fast",
            Reason::SenderRefused => "sender refused",
            Reason::RelayDenied => "relay denied",
            Reason::Protocol => "protocol",
            Reason::Loop => "loop",
            Reason::Network => "network",
            Reason::Routing => "routing",
            Reason::Expired => "expired",
            Reason::SystemFull => "system full",
            Reason::SystemError => "system error",
            Reason::Delivered => "delivered",
            Reason::Complaint => "complaint",
            Reason::Unexplained => "unexplained",
        }
    }

    pub fn from_name(name: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// `is_passing`: the other side expects the same letter to pass later, so that nothing is hard.
    pub(super) fn class(self, is_passing: bool) -> Class {
        match self {
            Reason::NoSuchUser | Reason::NoSuchDomain | Reason::Moved if !is_passing => Class::Hard,
            Reason::NoSuchUser
            | Reason::NoSuchDomain
            | Reason::Moved
            | Reason::Disabled
            | Reason::MailboxFull
            | Reason::Flooded
            | Reason::Filtered
            | Reason::Loop
            | Reason::Network
            | Reason::Routing
            | Reason::Expired
            | Reason::SystemFull
            | Reason::SystemError => Class::Soft,
            Reason::Restricted
            | Reason::TooLarge
            | Reason::Content
            | Reason::Blocked
            | Reason::Authentication
            | Reason::Greylisted
            | Reason::TooFast
            | Reason::SenderRefused
            | Reason::RelayDenied
            | Reason::Protocol => Class::Policy,
            Reason::Delivered | Reason::Complaint => Class::NotABounce,
            Reason::Unexplained if is_passing => Class::Soft,
            Reason::Unexplained => Class::Unknown,
        }
    }

    /// Whether it is hard where nothing says that it passes.
    pub(super) fn is_of_hard(self) -> bool {
        self.class(false) == Class::Hard
    }

    /// Whether it could only be known after the subscriber was named.
    pub(super) fn is_about_address(self) -> bool {
        matches!(
            self,
            Reason::NoSuchUser
                | Reason::NoSuchDomain
                | Reason::Moved
                | Reason::Disabled
                | Reason::MailboxFull
                | Reason::Flooded
                | Reason::Filtered
                | Reason::Restricted
        )
    }
}
