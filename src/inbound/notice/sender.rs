//! Who wrote a mail: a machine that delivers mail, or somebody else.

use super::found;
use super::open::Opened;

/// Local parts that machines write from. In lower case.
static LOCALS: &[&str] = &[
    "mailer-daemon",
    "mailer_daemon",
    "mailerdaemon",
    "mail-daemon",
    "maildaemon",
    "mdaemon",
    "daemon",
    "postmaster",
    "mail.delivery.system",
    "mailadm",
    "mail-admin",
    "mailmaster",
    "bounce",
    "bounces",
    "ndr",
    "imss",
    "inetgw1",
    "maildelivery",
    "mailerdaemons",
    "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e",
];

static NAMES: &[&str] = &[
    "mail delivery s",
    "mail delivery subsystem",
    "mail administrator",
    "mailer daemon",
    "mailer-daemon",
    "system administrator",
    "delivery subsystem",
    "delivery system",
    "postmaster",
    "jetmail system",
    "antivirus_for_smtp",
    "smtp_mail_service",
    "message transport",
];

/// Subjects under which machines say that something failed. In lower case.
static SUBJECTS: &[&str] = &[
    "undeliver",
    "undelivered",
    "non-deliver",
    "non deliver",
    "not delivered",
    "nondelivery",
    "could not be delivered",
    "couldn't be delivered",
    "cannot be delivered",
    "can't be delivered",
    "delivery failure",
    "delivery failed",
    "delivery has failed",
    "delivery problem",
    "delivery error",
    "delivery warning",
    "delivery report",
    "delivery status",
    "delivery notification",
    "delivery delayed",
    "failure notice",
    "failure delivery",
    "failed mail",
    "failed delivery",
    "mail failed",
    "mail failure",
    "mail error",
    "mail system error",
    "message delayed",
    "message delivery failure",
    "delayed mail",
    "returned mail",
    "mail returned",
    "returned message",
    "return to sender",
    "returning message",
    "returned to sender",
    "returned email",
    "processing error",
    "permanent delivery",
    "user unknown",
    "unknown user",
    "unzustellbar",
    "nicht zugestellt",
    "nicht zustellbar",
    "zustellung fehlgeschlagen",
    "non remis",
    "non distribu",
    "échec de la remise",
    "non recens",
    "no se puede entregar",
    "no entregado",
    "impossibile recapitare",
    "mancato recapito",
    "não entregue",
    "não pôde ser entregue",
    "onbestelbaar",
    "niedostarczon",
    "nedoručiteln",
    "не доставлено",
    "недоставлен",
    "退信",
    "发送失败",
    "配信不能",
    "送信できません",
];

/// Whether a mail server wrote it, by its sender or its subject.
pub(super) fn is_machine(mail: &Opened) -> bool {
    is_daemon(mail) || is_failure(mail) && !mail.head.has("in-reply-to")
}

fn is_failure(mail: &Opened) -> bool {
    let subject = mail.subject.to_lowercase();
    SUBJECTS.iter().any(|words| subject.contains(words))
}

pub(super) fn is_daemon(mail: &Opened) -> bool {
    let from = mail.head.get("from").unwrap_or_default().to_lowercase();
    let local =
        from.rsplit_once('<').map_or(from.as_str(), |(_, rest)| rest).split('@').next().unwrap_or_default();
    let local = local.trim_matches(|c: char| !c.is_alphanumeric());
    LOCALS.contains(&local) || NAMES.iter().any(|name| from.contains(name))
}

/// Addresses that are ours or the machine's, which a notice is never about.
pub(super) fn bystanders(mail: &Opened) -> Vec<String> {
    const HEADERS: [&str; 6] = ["to", "cc", "from", "reply-to", "sender", "errors-to"];
    let values = HEADERS.iter().flat_map(|name| mail.head.all(name));
    values.flat_map(found::addresses).map(|address| address.to_lowercase()).collect()
}
