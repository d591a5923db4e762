//! SMTP32: IMail and its kin.

use super::Dialect;

pub(super) static DIALECT: Dialect = Dialect {
    name: "smtp32",
    knows: |text| text.mail.head.get("x-mailer").is_some_and(|mailer| mailer.contains("SMTP32")),
    find: |text| {
        text.after(&[
            "undeliverable to",
            " attempts:",
            "unknown user:",
            "unknown host:",
            "invalid final delivery userid:",
            "mailbox exceeds allowed size:",
            "user mailbox full:",
            "delivery failed:",
        ])
    },
};
