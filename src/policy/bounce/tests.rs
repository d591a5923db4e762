//! Cases from life: what servers are known to say, at which stage, and what it says of the address.

use proptest::prelude::*;

use super::*;
use Class::{Hard, NotABounce, Policy, Soft, Unknown};
use Phase::{Answer, Body, Connect, Login, Recipient, Sender, Tls};
use Reason::*;

fn verdict(phase: Option<Phase>, text: &str) -> Verdict {
    judge_said(phase, &said(text, None))
}

fn check(phase: Option<Phase>, cases: &[(&str, Class, Reason)]) {
    for (text, class, reason) in cases {
        let found = verdict(phase, text);
        assert_eq!((found.class, found.reason), (*class, *reason), "{text}: {found:?}");
    }
}

#[test]
fn an_address_that_leads_nowhere_is_told_by_the_words_of_every_server() {
    check(
        None,
        &[
            (
                "550-5.1.1 The email account that you tried to reach does not exist. Please try 550 5.1.1 double-checking",
                Hard,
                NoSuchUser,
            ),
            (
                "554 delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com) [0] - mta1",
                Hard,
                NoSuchUser,
            ),
            (
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient a@x.test not found by SMTP address lookup",
                Hard,
                NoSuchUser,
            ),
            (
                "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [mx.protection.outlook.com]",
                Hard,
                NoSuchUser,
            ),
            (
                "550 5.4.310 DNS domain gone.example.org does not exist [Message=InfoDomainNonexistent]",
                Hard,
                NoSuchDomain,
            ),
            ("550 5.1.1 <a@icloud.com>: user does not exist", Hard, NoSuchUser),
            (
                "550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]",
                Hard,
                NoSuchUser,
            ),
            (
                "550 Message was not accepted -- invalid mailbox. Local mailbox a@mail.ru is unavailable: user not found",
                Hard,
                NoSuchUser,
            ),
            ("550 5.7.1 No such user!", Hard, NoSuchUser),
            ("550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1", Hard, NoSuchUser),
            ("550 User not found: a@163.com", Hard, NoSuchUser),
            (
                "550 5.1.1 <a@x.test>: Recipient address rejected: User unknown in virtual mailbox table",
                Hard,
                NoSuchUser,
            ),
            ("unknown user: \"a\"", Hard, NoSuchUser),
            ("550 5.1.1 <a@x.test>... User unknown", Hard, NoSuchUser),
            ("Sorry, no mailbox here by that name. vpopmail (#5.1.1)", Hard, NoSuchUser),
            ("Unrouteable address", Hard, NoSuchDomain),
            ("User a (a@x.test) not listed in Domino Directory", Hard, NoSuchUser),
            ("Reason 1 (Unable-To-Transfer); Diagnostic 0 (Unrecognised-OR-Name)", Hard, NoSuchUser),
            (
                "The recipient name is not recognized MSEXCH:IMS:X:Y:Z 0 (000C05A6) Unknown Recipient",
                Hard,
                NoSuchUser,
            ),
            (
                "Host or domain name not found. Name service error for name=x.test type=A: Host not found",
                Hard,
                NoSuchDomain,
            ),
            (
                "550 5.1.2 <a@x.test>... Host unknown (Name server: x.test: host not found)",
                Hard,
                NoSuchDomain,
            ),
            ("Sorry, I couldn't find any host named x.test. (#5.1.2)", Hard, NoSuchDomain),
            ("Domain x.test does not accept mail (nullMX)", Hard, NoSuchDomain),
            ("556 5.1.10 no", Hard, NoSuchDomain),
            ("551 5.1.6 recipient has moved", Hard, Moved),
            ("550 Empfaenger unbekannt", Hard, NoSuchUser),
            ("550 5.0.0 no such user here", Hard, NoSuchUser),
            ("550 5.1.0 Address rejected.", Hard, NoSuchUser),
            ("5.1.3", Hard, NoSuchUser),
            ("550 Administrative prohibition - unknown user", Hard, NoSuchUser),
        ],
    );
}

