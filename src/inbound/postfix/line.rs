//! One line of a log, taken apart.

use super::stamp::Stamp;
use crate::model::attempt::Enhanced;
use crate::model::event::Said;

/// A line of Postfix about one message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line<'a> {
    pub(super) queue_id: &'a str,
    pub(super) says: Says<'a>,
}

/// What of it concerns a letter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Says<'a> {
    /// Another message begins to arrive under this queue id.
    Begins,
    /// Its header was read. It may still be cut off or refused after that.
    MessageId(&'a str),
    /// It is in the queue: Postfix answers for it from here.
    Queued,
    /// It was turned away after its header was read.
    Rejected(Said),
    /// A delivery to one recipient was tried.
    Tried(Try<'a>),
    /// The queue gave it up.
    Expired,
    /// The queue id may be used again.
    Removed,
}

/// One `to=<…>, …, status=…` line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Try<'a> {
    pub(super) to: &'a str,
    pub(super) original_to: Option<&'a str>,
    pub(super) status: Status,
    pub(super) said: Said,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Sent,
    Deferred,
    Bounced,
}

/// The stamp of a line, and what Postfix says in it about a message, if it is a line of Postfix at all.
pub(super) fn split(line: &str) -> Option<(Stamp<'_>, Message<'_>)> {
    let line = without_priority(line);
    match line.strip_prefix("1 ").and_then(Stamp::split) {
        Some((stamp, rest)) => Some((stamp, structured(rest)?)),
        None => {
            let (stamp, rest) = Stamp::split(line)?;
            Some((stamp, tagged(rest).unwrap_or(Message { program: "", text: "" })))
        }
    }
}

/// Which program wrote what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Message<'a> {
    /// `cleanup` of `postfix/cleanup`; empty where the line is not of a program like that.
    pub(super) program: &'a str,
    pub(super) text: &'a str,
}

fn without_priority(line: &str) -> &str {
    let inner = line.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    inner
        .filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(line, |(_, rest)| rest)
}

/// RFC 5424 after its time: `HOST APP PID MSGID - TEXT`.
fn structured(rest: &str) -> Option<Message<'_>> {
    let mut words = rest.splitn(5, ' ');
    let (_host, tag) = (words.next()?, words.next()?);
    let (_pid, _id, rest) = (words.next()?, words.next()?, words.next()?);
    let text = match rest.strip_prefix("- ") {
        Some(text) => text,
        None => rest.split_once("] ")?.1,
    };
    Some(Message { program: program(tag), text: text.trim_start_matches('\u{feff}') })
}

/// `HOST TAG[PID]: TEXT`, as syslog has it since ever.
fn tagged(rest: &str) -> Option<Message<'_>> {
    let (_host, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(": ")?;
    let tag = tag.split_once('[').map_or(tag, |(name, _)| name);
    Some(Message { program: program(tag), text })
}

/// Postfix's programs write `NAME/PROGRAM`, where NAME is a setting.
fn program(tag: &str) -> &str {
    match tag.rsplit_once('/') {
        Some((_, program)) if !tag.contains(' ') => program,
        _ => "",
    }
}

impl<'a> Line<'a> {
    /// What a message of Postfix says of a letter, if it says anything.
    pub(super) fn of(message: Message<'a>) -> Option<Line<'a>> {
        let (queue_id, text) = message.text.split_once(": ")?;
        let is_id = queue_id.len() >= 5 && queue_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_id && queue_id != "NOQUEUE")
            .then(|| says(message.program, text))?
            .map(|says| Line { queue_id, says })
    }
}

fn says<'a>(program: &str, text: &'a str) -> Option<Says<'a>> {
    match program {
        "smtpd" if text.starts_with("client=") => Some(Says::Begins),
        "pickup" if text.starts_with("uid=") => Some(Says::Begins),
        "cleanup" => of_cleanup(text),
        "qmgr" | "oqmgr" => of_queue(text),
        _ => Try::parse(text).map(Says::Tried),
    }
}

fn of_cleanup(text: &str) -> Option<Says<'_>> {
    if let Some(id) = text.strip_prefix("message-id=") {
        return Some(Says::MessageId(id.trim().trim_start_matches('<').trim_end_matches('>')));
    }
    if text.starts_with("hold: ") {
        return Some(Says::Queued);
    }
    let refusal = text.strip_prefix("reject: ").or_else(|| text.strip_prefix("milter-reject: "))?;
    Some(Says::Rejected(Said::new(refusal.rsplit_once(": ").map_or(refusal, |(_, why)| why), None)))
}

fn of_queue(text: &str) -> Option<Says<'_>> {
    match text {
        "removed" => Some(Says::Removed),
        _ if text.ends_with("(queue active)") => Some(Says::Queued),
        _ if text.contains("status=expired") || text.contains("status=force-expired") => Some(Says::Expired),
        _ => None,
    }
}

