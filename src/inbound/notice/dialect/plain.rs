//! What mailbox hosts, gateways and filters have in common: a phrase that says that something was not delivered, and
//! an address behind or below it. In many languages, for the hosts of many countries.

use super::super::found::{self, Found};
use super::Dialect;
use super::text::Text;
use crate::policy::bounce::{Class, judge_said, said};

pub(super) static DIALECT: Dialect = Dialect { name: "plain", knows: |_| true, find };

/// In lower case. What a phrase ends with is the last word before the address.
static OPENERS: &[&str] = &[
    "did not receive a copy of your message",
    "did not receive your message",
    "did not receive this message",
    "intended recipient:",
    "original recipient:",
    "failed addresses follow",
    "failed recipients",
    "failed recipient:",
    "failed address:",
    "address(es) failed",
    "addresses failed",
    "address failed",
    "recipients failed",
    "recipient failed",
    "error-for:",
    "undeliverable address:",
    "undelivered recipient:",
    "undeliverable recipient",
    "undeliverable to",
    "unable to deliver message to",
    "unable to deliver your message to",
    "unable to deliver the message to",
    "unable to deliver to",
    "unable to deliver mail to",
    "able to deliver your message to",
    "able to deliver your mail to",
    "able to deliver the following message",
    "deliver your message to the following",
    "deliver message to the following",
    "not deliver message to",
    "not deliver your message to",
    "mailbox is full:",
    "quota violation for",
    "delivery to the following recipient",
    "delevery to the following recipient",
    "delivery to these recipients",
    "delivery failed to",
    "delivery failed for",
    "delivery of email to this address",
    "delivery of your message to",
    "delivery to",
    "was not delivered to",
    "were not delivered to",
    "not be delivered to",
    "cannot be delivered to",
    "could not deliver to",
    "failed to deliver to",
    "not been delivered to",
    "following addresses",
    "following address",
    "following recipients",
    "following recipient",
    "following recipient(s)",
    "following user",
    "following users",
    "following e-mail address",
    "following email address",
    "these recipients or",
    "did not reach the following recipient",
    "could not be reached",
    "cannot be reached",
    "addressed to email address",
    "originally addressed to",
    "addressed to",
    "your message to",
    "your mail to",
    "your email to",
    "message to <",
    "local mailbox",
    "returned an error:",
    "returned the following error:",
    "message has not yet been delivered is",
    "has not yet been delivered to",
    "following address(es)",
    "recipient:",
    "pu etre delivre a",
    "pu être délivré à",
    "n'a pas pu être remis à",
    "n'a pas pu être distribué à",
    "destinataires suivants",
    "destinataire suivant",
    "adresses suivantes",
    "folgende empfänger",
    "folgenden empfänger",
    "folgende adresse",
    "folgenden adressen",
    "nicht zugestellt werden an",
    "konnte nicht an",
    "no se pudo entregar a",
    "siguientes destinatarios",
    "siguiente destinatario",
    "siguientes direcciones",
    "seguenti destinatari",
    "seguente indirizzo",
    "seguenti indirizzi",
    "seguintes destinatários",
    "seguintes endereços",
    "следующим адресатам",
    "следующих адресатов",
    "следующему адресу",
    "volgende ontvanger",
    "volgende adressen",
    "následujícím",
    "następujących",
    "以下收件人",
    "下列收件人",
    "以下のアドレス",
    "収件人",
];

fn find(text: &Text<'_>) -> Vec<Found> {
    let mut found = text.after(OPENERS);
    found.extend(told_off(text));
    found
}

/// `ada@example.org - no such user here`: the line itself says what is wrong.
fn told_off(text: &Text<'_>) -> Vec<Found> {
    let lines = text.lines().iter().filter(|line| !line.trim().is_empty());
    let lines = lines.flat_map(|line| found::listed(std::slice::from_ref(line)));
    lines.filter(|found| judge_said(None, &said(&found.text, None)).class != Class::Unknown).collect()
}