#[test]
fn a_mailbox_that_takes_nothing_now_is_soft_whatever_the_number() {
    check(
        None,
        &[
            ("552 5.2.2 The email account that you tried to reach is over quota", Soft, MailboxFull),
            ("550 5.1.1 <a@x.test> mailbox full", Soft, MailboxFull),
            ("5.2.2", Soft, MailboxFull),
            ("552 x", Soft, MailboxFull),
            ("554 5.0.0 Quota violation for a@x.test", Soft, MailboxFull),
            ("452-4.2.2 The recipient's inbox is out of storage space", Soft, MailboxFull),
            ("550 5.2.1 The email account that you tried to reach is disabled", Soft, Disabled),
            (
                "554 30 Sorry, your message to a@yahoo.com cannot be delivered. This mailbox is disabled (554.30)",
                Soft,
                Disabled,
            ),
            ("550 5.7.13 x", Soft, Disabled),
            (
                "550 invalid mailbox. Local mailbox a@mail.ru is unavailable: account is disabled",
                Soft,
                Disabled,
            ),
            ("450 4.2.1 The user you are trying to contact is receiving mail at a rate that", Soft, Flooded),
            ("550 they are not accepting mail from news@x.test", Soft, Filtered),
            ("550 5.7.1 Policy rejection on the target address", Soft, Filtered),
            ("452 4.3.1 Insufficient system storage", Soft, SystemFull),
        ],
    );
}

#[test]
fn what_is_about_us_or_our_letter_is_nobody_elses_fault() {
    check(
        None,
        &[
            (
                "550-5.7.26 This mail has been blocked because the sender is unauthenticated.",
                Policy,
                Authentication,
            ),
            (
                "550 5.7.515 Access denied, sending domain x.test does not meet the required level",
                Policy,
                Authentication,
            ),
            (
                "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
                Policy,
                Blocked,
            ),
            (
                "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact",
                Policy,
                Blocked,
            ),
            ("554 Message not allowed - [PH01] Email not accepted for policy reasons.", Policy, Blocked),
            (
                "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints",
                Policy,
                Blocked,
            ),
            ("554 5.7.1 spam message rejected", Policy, Content),
            ("550 5.1.1 blocked using a list", Policy, Blocked),
            ("550 5.7.1 x", Policy, Blocked),
            ("550 5.1.8 Sender domain does not exist", Policy, SenderRefused),
            (
                "550 5.1.1 <us@x.test>: Sender address rejected: User unknown in local recipient table",
                Policy,
                SenderRefused,
            ),
            ("550 SPF record of the host does not exist", Policy, Authentication),
            ("550 5.7.1 Unable to relay for a@x.test", Policy, RelayDenied),
            ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", Policy, RelayDenied),
            ("450 4.7.1 Greylisted, please try again in 300 seconds", Policy, Greylisted),
            ("421 4.7.28 Our system has detected an unusual rate of", Policy, TooFast),
            ("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", Policy, Restricted),
            ("552 5.3.4 Message size exceeds fixed limit", Policy, TooLarge),
            ("Exceeded maximum inbound message size", Policy, TooLarge),
            ("500 5.5.2 command not recognized", Policy, Protocol),
            ("550 5.6.7 address needs SMTPUTF8", Policy, Protocol),
            ("554 No Resent-From field given", Policy, Protocol),
        ],
    );
}

#[test]
fn trouble_on_the_way_is_soft() {
    check(
        None,
        &[
            ("5.4.4", Soft, Routing),
            ("554 5.4.6 Too many hops 26 (25 max)", Soft, Loop),
            ("mail for x.test loops back to myself", Soft, Loop),
            ("connect to mx.x.test[192.0.2.1]:25: Connection timed out", Soft, Network),
            ("Name service error for domain x.test: Host not found, try again", Soft, Routing),
            ("550 4.4.7 QUEUE.Expired; message expired", Soft, Expired),
            ("Reason 1 (Unable-To-Transfer); Diagnostic 5 (Maximum-Time-Expired)", Soft, Expired),
            ("550 5.1.1 connection timed out", Soft, Network),
            ("450 4.1.1 <a@x.test>: unverified address: unknown user", Soft, NoSuchUser),
            ("450 5.1.1 no such user", Soft, NoSuchUser),
            ("Command died with status 17", Soft, SystemError),
            ("451 x", Soft, Unexplained),
        ],
    );
}