impl<'a> Try<'a> {
    /// `to=<A>, orig_to=<B>, relay=…, dsn=5.1.1, status=bounced (why)`.
    fn parse(text: &'a str) -> Option<Try<'a>> {
        let (to, rest) = text.strip_prefix("to=<")?.split_once(">, ")?;
        let original_to = rest.strip_prefix("orig_to=<").and_then(|rest| Some(rest.split_once(">, ")?.0));
        let (facts, end) = rest.split_once("status=")?;
        let (word, why) = end.split_once(' ').unwrap_or((end, ""));
        let enhanced =
            facts.rsplit_once("dsn=").and_then(|(_, rest)| Enhanced::parse(rest.split(',').next()?));
        let why = why.strip_prefix('(').map_or(why, |why| why.strip_suffix(')').unwrap_or(why));
        Some(Try { to, original_to, status: Status::named(word)?, said: Said::new(why, enhanced) })
    }
}

impl Status {
    /// Probes of addresses (`deliverable`) are about no letter.
    fn named(word: &str) -> Option<Status> {
        match word {
            "sent" => Some(Status::Sent),
            "deferred" | "SOFTBOUNCE" => Some(Status::Deferred),
            "bounced" | "expired" => Some(Status::Bounced),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(&str, Says<'_>)> {
        let line = Line::of(split(line)?.1)?;
        Some((line.queue_id, line.says))
    }

    #[test]
    fn every_form_of_a_line_says_the_same() {
        for line in [
            "Nov 29 15:07:32 mx postfix/cleanup[12]: 4F1A2B3C4D: message-id=<a.b@c.test>",
            "Nov 29 15:07:32 mx postfix-out/sub/cleanup[12]: 4F1A2B3C4D: message-id=<a.b@c.test>",
            "<22>Nov 29 15:07:32 mx postfix/cleanup[12]: 4F1A2B3C4D: message-id=<a.b@c.test>",
            "2026-11-29T15:07:32.123456+00:00 mx postfix/cleanup[12]: 4F1A2B3C4D: message-id=<a.b@c.test>",
            "<22>1 2026-11-29T15:07:32.123Z mx postfix/cleanup 12 - - 4F1A2B3C4D: message-id=<a.b@c.test>",
            "<22>1 2026-11-29T15:07:32Z mx postfix/cleanup 12 - [x y=\"z\"] 4F1A2B3C4D: message-id=<a.b@c.test>",
        ] {
            assert_eq!(read(line), Some(("4F1A2B3C4D", Says::MessageId("a.b@c.test"))), "{line}");
        }
    }

    #[test]
    fn lines_of_others_say_nothing() {
        for line in [
            "Nov 29 15:07:32 mx dovecot: lmtp(ada): 4F1A2B3C4D: msgid=<a@b.test>: saved mail to INBOX",
            "Nov 29 15:07:32 mx amavis[3]: (1-1) Passed CLEAN, Message-ID: <a@b.test>, queued_as: 4F",
            "Nov 29 15:07:32 mx postfix/smtpd[12]: connect from localhost[127.0.0.1]",
            "Nov 29 15:07:32 mx postfix/smtpd[12]: NOQUEUE: reject: RCPT from x[1.2.3.4]: 550 5.1.1 no",
            "Nov 29 15:07:32 mx postfix/bounce[12]: 4F1A2B3C4D: sender non-delivery notification: 5A1",
            "Nov 29 15:07:32 mx kernel: [1.0] eth0: link up",
            "not a line of a log",
            "",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn a_delivery_names_its_recipient_its_status_and_what_was_said() {
        let line = "Nov 29 15:07:32 mx postfix/smtp[7]: 4gXYZlongid0: to=<list@b.test>, orig_to=<bob@a.test>, \
                    relay=mx.b.test[192.0.2.1]:25, delay=0.1, delays=0/0/0/0.1, dsn=5.1.1, status=bounced (host \
                    mx.b.test[192.0.2.1] said: 550 5.1.1 <list@b.test>: gone, status=sent (in reply to RCPT TO \
                    command))";
        let Some((id, Says::Tried(tried))) = read(line) else { panic!() };
        assert_eq!((id, tried.to, tried.original_to), ("4gXYZlongid0", "list@b.test", Some("bob@a.test")));
        assert_eq!((tried.status, tried.said.code), (Status::Bounced, Some(550)));
        assert_eq!(tried.said.enhanced.unwrap().to_string(), "5.1.1");
        assert!(tried.said.text.ends_with("RCPT TO command)"), "{}", tried.said.text);
    }

    #[test]
    fn what_the_queue_says_is_understood() {
        let says = |text: &str| {
            let line = format!("Nov 29 15:07:32 mx postfix/{text}");
            format!("{:?}", read(&line).unwrap().1)
        };
        assert_eq!(says("smtpd[1]: 4F1A2B: client=localhost[127.0.0.1]"), "Begins");
        assert_eq!(says("qmgr[1]: 4F1A2B: from=<a@b.test>, size=9, nrcpt=1 (queue active)"), "Queued");
        assert_eq!(says("qmgr[1]: 4F1A2B: from=<a@b.test>, status=expired, returned to sender"), "Expired");
        assert_eq!(says("qmgr[1]: 4F1A2B: removed"), "Removed");
        let rejected = says(
            "cleanup[1]: 4F1A2B: milter-reject: END-OF-MESSAGE from x[1.2.3.4]: 5.7.1 spam; from=<a@b.test>",
        );
        assert!(rejected.contains("5.7.1 spam"), "{rejected}");
    }
}
