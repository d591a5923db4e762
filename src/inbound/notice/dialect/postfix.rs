//! Postfix, under whatever name it was built, in reports without a machine part or beside one.

use super::Dialect;
use super::angles::angles;

pub(super) static DIALECT: Dialect = Dialect {
    name: "postfix",
    knows: |text| {
        text.says(&[
            "program at host",
            "this is the mail system at host",
            "this is the postfix",
            "postfix program",
            "mail system at",
        ])
    },
    find: angles,
};