#[test]
fn what_nobody_explains_stays_unknown() {
    check(
        None,
        &[
            ("550 5.0.0 no", Unknown, Unexplained),
            ("", Unknown, Unexplained),
            ("554 x", Unknown, Unexplained),
        ],
    );
    check(None, &[("250 2.1.5 ok", NotABounce, Delivered)]);
}

#[test]
fn before_rcpt_and_after_the_body_no_address_is_condemned() {
    let text = "550 5.1.1 no such user";
    check(Some(Recipient), &[(text, Hard, NoSuchUser)]);
    check(Some(Answer), &[(text, Soft, Filtered)]);
    check(Some(Body), &[(text, Soft, Filtered), ("552 5.2.2 full", Soft, MailboxFull)]);
    check(Some(Sender), &[(text, Policy, SenderRefused), ("550 x", Policy, SenderRefused)]);
    check(Some(Login), &[("535 5.7.8 no", Policy, Authentication)]);
    check(Some(Tls), &[(text, Soft, Network)]);
    check(Some(Connect), &[("554 5.7.1 blocked using x", Policy, Blocked), ("554 x", Soft, Network)]);
}

#[test]
fn a_mailbox_that_is_unavailable_is_unknown_only_where_rcpt_is_answered() {
    let text = "550 5.5.0 Requested action not taken: mailbox unavailable";
    check(Some(Recipient), &[(text, Hard, NoSuchUser)]);
    check(None, &[(text, Soft, Filtered), ("550 5.1.1 mailbox unavailable", Hard, NoSuchUser)]);
}

#[test]
fn a_reply_on_the_wire_and_a_report_of_it_are_judged_alike() {
    let text = "550 5.1.1 no such user";
    let live = judge_reply(Recipient, &Reply::new(550, "5.1.1 no such user"));
    assert_eq!(live, verdict(Some(Recipient), text));
    assert_eq!(live.words, "no such user");
}

#[test]
fn a_code_of_another_class_than_the_number_is_worth_nothing() {
    check(None, &[("550 4.2.2 x", Unknown, Unexplained), ("450 5.1.1 x", Soft, Unexplained)]);
}

#[test]
fn every_reason_has_a_name_of_its_own() {
    for reason in Reason::ALL {
        assert_eq!(Reason::from_name(reason.name()), Some(reason));
    }
    for class in Class::ALL {
        assert_eq!(Class::ALL.iter().filter(|other| other.name() == class.name()).count(), 1);
    }
}

proptest! {
    /// What passes is never hard, nor is what was said before RCPT or after the body.
    #[test]
    fn no_text_makes_a_passing_or_early_or_late_refusal_hard(
        text in "\\PC{0,80}",
        known in 0usize..4,
        phase in 0usize..8,
        code in 200u16..600,
    ) {
        let known = ["no such user", "host unknown", "has moved to", ""][known];
        let text = format!("{text} {known}");
        let phase = Phase::ALL[phase];
        let found = judge(&Refusal { phase: Some(phase), code: Some(code), enhanced: None, text: &text });
        prop_assert!(found.class != Hard || phase == Recipient && code >= 500);
        prop_assert_eq!(found.class == NotABounce, code < 400);
    }

    #[test]
    fn no_text_breaks_the_search_for_codes(text in "\\PC{0,60}", digits in "[0-9. #:-]{0,20}") {
        let found = said(&format!("{text}{digits}{text}"), Enhanced::parse("5.0.0"));
        judge_said(None, &found);
    }
}
