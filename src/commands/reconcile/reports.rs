//! What delivery reports say.

use std::collections::HashMap;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::doubt::Doubts;
use super::evidence::{Basis, Evidence, Word};
use super::log::{is_standard_input, no_message_id, shown, unreadable};
use crate::commands::{Failure, Plain};
use crate::inbound::mailbox::{self, Mail};
use crate::inbound::notice::{self, Action, Kind, Notice};
use crate::model::address::AddressKey;
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
        let notice = notice::read(&mail.bytes);
        if !is_report(&notice) {
            return;
        }
        self.reports += 1;
        match self.letter_of(&notice) {
            Some(letter) => self.tell(letter, &notice, mail),
            None => self.tell_of_strangers(&notice, mail),
        }
    }

    fn letter_of(&self, notice: &Notice) -> Option<usize> {
        let ids = notice.keys.message_ids.iter().chain(&notice.keys.envelope_ids);
        ids.into_iter().find_map(|id| self.by_id.get(id).copied())
    }

    fn tell(&mut self, letter: usize, notice: &Notice, mail: &Mail) {
        let doubt = &self.doubts.all[letter];
        let Some(about) = notice.about_whom(&doubt.story.address.key()) else { return };
        let Some(fate) = fate(about.action) else { return };
        let word = Word {
            fate,
            basis: Basis::Record,
            source: format!("delivery report {}", mail.place),
            said: about.said.clone(),
        };
        self.evidence.say(doubt.story.delivery, word);
    }

    /// An address alone does not say which letter a report is about.
    fn tell_of_strangers(&mut self, notice: &Notice, mail: &Mail) {
        if !notice.keys.message_ids.is_empty() {
            return;
        }
        let is_named = |key: &AddressKey| notice.about.iter().any(|about| about.names(key));
        for doubt in self.doubts.all.iter().filter(|doubt| is_named(&doubt.story.address.key())) {
            let why =
                format!("delivery report {} names the address, but not which letter it is about", mail.place);
            self.evidence.explain(doubt.story.delivery, why);
        }
    }
}

fn is_report(notice: &Notice) -> bool {
    match notice.kind {
        Kind::Bounce | Kind::Delay | Kind::Delivered => true,
        Kind::Complaint
        | Kind::Unsubscribe
        | Kind::UnsubscribeInWords
        | Kind::AutoReply
        | Kind::ChallengeResponse
        | Kind::Receipt
        | Kind::Human
        | Kind::Unknown => false,
    }
}

/// `None` for what no mail server says.
fn fate(action: Action) -> Option<Fate> {
    match action {
        Action::Failed => Some(Fate::Bounced),
        // The relay has it and goes on trying.
        Action::Delayed => Some(Fate::Accepted),
        Action::Delivered | Action::Relayed | Action::Expanded => Some(Fate::Delivered),
        Action::Complained => None,
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
        "name the mail as it came, whole, an mbox, or a Maildir; `--arrived` and `--not-arrived` settle \
         by hand",
    )
}
