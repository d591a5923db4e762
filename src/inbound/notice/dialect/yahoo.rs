//! Yahoo, and the hosts that took over its software (SBC, Prodigy).

use super::Dialect;
use super::angles::angles;

pub(super) static DIALECT: Dialect = Dialect {
    name: "yahoo",
    knows: |text| {
        text.says(&[
            "unable to deliver message to the following address",
            "unable to deliver your message to the following address",
            "able to deliver the following message",
        ])
    },
    find: |text| {
        let found = angles(text);
        if found.is_empty() {
            text.after(&[
                "able to deliver the following message",
                "following address(es).",
                "following address.",
            ])
        } else {
            found
        }
    },
};
