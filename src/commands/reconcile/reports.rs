//! What delivery reports say.

use std::collections::HashMap;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::doubt::Doubts;
use super::evidence::{Basis, Evidence, Word};
use super::log::{is_standard_input, no_message_id, shown, unreadable};
use crate::commands::{Failure, Plain};
use crate::inbound::dsn::{self, Action, Recipient, Report};
use crate::inbound::mailbox::{self, Mail};
use crate::model::address::Address;
use crate::model::event::Fate;
use crate::report::words::counted;

/// Reads mails and tells what the reports among them say of each letter; how many there were of what.
pub fn consult(doubts: &Doubts, paths: &[PathBuf], evidence: &mut Evidence) -> Result<Vec<String>, Failure> {
    let mut reading = Reading { by_id: by_id(doubts)?, doubts, evidence, mails: 0, reports: 0 };
    let mut summary = Vec::new();
    for path in paths {
        (reading.mails, reading.reports) = (0, 0);
        reading.read(path).map_err(|error| unreadable(path, &error))?;
        if reading.reports == 0 {
            return Err(no_report(path, reading.mails).into());
        }
        let (reports, mails) = (reading.reports, counted(reading.mails, "mail", "mails"));
        summary.push(format!("{}: {} in {mails}", shown(path), counted(reports, "report", "reports")));
    }
    Ok(summary)
}

/// The letters by their Message-ID. As an envelope id (RFC 3461), a letter may also go by the left part alone.
fn by_id(doubts: &Doubts) -> Result<HashMap<String, usize>, Plain> {
    let mut ids = HashMap::new();
    for (doubt, place) in doubts.all.iter().zip(0..) {
        let id = doubt.message_id.clone().ok_or_else(no_message_id)?;
        let left = id.split('@').next().unwrap_or_default().to_owned();
        ids.extend([(left, place), (id, place)]);
    }
    Ok(ids)
}

struct Reading<'a> {
    by_id: HashMap<String, usize>,
    doubts: &'a Doubts,
    evidence: &'a mut Evidence,
    mails: u64,
    reports: u64,
}

impl Reading<'_> {
    fn read(&mut self, path: &Path) -> io::Result<()> {
        let mut take = |mail: Mail| {
            self.take(&mail);
            Ok(())
        };
        match is_standard_input(path) {
            true => mailbox::each_in(&shown(path), BufReader::new(io::stdin().lock()), &mut take),
            false => mailbox::each_mail(path, &mut take),
        }
    }

    fn take(&mut self, mail: &Mail) {
        self.mails += 1;
        let Some(report) = dsn::parse(&mail.bytes) else { return };
        self.reports += 1;
        match self.letter_of(&report) {
            Some(letter) => self.tell(letter, &report, mail),
            None => self.tell_of_strangers(&report, mail),
        }
    }

    fn letter_of(&self, report: &Report) -> Option<usize> {
        let ids = [report.message_id.as_ref(), report.envelope_id.as_ref()];
        ids.into_iter().flatten().find_map(|id| self.by_id.get(id).copied())
    }

    fn tell(&mut self, letter: usize, report: &Report, mail: &Mail) {
        let doubt = &self.doubts.all[letter];
        let is_theirs = |recipient: &&Recipient| is_about(recipient, &doubt.story.address);
        // Where it was forwarded, the report names an address that we never knew: a letter has one subscriber.
        let only = || <&[Recipient; 1]>::try_from(report.recipients.as_slice()).ok().map(|[only]| only);
        let Some(recipient) = report.recipients.iter().find(is_theirs).or_else(only) else { return };
        let word = Word {
            fate: fate(recipient.action),
            basis: Basis::Record,
            source: format!("delivery report {}", mail.place),
            said: recipient.said.clone(),
        };
        self.evidence.say(doubt.story.delivery, word);
    }

    /// An address alone does not say which letter a report is about.
    fn tell_of_strangers(&mut self, report: &Report, mail: &Mail) {
        if report.message_id.is_some() {
            return;
        }
        let is_named = |address: &Address| report.recipients.iter().any(|found| is_about(found, address));
        for doubt in self.doubts.all.iter().filter(|doubt| is_named(&doubt.story.address)) {
            let why =
                format!("delivery report {} names the address, but not which letter it is about", mail.place);
            self.evidence.explain(doubt.story.delivery, why);
        }
    }
}

fn is_about(recipient: &Recipient, address: &Address) -> bool {
    let named = [recipient.original.as_ref(), recipient.last.as_ref()];
    let key = address.key();
    named.into_iter().flatten().any(|text| Address::parse(text).is_ok_and(|found| found.key() == key))
}

fn fate(action: Action) -> Fate {
    match action {
        Action::Failed => Fate::Bounced,
        // The relay has it and goes on trying.
        Action::Delayed => Fate::Accepted,
        Action::Delivered | Action::Relayed | Action::Expanded => Fate::Delivered,
    }
}

/// A wrong file must not look like reports about others.
fn no_report(path: &Path, mails: u64) -> Plain {
    let what = match mails {
        0 => "there is no mail in it".to_owned(),
        1 => "it is another kind of mail, or none at all".to_owned(),
        mails => format!("none of its {mails} mails is one"),
    };
    Plain::new(
        format!("{} holds no delivery report: {what}", shown(path)),
        "name the mail as it came, whole (RFC 3464), an mbox, or a Maildir; `--arrived` and `--not-arrived` settle \
         by hand",
    )
}
