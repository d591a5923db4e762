//! Caiwireless, and others whose report has a part for machines that names nobody.

use super::Dialect;

pub(super) static DIALECT: Dialect = Dialect {
    name: "caiwireless",
    knows: |text| {
        text.mail.part(&["message/delivery-status"]).is_some() || text.says(&["did not receive this message"])
    },
    find: |text| text.after(&["did not receive this message", "following recipients"]),
};
