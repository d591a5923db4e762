//! Feedback reports: somebody, or their provider, reports a letter. ARF (RFC 5965), CFBL (RFC 9477), and the older
//! form of Microsoft, which names the recipient in the letter that it returns.

use super::fields::Fields;
use super::found;
use super::open::Opened;
use super::report::{settled, typed};
use super::{About, Action, Kind, Read};
use crate::model::event::Said;
use crate::policy::bounce::{self, Refusal};

/// What kind of report it is (RFC 5965 7.3, RFC 6430).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feedback {
    Abuse,
    Fraud,
    /// It was called spam by mistake: nothing is to be done.
    NotSpam,
    OptOut,
    Virus,
    /// DKIM or DMARC failed somewhere; nobody complained.
    AuthFailure,
    Other,
}

impl Feedback {
    pub fn name(self) -> &'static str {
        match self {
            Feedback::Abuse => "abuse",
            Feedback::Fraud => "fraud",
            Feedback::NotSpam => "not-spam",
            Feedback::OptOut => "opt-out",
            Feedback::Virus => "virus",
            Feedback::AuthFailure => "auth-failure",
            Feedback::Other => "other",
        }
    }

    fn named(text: &str) -> Feedback {
        match text.trim().to_ascii_lowercase().as_str() {
            "abuse" | "complaint" | "spam" => Feedback::Abuse,
            "fraud" => Feedback::Fraud,
            "not-spam" => Feedback::NotSpam,
            "opt-out" | "opt-out-list" | "unsubscribe" => Feedback::OptOut,
            "virus" => Feedback::Virus,
            "auth-failure" => Feedback::AuthFailure,
            _ => Feedback::Other,
        }
    }
}

/// The complaint that a mail is.
pub(super) fn read(mail: &Opened) -> Option<Read> {
    let (feedback, dialect, named) = arf(mail).or_else(|| xarf(mail)).or_else(|| of_microsoft(mail))?;
    let named = if named.is_empty() { in_letter(mail) } else { named };
    let about = if named.is_empty() { vec![None] } else { named.into_iter().map(Some).collect() };
    let about = about.into_iter().map(|address| complaint(address, feedback)).collect();
    Some(Read { kind: Kind::Complaint, feedback: Some(feedback), dialect: Some(dialect), about })
}

/// How it is read, as which kind, about whom.
type Complaint = (Feedback, &'static str, Vec<String>);

fn arf(mail: &Opened) -> Option<Complaint> {
    let part = mail.part(&["message/feedback-report"])?;
    let groups = Fields::groups(&part.text);
    let all = |name: &'static str| groups.iter().flat_map(move |group| group.all(name));
    let feedback = all("feedback-type").next().map_or(Feedback::Other, Feedback::named);
    let named = all("original-rcpt-to").chain(all("removal-recipient")).chain(all("original-recipient"));
    Some((feedback, "rfc5965", valid(named.map(typed))))
}

/// CFBL allows XARF, whose part is JSON.
fn xarf(mail: &Opened) -> Option<Complaint> {
    let kind = mail.head.get("content-type")?.to_ascii_lowercase();
    let is_report =
        kind.contains("report-type=feedback-report") || kind.contains("report-type=\"feedback-report\"");
    (is_report || mail.returned.iter().any(|fields| fields.has("cfbl-feedback-id"))).then_some(())?;
    let is_reported = mail.head.has("feedback-type") || is_report;
    is_reported.then(|| {
        (mail.head.get("feedback-type").map_or(Feedback::Abuse, Feedback::named), "rfc9477", Vec::new())
    })
}

fn of_microsoft(mail: &Opened) -> Option<Complaint> {
    const HEADER: &str = "x-hmxmroriginalrecipient";
    let fields = std::iter::once(&mail.head).chain(&mail.returned).find(|fields| fields.has(HEADER))?;
    Some((Feedback::Abuse, "jmrp", valid(fields.all(HEADER))))
}

/// Without redaction the letter says whom it was for: a letter of ours has one recipient.
fn in_letter(mail: &Opened) -> Vec<String> {
    let mut to =
        mail.returned.iter().filter_map(|fields| fields.get("to")).map(|to| valid(std::iter::once(to)));
    to.find(|named| named.len() == 1).unwrap_or_default()
}

fn valid<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for address in values.flat_map(found::addresses) {
        let is_redacted = address.to_ascii_lowercase().contains("redacted");
        if !is_redacted && !named.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            named.push(address.to_owned());
        }
    }
    named
}

fn complaint(address: Option<String>, feedback: Feedback) -> About {
    let mut verdict = settled(Action::Complained, bounce::judge(&Refusal::default()));
    verdict.words = feedback.name().to_owned();
    About { address, last: None, action: Action::Complained, status: None, said: Said::default(), verdict }
}
