//! Sina: the form of qmail in Chinese, with a boundary of its own.

use super::Dialect;
use super::angles::angles;

pub(super) static DIALECT: Dialect = Dialect {
    name: "sina",
    knows: |text| text.mail.head.get("content-type").unwrap_or_default().contains("SINAEMAIL"),
    find: angles,
};
