//! Cases from life: what servers and relays are known to answer, and what it must come to.

use super::*;
use Phase::*;
use Verdict::*;

const CASES: &[(Phase, u16, &str, Verdict)] = &[
    // Before anybody is named.
    (Connect, 421, "4.7.0 mx.example Error: too many connections from 203.0.113.9", NotSent),
    (Connect, 421, "4.3.2 System not accepting network messages", NotSent),
    (
        Connect,
        554,
        "5.7.1 Service unavailable; Client host [203.0.113.9] blocked using dnsbl.example",
        BarsRun,
    ),
    (Connect, 554, "No SMTP service here", BarsRun),
    (Connect, 521, "5.3.2 host does not accept mail", BarsRun),
    (Connect, 550, "Invalid HELO name (See RFC2821 4.1.1.1)", BarsRun),
    (Tls, 454, "4.7.0 TLS not available due to local problem", NotSent),
    (Tls, 502, "5.5.1 command not implemented", BarsRun),
    (Login, 535, "5.7.8 Username and Password not accepted. For more information, go to …", BarsRun),
    (Login, 535, "Authentication Credentials Invalid", BarsRun),
    (Login, 534, "5.7.9 Application-specific password required.", BarsRun),
    (Login, 454, "4.7.0 Temporary authentication failure", NotSent),
    (Login, 451, "Authentication failed: Maximum credits exceeded", BarsRun),
    (Login, 504, "5.5.4 Unrecognized authentication type", BarsRun),
    // MAIL.
    (Sender, 421, "4.4.2 mx.example Error: timeout exceeded", NotSent),
    (Sender, 451, "4.3.0 Temporary lookup failure", NotSent),
    (Sender, 452, "4.3.1 Insufficient system storage", NotSent),
    (Sender, 454, "Throttling failure: Daily message quota exceeded.", BarsRun),
    (Sender, 530, "5.7.0 Must issue a STARTTLS command first", BarsRun),
    (Sender, 550, "5.1.0 <news@example.org>: Sender address rejected", BarsRun),
    (Sender, 552, "5.3.4 Message size exceeds fixed limit", BarsRun),
    (Sender, 553, "5.7.1 <news@example.org>: Sender address rejected: not owned by user ada", BarsRun),
    (Sender, 553, "5.6.7 the server takes no address with letters outside ASCII (no SMTPUTF8)", BarsRun),
    (Sender, 555, "5.5.4 Unsupported option: SIZE=1", BarsRun),
    // RCPT, not now.
    (Recipient, 421, "4.7.0 Try again later, closing connection.", Later),
    (
        Recipient,
        421,
        "4.7.28 Our system has detected an unusual rate of unsolicited mail from your IP address.",
        Later,
    ),
    (Recipient, 450, "4.2.0 <ada@example.org>: Recipient address rejected: Greylisted", Later),
    (
        Recipient,
        450,
        "4.2.1 The user you are trying to contact is receiving mail at a rate that prevents",
        Later,
    ),
    (Recipient, 450, "4.1.1 <ada@example.org>: Recipient address rejected: unverified address", Later),
    (Recipient, 451, "4.7.1 Greylisting in action, please come back later", Later),
    (Recipient, 451, "4.7.500 Server busy. Please try again later from [203.0.113.9].", Later),
    (Recipient, 452, "4.2.2 The email account that you tried to reach is over quota.", Later),
    (Recipient, 452, "4.5.3 Too many recipients", Later),
    (Recipient, 552, "Too many recipients", Later),
    // DATA, before any of the letter was seen.
    (Data, 451, "4.3.0 queue file write error", Later),
    (Data, 500, "5.3.0 Error: command failed", Later),
    (Data, 554, "Transaction failed", Later),
    (Data, 550, "5.7.1 blocked by our policy", BarsDomain),
    // RCPT, this subscriber.
    (
        Recipient,
        550,
        "5.1.1 The email account that you tried to reach does\n5.1.1 not exist. Please try",
        Refused,
    ),
    (
        Recipient,
        550,
        "5.1.1 <bob@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
        Refused,
    ),
    (
        Recipient,
        550,
        "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        Refused,
    ),
    (Recipient, 556, "5.1.10 Domain does not accept mail (nullMX)", Refused),
    (Recipient, 553, "5.1.2 We weren't able to find the recipient domain.", Refused),
    (Recipient, 501, "5.1.3 Bad recipient address syntax", Refused),
    (Recipient, 550, "5.4.1 Recipient address rejected: Access denied.", Refused),
    (Recipient, 550, "5.5.0 Requested action not taken: mailbox unavailable", Refused),
    (Recipient, 550, "Requested action not taken: mailbox unavailable", Refused),
    (Recipient, 550, "No Such User Here", Refused),
    (Recipient, 551, "User not local; please try <bob@other.example>", Refused),
    (Recipient, 552, "5.2.2 Mailbox full", Refused),
    (Recipient, 554, "5.2.1 The email account that you tried to reach is disabled.", Refused),
    (
        Recipient,
        554,
        "delivery error: dd This user doesn't have a mail.example account (bob@mail.example) [0]",
        Refused,
    ),
    (Recipient, 550, "5.7.1 <bob@example.org>: Recipient address rejected: user not found", Refused),
    (Recipient, 550, "5.7.13 account disabled", Refused),
    (Recipient, 550, "5.7.17 mailbox owner has changed", Refused),
    (Recipient, 553, "5.6.7 the server takes no address with letters outside ASCII (no SMTPUTF8)", Refused),
    (Recipient, 500, "5.3.0 Error: command failed", Refused),
    (Recipient, 550, "<spam.dmarc@example.org> is not here", Refused),
    (Recipient, 550, "4.2.1 no such user here", Refused),
    // RCPT, the receiver's policy.
    (
        Recipient,
        550,
        "5.7.1 Service unavailable, Client host [203.0.113.9] blocked using Spamhaus.",
        BarsDomain,
    ),
    (Recipient, 554, "5.7.1 <bob@example.org>: Recipient address rejected: Access denied", BarsDomain),
    (Recipient, 550, "5.7.26 This mail has been blocked because the sender is unauthenticated.", BarsDomain),
    (
        Recipient,
        550,
        "5.7.515 Access denied, sending domain example.org does not meet the required level",
        BarsDomain,
    ),
    (
        Recipient,
        550,
        "SC-001 (SNT004-MC1F1) Unfortunately, messages from 203.0.113.9 were blocked for policy reasons",
        BarsDomain,
    ),
    (Recipient, 554, "IP address is block listed", BarsDomain),
    // RCPT, the relay does not want us.
    (Recipient, 554, "5.7.1 <bob@example.org>: Relay access denied", BarsRun),
    (Recipient, 454, "4.7.1 <bob@example.org>: Relay access denied", BarsRun),
    (Recipient, 550, "5.7.1 Unable to relay for bob@example.org", BarsRun),
    (Recipient, 550, "relay not permitted", BarsRun),
    (Recipient, 550, "5.7.64 TenantAttribution; Relay Access Denied", BarsRun),
    (Recipient, 530, "5.7.1 Authentication required", BarsRun),
    (Recipient, 535, "authorization failed", BarsRun),
    (Recipient, 550, "5.1.8 <news@example.org>: Sender address rejected: Domain not found", BarsRun),
    (Recipient, 550, "5.7.60 SMTP; Client does not have permissions to send as this sender", BarsRun),
    (Recipient, 550, "5.1.8 Access denied, sender domain is not resolvable", BarsRun),
    (Recipient, 501, "5.5.4 Invalid arguments", BarsRun),
    (Recipient, 503, "5.5.1 Error: need MAIL command", BarsRun),
    (Recipient, 503, "valid RCPT command must precede DATA", BarsRun),
    (Recipient, 555, "RCPT TO parameters not recognized or not implemented", BarsRun),
    (Recipient, 550, "5.4.5 Daily user sending limit exceeded.", BarsRun),
    // DATA and the body.
    (Data, 451, "4.3.0 queue file write error", Later),
    (Data, 421, "4.3.2 Service shutting down", Later),
    (Data, 554, "5.7.1 not today", BarsDomain),
    (Data, 503, "5.5.1 bad sequence of commands", BarsRun),
    (Body, 552, "5.3.4 Message too big for system", BarsRun),
    (Body, 421, "4.4.2 timeout exceeded", Later),
    // After the body.
    (Answer, 421, "4.7.28 unusual rate of mail", Later),
    (Answer, 450, "4.3.0 Error: command failed", Later),
    (Answer, 452, "4.3.1 Insufficient system storage", Later),
    (Answer, 454, "Throttling failure: Maximum sending rate exceeded.", Later),
    (Answer, 454, "Throttling failure: Daily message quota exceeded.", BarsRun),
    (Answer, 454, "Sending paused for this account", BarsRun),
    (Answer, 500, "5.3.0 Error: command failed", Refused),
    (Answer, 523, "Message too large", BarsRun),
    (Answer, 550, "5.1.1 User unknown", Refused),
    (Answer, 552, "5.2.2 Mailbox full", Refused),
    (Answer, 552, "5.2.3 Message exceeds the maximum size of this mailbox", BarsDomain),
    (Answer, 552, "5.3.4 Message size exceeds limit", BarsRun),
    (Answer, 552, "message size exceeds fixed maximum message size", BarsRun),
    (
        Answer,
        552,
        "5.7.0 This message was blocked because its content presents a potential security issue.",
        BarsDomain,
    ),
    (Answer, 550, "5.7.1 Our system has detected that this message is likely unsolicited mail.", BarsDomain),
    (Answer, 554, "5.7.9 Message not accepted for policy reasons. See https://example.org/", BarsDomain),
    (Answer, 554, "Message rejected under suspicion of SPAM", BarsDomain),
    (
        Answer,
        554,
        "Message rejected: Email address is not verified. The following identities failed",
        BarsRun,
    ),
    (Answer, 554, "5.6.0 Lone CR or LF in headers", BarsRun),
    (Answer, 554, "Transaction failed", Refused),
    (Answer, 550, "", Refused),
];

#[test]
fn what_servers_say_is_judged_by_whose_fault_it_is() {
    for (phase, code, text, expected) in CASES {
        let broken = Broken::replied(*phase, Reply::new(*code, *text));
        assert_eq!(verdict(&broken).0, *expected, "{phase:?}: {code} {text}");
    }
}

#[test]
fn every_rule_decides_one_of_the_cases() {
    let fits = |rule: &Rule, (phase, code, text, _): &(Phase, u16, &str, Verdict)| {
        let reply = Reply::new(*code, *text);
        let enhanced = agreeing(&reply);
        let first = table::RULES.iter().find(|rule| rule.fits(*phase, &reply, enhanced, &words(&reply)));
        std::ptr::eq(first.unwrap(), rule)
    };
    for (at, rule) in table::RULES.iter().enumerate() {
        assert!(CASES.iter().any(|case| fits(rule, case)), "rule {at} ({}) decides nothing", rule.why);
    }
}

#[test]
fn silence_after_the_last_byte_is_the_only_doubt() {
    for phase in Phase::ALL {
        let expected = if phase == Answer { Uncertain } else { NotSent };
        assert_eq!(verdict(&Broken::cut(phase, "reset")).0, expected, "{phase:?}");
        let expected = if phase == Answer { Uncertain } else { BarsRun };
        assert_eq!(verdict(&Broken::hopeless(phase, "no")).0, expected, "{phase:?}");
    }
}

#[test]
fn an_answer_that_makes_no_sense_is_none() {
    assert_eq!(verdict(&Broken::replied(Answer, Reply::new(354, "go on"))).0, Uncertain);
    assert_eq!(verdict(&Broken::replied(Data, Reply::new(250, "ok"))).0, NotSent);
}

#[test]
fn every_refusal_has_a_verdict_and_nobody_is_blamed_before_being_named() {
    for phase in Phase::ALL {
        for code in 400..600 {
            for text in ["", "5.1.1 no such user", "4.2.2 full", "5.7.1 spam", "9.9.9 x"] {
                let found = verdict(&Broken::replied(phase, Reply::new(code, text))).0;
                if phase < Recipient {
                    assert!(matches!(found, BarsRun | NotSent), "{phase:?} {code} {text}");
                }
                assert_ne!(found, Uncertain);
                assert!(code >= 500 || found != Refused, "{phase:?} {code} {text}");
            }
        }
    }
}

#[test]
fn acceptance_is_acceptance() {
    let accepted = Accepted { reply: Reply::new(250, "2.0.0 queued") };
    assert_eq!(judge(Ok(accepted.clone())), Outcome::Accepted(accepted));
}
